import { decodeBase64, encodeBase64 } from '../codec/base64url.ts';
import { writeJson } from '../codec/json.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import type { SealWriterSigner } from '../codec/seal-writer.ts';
import { derFromRaw } from '../codec/signature.ts';
import type { TimestampSigner } from '../codec/timestamp-writer.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { keyThumbprint, keyToJwk } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { IssuerEntry, IssuerRecipe, IssuerRecipeRow, SealRecipeRow } from '../document/generated/types.ts';
import { validateIssuerRecipe } from '../document/generated/validators.js';
import { instantOf } from '../document/time.ts';
import { type Files, PackError, readJson } from '../region/pack.ts';
import { type MintedAuthority, mintAuthority, scopeOf, selfIssued } from './authority.node.ts';
import { resolveTimes } from './relative.ts';
import { makeSeal } from './seals.ts';
import { certificateKeyId, type MintedKey, mintKey, signerOf } from './signer.node.ts';

/** A region's issuers as minted: the files of its pack, and what samples are signed and sealed with, by name. */
export interface MintedIssuers {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly keys: ReadonlyMap<string, EnvelopeSigner>;
  /** SESeal, DER. */
  readonly seals: ReadonlyMap<string, Uint8Array>;
  readonly timestampers: ReadonlyMap<string, TimestampSigner>;
}

/** Mints the issuers of all recipes of a region. Errors: PackError for a faulty recipe. */
export function mintIssuers(source: Files, region: string, now: number): MintedIssuers {
  const base = `regions/${region}`;
  const files = new Map<string, Uint8Array>();
  const keys = new Map<string, EnvelopeSigner>();
  const seals = new Map<string, Uint8Array>();
  const timestampers = new Map<string, TimestampSigner>();
  const recipes = [...source.keys()]
    .filter((file) => file.startsWith(`${base}/issuers/`) && file.endsWith('.recipe.json'))
    .sort();
  for (const file of recipes) {
    const recipe = resolveTimes(readJson<IssuerRecipe>(file, source.get(file), validateIssuerRecipe), now);
    const name = file.slice(file.lastIndexOf('/') + 1, -'.recipe.json'.length);
    const minted = mintRecipe(file, recipe);
    for (const [key, signer] of minted.keys) addOnce(keys, key, signer, file);
    for (const row of recipe.seals ?? []) addOnce(seals, row.name, mintSeal(file, row, keys), file);
    const list = (entries: readonly IssuerEntry[]): Uint8Array => listOf(entries, now);
    if (minted.issuers.length > 0) files.set(`${base}/issuers/${name}.json`, list(minted.issuers));
    for (const [key, { signer }] of minted.timestampers) addOnce(timestampers, key, signer, file);
    const stampers = [...minted.timestampers.values()].map(({ entry }) => entry);
    if (stampers.length > 0) files.set(`${base}/timestampers/${name}.json`, list(stampers));
    const anchors = [...minted.authorities.values()].map(({ entry }) => entry);
    if (anchors.length > 0) files.set(`${base}/anchors/${name}.json`, list(anchors));
    for (const [authority, { crl }] of minted.authorities) {
      const der = crl();
      if (der !== undefined) files.set(`${base}/crls/${authority}.crl`, der);
    }
  }
  return { files, keys, seals, timestampers };
}

function addOnce<T>(into: Map<string, T>, name: string, value: T, file: string): void {
  if (into.has(name)) throw new PackError(file, '', `two of the region's issuers or seals are called "${name}"`);
  into.set(name, value);
}

const listOf = (entries: readonly IssuerEntry[], now: number): Uint8Array =>
  encodeUtf8(
    writeJson({
      issued: instantOf(now),
      environment: 'reference',
      source: 'minted for the reference federation',
      issuers: entries,
    } as unknown as Value),
  );

interface MintedRecipe {
  readonly issuers: readonly IssuerEntry[];
  readonly authorities: ReadonlyMap<string, MintedAuthority>;
  readonly keys: ReadonlyMap<string, EnvelopeSigner>;
  readonly timestampers: ReadonlyMap<string, MintedTimestamper>;
}

