import type { CodeList, FormatDeclaration } from '../document/generated/types.ts';

/** A code list, indexed both ways. The text "01" and the number 1 are different codes, so keys keep their type. */
export interface CodeTable {
  readonly list: string;
  readonly version: number;
  readonly rows: CodeList['codes'];
  /** For a list of states: the scheme of its words. */
  readonly scheme: string | undefined;
  /** Its shared words, row by row. */
  readonly words: readonly string[];
  shared(raw: string | number): string | undefined;
  /** The first raw code that means this. */
  raw(shared: string): string | number | undefined;
}

export function codeTable(list: CodeList): CodeTable {
  const shared = new Map<string | number, string>();
  const raw = new Map<string, string | number>();
  for (const [i, row] of list.codes.entries()) {
    if (shared.has(row.raw)) throw new Error(`/codes/${i}/raw: code ${JSON.stringify(row.raw)} stands twice`);
    shared.set(row.raw, row.shared);
    if (!raw.has(row.shared)) raw.set(row.shared, row.raw);
  }
  return {
    list: list.list,
    version: list.version,
    rows: list.codes,
    scheme: list.scheme,
    words: list.codes.map((row) => row.shared),
    shared: (code) => shared.get(code),
    raw: (word) => raw.get(word),
  };
}

/** The code lists by which a format reads documents of these types; of all, if absent. */
export function listsOf({ cases = [], ...common }: FormatDeclaration, types?: readonly string[]): string[] {
  const wanted = cases.filter(({ documentType }) => types?.includes(documentType) ?? true);
  return [...new Set([...namedIn(common.map), ...wanted.flatMap(({ map }) => namedIn(map))])];
}

/** Every `{"codes": "list"}`, however deep in a conversion. */
function namedIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([word, inner]) =>
    word === 'codes' && typeof inner === 'string' ? [inner] : namedIn(inner),
  );
}
