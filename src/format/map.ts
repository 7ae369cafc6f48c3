import type { Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import { type FindingCode, finding } from '../document/findings.ts';
import type { FormatDeclaration, MapRow } from '../document/generated/types.ts';
import { pointerOf, setAt, stepsOf, valueAt } from '../document/pointer.ts';
import { compileSteps, kindOf, type Note, type Step, type StepContext } from './conversions.ts';

type Finding = ReturnType<typeof finding>;
type Plain = Record<string, unknown>;

/** What reading a payload by a map gives. `problems` are findings; a field that has one is not in `fields`. */
export interface Read {
  readonly fields: Plain;
  readonly problems: Finding[];
  readonly repairs: string[];
}

/** A compiled map: plain closures, made once. */
export interface CompiledMap {
  read(payload: Value): Read;
  /** One field alone, without repairs or problems: undefined if it cannot be read. For the claims looked at first. */
  peek(payload: Value, to: string): unknown;
  /** Shared document → payload. Throws Broken FIELD_MISSING or FIELD_INVALID with the pointer. */
  write(document: Plain): Value;
  /** Where each field that was read comes from: pointer → pointer, or `= constant`. */
  sourcesOf(fields: Plain): Record<string, string>;
  /** Leaves of this payload that no row reads and no `ignore` names. */
  lost(payload: Value): string[];
  /** Leaves of this shared document that no row writes. */
  unwritten(document: Plain): string[];
}

interface Row {
  readonly to: string;
  readonly toSteps: readonly string[];
  readonly parent: readonly string[];
  readonly last: string;
  readonly from: readonly string[] | undefined;
  readonly constant: Value | undefined;
  readonly step: Step;
  readonly optional: boolean;
}

/** Sections of the shared document that a map must fill or name as absent. issuer and docType are the journey's. */
const SECTIONS = [
  '/docId',
  '/holder',
  '/validity',
  '/status',
  '/vehicle',
  '/route',
  '/crew',
  '/goods',
  '/commitments',
  '/faceFields',
  '/usage',
  '/presentation',
]; // prettier-ignore

type Ignore = NonNullable<FormatDeclaration['ignore']>;

/**
 * Compiles map rows. In: the rows, the parts left out on purpose, the sections declared absent, and the region's code
 * lists. Errors: Error, with the row's number, for a row that cannot work or a map that leaves a section unstated.
 */
export function compileMap(
  declared: readonly MapRow[],
  ignore: Ignore,
  absent: readonly string[],
  context: StepContext,
): CompiledMap {
  const rows = declared.map((row, index) => compileRow(row, index, context));
  const seen = new Set<string>();
  for (const row of rows) {
    if (seen.has(row.to)) throw new Error(`two rows fill ${row.to}`);
    seen.add(row.to);
  }
  const unstated = SECTIONS.filter(
    (s) => !absent.includes(s) && !rows.some((r) => r.to === s || r.to.startsWith(`${s}/`)),
  );
  if (unstated.length > 0) throw new Error(`neither mapped nor named in "absent": ${unstated.join(', ')}`);
  const both = absent.filter((s) => rows.some((r) => r.to === s || r.to.startsWith(`${s}/`)));
  if (both.length > 0) throw new Error(`mapped and also named in "absent": ${both.join(', ')}`);
  const known = [...rows.flatMap((row) => (row.from ? [pointerOf(row.from)] : [])), ...ignore.map((row) => row.from)];
  const byTarget = new Map(rows.map((row) => [row.to, row]));

  return {
    read: (payload) => readRows(rows, payload),
    peek: (payload, to) => {
      const row = byTarget.get(to);
      if (row === undefined) return undefined;
      if (row.from === undefined) return row.constant;
      try {
        const value = valueAt(payload, row.from) as Value | undefined;
        return value === undefined || value === null ? undefined : row.step.read(value, silent);
      } catch (error) {
        if (error instanceof Broken) return undefined;
        throw error;
      }
    },
    write: (document) => writeRows(rows, ignore, document),
    sourcesOf: (fields) =>
      Object.fromEntries(
        rows
          .filter((row) => valueAt(fields, row.toSteps) !== undefined)
          .map((row) => [row.to, row.from ? pointerOf(row.from) : `= ${String(row.constant)}`]),
      ),
    lost: (payload) => leaves(payload, []).filter((leaf) => !covered(known, leaf)),
    unwritten: (document) =>
      leaves(document as Value, []).filter((leaf) => !covered([...seen, '/docType', '/issuer/region'], leaf)),
  };
}

const silent: Note = () => {};

function compileRow(row: MapRow, index: number, context: StepContext): Row {
  const toSteps = stepsOf(row.to);
  if (
    !SECTIONS.some((s) => row.to === s || row.to.startsWith(`${s}/`)) &&
    !row.to.startsWith('/issuer/') &&
    row.to !== '/version' &&
    row.to !== '/revocationId'
  ) {
    throw new Error(`map row ${index}: ${row.to} is no place in the shared document that a map may fill`);
  }
  if (row.to === '/issuer/region')
    throw new Error(`map row ${index}: the issuing region is that of the key, never what a document says`);
  try {
    return {
      to: row.to,
      toSteps,
      parent: toSteps.slice(0, -1),
      last: toSteps[toSteps.length - 1]!,
      from: row.from === undefined ? undefined : stepsOf(row.from),
      constant: row.value as Value | undefined,
      step: compileSteps(row.as, context),
      optional: row.optional === true,
    };
  } catch (error) {
    throw new Error(`map row ${index} (${row.to}): ${(error as Error).message}`);
  }
}

function readRows(rows: readonly Row[], payload: Value): Read {
  const fields: Plain = {};
  const problems: Finding[] = [];
  const repairs: string[] = [];
  for (const row of rows) {
    let value: unknown = row.constant;
    if (row.from !== undefined) {
      const raw = valueAt(payload, row.from) as Value | undefined;
      try {
        value =
          raw === undefined || raw === null
            ? undefined
            : row.step.read(raw, (what) => repairs.push(`${row.to}: ${what}`));
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        problems.push(finding(error.code, { at: row.to, detail: error.message }));
        continue;
      }
      if (value === undefined) {
        if (!row.optional)
          problems.push(finding('FIELD_MISSING', { at: row.to, detail: `nothing at ${pointerOf(row.from)}` }));
        continue;
      }
    }
    let here = fields;
    for (const step of row.parent) {
      here[step] ??= {};
      here = here[step] as Plain;
    }
    here[row.last] = value;
  }
  return { fields, problems, repairs };
}

function writeRows(rows: readonly Row[], ignore: Ignore, document: Plain): Value {
  const payload: Plain = Object.create(null);
  const put = (steps: readonly string[], value: Value): void => {
    // A conversion may give several members at once (join): they go beside what is there already.
    const there = valueAt(payload, steps);
    if (kindOf(value) === 'object' && typeof there === 'object' && there !== null) Object.assign(there, value);
    else setAt(payload, steps, value);
  };
  for (const row of rows) {
    if (row.from === undefined) continue;
    const value = valueAt(document, row.toSteps) as Value | undefined;
    if (value === undefined) {
      if (row.optional) continue;
      throw new Broken(row.to, 'the document does not say it, and the format needs it', 'FIELD_MISSING');
    }
    if (row.step.write === undefined) throw new Broken(row.to, 'this conversion cannot be written', 'FIELD_INVALID');
    put(
      row.from,
      named(row.to, () => row.step.write!(value)),
    );
  }
  for (const row of ignore) if (row.write !== undefined) put(stepsOf(row.from), row.write);
  return payload as Value;
}

function named<T>(at: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Broken) throw new Broken(at, error.message, error.code as FindingCode);
    throw error;
  }
}

function leaves(node: Value, path: readonly (string | number)[]): string[] {
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return [pointerOf(path)];
  if (Array.isArray(node)) return node.flatMap((item, i) => leaves(item, [...path, i]));
  return Object.entries(node).flatMap(([key, value]) => leaves(value, [...path, key]));
}

/** True if one of these pointers is the leaf, stands above it, or stands below it (it was read in parts). */
function covered(known: readonly string[], leaf: string): boolean {
  return known.some((pointer) => leaf === pointer || leaf.startsWith(`${pointer}/`));
}
