import { nodePlatform } from '../crypto/platform.node.ts';
import type { Platform } from '../crypto/platform.ts';
import { remembering } from '../crypto/remembering.ts';
import type { Localized, Memory } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import type { Want } from '../trust/tuf/asking.ts';
import { metadataName } from '../trust/tuf/paths.ts';
import { TUF_LIMITS, type TufState } from '../trust/tuf/state.ts';
import { TROUBLES, type Trouble, TufRefusal } from '../trust/tuf/troubles.ts';
import type { TufView } from '../trust/tuf/view.ts';
import { type Federation, type LoadOptions, loadFederation } from './federation.ts';
import { partsOf, readFolder } from './folder.node.ts';
import { type FoundStore, readKept, unusableRoot, writeKept } from './kept.node.ts';
import { type Files, PackError } from './pack.ts';
import { filesOfUnit, unitOf } from './quarantine.ts';
import {
  beginStore,
  type KeptStore,
  loadSigned,
  reopened,
  rootVersion,
  storeContext,
  type Updated,
  updateBy,
} from './signed.ts';
import { readSnapshot, writeSnapshot } from './snapshot.node.ts';
import { SourceError, type SourceTrouble, type StoreSource } from './source.node.ts';
import { readMemory, writeMemory } from './state.node.ts';

/** What a gateway knows of its store besides what is in it. */
export interface StoreNews {
  readonly signed: boolean;
  /** Epoch ms: when somebody was last asked, and when what is offered was last found in order. */
  readonly checkedAt: number | undefined;
  readonly goodAt: number | undefined;
  /** What was refused when it was last asked for: by the last source that answered. */
  readonly troubles: readonly Trouble[];
  readonly sources: readonly SourceNews[];
}

/** What one source gave when it was last asked: nothing new, something new in order, something refused, or no answer. */
export interface SourceNews {
  readonly source: string;
  readonly said: 'same' | 'good' | 'refused' | SourceTrouble;
}

/** What a federation was made of: plain data, of which another thread makes the same one. */
export type FederationSource = (
  | { readonly folder: string; readonly files: Files; readonly good: Files }
  | { readonly kept: KeptStore; readonly before: KeptStore; readonly troubles: readonly Trouble[] }
) &
  Required<Pick<LoadOptions, 'verified' | 'now'>> &
  Pick<LoadOptions, 'memory'>;

/** The federation that the main thread made of the same. Errors: PackError where it could not. */
export function federationOf(source: FederationSource, platform: Platform = nodePlatform): Federation {
  if ('folder' in source) return fromFolder(source, platform);
  const { kept, before, troubles, memory, verified, now } = source;
  const context = storeContext(platform, now);
  return loadSigned({ ...reopened(kept, context), troubles }, before, context, { memory, verified, now }).federation;
}

function fromFolder(
  source: Extract<FederationSource, { folder: string }>,
  platform: Platform = nodePlatform,
): Federation {
  const { folder, files, good, memory, verified, now } = source;
  const lastGood = (unit: string): Files | undefined => {
    const before = filesOfUnit(unit, good);
    return before.size === 0 ? undefined : before;
  };
  return loadFederation(files, platform, { memory, verified, now, lastGood, readPart: partsOf(folder) });
}

/** A store that was opened. What it holds is swapped as a whole: whoever has a federation keeps it as it is. */
export interface TrustStore {
  readonly federation: Federation;
  readonly source: FederationSource;
  readonly news: StoreNews;
  /** The signed metadata in force, and all that is kept of it; undefined for a plain folder. */
  readonly signed: { readonly kept: KeptStore; readonly view: TufView } | undefined;
  /**
   * Looks for something newer. Never fails for what is offered: what cannot be used changes nothing, and stands in `news`.
   * Out: whether something else is in force now.
   */
  refresh(): Promise<boolean>;
}

export interface OpenOptions {
  /** Epoch ms. */
  readonly clock: () => number;
  /** Told what cannot be kept or used of what was kept, in both languages, for whoever runs the command. */
  hint(line: string): void;
}

