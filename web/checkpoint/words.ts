import type { Localized } from '../../src/document/generated/types.ts';
import { WORDS } from './word-tables.ts';

export { BUNDLE_WORDS, DISPOSITIONS, LABELS, LANES, OTHER_ROOT, PART_MISSING, UNUSABLE } from './word-tables.ts';

export type Language = 'zh' | 'en';
export type Word = keyof typeof WORDS;

/** A text that comes in both languages. */
export const pick = ({ zh, en }: Localized, language: Language): string => (language === 'zh' ? zh : en);

export const say = (language: Language, word: Word): string => WORDS[word][language === 'zh' ? 0 : 1];
