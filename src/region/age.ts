import { finding } from '../document/findings.ts';
import type { AgeLimits, Finding, Part } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { TrustPart } from '../trust/view.ts';
import { AHEAD_MS } from './clock.ts';

type AgeState = Part['state'] | 'ahead';

const HOUR_MS = 3_600_000;

function stateOf(part: TrustPart, ages: AgeLimits, now: number): AgeState {
  const age = now - part.issued;
  if (age < -AHEAD_MS) return 'ahead';
  if (part.expires !== undefined && now >= part.expires) return 'block';
  if (age > ages.blockAfterHours * HOUR_MS) return 'block';
  return age > ages.warnAfterHours * HOUR_MS ? 'warn' : 'fresh';
}

const FINDING = { ahead: 'CLOCK_DOUBT', block: 'TRUST_STALE', warn: 'TRUST_AGEING', fresh: undefined } as const;

/** What was found of the ages of some parts, which stays so until one of them passes a limit. */
interface Aged {
  readonly findings: readonly Finding[];
  readonly restsOn: readonly Part[];
  readonly ages: AgeLimits;
  /** Epoch ms: from when, and until when (not included). */
  readonly since: number;
  readonly until: number;
}

const AGED = new WeakMap<readonly TrustPart[], Aged>();

/**
 * The parts that a verdict rests on, with their ages, and what follows from the worst of them. `now` in epoch ms. Every verdict asks, so
 * that it is worked out once for the same list of parts, until something of it changes.
 */
export function judgeAges(
  parts: readonly TrustPart[],
  ages: AgeLimits,
  now: number,
): Pick<Aged, 'findings' | 'restsOn'> {
  const before = AGED.get(parts);
  if (before !== undefined && before.ages === ages && before.since <= now && now < before.until) return before;
  const limits = parts.flatMap(({ issued, expires = Infinity }) => [
    issued - AHEAD_MS,
    expires,
    issued + ages.warnAfterHours * HOUR_MS + 1,
    issued + ages.blockAfterHours * HOUR_MS + 1,
  ]);
  const aged = {
    ...agesOf(parts, ages, now),
    ages,
    since: Math.max(-Infinity, ...limits.filter((limit) => limit <= now)),
    until: Math.min(Infinity, ...limits.filter((limit) => limit > now)),
  };
  AGED.set(parts, aged);
  return aged;
}

function agesOf(parts: readonly TrustPart[], ages: AgeLimits, now: number): Pick<Aged, 'findings' | 'restsOn'> {
  const findings: Finding[] = [];
  const restsOn = parts.map((part): Part => {
    const state = stateOf(part, ages, now);
    const code = FINDING[state];
    if (code !== undefined) findings.push(finding(code, { at: part.part }));
    const issued = instantOf(part.issued);
    return Object.freeze({ part: part.part, issued, state: state === 'ahead' ? 'block' : state });
  });
  return { findings, restsOn };
}
