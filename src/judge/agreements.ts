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

/** What a region's pack says, or that it could not be read: then nobody knows what stands on its negative list. */
export type RegionAgreements = AgreementList | 'unreadable';

/**
 * In: the verifying region and the regions it stands under, nearest first, and their lists (undefined where a region
 * has none of its own). The nearest list decides what is recognised, and one that `extends` adds to the next one up. The
 * negative lists of all of them hold always: a county cannot let in what its province keeps out. Its own documents, and
 * those of its parts, need no agreement.
 */
export function agreementTable(chain: readonly string[], lists: ReadonlyMap<string, RegionAgreements>): AgreementTable {
  const own = new Set(chain);
  const found = chain.flatMap((region) => lists.get(region) ?? []);
  const readable = found.filter((list) => list !== 'unreadable');
  const excluded = readable.flatMap((list) => list.excluded ?? []);
  const agreements = readable.length < found.length ? [] : agreementsOf(readable);
  return {
    recognise(question) {
      const exclusion = excluded.find((row) => excludes(row, question));
      if (exclusion !== undefined) return [finding('EXCLUDED', { basis: exclusion.basis })];
      if (own.has(question.issuerChain[0]!) || question.issuerChain.includes(chain[0]!))
        return [finding('OWN_DOCUMENT')];
      const agreement = agreements.find((row) => agrees(row, question));
      if (agreement === undefined) return [finding('NO_AGREEMENT')];
      return [
        finding('RECOGNISED_BY_AGREEMENT', { basis: agreement.basis }),
        ...(agreement.requires ?? []).map((next) => finding('ACTION_REQUIRED', { next, basis: agreement.basis })),
      ];
    },
  };
}

/** The nearest list's, and those of the lists that it extends, in that order. */
function agreementsOf(lists: readonly AgreementList[]): readonly Agreement[] {
  const last = lists.findIndex((list) => list.extends !== true);
  return lists.slice(0, last < 0 ? lists.length : last + 1).flatMap((list) => list.agreements);
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
