/**
 * Names that look alike to a reader must compare alike here, however a system wrote them. Nothing is guessed: letters
 * are not folded, 张 and 章 stay two names.
 */

/** Signs that systems write for the dot in names (买买提·艾力); the shared one is U+00B7. */
const DOTS = /[•‧∙⋅・･]/g;

/** U+FE00–FE0F and U+E0100–E01EF choose a glyph, not a letter. */
const VARIATION = /[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu;

/** Full-width Latin letters, digits and signs. */
const WIDE = /[\uFF01-\uFF5E]/g;

/**
 * The letters that GBK kept at FE50 to FEA0 before Unicode had them. Older systems, and GB 18030 before 2022, give some of
 * them as U+E815 to U+E864 of the private use area; U+E816 to U+E818 are 𠂇 𠂉 𠃌.
 */
const FROM_PRIVATE =
  '⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻';
const PRIVATE_LETTERS = [...FROM_PRIVATE];
const PRIVATE_FIRST = 0xe815;
const PRIVATE = /[\uE815-\uE864]/g;

/** White space between Han letters is layout (张　三), elsewhere it separates words. */
const BETWEEN_HAN = /(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu;

/**
 * A name as it is compared: NFC (Unicode Standard Annex 15), one dot, no layout, letters of GB 18030's private area
 * as the letters they are. For comparing only: what is shown and signed stays as it was written.
 */
export function comparableName(name: string): string {
  return name
    .normalize('NFC')
    .replace(PRIVATE, (letter) => PRIVATE_LETTERS[letter.charCodeAt(0) - PRIVATE_FIRST]!)
    .replace(VARIATION, '')
    .replace(WIDE, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0))
    .replace(DOTS, '·')
    .replace(/\s+/g, ' ')
    .replace(/ ?· ?/g, '·')
    .trim()
    .replace(BETWEEN_HAN, '');
}

/** What two statements say of each other. */
export type Relation = 'same' | 'different' | 'unknown';

const HAN = /\p{Script=Han}/u;
const MASK = '*';
/** What a system writes for a letter that it does not have, and letters of the private area that nobody assigned. */
const UNREADABLE = /[?？□■▢\uFFFD\uE000-\uF8FF]/u;

/**
 * Whether two names, one or both of them perhaps masked (张*, *三), can be the same person's. `same` only means that they
 * are written alike, which many people's names are; a masked name is never more than `unknown`. Names in other than Han
 * letters are transliterated in many ways, and never `different`.
 */
export function compareNames(one: string, other: string): Relation {
  const [a, b] = [comparableName(one), comparableName(other)];
  const masked = a.includes(MASK) || b.includes(MASK);
  if (!masked && a === b && a !== '') return 'same';
  if (!HAN.test(a) || !HAN.test(b) || UNREADABLE.test(a) || UNREADABLE.test(b)) return 'unknown';
  if (!masked) return 'different';
  return fits(ends(a), ends(b)) ? 'unknown' : 'different';
}

interface Ends {
  readonly before: string;
  readonly after: string;
  /** Letters, if all of them are shown. */
  readonly length: number | undefined;
}

function ends(name: string): Ends {
  const first = name.indexOf(MASK);
  if (first < 0) return { before: name, after: name, length: name.length };
  return { before: name.slice(0, first), after: name.slice(name.lastIndexOf(MASK) + 1), length: undefined };
}

/** What both show at the beginning and at the end. How many stars there are says nothing: systems write as they like. */
function fits(a: Ends, b: Ends): boolean {
  const begins = a.before.startsWith(b.before) || b.before.startsWith(a.before);
  const finishes = a.after.endsWith(b.after) || b.after.endsWith(a.after);
  const room = (whole: Ends, part: Ends): boolean =>
    whole.length === undefined || part.length !== undefined || whole.length >= part.before.length + part.after.length;
  return begins && finishes && room(a, b) && room(b, a);
}