function mintRecipe(file: string, recipe: IssuerRecipe): MintedRecipe {
  const issuers: IssuerEntry[] = [];
  const authorities = new Map<string, MintedAuthority>();
  const keys = new Map<string, EnvelopeSigner>();
  const timestampers = new Map<string, MintedTimestamper>();
  for (const row of recipe.issuers) {
    if (row.container === 'authority') authorities.set(row.name, mintAuthority(row));
    else if (row.container === 'timestamps') timestampers.set(row.name, mintTimestamper(row));
    else if (row.container === 'embedded') keys.set(row.name, mintEmbedded(file, row, authorities));
    else {
      const { key, entry } = mintIssuer(row);
      issuers.push(entry);
      const certificates = entry.certificate === undefined ? [] : [selfIssuedOf(entry)];
      keys.set(row.name, signerOf(key, entry.keyId, ...certificates));
    }
  }
  return { issuers, authorities, keys, timestampers };
}

const selfIssuedOf = ({ certificate }: IssuerEntry): Uint8Array => decodeBase64(certificate!);

/** Makes one listed issuer of a recipe (times resolved): its key, and its entry in the region's list. */
export function mintIssuer(recipe: IssuerRecipeRow): { key: MintedKey; entry: IssuerEntry } {
  const key = mintKey(recipe.algorithm);
  if (recipe.container === 'jwk') {
    const keyId = recipe.keyId ?? keyThumbprint(nodePlatform, key.publicKey);
    const { validFrom, validUntil } = recipe;
    const times = {
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validUntil === undefined ? {} : { validUntil }),
    };
    return { key, entry: { keyId, jwk: { ...keyToJwk(key.publicKey) }, ...times, ...scopeOf(recipe) } };
  }
  const der = selfIssued(recipe.title.en, key, recipe);
  return {
    key,
    entry: { keyId: recipe.keyId ?? certificateKeyId(der), certificate: encodeBase64(der), ...scopeOf(recipe) },
  };
}

interface MintedTimestamper {
  readonly entry: IssuerEntry;
  readonly signer: TimestampSigner;
}

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** An authority for timestamps: its certificate is for them alone (RFC 3161 §2.3). */
function mintTimestamper(row: IssuerRecipeRow): MintedTimestamper {
  const key = mintKey(row.algorithm);
  const { oid: algorithm, digest } = key.algorithm;
  if (algorithm === undefined || (digest !== 'SHA-256' && digest !== 'SM3'))
    throw new RangeError(`no timestamps are signed with ${row.algorithm} here`);
  const certificate = selfIssued(row.title.en, key, { ...row, extendedKeyUsage: [TIME_STAMPING] }, true);
  return {
    entry: { keyId: certificateKeyId(certificate), certificate: encodeBase64(certificate), ...scopeOf(row) },
    signer: { certificate, algorithm, digest, sign: (data) => derFromRaw(key.sign(data)) },
  };
}

/** A signer that stands in no list: its certificate, issued by an authority named before it, comes with each document. */
function mintEmbedded(
  file: string,
  row: IssuerRecipeRow,
  authorities: ReadonlyMap<string, MintedAuthority>,
): EnvelopeSigner {
  const authority = authorities.get(row.issuedBy ?? '');
  if (authority === undefined) throw new PackError(file, '', `${row.name}: no authority "${row.issuedBy}" before it`);
  const key = mintKey(row.algorithm);
  const certificate = authority.issue(row, key);
  return signerOf(key, certificateKeyId(certificate), certificate);
}

/** An electronic seal, signed by its maker, for these to use. */
function mintSeal(file: string, row: SealRecipeRow, keys: ReadonlyMap<string, EnvelopeSigner>): Uint8Array {
  const certified = (name: string): SealWriterSigner => {
    const found = keys.get(name);
    const [certificate] = found?.certificates ?? [];
    if (found === undefined || certificate === undefined)
      throw new PackError(file, '/seals', `${row.name}: no issuer with a certificate is called "${name}"`);
    return { certificate, sign: found.sign };
  };
  return makeSeal(
    {
      number: row.number,
      name: row.title.zh,
      picture: 'office',
      validFrom: Date.parse(row.validFrom),
      validUntil: Date.parse(row.validUntil),
      users: row.signers.map((name) => certified(name).certificate),
    },
    certified(row.maker),
  );
}
