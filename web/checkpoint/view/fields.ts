import type { Verdict } from '../../../src/document/generated/types.ts';
import { stepsOf, valueAt } from '../../../src/document/pointer.ts';
import { beijingTime } from '../../../src/document/time.ts';
import type { Language } from '../words.ts';

export interface Compared {
  readonly label: string;
  readonly value: string;
}

/** What an officer compares, by the pointers of the catalogue's `compare`. A name is only ever shown masked. */
const LABELS: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  '/holder/name': ['名称', 'Name'],
  '/holder/nameMasked': ['姓名', 'Name'],
  '/holder/birthDate': ['出生日期', 'Born'],
  '/vehicle/plateNo': ['车牌', 'Plate'],
  '/route': ['起讫', 'Route'],
  '/validity/until': ['有效期至', 'Valid until'],
  '/commitments': ['承诺书', 'Commitments'],
  '/docId': ['编号', 'Number'],
};

const SHOWN = 3;

/** The two or three things to compare with person, card and vehicle; the state of a code is shown elsewhere. */
export function comparedOf({ compare = [], document }: Verdict, language: Language): Compared[] {
  const found: Compared[] = [];
  for (const pointer of compare) {
    const label = LABELS[pointer];
    const value = valueAt(document, stepsOf(pointer));
    if (label === undefined || value === undefined || found.length >= SHOWN) continue;
    found.push({ label: label[language === 'zh' ? 0 : 1], value: textOf(value) });
  }
  return found;
}

/** Those of all documents of a case; what several have alike is compared once. */
export function comparedOfAll(verdicts: readonly Verdict[], language: Language): Compared[] {
  const all = verdicts.flatMap((verdict) => comparedOf(verdict, language));
  return [...new Map(all.map((each) => [`${each.label} ${each.value}`, each])).values()];
}

/** A moment on the wall clock of whoever stands here: to the minute, Beijing time. */
export const localTime = (instant: string): string => beijingTime(Date.parse(instant)).slice(0, 16).replace('T', ' ');

const INSTANT = /^\d{4}-\d{2}-\d{2}T/;

function textOf(value: unknown): string {
  if (typeof value === 'string' && INSTANT.test(value)) return localTime(value);
  if (Array.isArray(value)) return value.map((each) => String((each as { number?: string }).number ?? '')).join('、');
  if (typeof value === 'object' && value !== null) {
    const { from, to, via } = value as { from?: string; to?: string; via?: readonly string[] };
    return [from, ...(via ?? []), to].filter(Boolean).join(' → ');
  }
  return String(value);
}
