import { finding } from '../document/findings.ts';
import type { Finding } from '../document/generated/types.ts';
import type { AgreementTable } from './agreements.ts';
import type { RuleQuestion, RuleSet } from './rules.ts';
import { judgeValidity } from './validity.ts';

export interface JudgeInput extends Omit<RuleQuestion, 'issuerChain'> {
  /** Regions of the key that verified the document, nearest first; undefined if none did: then nobody can have agreed on it. */
  readonly issuerChain: readonly string[] | undefined;
  /** How far clocks may differ, ms. */
  readonly tolerance: number;
}

/** What a verifying region judges by. */
export interface Bench {
  readonly agreements: AgreementTable;
  readonly rules: RuleSet;
}

/** Statuses that need no remark. All others are told, and decide nothing by themselves: a status is not authenticity. */
const CLEAR: ReadonlySet<string> = new Set(['valid', 'green']);

/** Does the verifying region accept this document here, now, for this purpose? */
export function judge(input: JudgeInput, { agreements, rules }: Bench): Finding[] {
  const { document, issuerChain, now, tolerance } = input;
  const { docType, status, validity } = document;
  const findings = validity === undefined ? [] : judgeValidity(validity, now, tolerance);
  if (issuerChain !== undefined && docType !== undefined) {
    const question = { ...input, issuerChain, documentType: docType.code };
    for (const each of agreements.recognise(question)) findings.push(each);
    // One by one: an issuer may have more rules than a call takes arguments.
    for (const each of rules.judge(question)) findings.push(each);
  }
  if (status !== undefined && !CLEAR.has(status.canonical)) {
    findings.push(finding('STATUS_NOT_CLEAR', { at: '/status/canonical' }));
  }
  return findings;
}
