import type { Finding, Localized } from '../document/generated/types.ts';
import type { PresentingRule } from '../document/presenting.ts';
import type { StatusTable } from '../document/statuses.ts';
import type { AgreementTable, RecognitionQuestion } from './agreements.ts';
import { judgePresented, type Showing, timesOf } from './presented.ts';
import type { RuleQuestion, RuleSet } from './rules.ts';
import { judgeStatus } from './status.ts';
import { judgeUsage } from './usage.ts';
import { judgeValidity } from './validity.ts';

export interface JudgeInput extends Omit<RuleQuestion, 'issuerChain'>, Pick<RecognitionQuestion, 'formatRegion'> {
  /** Undefined where it could not be read. */
  readonly documentType: string | undefined;
  /** Regions of the key that verified the document, nearest first; undefined if none did: then nobody can have agreed on it. */
  readonly issuerChain: readonly string[] | undefined;
  /** How far clocks may differ, ms; less over documents that live for minutes. */
  readonly tolerance: number;
  /** How a holder objects, as the issuing region says. */
  readonly objection?: Localized | undefined;
  readonly showing: Showing;
  /** How documents of this kind are shown. */
  readonly presenting: PresentingRule;
  readonly readAsAgreed: RecognitionQuestion['readAsAgreed'];
}

/** What a verifying region judges by. */
export interface Bench {
  readonly agreements: AgreementTable;
  readonly rules: RuleSet;
  readonly statuses: StatusTable;
  /** Purposes of the catalogue, by code and by name. */
  readonly purposeNames: ReadonlyMap<string, string>;
  /** The verifying region. */
  readonly region: string;
  /** A region and those it stands under, nearest first. */
  chain(region: string): readonly string[];
}

/** Whether this says that a document was read by a version that the verifying region has not accepted. */
export const isHeld = ({ code }: Finding): boolean => code === 'VERSION_NOT_ACCEPTED';

type VouchedFor = JudgeInput & { readonly issuerChain: readonly string[]; readonly documentType: string };

/** Whether it is known who vouches for the document, and of what type it is: else there is nothing to recognise. */
const isVouchedFor = (input: JudgeInput): input is VouchedFor =>
  input.issuerChain !== undefined && input.documentType !== undefined;

/** Does the verifying region accept this document here, now, for this purpose? */
export function judge(input: JudgeInput, bench: Bench): Finding[] {
  const { agreements, rules, statuses, purposeNames } = bench;
  const { document, now, purpose, showing, presenting } = input;
  const { status, usage, validity } = document;
  const findings = validity === undefined ? [] : judgeValidity(validity, now, ...timesOf(presenting, input.tolerance));
  const { medium, challenge } = showing;
  const shown = { medium, challenge, purpose, regions: () => bench.chain(bench.region), now };
  findings.push(...judgePresented(document, shown, presenting));
  if (isVouchedFor(input)) {
    const recognition = agreements.recognise(input);
    findings.push(...recognition);
    // Nothing is judged by words that nobody here has accepted: neither for the holder nor against him.
    if (recognition.some(isHeld)) return findings;
    // One by one: an issuer may have more rules than a call takes arguments.
    for (const each of rules.judge(input)) findings.push(each);
  }
  if (status?.canonical !== undefined) findings.push(...judgeStatus(status, statuses, input.objection));
  if (usage !== undefined) findings.push(...judgeUsage(usage, purposeNames, input));
  return findings;
}
