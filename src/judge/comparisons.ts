import type { FindingCode } from '../document/findings.ts';
import type { Commitment, Route, SharedDocument, Vehicle } from '../document/generated/types.ts';
import type { Relation } from '../document/names.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import type { Person } from './persons.ts';

/** Something that a member states; `person` is its place among all people that the group names. */
export type Statement =
  | { readonly person: number }
  | { readonly plate: string; readonly color: string | undefined }
  | { readonly route: Route }
  | { readonly commitment: Commitment }
  | { readonly document: SharedDocument; readonly digests: () => readonly string[] }
  | { readonly entry: string };

/** What a comparison reads statements from. */
export interface Source {
  readonly document: SharedDocument;
  /** SM3 of what was handed in. */
  readonly digests: () => readonly string[];
  /** Takes a person into the list of all. Out: its place there. */
  person(said: Omit<Person, 'region'>): number;
}

export interface Tools {
  relate(one: number, other: number): Relation;
  readDigest(text: string): string | undefined;
}

/** A way to compare documents: where it can look, what it finds there, and what it then says. */
export interface Comparison {
  /** Pointers it can be asked about, on either side; any if absent. */
  readonly these?: readonly string[];
  readonly those?: readonly string[];
  /** Only against others: among themselves these do not have to agree. */
  readonly directed?: true;
  statements(source: Source, at: string, kind: string | undefined): readonly Statement[];
  relate(one: Statement, other: Statement, tools: Tools): Relation;
  readonly says: { readonly agree: FindingCode; readonly differ: FindingCode; readonly ask: FindingCode };
}

const PEOPLE = ['/holder', '/crew'];
const VEHICLE = ['/vehicle', '/vehicle/plateNo'];

/** The words that a composition can compare by, one row each. */
export const COMPARISONS: Readonly<Record<string, Comparison>> = {
  /** 同一持证人: by numbers, salted digests and pseudonyms; names and birth dates can only contradict. */
  person: {
    these: PEOPLE,
    those: PEOPLE,
    statements({ document, person }, at) {
      if (at === '/crew')
        return (document.crew ?? []).filter(saysSomething).map((member) => ({ person: person(member) }));
      const { holder } = document;
      // A vehicle's holder is no person, whoever owns it.
      const counts =
        holder !== undefined && holder.kind !== 'vehicle' && holder.kind !== 'thing' && saysSomething(holder);
      return counts ? [{ person: person(holder) }] : [];
    },
    relate: (one, other, { relate }) => relate((one as Of<'person'>).person, (other as Of<'person'>).person),
    says: { agree: 'HOLDERS_AGREE', differ: 'HOLDERS_DIFFER', ask: 'HOLDERS_TO_COMPARE' },
  },
  /** 车牌: number, and colour where both state it. /vehicle is the tractor and its trailer, each by itself. */
  plate: {
    these: VEHICLE,
    those: VEHICLE,
    statements({ document: { vehicle } }, at) {
      const own = vehicle?.plateNo ? [plateOf(vehicle)] : [];
      return at === '/vehicle' && vehicle?.trailerPlate
        ? [...own, { plate: comparable(vehicle.trailerPlate), color: undefined }]
        : own;
    },
    relate(one, other) {
      const [a, b] = [one as Of<'plate'>, other as Of<'plate'>];
      if (a.plate !== b.plate) return 'different';
      return a.color !== undefined && b.color !== undefined && a.color !== b.color ? 'different' : 'same';
    },
    says: { agree: 'PLATES_AGREE', differ: 'PLATES_DIFFER', ask: 'PLATES_TO_COMPARE' },
  },
  /** 线路: whether the second route covers the first. */
  route: {
    these: ['/route'],
    those: ['/route'],
    directed: true,
    statements: ({ document: { route } }) => (route?.from || route?.to ? [{ route }] : []),
    relate: (one, other) => covers((other as Of<'route'>).route, (one as Of<'route'>).route),
    says: { agree: 'ROUTES_AGREE', differ: 'ROUTES_DIFFER', ask: 'ROUTES_TO_COMPARE' },
  },
  /** 承诺书: whether the document is the one that a pass names, by its number, its digest or both. */
  commitment: {
    these: ['/commitments'],
    those: [''],
    directed: true,
    statements({ document, digests }, at, kind) {
      if (at === '') return [{ document, digests }];
      return (document.commitments ?? [])
        .filter((each) => (kind === undefined || each.kind === kind) && (each.number || each.digest))
        .map((commitment) => ({ commitment }));
    },
    relate: (one, other, { readDigest }) =>
      isNamed((one as Of<'commitment'>).commitment, other as Of<'document'>, readDigest),
    says: { agree: 'COMMITMENTS_AGREE', differ: 'COMMITMENTS_DIFFER', ask: 'COMMITMENTS_TO_COMPARE' },
  },
  /** Any text: an organisation's code, a kind of goods. */
  entry: {
    statements({ document }, at) {
      const value = valueAt(document, stepsOf(at));
      return typeof value === 'string' && value.trim() !== '' ? [{ entry: value }] : [];
    },
    relate: (one, other) => alike((one as Of<'entry'>).entry, (other as Of<'entry'>).entry),
    says: { agree: 'ENTRIES_AGREE', differ: 'ENTRIES_DIFFER', ask: 'ENTRIES_TO_COMPARE' },
  },
};

