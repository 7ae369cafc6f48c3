import { writeJson } from '../codec/json.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type {
  IssuerEntry,
  IssuerRecipe,
  IssuerRecipeRow,
  Localized,
  SampleRecipe,
  SharedDocument,
} from '../document/generated/types.ts';
import { validateIssuerRecipe, validateSample } from '../document/generated/validators.js';
import { instantOf } from '../document/time.ts';
import type { Format } from '../format/compile.ts';
import { loadFederation } from '../region/federation.ts';
import { type Files, PackError, readJson, regionIds } from '../region/pack.ts';
import { type MintedAuthority, mintAuthority, selfIssued } from './authority.node.ts';
import { resolveTimes } from './relative.ts';
import { certificateKeyId, type MintedKey, mintIssuer, mintKey, signerOf } from './signer.node.ts';

/** A document made for the reference federation, and the verdict it must get. */
export interface MintedSample {
  readonly region: string;
  readonly name: string;
  readonly title: Localized;
  readonly format: string;
  readonly wire: string | Uint8Array;
  readonly expect: SampleRecipe['expect'];
}

const ISSUERS = 'issuers/reference.recipe.json';

/**
 * Mints the reference federation: fresh keys for every issuer recipe, and a signed document for every sample recipe.
 * In: the declarations (trust-store/), now (epoch ms). Out: the store's files and the samples. Private keys are
 * dropped when this returns, so that nothing in git or on disk can sign. Errors: PackError for a faulty recipe.
 */
export async function mint(
  source: Files,
  now: number,
): Promise<{ store: Map<string, Uint8Array>; samples: MintedSample[] }> {
  const store = new Map([...source].filter(([file]) => !file.endsWith('.recipe.json') && !file.includes('/samples/')));
  const signers = new Map<string, Map<string, EnvelopeSigner>>();
  for (const region of regionIds(source)) {
    const { files, keys } = await mintRegion(source, region, now);
    for (const [file, bytes] of files) store.set(file, bytes);
    signers.set(region, keys);
    mintLists(source, region, now, store);
  }
  const federation = loadFederation(store, nodePlatform);
  const [fault] = federation.rejected;
  if (fault !== undefined) throw new PackError(fault.file, fault.at, fault.reason);
  const samples = regionIds(source).flatMap((region) =>
    sampleFiles(source, region).map((file) => {
      const recipe = resolveTimes(readJson<SampleRecipe>(file, source.get(file), validateSample), now);
      const format = formatFor(recipe.format, federation.chain(region), federation.formats);
      if (format === undefined)
        throw new PackError(file, '/format', `the region, and those it stands under, have no format ${recipe.format}`);
      return mintSample(file, region, recipe, format, signers.get(region)!);
    }),
  );
  return { store, samples };
}