/** A signed store begins here. */
export interface SignedPlace {
  /** What is kept lies beside this folder, whether it is there or not (state.node.ts). */
  readonly store: string;
  /** The root file that this gateway was given. */
  readonly pinned: Uint8Array;
  /** In order; none to go by what is kept alone. */
  readonly sources: readonly StoreSource[];
}

/** A whole update from one source. Longer, and the next one is asked. */
const UPDATE_MS = 120_000;

/** What lies beside a store and makes it ready faster, and wiser. */
async function besidesOf(store: string, { hint }: OpenOptions) {
  let memory = await readMemory(store);
  const snapshot = await readSnapshot(store);
  let verified = snapshot.regions;
  let known: ReadonlySet<string> = new Set(snapshot.signatures);
  const platform = remembering(nodePlatform, known);
  let atStart: readonly string[] | undefined;
  if (snapshot.refused !== undefined)
    hint(`签发方快照未采用 the snapshot of verified issuers is not used: ${snapshot.refused}`);
  return {
    /** For signed metadata, which is public: each signature is computed once, and not again after a start. */
    platform,
    options: (now: number) => ({ memory, verified, now }),
    /** An account that may only read can verify all the same; it is slower to start, and finds out less. */
    async keep(federation: Federation, more: () => Promise<void> = async () => {}): Promise<void> {
      const same = [...federation.verified].every(([region, each]) => verified.get(region) === each);
      const good = platform.takeGood();
      // The chain of root files is followed at a start alone.
      atStart ??= good;
      const signatures = new Set([...atStart, ...good]);
      const changed =
        !same || verified.size !== federation.verified.size || ![...signatures].every((name) => known.has(name));
      const remembered = sameMemory(memory, federation.memory);
      memory = federation.memory;
      verified = federation.verified;
      try {
        await more();
        if (!remembered) await writeMemory(store, federation.memory);
        if (!changed) return;
        await writeSnapshot(store, { regions: verified, signatures: [...signatures] });
        known = signatures;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === undefined) throw error;
        hint(`此信任库的所见记录写不下来 what was seen of this store cannot be kept (${code})`);
      }
    },
  };
}

const sameMemory = (one: Memory | undefined, other: Memory): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * A store in a plain folder that nobody signed: never production. It is read again when told to. Errors: PackError if
 * it cannot be read at the start.
 */
export async function openFolder(folder: string, options: OpenOptions): Promise<TrustStore> {
  const besides = await besidesOf(folder, options);
  let good: Files = new Map();
  let checkedAt = options.clock();
  const load = async (): Promise<{ federation: Federation; source: FederationSource }> => {
    const files = await readFolder(folder);
    checkedAt = options.clock();
    const source = { folder, files, good, ...besides.options(checkedAt) };
    const loaded = fromFolder(source);
    good = new Map([
      ...[...good].filter(([file]) => loaded.faulty.has(unitOf(file))),
      ...[...files].filter(([file]) => !loaded.faulty.has(unitOf(file))),
    ]);
    await besides.keep(loaded);
    return { federation: loaded, source: { ...source, verified: loaded.verified } };
  };
  let inForce = await load();
  const turns = inTurns();
  return {
    get federation() {
      return inForce.federation;
    },
    get source() {
      return inForce.source;
    },
    get news() {
      return { signed: false, checkedAt, goodAt: undefined, troubles: [], sources: [] };
    },
    signed: undefined,
    refresh: () =>
      turns(async () => {
        inForce = await load();
        return true;
      }),
  };
}

/**
 * A signed store. What was kept of it is verified again; then the sources are asked. Errors: PackError if nothing can be
 * used: no source answers and nothing is kept, or what is kept is damaged.
 */
