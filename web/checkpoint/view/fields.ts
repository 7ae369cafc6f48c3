import type { Localized, Verdict } from '../../../src/document/generated/types.ts';
import { stepsOf, valueAt } from '../../../src/document/pointer.ts';
import { beijingTime } from '../../../src/document/time.ts';
import { type Language, pick } from '../words.ts';

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

/** A place in words an officer knows, and its code as the document has it. What a name says in brackets is on the banner already. */
export type PlaceName = (code: string) => Localized | undefined;

const placeOf = (code: string, nameOf: PlaceName, language: Language): string => {
  const name = nameOf(code);
  return name === undefined ? code : `${pick(name, language).replace(/\s*[（(].*[）)]$/, '')} ${code}`;
};

/** The two or three things to compare with person, card and vehicle; the state of a code is shown elsewhere. */
function comparedOf({ compare = [], document, reasons }: Verdict, nameOf: PlaceName, language: Language): Compared[] {
  const found: Compared[] = [];
  // Whoever is told that it has ended asks when.
  const pointers = reasons.includes('EXPIRED') ? ['/validity/until', ...compare] : compare;
  for (const pointer of pointers) {
    const label = LABELS[pointer];
    const value = valueAt(document, stepsOf(pointer));
    if (label === undefined || value === undefined || found.length >= SHOWN) continue;
    found.push({
      label: label[language === 'zh' ? 0 : 1],
      value: textOf(value, (code) => placeOf(code, nameOf, language)),
    });
  }
  return found;
}

const KIND = ['证照', 'Document'] as const;

/** What a single document is: in a case its role says that. */
function kindOf([verdict, ...others]: readonly Verdict[], language: Language): Compared[] {
  const { typeName } = verdict!;
  if (typeName === undefined || others.length > 0) return [];
  return [{ label: KIND[language === 'zh' ? 0 : 1], value: pick(typeName, language) }];
}

/** Those of all documents of a case; what several have alike is compared once. */
export function comparedOfAll(verdicts: readonly Verdict[], nameOf: PlaceName, language: Language): Compared[] {
  const found = verdicts.flatMap((verdict) => comparedOf(verdict, nameOf, language));
  const all = [...kindOf(verdicts, language), ...found];
  return [...new Map(all.map((each) => [`${each.label} ${each.value}`, each])).values()];
}

/** A moment on the wall clock of whoever stands here: to the minute, Beijing time. */
export const localTime = (instant: string): string => beijingTime(Date.parse(instant)).slice(0, 16).replace('T', ' ');

/** How old what a verdict rests on is, as one says it: 今日 06:10, or with its day. In: both as instants. */
export function daySaid(issued: string, now: string, language: Language): string {
  const [day, time] = localTime(issued).split(' ');
  const today = localTime(now).startsWith(day!);
  return today ? `${language === 'zh' ? '今日' : 'today'} ${time}` : `${day!.slice(5)} ${time}`;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T/;

function textOf(value: unknown, place: (code: string) => string): string {
  if (typeof value === 'string' && INSTANT.test(value)) return localTime(value);
  if (Array.isArray(value)) return value.map((each) => String((each as { number?: string }).number ?? '')).join('、');
  if (typeof value === 'object' && value !== null) {
    const { from, to, via } = value as { from?: string; to?: string; via?: readonly string[] };
    return [from, ...(via ?? []), to].flatMap((code) => (code ? [place(code)] : [])).join(' → ');
  }
  return String(value);
}
