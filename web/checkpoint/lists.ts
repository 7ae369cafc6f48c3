import { encodeHex } from '../../src/codec/hex.ts';
import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import { remembering } from '../../src/crypto/remembering.ts';
import type { Localized, Memory } from '../../src/document/generated/types.ts';
import { BundleError, bundleLane, bundlePart, readBundle } from '../../src/region/bundle.ts';
import { laneWants } from '../../src/region/lane.ts';
import { PackError } from '../../src/region/pack.ts';
import { beginStore, contentsOf, type KeptStore, loadSigned, reopened, storeContext } from '../../src/region/signed.ts';
import { TROUBLES, TufRefusal } from '../../src/trust/tuf/troubles.ts';
import type { Device, Registration } from './device.ts';
import { type Engine, engineOf } from './engine.ts';
import { PartMissing, withParts } from './later.ts';
import { BUNDLE_WORDS, OTHER_ROOT, PART_MISSING, UNUSABLE } from './words.ts';

/** For the lists alone: what signed them is checked once while the page lives. Documents leave no trace here. */
const platform = remembering(browserPlatform);

/** Lists that this device has verified by itself, and what judges by them. */
export interface Lists {
  readonly engine: Engine;
  readonly kept: KeptStore;
  /** Why new ones were not taken, if some were not; the good ones are kept. */
  readonly trouble: Localized | undefined;
}

/** Why there are no lists at all. */
export class NoLists extends Error {
  override readonly name = 'NoLists';
  readonly why: Localized;

  constructor(why: Localized) {
    super(why.en);
    this.why = why;
  }
}

/**
 * The lists that were kept, verified again from the pinned root: whoever changed the page's database changed nothing. Undefined if
 * none were kept. Errors: NoLists if they cannot be used.
 */
export async function keptLists(
  device: Device,
  registration: Registration,
  clock: () => number,
): Promise<Lists | undefined> {
  const kept = await device.read<KeptStore>('lists');
  if (kept === undefined) return undefined;
  requireRoot(kept.roots[0], registration);
  const memory = await device.read<Memory>('memory');
  return await loaded(registration, clock, undefined, (now) => {
    const updated = reopened(kept, storeContext(platform, now));
    const wanted = laneWants({ region: registration.region }, contentsOf(updated.view));
    return loadSigned(updated, kept, storeContext(browserPlatform, now, wanted), { memory, now });
  });
}

/** What a gateway hands over: a bundle, and by its digest any part of one. Undefined if it has none. */
export interface Offer {
  readonly bundle: Uint8Array;
  part(sha256: string): Promise<Uint8Array | undefined>;
}

/**
 * Takes a bundle as a gateway handed it over: verified here, from the pinned root, beside what was kept; kept together with the
 * highest versions, or not at all. What is altered, older or of another federation is refused, and the good lists stay.
 * Errors: NoLists if there are no good ones either.
 */
export async function takeBundle(
  { bundle, part }: Offer,
  device: Device,
  registration: Registration,
  clock: () => number,
): Promise<Lists> {
  const before = (await device.read<KeptStore>('lists')) ?? (await begun(part, registration));
  requireRoot(before.roots[0], registration);
  const memory = await device.read<Memory>('memory');
  let trouble: Localized | undefined;
  const lists = await loaded(
    registration,
    clock,
    () => trouble,
    (now) => {
      const lane = { region: registration.region };
      const updated = readBundle(bundle, lane, before, now, platform);
      const [first] = updated.troubles;
      trouble = first && TROUBLES[first.code];
      const context = storeContext(browserPlatform, now, laneWants(lane, contentsOf(updated.view)));
      return loadSigned(updated, before, context, { memory, now });
    },
  );
  await device.writeAll({ lists: lists.kept, memory: lists.engine.federation.memory });
  return lists;
}

/**
 * Lists that somebody brought in a file: for which of this device's regions, and a way to the root that the device was given, which
 * lies in every bundle. Errors: NoLists
 */
export function seedFor(bundle: Uint8Array, regions: readonly string[]): { region: string; part: Offer['part'] } {
  try {
    const { region } = bundleLane(bundle);
    if (!regions.includes(region)) throw new BundleError('another-lane', `it is for ${region}`);
    return { region, part: async (sha256) => bundlePart(bundle, sha256) };
  } catch (error) {
    throw new NoLists(whyOf(error));
  }
}

async function loaded(
  registration: Registration,
  clock: () => number,
  trouble: (() => Localized | undefined) | undefined,
  load: (now: number) => ReturnType<typeof loadSigned>,
): Promise<Lists> {
  try {
    const { kept, federation } = await withParts(() => load(clock()));
    return { kept, engine: engineOf(federation, registration.region, clock), trouble: trouble?.() };
  } catch (error) {
    throw new NoLists(whyOf(error));
  }
}

/** What an error of reading lists says to people; anything else is our own fault and goes on. */
function whyOf(error: unknown): Localized {
  if (error instanceof BundleError) return BUNDLE_WORDS[error.code];
  if (error instanceof TufRefusal) return TROUBLES[error.code];
  if (error instanceof PartMissing) return PART_MISSING;
  if (error instanceof PackError || error instanceof RangeError) return UNUSABLE;
  throw error;
}

/** The root whose digest the operator gave, wherever it comes from. */
async function begun(part: Offer['part'], registration: Registration): Promise<KeptStore> {
  const root = await part(registration.root);
  requireRoot(root, registration);
  return withParts(() => beginStore(root!, browserPlatform));
}

function requireRoot(root: Uint8Array | undefined, { root: pinned }: Registration): void {
  const digest = root && encodeHex(browserPlatform.digest('SHA-256', root));
  if (digest !== pinned) throw new NoLists(OTHER_ROOT);
}
