import { type FindingCode, type FindingExtra, finding } from '../document/findings.ts';
import type {
  AgreementRow,
  Composition,
  CompositionPlace,
  CompositionRole,
  Finding,
  Localized,
  Outcome,
  PeopleRule,
  SharedDocument,
} from '../document/generated/types.ts';
import { type Candidate, choose, completeWithin, FEWEST, rolesFor } from './choosing.ts';
import { COMPARISONS, type Statement, type Tools } from './comparisons.ts';
import type { CompositionBook } from './compositions.ts';
import { type Person, type SaltedDigests, sortPeople } from './persons.ts';

/** A document of the group, with what was found of it alone. */
export interface TogetherMember extends Candidate {
  readonly outcome: Outcome;
  readonly next: Localized | undefined;
  /** Whole, and only if it is sound and a trusted key verified it. */
  readonly document: SharedDocument | undefined;
  /** SM3 of what was handed in. */
  readonly digests: () => readonly string[];
}

export interface TogetherQuestion {
  /** The composition that the asker names. */
  readonly composition?: string;
  /** How many people are in the vehicle. */
  readonly occupants?: number;
}

export interface Together {
  readonly composition: Composition | undefined;
  /** By number. */
  readonly roles: ReadonlyMap<number, CompositionRole>;
  readonly findings: readonly Finding[];
}

/**
 * How the documents of a case fit together: what they are together, whether they are complete, whether what they state
 * agrees, and whether everybody in the vehicle is named. Only documents that stand by themselves are compared: what a
 * forged one says proves nothing about the others. Findings name members and fields, never a value.
 */
export function judgeTogether(
  members: readonly TogetherMember[],
  { all, readable }: CompositionBook,
  question: TogetherQuestion,
  digests: SaltedDigests,
): Together {
  const { composition, several, strays } = choose(members, all, question.composition);
  const findings = [...ofMembers(members), ...duplicates(members)];
  const say = (code: FindingCode, extra: FindingExtra): void => {
    findings.push(finding(code, extra));
  };
  if (!readable) findings.push(finding('COMPOSITIONS_UNREADABLE'));
  if (strays.length > 0) say('MEMBER_WITHOUT_ROLE', { members: [...strays] });
  if (composition === undefined) {
    if (several.length > 0) say('COMPOSITION_UNCLEAR', { detail: several.join(', ').slice(0, 500) });
    else findings.push(finding('COMPOSITION_UNKNOWN'));
    const others = all.filter(({ id }) => !several.includes(id));
    findings.push(...contradictions(members, others, digests));
    return { composition, roles: new Map(), findings };
  }
  say('COMPOSITION_FOUND', { detail: composition.id, basis: composition.basis });
  const { roles, findings: assigned } = assign(members, composition, new Set(strays));
  const compared = compare(members, roles, composition, question.occupants, digests);
  return { composition, roles, findings: [...findings, ...assigned, ...compared] };
}

/** A further document, of another case, does not keep a complete one from being compared. */
function contradictions(
  members: readonly TogetherMember[],
  all: readonly Composition[],
  digests: SaltedDigests,
): Finding[] {
  const standing = members.filter(({ stands }) => stands);
  const found = completeWithin(standing, all).flatMap(({ composition, own }) => {
    const { roles } = assign(own, composition, new Set());
    return compare(own, roles, composition, undefined, digests).filter(({ result }) => result === 'fail');
  });
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
}

const BY_OUTCOME: readonly (readonly [Outcome, FindingCode])[] = [
  ['refuse', 'MEMBER_REFUSED'],
  ['undetermined', 'MEMBER_UNDETERMINED'],
  ['conditional', 'MEMBER_CONDITIONAL'],
];

function ofMembers(members: readonly TogetherMember[]): Finding[] {
  if (members.every(({ outcome }) => outcome === 'accept')) return [finding('MEMBERS_ACCEPTED')];
  return BY_OUTCOME.flatMap(([outcome, code]) => {
    const these = members.filter((each) => each.outcome === outcome);
    if (these.length === 0) return [];
    // With one such document, its own next step is the group's.
    const next = these.length === 1 ? these[0]!.next : undefined;
    return [finding(code, { members: these.map(({ number }) => number), ...(next === undefined ? {} : { next }) })];
  });
}

