import type { Finding, Localized } from '../document/generated/types.ts';
import type { StatusTable } from '../document/statuses.ts';
import type { AgreementTable } from './agreements.ts';
import type { RuleQuestion, RuleSet } from './rules.ts';
import { judgeStatus } from './status.ts';
import { judgeValidity } from './validity.ts';

export interface JudgeInput extends Omit<RuleQuestion, 'issuerChain'> {
  /** Regions of the key that verified the document, nearest first; undefined if none did: then nobody can have agreed on it. */
  readonly issuerChain: readonly string[] | undefined;
  /** How far clocks may differ, ms. */
  readonly tolerance: number;
  /** How a holder objects, as the issuing region says. */
  readonly objection?: Localized | undefined;
}

/** What a verifying region judges by. */
export interface Bench {
  readonly agreements: AgreementTable;
  readonly rules: RuleSet;
  readonly statuses: StatusTable;
}

/** Does the verifying region accept this document here, now, for this purpose? */
export function judge(input: JudgeInput, { agreements, rules, statuses }: Bench): Finding[] {
  const { document, issuerChain, now, tolerance } = input;
  const { docType, status, validity } = document;
  const findings = validity === undefined ? [] : judgeValidity(validity, now, tolerance);
  if (issuerChain !== undefined && docType !== undefined) {
    const question = { ...input, issuerChain, documentType: docType.code };
    for (const each of agreements.recognise(question)) findings.push(each);
    // One by one: an issuer may have more rules than a call takes arguments.
    for (const each of rules.judge(question)) findings.push(each);
  }
  if (status?.canonical !== undefined) findings.push(...judgeStatus(status, statuses, input.objection));
  return findings;
}