export async function openSigned(
  { store, pinned, sources: places }: SignedPlace,
  options: OpenOptions,
): Promise<TrustStore> {
  const { clock, hint } = options;
  const besides = await besidesOf(store, options);
  const { platform } = besides;
  const found = await foundAt(store, pinned, platform);
  let kept: KeptStore = found ?? begin(store, pinned, platform);
  let written: KeptStore | undefined = found?.whole ? found : undefined;
  let inForce:
    | { readonly federation: Federation; readonly source: FederationSource; readonly view: TufView }
    | undefined;
  let news: StoreNews = { signed: true, checkedAt: undefined, goodAt: undefined, troubles: [], sources: [] };

  const take = async (updated: Updated): Promise<void> => {
    const now = clock();
    const before = kept;
    // What was seen counts from now on, whatever can be made of it.
    kept = { ...updated.kept, good: before.good };
    const known = besides.options(now);
    // By a platform that does not remember for ever: this one will check documents.
    const loaded = loadSigned(updated, before, storeContext(nodePlatform, now), known);
    kept = loaded.kept;
    const { federation } = loaded;
    const { troubles, view } = updated;
    // Where nothing fell back to an earlier version, none is needed.
    const earlier = federation.faulty.size === 0 ? kept : before;
    const source = { kept: updated.kept, before: earlier, troubles, ...known, verified: federation.verified };
    inForce = { federation, source, view };
    await besides.keep(federation, async () => {
      // Read a moment ago, it need not be read again to see that it is the same.
      if (written !== undefined && isSame(written, kept)) return;
      await writeKept(store, kept, now);
      written = kept;
    });
  };

  /** Every source is asked, until one has something new that is in order: one that withholds news must not hide the others. */
  const ask = async (): Promise<boolean> => {
    const context = storeContext(platform, clock());
    const sources: SourceNews[] = [];
    let answered: Updated | undefined;
    for (const source of places) {
      const signal = AbortSignal.timeout(UPDATE_MS);
      const fetch: StoreSource['fetch'] = (want) => fetchFrom(source, want, signal);
      const said = (word: SourceNews['said']) => sources.push({ source: source.name, said: word });
      try {
        if (inForce !== undefined && (await isAsBefore(fetch, inForce.view, kept.state, news, context.now))) {
          said('same');
          continue;
        }
        answered = await updateBy(answered?.kept ?? kept, fetch, context);
        said(answered.troubles.length === 0 ? 'good' : 'refused');
        if (answered.troubles.length === 0) break;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        said(error.code);
      }
    }
    const moved =
      answered !== undefined &&
      answered.view.files.size > 0 &&
      (inForce === undefined || !sameState(answered.kept.state, kept.state));
    const good = sources.some(({ said }) => said === 'same' || said === 'good');
    // That another source lags behind is no trouble, as long as one is in order.
    const troubles = moved || !good ? (answered?.troubles ?? news.troubles) : [];
    const changed = moved || (inForce !== undefined && !sameTroubles(troubles, news.troubles));
    news = { ...news, checkedAt: context.now, goodAt: good ? context.now : news.goodAt, troubles, sources };
    if (changed) await take(moved ? answered! : { ...reopened(kept, context), troubles });
    return changed;
  };

  const turns = inTurns();
  await turns(ask);
  for (const { source, said } of news.sources)
    if (said !== 'good' && said !== 'refused')
      hint(`${source}: 没有应答，以留存内容为准 no answer (${said}); going by what is kept`);
  if (inForce === undefined) {
    const again = reopened(kept, storeContext(platform, clock()));
    if (again.view.files.size === 0)
      throw new PackError(store, '', nothing(news), `${NOTHING}：${whyNothing(news).zh}`);
    await take(again);
  }
  return {
    get federation() {
      return inForce!.federation;
    },
    get source() {
      return inForce!.source;
    },
    get news() {
      return news;
    },
    get signed() {
      return { kept, view: inForce!.view };
    },
    refresh: () =>
      turns(async () => {
        try {
          return await ask();
        } catch (error) {
          // What lies beside the regions cannot be used, and the last good view stays. All else is our own fault.
          if (!(error instanceof PackError)) throw error;
          hint(`新内容不能用，沿用上一个完好版本 the last good version stays in force: ${error.message}`);
          return false;
        }
      }),
  };
}