function duplicates(members: readonly TogetherMember[]): Finding[] {
  const same = [...Map.groupBy(members, ({ key }) => key).values()].filter((each) => each.length > 1);
  return same.flatMap((each) => {
    const numbers = each.map(({ number }) => number);
    const roles = new Set(each.map(({ stated }) => stated).filter((role) => role !== undefined));
    return [
      finding('DUPLICATE_MEMBER', { members: numbers }),
      // One driving licence for two drivers.
      ...(roles.size > 1 ? [finding('MEMBER_IN_TWO_ROLES', { members: numbers })] : []),
    ];
  });
}

function assign(
  members: readonly TogetherMember[],
  composition: Composition,
  strays: ReadonlySet<number>,
): { roles: Map<number, CompositionRole>; findings: Finding[] } {
  const roles = new Map<number, CompositionRole>();
  const findings: Finding[] = [];
  let open = false;
  for (const member of members) {
    const { number, type, stated, stands } = member;
    const [role, ...others] = rolesFor(composition, member);
    if (role !== undefined && others.length === 0) roles.set(number, role);
    else if (role !== undefined) {
      open = true;
      findings.push(finding('ROLE_UNCLEAR', { members: [number] }));
    } else if (type === undefined) open = true;
    else if (stated !== undefined && stands) findings.push(finding('ROLE_MISMATCH', { members: [number] }));
    else if (!strays.has(number)) findings.push(finding('MEMBER_WITHOUT_ROLE', { members: [number] }));
  }
  for (const role of composition.roles) {
    const own = members.filter(({ number }) => roles.get(number) === role);
    const count = (counted: readonly TogetherMember[]): number => new Set(counted.map(({ key }) => key)).size;
    if (count(own) < role.least) findings.push(missing(role.name, open));
    if (count(own.filter(({ stands }) => stands)) > role.most)
      findings.push(finding('ROLE_FULL', { members: own.map(({ number }) => number), detail: role.role }));
  }
  const complete = !findings.some(({ code }) => code === 'ROLE_MISSING' || code === 'ROLE_UNREAD');
  if (complete && new Set(members.map(({ key }) => key)).size < FEWEST) findings.push(missing(undefined, open));
  return { roles, findings };
}

/** A document that could not be read may be the one that is missing. */
function missing(name: Localized | undefined, open: boolean): Finding {
  const next = name && {
    zh: `请补交：${name.zh}，一并重新核验。`,
    en: `Ask for this too, and verify again: ${name.en}.`,
  };
  return finding(open ? 'ROLE_UNREAD' : 'ROLE_MISSING', next === undefined ? {} : { next });
}

/** A statement and whose it is. */
interface Said {
  readonly number: number;
  readonly statement: Statement;
}

/** What the members of some places state, and which of them say nothing or do not stand. */
interface Side {
  readonly said: readonly Said[];
  readonly silent: readonly number[];
  readonly fallen: readonly number[];
}

function compare(
  members: readonly TogetherMember[],
  roles: ReadonlyMap<number, CompositionRole>,
  { agree, people }: Composition,
  occupants: number | undefined,
  digests: SaltedDigests,
): Finding[] {
  const named: Person[] = [];
  const sideOf = (compareBy: string, places: readonly CompositionPlace[]): Side => {
    const said: Said[] = [];
    const [silent, fallen] = [new Set<number>(), new Set<number>()];
    for (const member of members) {
      const { number, document } = member;
      const own = places.filter(({ role }) => role === roles.get(number)?.role);
      if (own.length === 0) continue;
      if (!member.stands) {
        fallen.add(number);
        continue;
      }
      const region = document!.issuer.region;
      const source = {
        document: document!,
        digests: member.digests,
        person: (person: Omit<Person, 'region'>) => named.push({ ...person, region }) - 1,
      };
      const found = own.flatMap(({ at, kind }) => COMPARISONS[compareBy]!.statements(source, at, kind));
      for (const statement of found) said.push({ number, statement });
      if (found.length === 0) silent.add(number);
    }
    return { said, silent: [...silent], fallen: [...fallen] };
  };
  const rows = agree.map((row) => ({
    row,
    these: sideOf(row.compare, row.these),
    those: row.those && sideOf(row.compare, row.those),
  }));
  const inVehicle = people && sideOf('person', people.namedIn);
  // Who is who is settled once, over everybody whom any document names: a third one may join two.
  const { relate, count } = sortPeople(named, digests);
  const tools: Tools = { relate, readDigest: digests.read };
  const findings = rows.flatMap(({ row, these, those }) => agreement(row, these, those, tools));
  return inVehicle === undefined ? findings : [...findings, ...peopleIn(people!, inVehicle, occupants, count)];
}

