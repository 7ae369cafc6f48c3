import { pointerOf } from '../document/pointer.ts';
import type { StatusTable } from '../document/statuses.ts';
import type { CodeTable } from './codes.ts';
import type { DeclaredRow } from './map.ts';

/** What a format may say of its documents' state. */
export interface StatusContext {
  readonly codes: ReadonlyMap<string, CodeTable>;
  readonly statuses: StatusTable;
}

const CANONICAL = '/status/canonical';
const SCHEME = '/status/rawScheme';

/**
 * The words that a map can give as the state of a document are those of the schemes that its type may state: else a red
 * driving licence, or a grey pass, would be read as a health code. So the state comes from a code list that says of which
 * scheme it is, or is a constant. Errors: Error with the row's pointer and reason.
 */
export function checkStatus(
  rows: readonly DeclaredRow[],
  schemes: readonly string[],
  { codes, statuses }: StatusContext,
): void {
  const whole = rows.find(({ row }) => row.to === '/status');
  if (whole !== undefined) throw new Error(`${whole.at}/to: a state is mapped field by field`);
  const found = rows.find(({ row }) => row.to === CANONICAL);
  if (found === undefined) return;
  const { row, at } = found;
  if (row.value !== undefined) {
    const scheme = statuses.word(String(row.value))?.scheme.scheme;
    if (scheme === undefined || !schemes.includes(scheme))
      throw new Error(`${at}/value: ${notOf(JSON.stringify(row.value), schemes)}`);
    return;
  }
  const name = listOf(row.as);
  if (name === undefined) throw new Error(`${at}/as: a state is read by a code list, last`);
  const list = codes.get(name);
  if (list === undefined) throw new Error(`${at}/as: no code list ${JSON.stringify(name)}`);
  if (list.scheme === undefined || !schemes.includes(list.scheme))
    throw new Error(`${at}/as: ${notOf(`list ${name}`, schemes)}`);
  const origin = rows.find((each) => each.row.to === SCHEME);
  if (origin !== undefined && origin.row.value !== name)
    throw new Error(`${origin.at}/value: the state is read by list ${name}`);
}

const notOf = (what: string, schemes: readonly string[]): string =>
  `${what} is not of a scheme that this type of document may state (${schemes.join(', ') || 'none'})`;

/** The list of a conversion that ends with one. */
function listOf(as: unknown): string | undefined {
  const last = Array.isArray(as) ? as[as.length - 1] : as;
  if (typeof last !== 'object' || last === null || !Object.hasOwn(last, 'codes')) return undefined;
  const { codes } = last as { codes: unknown };
  return typeof codes === 'string' ? codes : undefined;
}

/** A list of states has words of its own scheme only. Errors: Error with pointer and reason. */
export function checkScheme(table: CodeTable, statuses: StatusTable): void {
  const { scheme } = table;
  if (scheme === undefined) return;
  if (!statuses.has(scheme)) throw new Error(`/scheme: the catalogue has no scheme "${scheme}"`);
  for (const [i, word] of table.words.entries()) {
    const own = statuses.word(word)?.scheme.scheme;
    if (own !== scheme)
      throw new Error(
        `${pointerOf(['codes', i, 'shared'])}: "${word}" is a word of ${own ?? 'no scheme'}, not of ${scheme}`,
      );
  }
}
