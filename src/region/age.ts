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

/** The parts that a verdict rests on, with their ages, and what follows from the worst of them. `now` in epoch ms. */
export function judgeAges(
  parts: readonly TrustPart[],
  ages: AgeLimits,
  now: number,
): { findings: Finding[]; restsOn: Part[] } {
  const findings: Finding[] = [];
  const restsOn = parts.map((part): Part => {
    const state = stateOf(part, ages, now);
    const code = FINDING[state];
    if (code !== undefined) findings.push(finding(code, { at: part.part }));
    return { part: part.part, issued: instantOf(part.issued), state: state === 'ahead' ? 'block' : state };
  });
  return { findings, restsOn };
}
