import { finding } from '../document/findings.ts';
import type {
  AgreedList,
  Agreement,
  AgreementList,
  Exclusion,
  Finding,
  LegalBasis,
} from '../document/generated/types.ts';
import { ancestorsOf } from '../document/region-id.ts';
import { beginOf, endOf } from '../document/time.ts';
import { newerThanAgreed, type VersionChange, whoAccepts } from './versions.ts';

export interface RecognitionQuestion {
  /** The region of the key that verified the document, and the regions it stands under, nearest first. */
  readonly issuerChain: readonly string[];
  /** Whether the document is of this unit of its region: by the key that signed it, or by its own word. */
  isUnit(unit: string): boolean;
  readonly documentType: string;
  readonly purpose: string;
  readonly format: string;
  /** The region that declares it. */
  readonly formatRegion: string;
  /** Epoch ms. */
  readonly now: number;
  /** What the document says otherwise when it is read by these code lists; undefined if it says the same. */
  readAsAgreed(lists: readonly AgreedList[]): ReadOtherwise | undefined;
}

export interface ReadOtherwise {
  /** Where it differs: pointers into the shared document. */
  readonly at: readonly string[];
  /** The lists by which it was read, and which are not as agreed. */
  readonly changes: readonly VersionChange[];
}

/** What is asked about all documents of a type, before there is one. `now` is epoch ms. */
export type TypeQuestion = Pick<RecognitionQuestion, 'issuerChain' | 'documentType' | 'purpose' | 'now'>;

/** What a region says of all documents of a type. Of each, once it is there, more may have to be asked. */
export type Acceptance =
  | { readonly as: 'own'; readonly exceptUnits: readonly string[] }
  /** Each of these by itself recognises such documents: perhaps in some formats only. */
  | { readonly as: 'agreed'; readonly agreements: readonly Agreement[]; readonly exceptUnits: readonly string[] }
  | { readonly as: 'excluded'; readonly basis: LegalBasis }
  | { readonly as: 'not-agreed' };

/** What somebody asks for by law. */
export interface StatutoryQuestion {
  /** The issuing region. */
  readonly region: string;
  readonly documentType: string;
  readonly purpose: string;
  /** Of the agreement (文号). */
  readonly number: string;
}

/** What a verifying region recognises. */
export interface AgreementTable {
  recognise(question: RecognitionQuestion): Finding[];
  /** Whether documents of a type are recognised at all, and on what conditions. */
  accepts(question: TypeQuestion): Acceptance;
  /** Who may answer for this region while it cannot be reached, for this purpose. `now` is epoch ms. */
  standIns(region: string, purpose: string, now: number): readonly string[];
  /** Whether a document may be asked for without its holder's consent, under the agreement of this number. `now` is epoch ms. */
  withoutConsent(question: StatutoryQuestion, now: number): boolean;
}

/** What a region's pack says, or that it could not be read: then nobody knows what stands on its negative list. */
export type RegionAgreements = AgreementList | 'unreadable';

/** An agreement, whose it is, and the code lists it was agreed on; undefined if it takes any. */
interface Standing {
  readonly row: Agreement;
  readonly holder: string;
  readonly lists: readonly AgreedList[] | undefined;
  /** What a document that it recognises is told: the same each time, and never changed. */
  readonly recognised: readonly Finding[];
}

/**
 * In: the verifying region and the regions it stands under, nearest first, and their lists (undefined where a region
 * has none of its own). The nearest list decides what is recognised, and one that `extends` adds to the next one up. The
 * negative lists of all of them hold always: a county cannot let in what its province keeps out. Its own documents, and
 * those of its parts, need no agreement.
 */
export function agreementTable(chain: readonly string[], lists: ReadonlyMap<string, RegionAgreements>): AgreementTable {
  const own = new Set(chain);
  const found = chain.flatMap((region) => {
    const list = lists.get(region);
    return list === undefined ? [] : [{ region, list }];
  });
  const readable = found.flatMap(({ region, list }) => (list === 'unreadable' ? [] : [{ region, list }]));
  const excluded = readable.flatMap(({ list }) => list.excluded ?? []);
  const agreements = readable.length < found.length ? [] : agreementsOf(readable);
  const isOwn = (issuerChain: readonly string[]): boolean =>
    own.has(issuerChain[0]!) || issuerChain.includes(chain[0]!);
  return {
    recognise(question) {
      const exclusion = excluded.find((row) => excludes(row, question));
      if (exclusion !== undefined) return [finding('EXCLUDED', { basis: exclusion.basis })];
      if (isOwn(question.issuerChain)) return [finding('OWN_DOCUMENT')];
      let held: Finding | undefined;
      for (const agreement of agreements) {
        if (!agrees(agreement.row, question)) continue;
        const why = heldBack(agreement, question);
        if (why === undefined) return [...agreement.recognised];
        held ??= why;
      }
      return [held ?? finding('NO_AGREEMENT')];
    },
    accepts(question) {
      const rows = excluded.filter((row) => excludesType(row, question));
      const whole = rows.find(({ unit }) => unit === undefined);
      if (whole !== undefined) return { as: 'excluded', basis: whole.basis };
      const exceptUnits = rows.map(({ unit }) => unit!);
      if (isOwn(question.issuerChain)) return { as: 'own', exceptUnits };
      const fit = agreements.map(({ row }) => row).filter((row) => covers(row, question));
      return fit.length === 0 ? { as: 'not-agreed' } : { as: 'agreed', agreements: fit, exceptUnits };
    },
    withoutConsent: ({ region, documentType, purpose, number }, now) =>
      agreements.some(
        ({ row }) =>
          row.withoutConsent === true &&
          row.issuingRegion === region &&
          row.documentTypes.includes(documentType) &&
          row.purposes.includes(purpose) &&
          row.basis.number === number &&
          inForce(row, now),
      ),
    standIns: (region, purpose, now) => [
      ...new Set(
        agreements
          .filter(({ row }) => row.issuingRegion === region && row.purposes.includes(purpose) && inForce(row, now))
          .flatMap(({ row }) => row.standIns ?? []),
      ),
    ],
  };
}