type Of<Key extends string> = Extract<Statement, Record<Key, unknown>>;

const saysSomething = (person: object): boolean =>
  ['name', 'nameMasked', 'idNumber', 'idRef'].some((field) => Boolean((person as Record<string, unknown>)[field]));

/** As systems write the same number: full-width, in small letters, with whatever sign between its parts. */
const parted = (text: string): string =>
  text
    .normalize('NFKC')
    .trim()
    .replace(/[\s·•・.-]+/g, '-')
    .toUpperCase();

/** The same with nothing between them. */
const comparable = (text: string): string => parted(text).replaceAll('-', '');

/** Two numbers. Some systems leave out what parts them; where both part them, and otherwise, they may be two: 1-23 and 12-3. */
function alike(one: string, other: string): Relation {
  const [a, b, bare] = [parted(one), parted(other), comparable(one)];
  if (bare !== comparable(other)) return 'different';
  return a === b || a === bare || b === bare ? 'same' : 'unknown';
}

const plateOf = ({ plateNo, plateColor }: Vehicle): Statement => ({
  plate: comparable(plateNo!),
  // JT/T 697.7 codes; a word of another scheme is no colour that could differ.
  color: plateColor !== undefined && /^\d{1,2}$/.test(plateColor) ? String(Number(plateColor)) : undefined,
});

function covers(pass: Route, route: Route): Relation {
  const between = pass.via ?? [];
  return worst([oneOf(route.from, [pass.from, ...between]), oneOf(route.to, [pass.to, ...between])]);
}

function oneOf(place: string | undefined, places: readonly (string | undefined)[]): Relation {
  if (place === undefined) return 'unknown';
  const relations = places.map((each) => (each === undefined ? 'unknown' : within(place, each)));
  return relations.find((each) => each === 'same') ?? relations.find((each) => each === 'unknown') ?? 'different';
}

const AREA = /^[1-9]\d{5}$/;

/** GB/T 2260: 330421 lies in 330400 and 330000. A name and a code cannot be compared here. */
function within(place: string, area: string): Relation {
  if (AREA.test(place) && AREA.test(area))
    return place.startsWith(area.replace(/(?:00){1,2}$/, '')) ? 'same' : 'different';
  return comparable(place) === comparable(area) ? 'same' : 'unknown';
}

const worst = (relations: readonly Relation[]): Relation =>
  relations.find((each) => each === 'different') ?? relations.find((each) => each === 'unknown') ?? 'same';

/**
 * What of number and digest is named must both fit, so that a commitment rewritten under its old number is noticed. The
 * digest is taken as SM3 of the document as it was handed in: no standard that we know says over what it is made.
 */
function isNamed(
  { number, digest }: Commitment,
  { document, digests }: Of<'document'>,
  readDigest: Tools['readDigest'],
): Relation {
  const relations: Relation[] = [];
  if (number) relations.push(alike(number, document.docId));
  if (digest) {
    const wanted = readDigest(digest);
    relations.push(wanted === undefined ? 'unknown' : digests().includes(wanted) ? 'same' : 'different');
  }
  return worst(relations);
}
