import type { Localized } from './generated/types.ts';

/** One thing in both languages, Chinese first. */
export const say = (zh: string, en: string): Localized => ({ zh, en });
