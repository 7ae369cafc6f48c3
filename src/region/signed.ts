import type { Platform } from '../crypto/platform.ts';
import type { Asking, Want } from '../trust/tuf/asking.ts';
import { answerBy, answerFrom } from '../trust/tuf/asking.ts';
import { FEDERATION, federationOfRoot } from '../trust/tuf/federation-profile.ts';
import { readMetadata } from '../trust/tuf/metadata.ts';
import { metadataName } from '../trust/tuf/paths.ts';
import { type Refreshed, refresh } from '../trust/tuf/refresh.ts';
import { FEDERATION_ROLE, roleFor } from '../trust/tuf/regions.ts';
import { beginWith } from '../trust/tuf/root.ts';
import type { TufContext, TufState } from '../trust/tuf/state.ts';
import type { Trouble } from '../trust/tuf/troubles.ts';
import { type TufView, viewOf } from '../trust/tuf/view.ts';
import type { FileTimes } from '../trust/view.ts';
import { type Federation, type LoadOptions, loadFederation } from './federation.ts';
import type { Files } from './pack.ts';
import { filesOfUnit, TOP, unitOf } from './quarantine.ts';
import { rejectedBy, storeTroubles } from './troubles.ts';

/**
 * A signed store from a pinned root to standpoints: what is offered goes through the verifier, what stands becomes a
 * federation, and what a region last had in order stays in force where its newest files cannot be used. Plain data and no
 * input of its own, so that the gateway and the checkpoint's page run the same.
 */
export interface KeptStore {
  readonly state: TufState;
  /** Root files from the pinned one to the newest: for whoever pinned an earlier one than is in force. */
  readonly roots: readonly Uint8Array[];
  /** Units (a region, or TOP) whose newest files are at fault, and what was last good of each, if anything was. */
  readonly good: ReadonlyMap<string, GoodVersion | undefined>;
}

/** An earlier version of a role: its metadata, by which it is verified again, and the files of one unit. */
export interface GoodVersion {
  readonly file: Uint8Array;
  readonly files: Files;
}

/** What an update came to, before anything is loaded from it. */
export interface Updated {
  readonly kept: KeptStore;
  readonly view: TufView;
  /** What was refused; each once. */
  readonly troubles: readonly Trouble[];
}

export interface Loaded {
  /** To be kept from now on. */
  readonly kept: KeptStore;
  readonly federation: Federation;
}

export const storeContext = (platform: Platform, now: number, wanted?: TufContext['wanted']): TufContext => ({
  platform,
  profile: FEDERATION,
  now,
  ...(wanted === undefined ? {} : { wanted }),
});

/** Begins with a root that was got by a way that can be trusted. @throws TufRefusal if it is none of a federation */
export const beginStore = (root: Uint8Array, platform: Platform): KeptStore => ({
  state: beginWith(root, { platform, profile: FEDERATION }),
  roots: [root],
  good: new Map(),
});

/** What is kept, verified again and nothing fetched. @throws TufRefusal if its root cannot be used */
export function reopened(kept: KeptStore, context: TufContext): Updated {
  const view = viewOf(kept.state, context);
  return { kept, view, troubles: view.troubles };
}

/** One update from files in memory. @throws TufRefusal as above */
export const updateFrom = (kept: KeptStore, files: Files, context: TufContext): Updated => {
  const roots = new Map<number, Uint8Array>();
  return updated(kept, answerFrom(noting(refresh(kept.state, context), roots), files), roots);
};

/** One update by a function that fetches; what it throws is passed on. @throws TufRefusal as above */
export const updateBy = async (
  kept: KeptStore,
  fetch: (want: Want) => Promise<Uint8Array | undefined>,
  context: TufContext,
): Promise<Updated> => {
  const roots = new Map<number, Uint8Array>();
  return updated(kept, await answerBy(noting(refresh(kept.state, context), roots), fetch), roots);
};

/** The root files that go by, whether they are good or not. */
function* noting<T>(asking: Asking<T>, roots: Map<number, Uint8Array>): Asking<T> {
  let step = asking.next();
  while (!step.done) {
    const bytes = yield step.value;
    const [, version] = /^metadata\/(\d{1,15})\.root\.json$/.exec(step.value.name) ?? [];
    if (version !== undefined && bytes !== undefined) roots.set(Number(version), bytes);
    step = asking.next(bytes);
  }
  return step.value;
}

