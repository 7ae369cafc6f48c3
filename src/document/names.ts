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

/** Whether two systems wrote the same name. A masked name (张*) is the same as nothing but itself. */
export const sameName = (one: string, other: string): boolean => comparableName(one) === comparableName(other);
