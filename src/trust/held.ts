import type { KeyStatus } from '../document/generated/types.ts';
import type { TrustedKey } from './key.ts';

/**
 * A key or an authority of a region's own lists, for those who look after the store. Verdicts ask `status.ts`, which
 * looks at the time of signing too.
 */
export interface HeldKey {
  readonly region: string;
  /**
   * `authority`: an anchor, whose state is that of all it issued; `between`: a certificate on the way to one. The last two sign
   * no document.
   */
  readonly kind: 'signer' | 'authority' | 'between' | 'timestamper' | 'system';
  readonly keyId: string;
  readonly unit: string | undefined;
  readonly status: TrustedKey['status'];
  /** Epoch ms; undefined where nothing bounds it. */
  readonly until: number | undefined;
}

/** Days before its end in which a key is told of. */
const WITHIN_DAYS = [7, 30, 90] as const;

/** Within how many of these days a key in use ends; undefined for later, never, already, or out of use. */
export function endsWithin({ status, until }: Pick<HeldKey, 'status' | 'until'>, now: number): number | undefined {
  const { state } = stateOf(status, now);
  if (until === undefined || until < now || (state !== 'active' && state !== 'retiring')) return undefined;
  return WITHIN_DAYS.find((days) => until - now <= days * 86_400_000);
}

/** Whether its time is over, though nobody has taken it out of use: nothing is accepted by it any more. */
export function hasEnded({ status, until }: Pick<HeldKey, 'status' | 'until'>, now: number): boolean {
  const { state } = stateOf(status, now);
  return until !== undefined && until < now && (state === 'active' || state === 'retiring');
}

/** In the order in which they are told. */
export const KEY_STATES: readonly KeyStatus['state'][] = ['active', 'retiring', 'retired', 'compromised', 'removed'];

/**
 * What a key is at this time (epoch ms), and since when, where that is said. A removal outweighs all else, a compromise all
 * but that: what is said later takes neither back.
 */
export function stateOf(status: HeldKey['status'], now: number): { state: KeyStatus['state']; since?: number } {
  const past = status.filter(({ since }) => since <= now).toSorted((one, other) => one.since - other.since);
  const first = (wanted: KeyStatus['state']) => past.find(({ state }) => state === wanted);
  return first('removed') ?? first('compromised') ?? past.at(-1) ?? { state: 'active' };
}
