import type { EnvelopeSigner } from '../codec/proof.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { SampleRecipe, SystemKeysFile } from '../document/generated/types.ts';
import { validateSample } from '../document/generated/validators.js';
import type { Format } from '../format/compile.ts';
import { type Federation, loadFederation } from '../region/federation.ts';
import { type Files, PackError, readJson, regionIds } from '../region/pack.ts';
import { groupsOf, type MintedGroup } from './groups.ts';
import { type MintedIssuers, mintIssuers } from './issuers.node.ts';
import { type FindSample, filesOfList, type ListRecipe, listRecipes, namesSamples, withSamples } from './lists.node.ts';
import { resolveTimes } from './relative.ts';
import { type MintedSample, mintSample } from './samples.node.ts';
import { mintSystems } from './systems.node.ts';

export type { MintedGroup, MintedSample };

/** Of a region's issuers, by their names in its recipes. */
export type FindSigner = (region: string, name: string) => EnvelopeSigner | undefined;

/**
 * Mints the reference federation: fresh keys for every issuer recipe, and a signed document for every sample recipe.
 * In: the declarations (trust-store/), now (epoch ms). Out: the store's files, the samples and groups of them, the keys
 * of the systems that call gateways, and `signer` for what plays the regions' systems. Private keys of issuers are nowhere
 * else: nothing in git or on disk can sign a document. Errors: PackError for a faulty recipe.
 */
export async function mint(
  source: Files,
  now: number,
): Promise<{
  store: Map<string, Uint8Array>;
  samples: MintedSample[];
  groups: MintedGroup[];
  systems: SystemKeysFile[];
  signer: FindSigner;
}> {
  const store = new Map([...source].filter(([file]) => !file.endsWith('.recipe.json') && !file.includes('/samples/')));
  const issuers = new Map<string, MintedIssuers>();
  const systems: SystemKeysFile[] = [];
  const waiting: ListRecipe[] = [];
  const put = (list: ListRecipe): void => {
    for (const [file, bytes] of filesOfList(list)) store.set(file, bytes);
  };
  for (const region of regionIds(source)) {
    const minted = mintIssuers(source, region, now);
    issuers.set(region, minted);
    for (const [file, bytes] of minted.files) store.set(file, bytes);
    const callers = mintSystems(source, region);
    if (callers !== undefined) {
      store.set(callers.file, callers.bytes);
      systems.push(...callers.keys);
    }
    for (const list of listRecipes(source, region, now)) {
      if (namesSamples(list)) waiting.push(list);
      else put(list);
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
  for (const list of waiting) {
    const find: FindSample = (name) => {
      const sample = samples.find((each) => each.region === list.region && each.name === name);
      const format = sample && formatFor(federation, list.region, sample.format);
      return sample && format && { sample, format };
    };
    put(withSamples(list, find));
  }
  // Only now are all lists there to be judged.
  if (waiting.length > 0) load(store);
  const signer: FindSigner = (region, name) => issuers.get(region)?.keys.get(name);
  return { store, samples, groups: groupsOf(source, samples), systems, signer };
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