/** A city signs its province's formats as well: the nearest region that has one of this name decides. */
function formatFor(id: string, chain: readonly string[], formats: readonly Format[]): Format | undefined {
  for (const region of chain) {
    const found = formats.find((each) => each.region === region && each.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

const sampleFiles = (files: Files, region: string): string[] =>
  [...files.keys()]
    .filter((file) => file.startsWith(`regions/${region}/samples/`) && file.endsWith('.recipe.json'))
    .sort();

async function mintRegion(
  source: Files,
  region: string,
  now: number,
): Promise<{ files: Map<string, Uint8Array>; keys: Map<string, EnvelopeSigner> }> {
  const file = `regions/${region}/${ISSUERS}`;
  const keys = new Map<string, EnvelopeSigner>();
  const files = new Map<string, Uint8Array>();
  if (!source.has(file)) return { files, keys };
  const recipe = resolveTimes(readJson<IssuerRecipe>(file, source.get(file), validateIssuerRecipe), now);
  const issuers: IssuerEntry[] = [];
  const authorities = new Map<string, MintedAuthority>();
  for (const row of recipe.issuers) {
    if (row.container === 'authority') authorities.set(row.name, mintAuthority(row));
    else if (row.container === 'embedded') keys.set(row.name, mintEmbedded(file, row, authorities));
    else {
      const { key, entry } = await mintIssuer(row);
      issuers.push(entry);
      keys.set(row.name, signerOf(key, entry.keyId));
    }
  }
  const list = (entries: readonly IssuerEntry[]): Uint8Array =>
    encodeUtf8(
      writeJson({
        issued: instantOf(now),
        environment: 'reference',
        source: 'minted for the reference federation',
        issuers: entries,
      } as unknown as Value),
    );
  const base = `regions/${region}`;
  if (issuers.length > 0) files.set(`${base}/issuers/reference.json`, list(issuers));
  const anchors = [...authorities.values()].map(({ entry }) => entry);
  if (anchors.length > 0) files.set(`${base}/anchors/reference.json`, list(anchors));
  for (const [name, authority] of authorities) {
    const crl = authority.crl();
    if (crl !== undefined) files.set(`${base}/crls/${name}.crl`, crl);
  }
  return { files, keys };
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

/** Lists whose times are relative, so that nothing in git expires: `rules/x.recipe.json` → `rules/x.json`. */
function mintLists(source: Files, region: string, now: number, store: Map<string, Uint8Array>): void {
  for (const [file, bytes] of source) {
    const [, folder] = new RegExp(`^regions/${region}/([a-z-]+)/.*\\.recipe\\.json$`).exec(file) ?? [];
    if (folder === undefined || folder === 'issuers' || folder === 'samples') continue;
    const list = resolveTimes(readJson<object>(file, bytes, isObject), now);
    store.set(file.replace('.recipe.json', '.json'), encodeUtf8(writeJson(list as unknown as Value)));
  }
}

/** The times are not absolute yet: the schema judges the list when the store is loaded. */
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** What can be done to a document after signing, one row each: signer or wire → changed. */
const CHANGES: Readonly<
  Record<
    NonNullable<SampleRecipe['change']>,
    { sign?(signer: EnvelopeSigner): EnvelopeSigner; wire?(wire: string | Uint8Array): string | Uint8Array }
  >
> = {
  none: {},
  // Signing other bytes than those that are then read is the same, for a verifier, as altering them afterwards.
  'alter-payload': {
    sign: (signer) => ({
      ...signer,
      sign: (data) => signer.sign(data.map((byte, i) => (i === data.length - 1 ? byte ^ 1 : byte))),
    }),
  },
  'cut-short': { wire: (wire) => wire.slice(0, Math.floor(wire.length * 0.8)) },
};

function mintSample(
  file: string,
  region: string,
  recipe: SampleRecipe,
  format: Format,
  keys: ReadonlyMap<string, EnvelopeSigner>,
): MintedSample {
  const name = recipe.signer ?? [...keys.keys()][0] ?? '';
  const known = name === 'nobody' ? strangersKey(format) : keys.get(name);
  if (known === undefined) throw new PackError(file, '/signer', `no issuer "${name}" in ${ISSUERS}`);
  const change = CHANGES[recipe.change ?? 'none'];
  const named = recipe.keyId === undefined ? known : { ...known, keyId: recipe.keyId };
  const signer = change.sign?.(named) ?? named;
  const { wire } = format.write(recipe.document as unknown as SharedDocument, signer);
  return {
    region,
    name: recipe.name,
    title: recipe.title,
    format: recipe.format,
    wire: change.wire?.(wire) ?? wire,
    expect: recipe.expect,
  };
}

/** A key that no list knows. */
function strangersKey(format: Format): EnvelopeSigner {
  const key: MintedKey = mintKey(format.declaration.envelope.algorithms[0]!);
  const certificate = selfIssued('Nobody', key);
  return signerOf(key, certificateKeyId(certificate), certificate);
}