/** One row of a composition → at most one finding for each thing that can be said of it. */
function agreement(row: AgreementRow, these: Side, those: Side | undefined, tools: Tools): Finding[] {
  const { says, relate } = COMPARISONS[row.compare]!;
  const differing = new Set<number>();
  const open = new Set<number>();
  const fallen = new Set([...these.fallen, ...(those?.fallen ?? [])]);
  if (row.unstated !== 'skip')
    for (const number of these.silent) (row.unstated === 'refuse' ? differing : open).add(number);
  if (those === undefined) {
    for (const [i, one] of these.said.entries()) {
      for (const other of these.said.slice(i + 1)) {
        const relation = relate(one.statement, other.statement, tools);
        const found = relation === 'different' ? differing : relation === 'unknown' ? open : undefined;
        found?.add(one.number).add(other.number);
      }
    }
  } else if (those.said.length + those.silent.length + those.fallen.length > 0) {
    const others = [...new Set([...those.said.map(({ number }) => number), ...those.silent])];
    for (const { number, statement } of these.said) {
      const relations = those.said.map((other) => relate(statement, other.statement, tools));
      if (relations.includes('same')) continue;
      // What it would agree with may stand in a document that could not be taken.
      if (those.fallen.length > 0) continue;
      const asks = relations.includes('unknown') || (those.silent.length > 0 && row.unstated !== 'refuse');
      const found = asks ? open : differing;
      found.add(number);
      for (const other of others) found.add(other);
    }
  } else return [];
  const extra = (numbers: Set<number>): FindingExtra => ({
    at: row.these[0]!.at,
    members: [...numbers].sort((a, b) => a - b),
    ...(row.basis === undefined ? {} : { basis: row.basis }),
  });
  const findings: Finding[] = [];
  if (differing.size > 0) findings.push(finding(says.differ, extra(differing)));
  if (open.size > 0)
    findings.push(finding(says.ask, { ...extra(open), ...(row.action === undefined ? {} : { next: row.action }) }));
  if (fallen.size > 0) findings.push(finding('NOT_COMPARED', extra(fallen)));
  const compared = those === undefined ? these.said.length > 1 : these.said.length > 0;
  if (findings.length === 0 && compared)
    findings.push(
      finding(says.agree, extra(new Set([...these.said, ...(those?.said ?? [])].map(({ number }) => number)))),
    );
  return findings;
}

/** 车辆不得搭载无证人员: as many people as are in the vehicle must be named, each once. */
function peopleIn(
  { basis }: PeopleRule,
  { said, fallen }: Side,
  occupants: number | undefined,
  count: (statements: readonly number[]) => { least: number; most: number },
): Finding[] {
  const { least, most } = count(said.map(({ statement }) => (statement as { person: number }).person));
  const told = (): FindingCode => {
    if (occupants === undefined) return 'PEOPLE_TO_COUNT';
    if (occupants <= least) return 'PEOPLE_NAMED';
    // Those whom a document names that could not be taken may be among them.
    return occupants > most && fallen.length === 0 ? 'PEOPLE_WITHOUT_PASS' : 'PEOPLE_TO_COUNT';
  };
  return [finding(told(), basis === undefined ? {} : { basis })];
}