const recognised = ({ basis, requires = [] }: Agreement): Finding[] =>
  [
    finding('RECOGNISED_BY_AGREEMENT', { basis }),
    ...requires.map((next) => finding('ACTION_REQUIRED', { next, basis })),
  ].map((said) => Object.freeze(said));

/** Why a document that an agreement is about is not recognised yet; undefined if it is. */
function heldBack({ row, holder, lists }: Standing, question: RecognitionQuestion): Finding | undefined {
  const held = (changes: readonly VersionChange[], at?: string): Finding =>
    finding('VERSION_NOT_ACCEPTED', { basis: row.basis, ...whoAccepts(holder, changes), ...(at ? { at } : {}) });
  const newer = newerThanAgreed(row.formats, question.format);
  if (newer !== undefined) return held([newer]);
  const otherwise = lists && question.readAsAgreed(lists);
  return otherwise && held(otherwise.changes, otherwise.at[0]);
}

/** The nearest list's, and those of the lists that it extends, in that order. */
function agreementsOf(found: readonly { readonly region: string; readonly list: AgreementList }[]): Standing[] {
  const last = found.findIndex(({ list }) => list.extends !== true);
  return found.slice(0, last < 0 ? found.length : last + 1).flatMap(({ region, list }) =>
    list.agreements.map((row) => ({
      row,
      holder: region,
      lists: row.codeLists?.flatMap(inAnnex(list)),
      recognised: recognised(row),
    })),
  );
}

type Named = Pick<AgreedList, 'region' | 'list' | 'version'>;
const sameVersion = (one: Named, other: Named): boolean =>
  one.region === other.region && one.list === other.list && one.version === other.version;
const inAnnex =
  ({ annex = [] }: AgreementList) =>
  (named: Named): AgreedList[] =>
    annex.filter((each) => sameVersion(each, named));

/**
 * What makes a list of agreements unusable beyond its schema: a version without the words it stands for, or words that say
 * two things. Errors: Error with pointer and reason.
 */
export function checkAgreements(list: AgreementList): void {
  for (const [i, row] of (list.annex ?? []).entries()) {
    if (inAnnex(list)(row).length > 1) throw new Error(`/annex/${i}: this version of the list stands twice`);
    if (new Set(row.codes.map(({ raw }) => raw)).size < row.codes.length)
      throw new Error(`/annex/${i}/codes: a code stands twice`);
  }
  for (const [i, { codeLists = [] }] of list.agreements.entries())
    for (const [j, named] of codeLists.entries())
      if (inAnnex(list)(named).length === 0)
        throw new Error(`/agreements/${i}/codeLists/${j}: this version is not in the annex`);
}

const inForce = (row: Agreement | Exclusion, now: number): boolean =>
  (row.from === undefined || beginOf(row.from) <= now) && (row.until === undefined || now <= endOf(row.until));

/** Whether an agreement is about such a type, for this purpose, now. */
const covers = (row: Agreement, question: TypeQuestion): boolean =>
  question.issuerChain.includes(row.issuingRegion) &&
  row.documentTypes.includes(question.documentType) &&
  row.purposes.includes(question.purpose) &&
  inForce(row, question.now);

/** Whether it is about such a document, perhaps in an older version of its format. */
const agrees = (row: Agreement, question: RecognitionQuestion): boolean =>
  covers(row, question) && (row.formats === undefined || namesFormat(row, row.formats, question));

/** A part of the region that calls its own format by the name of the region's has not agreed on anything. */
const namesFormat = (
  { issuingRegion }: Agreement,
  formats: readonly string[],
  { format, formatRegion }: RecognitionQuestion,
): boolean =>
  (formatRegion === issuingRegion || ancestorsOf(issuingRegion).includes(formatRegion)) &&
  (formats.includes(format) || newerThanAgreed(formats, format) !== undefined);

const excludes = (row: Exclusion, question: RecognitionQuestion): boolean =>
  excludesType(row, question) && (row.unit === undefined || question.isUnit(row.unit));

/** Whether some documents of the type are on the negative list, or all. */
function excludesType(row: Exclusion, question: TypeQuestion): boolean {
  return (
    question.issuerChain.includes(row.issuingRegion) &&
    (row.documentTypes === undefined || row.documentTypes.includes(question.documentType)) &&
    (row.purposes === undefined || row.purposes.includes(question.purpose)) &&
    inForce(row, question.now)
  );
}
