import type { CrewMember, Holder } from '../document/generated/types.ts';
import { isCitizenNumber, isUscc } from '../document/identifiers.ts';
import { compareNames, type Relation } from '../document/names.ts';

/** Whoever a document names: its holder, or one of its crew. */
export interface Person extends Pick<Holder, keyof Holder & keyof CrewMember> {
  readonly nameMasked?: string;
  readonly birthDate?: string;
  readonly sex?: string;
  /** The region whose key verified the document: pseudonyms are only known within it. */
  readonly region: string;
}

/** How digests of documents are read and made (crypto/salted.ts). */
export interface SaltedDigests {
  read(text: string): string | undefined;
  salted(salt: string, idType: string, id: string): string | undefined;
}

export interface People {
  /** Whether two statements, by their place in the list, are of one person. The same two always relate alike. */
  relate(one: number, other: number): Relation;
  /** The smallest and the largest number of people that these statements can be of. */
  count(statements: readonly number[]): { least: number; most: number };
}

/** Numbers of which nobody has two of the same type: 公民身份号码, 统一社会信用代码. Passports are renewed. */
const UNIQUE: ReadonlySet<string> = new Set(['111', '001']);

/**
 * Most salted digests made for one group. More numbers and salts than this are those of no vehicle, and nothing is
 * tried: whoever brings them must not keep the gateway busy.
 */
const MOST_TRIES = 20_000;

/** One person as far as the documents prove it: everything that some statement of it says. */
interface Identity {
  readonly numbers: Map<string, Set<string>>;
  /** Salts with type, each with the digest; and the types whose digests no number of the group gave. */
  readonly salted: Map<string, string>;
  readonly tried: Set<string>;
  /** Numbers that prove nothing beyond their region: type and number. */
  readonly shared: Set<string>;
  /** Types of which a digest is of none of the group's numbers. */
  readonly strange: Set<string>;
  readonly named: Person[];
}

/**
 * Sorts out who is who. In: all people that the documents of a group name, whole. Two statements are the same person's if
 * they share a number, a salted digest, or a pseudonym of one region, or are both the same as a third; a digest is tried
 * with every number. They are different people's if such numbers differ, or what is written of them contradicts (a masked
 * name contradicts, and proves nothing). Else nobody can tell.
 */
export function sortPeople(persons: readonly Person[], digests: SaltedDigests): People {
  const parent = persons.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const holders = new Map<string, number>();
  const join = (key: string, i: number): void => {
    const before = holders.get(key);
    if (before === undefined) holders.set(key, i);
    else parent[root(i)] = root(before);
  };

  const keys = persons.map((person) => keysOf(person, digests));
  for (const [i, { number, ref }] of keys.entries()) {
    if (number !== undefined) join(number.key, i);
    if (ref !== undefined) join(ref.key, i);
  }
  const matched = new Set<number>();
  const tried = tryNumbers(keys, digests, (key, i) => {
    matched.add(i);
    join(key, i);
  });
  const identities = new Map<number, Identity>();
  for (const [i, person] of persons.entries()) {
    const identity = identities.get(root(i)) ?? newIdentity();
    identities.set(root(i), identity);
    note(identity, person, keys[i]!, { tried, matched: matched.has(i) });
  }

  const relate = (one: number, other: number): Relation => {
    const [a, b] = [root(one), root(other)];
    // One number under two names, or one person with two numbers: something is wrong, and an officer has to look.
    if (a === b) return isTwo(identities.get(a)!) || contradict(persons[one]!, persons[other]!) ? 'unknown' : 'same';
    return differ(identities.get(a)!, identities.get(b)!) ? 'different' : 'unknown';
  };
  return {
    relate,
    count(statements) {
      const found = [...new Set(statements.map(root))];
      const apart = found.filter((a) =>
        found.every((b) => a === b || differ(identities.get(a)!, identities.get(b)!)),
      ).length;
      const doubtful = new Set(found.filter((a) => isTwo(identities.get(a)!)));
      const named = statements.filter((each) => doubtful.has(root(each))).length;
      return { least: apart + (apart < found.length ? 1 : 0), most: found.length - doubtful.size + named };
    },
  };
}

interface Keys {
  /** `within`: the region beyond which the number proves nothing; undefined if it is nobody else's anywhere. */
  readonly number:
    | { readonly key: string; readonly type: string; readonly id: string; readonly within: string | undefined }
    | undefined;
  readonly ref:
    | { readonly key: string; readonly type: string | undefined; readonly salt?: string; readonly digest?: string }
    | undefined;
  readonly region: string;
}

