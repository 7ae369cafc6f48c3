import { beijingTime, instantOf } from '../document/time.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `@-2d`, `@+30m` → epoch ms around `now`. Undefined if the text is no relative time. */
export function relativeMs(text: string, now: number): number | undefined {
  const match = /^@([+-])(\d{1,6})([smhd])(\/day)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, amount, unit] = match;
  return now + (sign === '-' ? -1 : 1) * Number(amount) * UNIT_MS[unit!]!;
}

/**
 * Replaces every relative time in a recipe by an absolute one, whole seconds. `@-2d` becomes an instant, `@-2d/day`
 * the day it falls on in UTC+8.
 */
export function resolveTimes<T>(node: T, now: number): T {
  if (typeof node === 'string') {
    const ms = relativeMs(node, now);
    if (ms === undefined) return node;
    const seconds = Math.floor(ms / 1000) * 1000;
    return (node.endsWith('/day') ? beijingTime(seconds).slice(0, 10) : instantOf(seconds)) as T;
  }
  if (Array.isArray(node)) return node.map((item) => resolveTimes(item, now)) as T;
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolveTimes(value, now)])) as T;
}
