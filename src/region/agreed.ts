import type { AgreedList, SharedDocument } from '../document/generated/types.ts';
import { pointerOf } from '../document/pointer.ts';
import { type CodeTable, codeTable, listsOf } from '../format/codes.ts';
import { compileFormat, type Format, type FormatContext, type Opened } from '../format/compile.ts';
import type { ReadOtherwise } from '../judge/agreements.ts';
import type { VersionChange } from '../judge/versions.ts';

/**
 * Reads a document once more, by code lists as they were agreed on. In: what was opened, the region whose key verified it,
 * what the lists of today make of it, and the lists that were agreed on. Out: what differs; undefined if nothing does.
 */
export type ReadAsAgreed = (
  opened: Opened,
  region: string,
  today: Partial<SharedDocument>,
  agreed: readonly AgreedList[],
) => ReadOtherwise | undefined;

/** A format as it was read by agreed lists, and what has become of these. */
interface Reading {
  readonly format: Format;
  readonly changes: readonly VersionChange[];
}

/**
 * What counts is what the codes mean, not what a list calls itself: a region that changes its list and not the number is
 * held back all the same, and a code that means what it meant is good by any number. So the comparison is of two readings
 * of the same document. It costs nothing where the lists are as agreed.
 *
 * @param codes the code lists of each region, as they are
 */
export function agreedReader(
  codes: ReadonlyMap<string, ReadonlyMap<string, CodeTable>>,
  context: Pick<FormatContext, 'types' | 'statuses' | 'digest'>,
): ReadAsAgreed {
  const made = new WeakMap<readonly AgreedList[], Map<Format, Reading | undefined>>();
  const readingOf = (format: Format, agreed: readonly AgreedList[]): Reading | undefined => {
    const known = made.get(agreed) ?? new Map<Format, Reading | undefined>();
    made.set(agreed, known);
    if (!known.has(format)) known.set(format, reading(format, agreed, codes.get(format.region) ?? NONE, context));
    return known.get(format);
  };
  return (opened, region, today, agreed) => {
    const then = readingOf(opened.format, agreed);
    if (then === undefined) return undefined;
    const at = differences(today, then.format.convert(opened, region).document);
    return at.length === 0 ? undefined : { at, changes: then.changes };
  };
}

const NONE: ReadonlyMap<string, CodeTable> = new Map();

/** Undefined if the format reads by nothing but what was agreed on. */
function reading(
  format: Format,
  agreed: readonly AgreedList[],
  codes: ReadonlyMap<string, CodeTable>,
  context: Omit<FormatContext, 'region' | 'codes'>,
): Reading | undefined {
  const changes: VersionChange[] = [];
  const then = new Map(codes);
  for (const name of listsOf(format.declaration)) {
    const now = codes.get(name)!;
    const list = agreed.find((each) => each.region === format.region && each.list === name);
    if (list !== undefined && means(list.codes) === means(now.rows)) continue;
    changes.push({ what: `${format.region} ${name}`, agreed: list?.version, now: now.version });
    then.set(name, asAgreed(now, list));
  }
  if (changes.length === 0) return undefined;
  return { format: compileFormat(format.declaration, { ...context, region: format.region, codes: then }), changes };
}

/** The list with the words that were agreed on; with none, if it was not. Its scheme is the one the format needs. */
const asAgreed = (now: CodeTable, agreed: AgreedList | undefined): CodeTable => ({
  ...codeTable({ list: now.list, version: now.version, name: { zh: '', en: '' }, codes: agreed?.codes ?? [] }),
  scheme: now.scheme,
});

/** What a list means: each code with its word, in no order. A text and a number are different codes. */
export const means = (codes: AgreedList['codes']): string =>
  codes
    .map(({ raw, shared }) => JSON.stringify([raw, shared]))
    .sort()
    .join('\n');

/** Where two documents do not say the same. */
function differences(one: unknown, other: unknown, path: readonly string[] = []): string[] {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other ? [] : [pointerOf(path)];
  const members = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...members].flatMap((member) =>
    differences((one as Record<string, unknown>)[member], (other as Record<string, unknown>)[member], [
      ...path,
      member,
    ]),
  );
}