function keysOf({ idType, idNumber, idRef, idSalt, region }: Person, digests: SaltedDigests): Keys {
  const id = idNumber?.normalize('NFKC').trim().toUpperCase();
  const type = idType ?? (id === undefined ? undefined : typeOf(id));
  // Two countries may give two people the same number of a passport: beyond one region only numbers that are nobody else's prove.
  const within = type !== undefined && UNIQUE.has(type) ? undefined : region;
  const key = JSON.stringify(['number', type ?? '', within ?? '', id]);
  const number = id ? { key, type: type ?? '', id, within } : undefined;
  if (!idRef) return { number, ref: undefined, region };
  // A digest under a salt that cannot be read gives no number, and proves by that nothing.
  const readable = idSalt !== undefined && digests.salted(idSalt, '', '') !== undefined;
  const digest = readable ? digests.read(idRef) : undefined;
  if (digest === undefined)
    return { number, ref: { key: JSON.stringify(['ref', region, idSalt ?? '', idRef]), type }, region };
  return { number, ref: { key: JSON.stringify(['salted', idSalt, digest]), type, salt: idSalt!, digest }, region };
}

const typeOf = (id: string): string | undefined => (isCitizenNumber(id) ? '111' : isUscc(id) ? '001' : undefined);

/** Tries every number with every salt. Out: false if there were too many of them. */
function tryNumbers(keys: readonly Keys[], digests: SaltedDigests, join: (key: string, i: number) => void): boolean {
  const numbers = new Map(keys.flatMap(({ number }) => (number === undefined ? [] : [[number.key, number]])));
  const salted = keys.flatMap(({ ref, region }, i) => (ref?.digest === undefined ? [] : [{ ...ref, region, i }]));
  if (numbers.size * salted.length > MOST_TRIES) return false;
  for (const { i, salt, digest, type, region } of salted) {
    for (const number of numbers.values()) {
      if (type !== undefined && type !== number.type) continue;
      if (number.within !== undefined && number.within !== region) continue;
      if (digests.salted(salt!, number.type, number.id) === digest) join(number.key, i);
    }
  }
  return true;
}

const newIdentity = (): Identity => ({
  numbers: new Map(),
  salted: new Map(),
  tried: new Set(),
  shared: new Set(),
  strange: new Set(),
  named: [],
});

function note(
  identity: Identity,
  person: Person,
  { number, ref }: Keys,
  { tried, matched }: { readonly tried: boolean; readonly matched: boolean },
): void {
  if (number !== undefined && UNIQUE.has(number.type)) {
    const own = identity.numbers.get(number.type) ?? new Set();
    identity.numbers.set(number.type, own.add(number.id));
  }
  if (number?.within !== undefined) identity.shared.add(`${number.type} ${number.id}`);
  if (ref?.digest !== undefined && ref.type !== undefined && UNIQUE.has(ref.type)) {
    identity.salted.set(`${ref.type} ${ref.salt}`, ref.digest);
    if (tried) identity.tried.add(ref.type);
    if (tried && !matched) identity.strange.add(ref.type);
  }
  identity.named.push(person);
}

/** Whether what was taken for one person has two numbers of a type of which everybody has one: a document says of one what is another's. */
const isTwo = ({ numbers, strange }: Identity): boolean =>
  [...numbers].some(([type, own]) => own.size > 1 || strange.has(type));

/** Whether two identities, which share nothing, are proven to be two people's. */
function differ(a: Identity, b: Identity): boolean {
  // One number in two regions: perhaps one person, whatever else is written of him.
  if ([...a.shared].some((number) => b.shared.has(number))) return false;
  for (const type of UNIQUE) {
    const [ofA, ofB] = [a.numbers.has(type), b.numbers.has(type)];
    if (ofA && ofB) return true;
    // A number was tried with the other's salt, and did not give its digest.
    if ((ofA && b.tried.has(type)) || (ofB && a.tried.has(type))) return true;
  }
  for (const [salt, digest] of a.salted) {
    const other = b.salted.get(salt);
    if (other !== undefined && other !== digest) return true;
  }
  return a.named.some((one) => b.named.some((other) => contradict(one, other)));
}

/** What is written of two people cannot be of one. */
function contradict(one: Person, other: Person): boolean {
  const names = [one.name ?? one.nameMasked, other.name ?? other.nameMasked];
  if (names.every((name) => name !== undefined) && compareNames(names[0]!, names[1]!) === 'different') return true;
  const [a, b] = [one.birthDate, other.birthDate];
  // A date may be known only in part (1963): as far as both go.
  if (a !== undefined && b !== undefined && !a.startsWith(b) && !b.startsWith(a)) return true;
  return one.sex !== other.sex && isSex(one.sex) && isSex(other.sex);
}

const isSex = (sex: string | undefined): boolean => sex === 'male' || sex === 'female';
