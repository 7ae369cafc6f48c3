import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { parseJson } from '../codec/json.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { isObject, type Value, type ValueObject } from '../codec/value.ts';
import { keyFromJwk, keyThumbprint, keyToJwk } from '../crypto/keys.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type { IssuerEntry, RevokedDocument } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { type Imported, type ImportInput, type Left, orLeft } from './imported.ts';

/**
 * Issuers of SMART Health Cards: their key sets, their lists of revoked cards, and the VCI directory's daily snapshot of
 * both, which is signed.
 */

const LIMITS = { input: 64 * 1024 * 1024, inflated: 0, depth: 16, items: 5_000_000 };

/** The digest that goes with each curve (RFC 7518 §3.4). The directory signs with P-521, which no document here does. */
const DIGESTS: Readonly<Record<string, string>> = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' };

/** What one issuer gives: its keys, and the ids that it has revoked. What cannot be read is left out by name. */
export interface ShcIssuer {
  readonly issuers: IssuerEntry[];
  readonly revoked: RevokedDocument[];
  readonly left: Left[];
}

/**
 * Reads the snapshot. In: `*.json` and its signature `*.sig` (DER), and the PEM of the directory's key or certificate.
 *
 * @throws Broken if it is not signed by that key, or no directory
 */
export function readVciDirectory({ files, key, platform }: ImportInput): Imported {
  const body = oneOf(files, '.json');
  const signature = oneOf(files, '.sig');
  const publicKey = publicKeyOf(key);
  const digest = DIGESTS[publicKey.asymmetricKeyDetails?.namedCurve ?? ''];
  if (digest === undefined) throw new Broken('key', 'not a P-256, P-384 or P-521 key');
  if (!verify(digest, body, publicKey, signature))
    throw new Broken('list', 'its signature does not match: the list was altered, or another key signed it');

  const imported: Imported = { issuers: [], left: [] };
  const revoked: RevokedDocument[] = [];
  for (const row of listOf(objectOf(parseJson(decodeUtf8(body), LIMITS))['issuerInfo'])) {
    const { issuer, keys, crls } = objectOf(row);
    const { iss, name } = objectOf(issuer);
    const one = readShcIssuer({ iss, name, keys, crls }, platform);
    imported.issuers.push(...one.issuers);
    imported.left.push(...one.left);
    revoked.push(...one.revoked);
  }
  return revoked.length === 0 ? imported : { ...imported, revoked };
}

function publicKeyOf(pem: string | undefined): KeyObject {
  try {
    return createPublicKey(pem ?? '');
  } catch {
    // Node's errors speak of OpenSSL's decoders.
    throw new Broken('key', 'the list is signed: name the public key or certificate (PEM) that it must be signed with');
  }
}

function oneOf(files: ReadonlyMap<string, Uint8Array>, ending: string): Uint8Array {
  const found = [...files].filter(([name]) => name.endsWith(ending));
  if (found.length !== 1) throw new Broken('list', `expected a folder with one *${ending}, found ${found.length}`);
  return found[0]![1];
}

/** Reads one issuer's key set and lists. In: `iss` (the URL, which is the keys' unit), the members of its files. */
export function readShcIssuer(
  source: { readonly iss: unknown; readonly name?: unknown; readonly keys: unknown; readonly crls?: unknown },
  platform: Platform,
): ShcIssuer {
  const result: ShcIssuer = { issuers: [], revoked: [], left: [] };
  const { iss } = source;
  // The address is the issuer's identity: two spellings would be two issuers (SMART Health Cards, "Determining keys").
  if (typeof iss !== 'string' || !/^https:\/\/[^\s]{1,190}$/.test(iss) || iss.endsWith('/')) {
    result.left.push({ what: 'an issuer', why: 'its address is no https URL without a slash at the end' });
    return result;
  }
  const name = typeof source.name === 'string' ? source.name.slice(0, 200) : undefined;
  orLeft(result.left, iss, () => {
    for (const [i, jwk] of listOf(source.keys).entries())
      orLeft(result.left, `${iss} key ${i}`, () => result.issuers.push(entryOf(jwk, iss, name, platform)));
  });
  const unreadable: unknown[] = [];
  for (const [i, list] of (source.crls === undefined ? [] : listOf(source.crls)).entries()) {
    const what = `${iss} list ${i}`;
    if (orLeft(result.left, what, () => readRids(list, what, result))) continue;
    unreadable.push((list as { kid?: unknown } | null)?.kid);
  }
  if (unreadable.length === 0) return result;
  // Whether a card of such a key was revoked cannot be told: without the key its issuer is unknown, which says so.
  const named = unreadable.every((kid) => typeof kid === 'string');
  const issuers = named ? result.issuers.filter(({ keyId }) => !unreadable.includes(keyId)) : [];
  result.left.push({ what: iss, why: 'keys whose list of revoked cards cannot be read are left out' });
  return { ...result, issuers };
}

function entryOf(jwk: Value, iss: string, name: string | undefined, platform: Platform): IssuerEntry {
  const key = keyFromJwk(jwk);
  const { kid } = objectOf(jwk);
  if (key.kind !== 'P-256') throw new Broken('key', 'not a P-256 key, which cards are signed with');
  // A key id that anyone may choose could stand for somebody else's key.
  if (kid !== keyThumbprint(platform, key)) throw new Broken('key', 'its key id is not its thumbprint');
  return {
    keyId: kid,
    jwk: { ...keyToJwk(key) },
    unit: iss,
    ...(name === undefined ? {} : { name: { zh: name, en: name } }),
  };
}

const RID = /^([A-Za-z0-9_-]{1,24})(?:\.([0-9]{1,12}))?$/;
/** The lists do not say since when; what they name was revoked before they were read. */
const ALWAYS = '1970-01-01T00:00:00Z';

/**
 * A card revocation list: `{kid, method: "rid", rids: ["id", "id.seconds"]}`; with seconds, cards issued before then.
 * What is well formed is taken even if the rest is not: leaving it out would make revoked cards good.
 */
function readRids(value: Value, what: string, into: ShcIssuer): void {
  const { kid, method, rids } = objectOf(value);
  if (typeof kid !== 'string' || kid === '') throw new Broken('list', 'names no key');
  if (method !== 'rid') throw new Broken('list', 'its method is not "rid"');
  const seen = new Set<string>();
  for (const rid of listOf(rids)) {
    const [, id, seconds] = (typeof rid === 'string' && RID.exec(rid)) || [];
    if (id === undefined) {
      into.left.push({ what, why: 'an id is no base64url of at most 24 signs' });
      continue;
    }
    if (seen.has(id)) into.left.push({ what, why: 'an id comes twice' });
    seen.add(id);
    into.revoked.push({
      id: `${kid}#${id}`,
      since: ALWAYS,
      ...(seconds === undefined ? {} : { issuedBefore: instantOf(Number(seconds) * 1000) }),
    });
  }
}

function objectOf(value: unknown): ValueObject {
  if (!isObject(value)) throw new Broken('list', 'not an object where one is expected');
  return value;
}

function listOf(value: unknown): readonly Value[] {
  if (!Array.isArray(value)) throw new Broken('list', 'not a list where one is expected');
  return value as readonly Value[];
}
