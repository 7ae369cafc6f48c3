import { finding } from '../document/findings.ts';
import type { Agreement, AgreementList, Exclusion, Finding } from '../document/generated/types.ts';
import { beginOf, endOf } from '../document/time.ts';

export interface RecognitionQuestion {
  /** The region of the key that verified the document, and the regions it stands under, nearest first. */
  readonly issuerChain: readonly string[];
  /** Whether the document is of this unit of its region: by the key that signed it, or by its own word. */
  isUnit(unit: string): boolean;
  readonly documentType: string;
  readonly purpose: string;
  readonly format: string;
  /** Epoch ms. */
  readonly now: number;
}

/** What a verifying region recognises. */
export interface AgreementTable {
  recognise(question: RecognitionQuestion): Finding[];
}

/**
 * In: the verifying region and the regions it stands under, nearest first, and their lists (undefined where a region
 * has none of its own: then the next one up is asked). Its own documents, and those of its parts, need no agreement.
 */
export function agreementTable(chain: readonly string[], lists: ReadonlyMap<string, AgreementList>): AgreementTable {
  const own = new Set(chain);
  const list = chain.map((region) => lists.get(region)).find((found) => found !== undefined);
  return {
    recognise(question) {
      const exclusion = list?.excluded?.find((row) => excludes(row, question));
      if (exclusion !== undefined) return [finding('EXCLUDED', { basis: exclusion.basis })];
      if (own.has(question.issuerChain[0]!) || question.issuerChain.includes(chain[0]!))
        return [finding('OWN_DOCUMENT')];
      const agreement = list?.agreements.find((row) => agrees(row, question));
      if (agreement === undefined) return [finding('NO_AGREEMENT')];
      return [
        finding('RECOGNISED_BY_AGREEMENT', { basis: agreement.basis }),
        ...(agreement.requires ?? []).map((next) => finding('ACTION_REQUIRED', { next, basis: agreement.basis })),
      ];
    },
  };
}

const inForce = (row: Agreement | Exclusion, now: number): boolean =>
  (row.from === undefined || beginOf(row.from) <= now) && (row.until === undefined || now <= endOf(row.until));

function agrees(row: Agreement, question: RecognitionQuestion): boolean {
  return (
    question.issuerChain.includes(row.issuingRegion) &&
    row.documentTypes.includes(question.documentType) &&
    row.purposes.includes(question.purpose) &&
    (row.formats === undefined || row.formats.includes(question.format)) &&
    inForce(row, question.now)
  );
}

function excludes(row: Exclusion, question: RecognitionQuestion): boolean {
  return (
    question.issuerChain.includes(row.issuingRegion) &&
    (row.unit === undefined || question.isUnit(row.unit)) &&
    (row.documentTypes === undefined || row.documentTypes.includes(question.documentType)) &&
    (row.purposes === undefined || row.purposes.includes(question.purpose)) &&
    inForce(row, question.now)
  );
}
