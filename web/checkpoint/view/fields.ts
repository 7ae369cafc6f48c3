import type { Localized, Verdict } from '../../../src/document/generated/types.ts';
import { stepsOf, valueAt } from '../../../src/document/pointer.ts';
import { beijingTime } from '../../../src/document/time.ts';
import { LABELS, type Language, pick, say } from '../words.ts';

export interface Compared {
  readonly label: string;
  readonly value: string;
}

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
      label: pick(label, language),
      value: textOf(value, (code) => placeOf(code, nameOf, language)),
    });
  }
  return found;
}

/** What a single document is: in a case its role says that. */
function kindOf([verdict, ...others]: readonly Verdict[], language: Language): Compared[] {
  const { typeName } = verdict!;
  if (typeName === undefined || others.length > 0) return [];
  return [{ label: say(language, 'kind'), value: pick(typeName, language) }];
}

/** Those of all documents of a case; what several have alike is compared once, and what differs says whose it is. In: what each is. */
export function comparedOfAll(
  verdicts: readonly Verdict[],
  parts: readonly (string | undefined)[],
  nameOf: PlaceName,
  language: Language,
): Compared[] {
  const found = verdicts.flatMap((verdict, i) =>
    comparedOf(verdict, nameOf, language).map((each) => ({ ...each, of: parts[i] })),
  );
  const once = [...new Map(found.map((each) => [`${each.label} ${each.value}`, each])).values()];
  const told = once.map(({ label, value, of }) => {
    const alone = once.filter((other) => other.label === label).length === 1;
    return { label: alone ? label : `${of} ${label}`, value };
  });
  return [...kindOf(verdicts, language), ...told];
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
