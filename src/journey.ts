import { validateShared } from './document/consistency.ts';
import { finding } from './document/findings.ts';
import type { Finding, SharedDocument, Verdict } from './document/generated/types.ts';
import type { Converted, Opened } from './format/compile.ts';
import { open, type Presented } from './format/open.ts';
import { judge } from './judge/judge.ts';
import { judgeAges } from './region/age.ts';
import type { Standpoint } from './region/standpoint.ts';
import { verdictOf } from './region/verdict.ts';
import { authenticate, CLOCK_TOLERANCE_MS, type Evidence } from './trust/authenticate.ts';

/** For what, and when, a verdict is asked. */
export interface Question {
  /** A purpose of the catalogue. */
  readonly purpose: string;
  /** Epoch ms; the standpoint's clock if absent. The verdict says that the time was stated. */
  readonly at?: number;
}

/** The verdict, and what the steps gave (whole, identities included): for conversion, inspection and conformance. */
export interface Journey {
  readonly verdict: Verdict;
  readonly opened: Opened | undefined;
  readonly evidence: Evidence | undefined;
  readonly converted: Converted | undefined;
}

/**
 * One document, from bytes to verdict, in the order that design.md gives: open → authenticate → convert → validate →
 * judge. Synchronous; the same function in the server, on the command line and in the checkpoint's browser. Every
 * input gives a verdict. Errors: RangeError for a purpose that the catalogue does not have.
 */
export function journey(presented: Presented, standpoint: Standpoint, question: Question): Journey {
  const disclose = standpoint.purposes.get(question.purpose);
  if (disclose === undefined) throw new RangeError(`no purpose "${question.purpose}" in the catalogue`);
  const now = question.at ?? standpoint.clock();

  const { format, opened, findings: opening } = open(presented, standpoint.formats);
  const findings: Finding[] = [...opening];

  const region = opened?.format.region;
  const evidence = opened && authenticate({ ...opened, region: region!, now }, standpoint.trust);
  const key = evidence?.key;
  const { restsOn, findings: ages } = judgeAges(
    region ? standpoint.trust.parts(key?.region ?? region) : [],
    standpoint.ages,
    now,
  );
  findings.push(...(evidence?.findings ?? []), ...ages);

  const converted = opened?.format.convert(opened, key?.region ?? region!);
  findings.push(...conversionFindings(converted));

  const validated = converted && converted.problems.length === 0 ? validateShared(converted.document) : [];
  findings.push(...validated);
  const sound = validated.length > 0 && validated.every(({ result }) => result === 'pass');
  const document = sound ? (converted!.document as SharedDocument) : undefined;

  if (converted !== undefined) {
    const { purpose } = question;
    const issuerChain = key && standpoint.chain(key.region);
    const asked = {
      document: converted.document,
      issuerChain,
      format: format!.id,
      purpose,
      now,
      tolerance: CLOCK_TOLERANCE_MS,
    };
    findings.push(...judge(asked, standpoint.agreements));
  }

  const stated = question.at !== undefined;
  const verdict = verdictOf(
    { purpose: question.purpose, disclose, now, stated, format, key, document, findings, restsOn },
    standpoint,
  );
  return { verdict, opened, evidence, converted };
}

function conversionFindings(converted: Converted | undefined): Finding[] {
  if (converted === undefined) return [];
  const repaired =
    converted.repairs.length === 0 ? [] : [finding('REPAIRED', { detail: converted.repairs.join('; ').slice(0, 500) })];
  return converted.problems.length > 0 ? [...converted.problems, ...repaired] : [finding('CONVERTED'), ...repaired];
}
