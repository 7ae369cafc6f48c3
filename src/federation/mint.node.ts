import { writeJson } from '../codec/json.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type {
  IssuerEntry,
  IssuerRecipe,
  Localized,
  RevocationList,
  SampleRecipe,
  SharedDocument,
} from '../document/generated/types.ts';
import { validateIssuerRecipe, validateSample } from '../document/generated/validators.js';
import { instantOf } from '../document/time.ts';
import type { Format } from '../format/compile.ts';
import { loadFederation } from '../region/federation.ts';
import { type Files, PackError, readJson, regionIds } from '../region/pack.ts';
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
    const { list, keys } = await mintRegion(source, region, now);
    if (list !== undefined)
      store.set(`regions/${region}/issuers/reference.json`, encodeUtf8(writeJson(list as unknown as Value)));
    signers.set(region, keys);
    mintRevocations(source, region, now, store);
  }
  const federation = loadFederation(store, nodePlatform);
  const [fault] = federation.rejected;
  if (fault !== undefined) throw new PackError(fault.file, fault.at, fault.reason);
  const samples = regionIds(source).flatMap((region) =>
    sampleFiles(source, region).map((file) => {
      const recipe = resolveTimes(readJson<SampleRecipe>(file, source.get(file), validateSample), now);
      const format = federation.formats.find((each) => each.region === region && each.id === recipe.format);
      if (format === undefined) throw new PackError(file, '/format', `the region has no format ${recipe.format}`);
      return mintSample(file, region, recipe, format, signers.get(region)!);
    }),
  );
  return { store, samples };
}

const sampleFiles = (files: Files, region: string): string[] =>
  [...files.keys()]
    .filter((file) => file.startsWith(`regions/${region}/samples/`) && file.endsWith('.recipe.json'))
    .sort();

async function mintRegion(
  source: Files,
  region: string,
  now: number,
): Promise<{ list: object | undefined; keys: Map<string, EnvelopeSigner> }> {
  const file = `regions/${region}/${ISSUERS}`;
  const keys = new Map<string, EnvelopeSigner>();
  if (!source.has(file)) return { list: undefined, keys };
  const recipe = resolveTimes(readJson<IssuerRecipe>(file, source.get(file), validateIssuerRecipe), now);
  const issuers: IssuerEntry[] = [];
  for (const row of recipe.issuers) {
    const { key, entry } = await mintIssuer(row);
    issuers.push(entry);
    keys.set(row.name, signerOf(key, entry.keyId));
  }
  return { list: { issued: instantOf(now), source: 'minted for the reference federation', issuers }, keys };
}

/** Revocation lists whose times are relative: `revocations/x.recipe.json` → `revocations/x.json`. */
function mintRevocations(source: Files, region: string, now: number, store: Map<string, Uint8Array>): void {
  for (const [file, bytes] of source) {
    if (!file.startsWith(`regions/${region}/revocations/`) || !file.endsWith('.recipe.json')) continue;
    const list = resolveTimes(readJson<RevocationList>(file, bytes, isObject), now);
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
  const signer = change.sign?.(known) ?? known;
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
  return signerOf(key, certificateKeyId(crypto.getRandomValues(new Uint8Array(32))));
}
