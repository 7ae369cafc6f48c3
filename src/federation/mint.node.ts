import { writeJson } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { SampleRecipe } from '../document/generated/types.ts';
import { validateSample } from '../document/generated/validators.js';
import type { Format } from '../format/compile.ts';
import { type Federation, loadFederation } from '../region/federation.ts';
import { type Files, PackError, readJson, regionIds } from '../region/pack.ts';
import { groupsOf, type MintedGroup } from './groups.ts';
import { type MintedIssuers, mintIssuers } from './issuers.node.ts';
import { resolveTimes } from './relative.ts';
import { type MintedSample, mintSample, revocationNameOf } from './samples.node.ts';

export type { MintedGroup, MintedSample };

/**
 * Mints the reference federation: fresh keys for every issuer recipe, and a signed document for every sample recipe.
 * In: the declarations (trust-store/), now (epoch ms). Out: the store's files, the samples and groups of them. Private keys are
 * dropped when this returns, so that nothing in git or on disk can sign. Errors: PackError for a faulty recipe.
 */
export async function mint(
  source: Files,
  now: number,
): Promise<{ store: Map<string, Uint8Array>; samples: MintedSample[]; groups: MintedGroup[] }> {
  const store = new Map([...source].filter(([file]) => !file.endsWith('.recipe.json') && !file.includes('/samples/')));
  const issuers = new Map<string, MintedIssuers>();
  const waiting: List[] = [];
  for (const region of regionIds(source)) {
    const minted = mintIssuers(source, region, now);
    issuers.set(region, minted);
    for (const [file, bytes] of minted.files) store.set(file, bytes);
    for (const list of listsOf(source, region, now)) {
      if (namesSamples(list.content)) waiting.push(list);
      else put(store, list);
    }
  }
  const federation = load(store);
  const samples = regionIds(source).flatMap((region) =>
    sampleFiles(source, region).map((file) => {
      const recipe = resolveTimes(readJson<SampleRecipe>(file, source.get(file), validateSample), now);
      const format = formatFor(federation, region, recipe.format);
      if (format === undefined && !isReference(federation, region, recipe.format))
        throw new PackError(file, '/format', `the region, and those it stands under, have no format ${recipe.format}`);
      return mintSample(recipe, { file, region, format, issuers: issuers.get(region)!, all: issuers, now });
    }),
  );
  for (const list of waiting) put(store, { ...list, content: withSamples(list, federation, samples) });
  // Only now are all lists there to be judged.
  if (waiting.length > 0) load(store);
  return { store, samples, groups: groupsOf(source, samples) };
}

const isReference = ({ references }: Federation, region: string, id: string): boolean =>
  references.some((each) => each.region === region && each.id === id);

function load(store: Files): Federation {
  const federation = loadFederation(store, nodePlatform);
  const [fault] = federation.rejected;
  if (fault !== undefined) throw new PackError(fault.file, fault.at, fault.reason);
  return federation;
}

const sampleFiles = (files: Files, region: string): string[] =>
  [...files.keys()]
    .filter((file) => file.startsWith(`regions/${region}/samples/`) && file.endsWith('.recipe.json'))
    .sort();

/** A city signs its province's formats as well: the nearest region that has one of this name decides. */
function formatFor({ chain, formats }: Federation, region: string, id: string): Format | undefined {
  for (const above of chain(region)) {
    const found = formats.find((each) => each.region === above && each.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A list whose times are relative, so that nothing in git expires: `rules/x.recipe.json` → `rules/x.json`. */
interface List {
  readonly recipe: string;
  readonly region: string;
  readonly content: object;
}

function listsOf(source: Files, region: string, now: number): List[] {
  return [...source].flatMap(([recipe, bytes]) => {
    const [, folder] = new RegExp(`^regions/${region}/([a-z-]+)/.*\\.recipe\\.json$`).exec(recipe) ?? [];
    if (folder === undefined || folder === 'issuers' || folder === 'samples') return [];
    return { recipe, region, content: resolveTimes(readJson<object>(recipe, bytes, isObject), now) };
  });
}

const put = (store: Map<string, Uint8Array>, { recipe, content }: List): void => {
  store.set(recipe.replace('.recipe.json', '.json'), encodeUtf8(writeJson(content as unknown as Value)));
};

/** The times are not absolute yet: the schema judges the list when the store is loaded. */
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** A revoked document without a number of its own is named by its signature, which is made after the list is written. */
interface RevokedSample {
  readonly sample?: string;
}

const revokedIn = (content: object): readonly RevokedSample[] =>
  (content as { readonly revoked?: readonly RevokedSample[] }).revoked ?? [];

const namesSamples = (content: object): boolean => revokedIn(content).some(({ sample }) => sample !== undefined);

function withSamples(
  { recipe, region, content }: List,
  federation: Federation,
  samples: readonly MintedSample[],
): object {
  const revoked = revokedIn(content).map(({ sample: name, ...entry }) => {
    if (name === undefined) return entry;
    const sample = samples.find((each) => each.region === region && each.name === name);
    const format = sample && formatFor(federation, region, sample.format);
    if (format === undefined) throw new PackError(recipe, '/revoked', `no sample "${name}"`);
    return { id: revocationNameOf(format, sample!), ...entry };
  });
  return { ...content, revoked };
}
