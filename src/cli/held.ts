import type { KeyStatus } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { endsWithin, type HeldKey, hasEnded, KEY_STATES, stateOf } from '../trust/held.ts';

/** What `trust status` says of a region's keys. */
export interface HeldReport {
  /** How many are in each state. */
  readonly counts: Readonly<Partial<Record<KeyStatus['state'], number>>>;
  /** Those of which anything else is said than that they are active, now or later. */
  readonly notable: readonly Notable[];
  /** Keys in use that end soon, the soonest first; `within` days. */
  readonly ending: readonly { readonly keyId: string; readonly until: string; readonly within: number }[];
  /** Keys that have ended and stand in the list as if in use, the latest first. */
  readonly ended: readonly { readonly keyId: string; readonly until: string }[];
}

interface Notable {
  readonly kind: HeldKey['kind'];
  readonly keyId: string;
  readonly unit?: string;
  readonly state: KeyStatus['state'];
  readonly since?: string;
  /** What is announced. */
  readonly next?: { readonly state: KeyStatus['state']; readonly since: string };
}

/** What has become of a key. */
export const STATE_WORDS: Readonly<Record<KeyStatus['state'], string>> = {
  active: '在用 active',
  retiring: '待停用 retiring',
  retired: '已停用 retired',
  compromised: '已泄露 compromised',
  removed: '已撤除 removed',
};
const KINDS: Readonly<Record<HeldKey['kind'], string>> = {
  signer: '密钥 key',
  authority: '证书机构 authority',
  between: '中间证书 certificate in between',
  timestamper: '时间戳机构 timestamping authority',
  system: '系统 system',
};
const MOST_LINES = 20;

export function heldReport(keys: readonly HeldKey[], now: number): HeldReport {
  const all = keys.map((key) => notableOf(key, now));
  const counts = KEY_STATES.flatMap((wanted) => {
    const count = all.filter(({ state }) => state === wanted).length;
    return count === 0 ? [] : [[wanted, count] as const];
  });
  return {
    counts: Object.fromEntries(counts),
    notable: all.filter(({ state, next }) => state !== 'active' || next !== undefined),
    ending: keys
      .flatMap((key) => {
        const within = endsWithin(key, now);
        return within === undefined ? [] : [{ keyId: key.keyId, until: instantOf(key.until!), within }];
      })
      .sort((one, other) => (one.until < other.until ? -1 : 1)),
    ended: keys
      .flatMap((key) => (hasEnded(key, now) ? [{ keyId: key.keyId, until: instantOf(key.until!) }] : []))
      .sort((one, other) => (one.until > other.until ? -1 : 1)),
  };
}

function notableOf({ kind, keyId, unit, status }: HeldKey, now: number): Notable {
  const { state, since } = stateOf(status, now);
  const [next] = status.filter((event) => event.since > now).toSorted((one, other) => one.since - other.since);
  return {
    kind,
    keyId,
    ...(unit === undefined ? {} : { unit }),
    state,
    ...(since === undefined ? {} : { since: instantOf(since) }),
    ...(next === undefined ? {} : { next: { state: next.state, since: instantOf(next.since) } }),
  };
}

/** For a terminal; what is in them comes from a pack. */
export function heldLines(region: string, { counts, notable, ending, ended }: HeldReport): string[] {
  const told = Object.entries(counts).map(([state, count]) => `${count} ${STATE_WORDS[state as KeyStatus['state']]}`);
  if (told.length === 0) return [];
  const more = notable.length - MOST_LINES;
  return [
    `${region} 密钥 keys: ${told.join(', ')}`,
    ...notable.slice(0, MOST_LINES).map(({ kind, keyId, unit, state, since, next }) => {
      const of = unit === undefined ? '' : ` [${unit}]`;
      const announced = next === undefined ? '' : `; ${next.since} → ${STATE_WORDS[next.state]}`;
      return `  ${KINDS[kind]} ${keyId}${of}: ${STATE_WORDS[state]}${since === undefined ? '' : ` ${since}`}${announced}`;
    }),
    ...(more > 0 ? [`  … ${more}`] : []),
    ...ending
      .slice(0, MOST_LINES)
      .map(({ keyId, until, within }) => `  ${within} 天内到期 ends within ${within} days: ${keyId}, ${until}`),
    ...(ending.length > MOST_LINES ? [`  … ${ending.length - MOST_LINES}`] : []),
    ...ended.slice(0, MOST_LINES).map(({ keyId, until }) => `  已到期 has ended: ${keyId}, ${until}`),
    ...(ended.length > MOST_LINES ? [`  … ${ended.length - MOST_LINES}`] : []),
  ];
}