/**
 * A file of one member that cannot be had (as large as its line is slow, say) is as good as missing: then that member stays
 * as it was, and the news of all others arrives. Errors: SourceError where the source as a whole does not answer.
 */
async function fetchFrom(source: StoreSource, want: Want, signal: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    return await source.fetch(want, signal);
  } catch (error) {
    const alone = error instanceof SourceError && error.code !== 'unreachable' && want.name.startsWith('targets/');
    if (!alone || signal.aborted) throw error;
    return undefined;
  }
}

/** What was kept; undefined if nothing was. Errors: PackError for a pinned root that is none, and of `readKept`. */
const foundAt = (store: string, pinned: Uint8Array, platform: Platform): Promise<FoundStore | undefined> =>
  readKept(store, pinned, platform).catch((error: unknown) => {
    throw error instanceof TufRefusal ? unusableRoot(store, error) : error;
  });

/** Errors: PackError for a pinned root that is none. */
function begin(store: string, pinned: Uint8Array, platform: Platform): KeptStore {
  try {
    return beginStore(pinned, platform);
  } catch (error) {
    throw error instanceof TufRefusal ? unusableRoot(store, error) : error;
  }
}

/** Whether nothing has come in since: a refresh that changes something makes a new state. */
const isSame = (one: KeptStore, other: KeptStore): boolean =>
  one.state === other.state && one.roots === other.roots && one.good.size === 0 && other.good.size === 0;

/**
 * Whether there is nothing new: no next root, and the very timestamp that is in force and has not expired. Where
 * something was refused the last time, all of it is asked for again.
 */
async function isAsBefore(
  fetch: StoreSource['fetch'],
  view: TufView,
  { root, timestamp }: TufState,
  news: StoreNews,
  now: number,
): Promise<boolean> {
  const held = view.roles.get('timestamp');
  if (news.troubles.length > 0 || held === undefined || timestamp === undefined || now >= held.expires) return false;
  if (now >= view.root.expires) return false;
  const next = await fetch({ name: metadataName('root', rootVersion(root) + 1), limit: TUF_LIMITS.root });
  if (next !== undefined) return false;
  const offered = await fetch({ name: metadataName('timestamp'), limit: TUF_LIMITS.timestamp });
  return offered !== undefined && sameBytes(offered, timestamp);
}

const NOTHING = '信任库没有可用的内容';
/** The first refusal says what to do (a wrong clock, a store that nobody renews); where nobody answered, it is the way there. */
const whyNothing = ({ troubles: [first] }: StoreNews): Localized =>
  first === undefined
    ? say('来源没有应答，此前也没有留存；请查对 TONGREN_STORE 和网络', 'look at TONGREN_STORE and the network')
    : say(`${first.role}：${TROUBLES[first.code].zh}`, TROUBLES[first.code].en);
const nothing = (news: StoreNews): string => {
  const { troubles, sources } = news;
  const refused = troubles.slice(0, 3).map(({ role, code, detail }) => `${role}: ${code} (${detail})`);
  const mute = sources.map(({ source, said }) => `${source}: ${said}`);
  const what = [...refused, ...mute].join('; ') || 'nothing is kept';
  return `nothing of the signed store can be used: ${what}. ${whyNothing(news).en}`;
};

const sameBytes = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && Buffer.compare(one, other) === 0);

function sameFiles(one: Files, other: Files): boolean {
  return one.size === other.size && [...one].every(([name, bytes]) => sameBytes(bytes, other.get(name)));
}

const sameState = (one: TufState, other: TufState): boolean =>
  sameBytes(one.root, other.root) &&
  sameBytes(one.timestamp, other.timestamp) &&
  sameBytes(one.snapshot, other.snapshot) &&
  sameFiles(one.roles, other.roles) &&
  sameFiles(one.files, other.files);

const sameTroubles = (one: readonly Trouble[], other: readonly Trouble[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** One after the other, or an older view could come in last. */
function inTurns(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const next = last.then(run, run);
    last = next.catch(() => {});
    return next;
  };
}
