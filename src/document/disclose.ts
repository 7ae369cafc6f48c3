import type { SharedDocument } from './generated/types.ts';
import { ownMember, pointerOf, setAt, stepsOf, valueAt } from './pointer.ts';

/**
 * Parts of a shared document that identify a person. A purpose shows one of these only if it names it exactly; a
 * pointer above it is not enough.
 */
const IDENTITIES: ReadonlySet<string> = new Set([
  ...['name', 'nameLatin', 'birthDate', 'idNumber', 'idRef', 'idSalt', 'pictureDigest'].map(
    (field) => `/holder/${field}`,
  ),
  ...['name', 'idNumber', 'idRef', 'idSalt'].map((field) => `/crew/${field}`),
]);

/**
 * What every purpose may see: what kind of document it is, from whom, when it is valid, and what it says of its own state.
 * Not why: the reason of a colour is about a person's health or whereabouts (PIPL art. 28).
 */
const ALWAYS = [
  '/docType',
  '/issuer',
  '/validity',
  ...['canonical', 'raw', 'rawScheme', 'asOf'].map((member) => `/status/${member}`),
];

/** Fields that leave only in masked form unless the purpose names the original: from → to, and how. */
const MASKED: readonly { from: string; to: string; mask(text: string): string }[] = [
  { from: '/holder/name', to: '/holder/nameMasked', mask: maskName },
  { from: '/docId', to: '/docId', mask: maskNumber },
];

/** Shows of a document what a purpose allows. */
export type Disclose = (document: SharedDocument) => SharedDocument;

/** Compiles a purpose's pointers into a function. It copies what is allowed; all else is left behind. */
export function compileDisclosure(pointers: readonly string[]): Disclose {
  const allowed = new Set(pointers);
  const copied: Shown[] = [];
  for (const pointer of [...ALWAYS, ...pointers]) {
    let among = copied;
    let place: Shown | undefined;
    for (const name of stepsOf(pointer)) {
      place = among.find((each) => each.name === name);
      if (place === undefined) {
        place = { name, at: undefined, all: false, below: [] };
        among.push(place);
      }
      among = place.below;
    }
    if (place === undefined) continue;
    const at = withoutIndexes(pointer);
    // Below most pointers stands nothing that identifies anybody: what is there is passed on as it is.
    const person = [...IDENTITIES].some((identity) => identity === at || identity.startsWith(`${at}/`));
    place.all = true;
    if (person) place.at = at;
  }
  const masks = MASKED.filter(
    (row) => !allowed.has(row.from) && (row.to === row.from || allowed.has(row.to) || covers(pointers, row.to)),
  );
  const maskSteps = masks.map((row) => ({ ...row, source: stepsOf(row.from), target: stepsOf(row.to) }));
  return (document) => {
    const shown = copyOf(document, copied, allowed) ?? {};
    for (const { source, target, mask } of maskSteps) {
      const value = valueAt(document, source);
      if (typeof value === 'string') setAt(shown, target, mask(value));
    }
    return shown as SharedDocument;
  };
}

/** A place in the document, and what of it is shown: all, without what identifies somebody where `at` names it, or only what is below. */
interface Shown {
  readonly name: string;
  at: string | undefined;
  all: boolean;
  readonly below: Shown[];
}

type Holder = Record<string, unknown>;

/** What of a value is shown; undefined if nothing of it is there. In: where it goes, if some of it is shown already. */
function copyOf(value: unknown, places: readonly Shown[], allowed: ReadonlySet<string>, made?: Holder): unknown {
  let copy = made;
  for (const { name, at, all, below } of places) {
    const inner = ownMember(value, name);
    if (inner === undefined) continue;
    // What stands there already was shown by a pointer above.
    let shown = copy && ownMember(copy, name);
    if (all) shown = at === undefined ? inner : withoutIdentities(inner, at, allowed);
    if (below.length > 0 && (!all || at !== undefined))
      shown = copyOf(inner, below, allowed, shown as Holder | undefined);
    if (shown === undefined) continue;
    copy ??= (Array.isArray(value) ? [] : {}) as Holder;
    copy[name] = shown;
  }
  return copy;
}

const covers = (pointers: readonly string[], pointer: string): boolean =>
  pointers.some((p) => pointer.startsWith(`${p}/`));

/** `/crew/0` → `/crew`: who is named alone is as much a person as all of the crew. */
const withoutIndexes = (pointer: string): string => pointer.replace(/\/\d+(?=\/|$)/g, '');

function withoutIdentities(value: unknown, pointer: string, allowed: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutIdentities(item, pointer, allowed));
  if (typeof value !== 'object' || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const at = `${pointer}${pointerOf([key])}`;
    if (!IDENTITIES.has(at) || allowed.has(at)) kept[key] = withoutIdentities(inner, at, allowed);
  }
  return kept;
}

/** 张三 → 张*, 欧阳小明 → 欧***, "Musterfrau, Gabriele" → "M***, G***": enough to compare with a card in hand. */
export function maskName(name: string): string {
  let masked = '';
  let from = 0;
  for (let at = 0; at <= name.length; at++) {
    if (at < name.length && !partsWords(name, at)) continue;
    if (at > from) masked += maskWord(name.slice(from, at));
    if (at < name.length) masked += name[at]!;
    from = at + 1;
  }
  return masked;
}

const FIRST_BEYOND_ASCII = 0x80;

function partsWords(name: string, at: number): boolean {
  const code = name.charCodeAt(at);
  if (code < FIRST_BEYOND_ASCII) return code === 0x20 || code === 0x2c || code === 0x3c || (code >= 9 && code <= 13);
  return /[\s·]/.test(name[at]!);
}

function maskWord(word: string): string {
  if (/^[!-~]+$/.test(word)) return `${word[0]!}***`;
  const letters = [...word];
  const stars = /\p{Script=Han}/u.test(word) ? Math.max(1, letters.length - 1) : 3;
  return letters[0]! + '*'.repeat(stars);
}

/** A number with its middle hidden, at least half of it; a short one shows only its last two signs. */
export function maskNumber(number: string): string {
  // As a text where each of its units is a sign, which is nearly always: taking it apart costs more than all the rest.
  const signs = SURROGATE.test(number) ? [...number] : number;
  const part = (from: number, to?: number): string =>
    typeof signs === 'string' ? signs.slice(from, to) : signs.slice(from, to).join('');
  if (signs.length <= 8) return '*'.repeat(Math.max(0, signs.length - 2)) + part(-2);
  const shown = Math.min(4, signs.length >> 2);
  return `${part(0, shown)}…${part(-shown)}`;
}

const SURROGATE = /[\ud800-\udfff]/;