function updated(
  kept: KeptStore,
  { state, view, troubles }: Refreshed,
  roots: ReadonlyMap<number, Uint8Array>,
): Updated {
  // A good root is followed by the next number, so those up to the one in force were good.
  const { version } = view.root;
  const passed = [...roots].filter(([number]) => number <= version).sort(([one], [other]) => one - other);
  return {
    kept: { state, roots: [...kept.roots, ...passed.map(([, bytes]) => bytes)], good: kept.good },
    view,
    troubles: eachOnce(troubles, view.troubles),
  };
}

/** What an update says of a role goes before what is found when its state is read again. */
function eachOnce(first: readonly Trouble[], then: readonly Trouble[]): Trouble[] {
  const roles = new Set(first.map(({ role }) => role));
  const all = [...first, ...then.filter(({ role }) => !roles.has(role))];
  return [...new Map(all.map((each) => [`${each.role} ${each.code} ${each.detail}`, each])).values()];
}

/**
 * Reads and compiles what is in force. In: the update, and what was kept before it, for the versions that were good then.
 *
 * @throws PackError if what lies beside the regions cannot be used, and never could
 */
export function loadSigned(
  { kept, view, troubles }: Updated,
  before: KeptStore,
  context: TufContext,
  options: Omit<LoadOptions, 'signed' | 'lastGood'> = {},
): Loaded {
  const fallen = new Map<string, { readonly version: GoodVersion; readonly view: TufView }>();
  const lastGood = (unit: string): Files | undefined => {
    const version = before.good.has(unit) ? before.good.get(unit) : versionIn(before.state, unit);
    const back = version && readAgain(version, unit, kept.state, context);
    if (version === undefined || back === undefined) return undefined;
    fallen.set(unit, { version, view: back });
    return contentsOf(back);
  };
  const timesIn = (from: TufView, file: string): FileTimes | undefined => {
    const role = from.roles.get(from.files.get(file)?.role ?? '');
    if (role === undefined) return undefined;
    const above = (fallen.get(TOP)?.view ?? view).roles.get(FEDERATION_ROLE)?.good ?? role.good;
    return { issued: role.issued ?? role.expires, expires: Math.min(role.good, above) };
  };
  const timesOf = (file: string, content: Uint8Array | undefined): FileTimes | undefined => {
    const back = fallen.get(unitOf(file))?.view;
    const current = view.files.get(file)?.content === content;
    return timesIn(current || back === undefined ? view : back, file);
  };
  const { federation, environment } = federationOfRoot(view.root)!;
  const regions = [...new Set([...view.files.keys()].map(unitOf))];
  const signed = {
    federation,
    environment,
    timesOf,
    troubles: storeTroubles(troubles, regions),
    rejected: rejectedBy(troubles),
  };
  const loaded = loadFederation(contentsOf(view), context.platform, { ...options, signed, lastGood });
  const good = new Map([...loaded.faulty].map((unit) => [unit, fallen.get(unit)?.version] as const));
  return { kept: { ...kept, good }, federation: loaded };
}

export const contentsOf = ({ files }: TufView): Map<string, Uint8Array> =>
  new Map([...files].map(([path, { content }]) => [path, content]));

const roleOf = (unit: string): string | undefined =>
  unit === TOP ? FEDERATION_ROLE : roleFor(`regions/${unit}/region.json`);

function versionIn({ roles, files }: TufState, unit: string): GoodVersion | undefined {
  const file = roles.get(roleOf(unit) ?? '');
  return file && { file, files: filesOfUnit(unit, files) };
}

/**
 * An earlier version, verified again by the keys that hold the role now: a region that was removed, or whose keys were
 * replaced, has no earlier version any more.
 */
function readAgain(
  { file, files }: GoodVersion,
  unit: string,
  state: TufState,
  context: TufContext,
): TufView | undefined {
  const roles = new Map(state.roles).set(roleOf(unit)!, file);
  const view = viewOf({ ...state, roles, files }, context);
  const own = filesOfUnit(unit, view.files);
  return own.size === 0 ? undefined : { ...view, files: own };
}

/** The version of a root file. */
export const rootVersion = (root: Uint8Array): number => readMetadata(root, 'root').version;

/** A root file's name where it is served. */
export const rootFile = (root: Uint8Array): string => metadataName('root', rootVersion(root));
