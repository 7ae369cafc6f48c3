import { sameBytes } from '../codec/bytes.ts';
import { emptyObject, type Value } from '../codec/value.ts';
import { Broken, unlessBroken } from '../document/broken.ts';
import { finding } from '../document/findings.ts';
import type { Finding, FormatDeclaration, MapRow } from '../document/generated/types.ts';
import { leavesOf, ownMember, pointerOf, setAt, stepsOf, valueAt } from '../document/pointer.ts';
import { compileSteps } from './conversions.ts';
import { type Carries, kindOf, type Note, type Step, type StepContext } from './step.ts';

type Plain = Record<string, unknown>;

/** What reading a payload by a map gives. `problems` are findings; a field that has one is not in `fields`. */
export interface Read {
  readonly fields: Plain;
  readonly problems: Finding[];
  readonly repairs: string[];
  /** What else was remarked. Decides nothing of the reading. */
  readonly remarks: Finding[];
}

/** A compiled map: plain closures, made once. */
export interface CompiledMap {
  /** In: the payload, and what the fields begin with. */
  read(payload: Value, begun?: Plain): Read;
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

/** A row of a declaration, and where in it the row stands. */
export interface DeclaredRow {
  readonly row: MapRow;
  readonly at: string;
}

interface Row {
  readonly to: string;
  readonly toSteps: readonly string[];
  readonly parent: readonly string[];
  /** Which of the parents are lists. */
  readonly lists: readonly boolean[];
  readonly last: string;
  readonly from: readonly string[] | undefined;
  /** What stands above `from` in the payload, and its own name there; undefined for the whole payload. */
  readonly above: readonly string[] | undefined;
  readonly name: string;
  readonly constant: Value | undefined;
  /** Where something must stand for the constant to be said. */
  readonly with: readonly string[] | undefined;
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
];

type Ignore = NonNullable<FormatDeclaration['ignore']>;

/**
 * Compiles map rows. In: the rows, the parts left out on purpose, the sections declared absent, and the region's code
 * lists. Errors: Error, with the row's pointer, for a row that cannot work or a map that leaves a section unstated.
 */
export function compileMap(
  declared: readonly DeclaredRow[],
  ignore: Ignore,
  absent: readonly string[],
  context: StepContext,
): CompiledMap {
  // Whoever wrote the declaration also writes documents for it, and each costs rows times entries.
  if (declared.reduce((sum, { row }) => sum + nodesOf(row.as), 0) > MAX_CONVERSION_NODES)
    throw new Error(`conversions of more than ${MAX_CONVERSION_NODES} parts`);
  const rows = declared.map(({ row, at }) => compileRow(row, at, context));
  const ways = { from: numbered(rows.map(({ above }) => above)), to: numbered(rows.map(({ parent }) => parent)) };
  const mixed = mixedList(rows);
  if (mixed !== undefined)
    throw new Error(`${declared[mixed]!.at}/to: a list has numbers for places, and nothing else`);
  const seen = new Set<string>();
  for (const [i, { to }] of rows.entries()) {
    if (seen.has(to)) throw new Error(`${declared[i]!.at}/to: two rows fill ${to}`);
    seen.add(to);
  }
  for (const [i, { to }] of rows.entries()) {
    const above = rows.find((row) => to.startsWith(`${row.to}/`));
    if (above !== undefined)
      throw new Error(`${declared[i]!.at}/to: ${to} lies inside ${above.to}, which another row fills`);
  }
  const unstated = SECTIONS.filter(
    (s) => !absent.includes(s) && !rows.some((r) => r.to === s || r.to.startsWith(`${s}/`)),
  );
  if (unstated.length > 0) throw new Error(`neither mapped nor named in "absent": ${unstated.join(', ')}`);
  const both = absent.filter((s) => rows.some((r) => r.to === s || r.to.startsWith(`${s}/`)));
  if (both.length > 0) throw new Error(`mapped and also named in "absent": ${both.join(', ')}`);
  const left = ignore.map((row) => ({ pointer: row.from }));
  const written: Carried[] = [
    ...rows.map(({ to, step }) => ({ pointer: to, carries: step.carries })),
    ...['/docType', '/issuer/region'].map((pointer) => ({ pointer })),
  ];
  const byTarget = new Map(rows.map((row) => [row.to, row]));

  return {
    read: (payload, begun) => readRows(rows, ways, payload, begun),
    peek: (payload, to) => {
      const row = byTarget.get(to);
      if (row === undefined) return undefined;
      if (row.from === undefined) return row.constant;
      const value = valueAt(payload, row.from) as Value | undefined;
      return value === undefined || value === null ? undefined : unlessBroken(() => row.step.read(value, silent));
    },
    write: (document) => writeRows(rows, ignore, document),
    sourcesOf: (fields) =>
      Object.fromEntries(
        rows
          .filter((row) => valueAt(fields, row.toSteps) !== undefined)
          .map((row) => [row.to, row.from ? pointerOf(row.from) : `= ${String(row.constant)}`]),
      ),
    lost: (payload) => {
      const readFrom = [...rows.flatMap((row) => readBy(row, payload)), ...left];
      return leavesOf(payload).filter((leaf) => !covered(readFrom, 'from', leaf));
    },
    unwritten: (document) => leavesOf(document).filter((leaf) => !covered(written, 'to', leaf)),
  };
}

const silent: Note = () => {};

/** The places of a payload that a row reads. Which entry of a list that is depends on the payload. */
function readBy({ from, step }: Row, payload: Value): Carried[] {
  if (from === undefined) return [];
  if (step.reads === undefined) return [{ pointer: pointerOf(from), carries: step.carries }];
  const value = valueAt(payload, from) as Value | undefined;
  if (value === undefined || value === null) return [];
  return step.reads(value).map(({ path, carries }) => ({ pointer: pointerOf([...from, ...path]), carries }));
}

/** The largest declaration in use has about a hundred. */
const MAX_CONVERSION_NODES = 1000;
const nodesOf = (node: unknown): number =>
  typeof node === 'object' && node !== null
    ? Object.values(node).reduce((sum: number, inner) => sum + nodesOf(inner), 1)
    : 1;

/** The row that goes on below a list as if it were an object, or the other way round: `/crew/length` is no crew. */
function mixedList(rows: readonly Row[]): number | undefined {
  const lists = new Map<string, boolean>();
  for (const [i, { toSteps }] of rows.entries()) {
    for (let depth = 1; depth < toSteps.length; depth++) {
      const above = pointerOf(toSteps.slice(0, depth));
      const list = isIndex(toSteps[depth]!);
      if ((lists.get(above) ?? list) !== list) return i;
      lists.set(above, list);
    }
  }
  return undefined;
}

/** Names through which assignment would reach what all objects share: a pack could change the gateway itself. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function compileRow(row: MapRow, at: string, context: StepContext): Row {
  const toSteps = stepsOf(row.to);
  if (toSteps.some((step) => step === '' || FORBIDDEN.has(step)))
    throw new Error(`${at}/to: ${row.to} is no place in the shared document`);
  if (
    !SECTIONS.some((s) => row.to === s || row.to.startsWith(`${s}/`)) &&
    !row.to.startsWith('/issuer/') &&
    row.to !== '/version' &&
    row.to !== '/revocationId'
  ) {
    throw new Error(`${at}/to: ${row.to} is no place in the shared document that a map may fill`);
  }
  if (row.to === '/issuer/region')
    throw new Error(`${at}/to: the issuing region is that of the key, never what a document says`);
  if (row.with !== undefined && row.value === undefined) throw new Error(`${at}/with: only a constant can have it`);
  const from = row.from === undefined ? undefined : stepsOf(row.from);
  try {
    return {
      to: row.to,
      toSteps,
      parent: toSteps.slice(0, -1),
      lists: toSteps.slice(1).map(isIndex),
      last: toSteps[toSteps.length - 1]!,
      from,
      above: from === undefined || from.length === 0 ? undefined : from.slice(0, -1),
      name: from?.at(-1) ?? '',
      constant: row.value as Value | undefined,
      with: row.with === undefined ? undefined : stepsOf(row.with),
      step: compileSteps(row.as, { ...context, end: /\/(until|expiresAt)$/.test(row.to) }),
      optional: row.optional === true,
    };
  } catch (error) {
    throw new Error(`${at}/as: ${(error as Error).message}`);
  }
}

/** Rows that stand in the same place go there once: the number of each row's place. */
interface Ways {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

function numbered(places: readonly (readonly string[] | undefined)[]): number[] {
  const pointers = places.map((steps) => pointerOf(steps ?? []));
  const distinct = [...new Set(pointers)];
  return pointers.map((pointer) => distinct.indexOf(pointer));
}

function readRows(rows: readonly Row[], ways: Ways, payload: Value, fields: Plain = {}): Read {
  const above: unknown[] = [];
  const parents: Plain[] = [];
  const problems: Finding[] = [];
  const repairs: string[] = [];
  const remarks: Finding[] = [];
  let to = '';
  const note: Note = (what, code) => {
    if (code === undefined) repairs.push(`${to}: ${what}`);
    else remarks.push(finding(code, { at: to, detail: what }));
  };
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    let value: unknown = row.constant;
    if (row.with !== undefined && (valueAt(payload, row.with) ?? undefined) === undefined) continue;
    if (row.from !== undefined) {
      let raw: Value | undefined = payload;
      if (row.above !== undefined) {
        const way = ways.from[i]!;
        above[way] ??= valueAt(payload, row.above);
        raw = ownMember(above[way], row.name) as Value | undefined;
      }
      to = row.to;
      try {
        value = raw === undefined || raw === null ? undefined : row.step.read(raw, note);
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
    const way = ways.to[i]!;
    parents[way] ??= placeOf(fields, row);
    parents[way][row.last] = value;
  }
  return { fields, problems, repairs, remarks };
}

/** What holds a row's field, made where it is missing. */
function placeOf(fields: Plain, { parent, lists }: Row): Plain {
  let here = fields;
  for (let i = 0; i < parent.length; i++) {
    const step = parent[i]!;
    // Own members only: a row that goes on below `toString` would change a function that all objects share.
    if (!Object.hasOwn(here, step)) here[step] = lists[i] ? [] : {};
    here = here[step] as Plain;
  }
  return here;
}

const isIndex = (step: string): boolean => /^\d{1,3}$/.test(step);

function writeRows(rows: readonly Row[], ignore: Ignore, document: Plain): Value {
  const payload = emptyObject();
  const put = (steps: readonly string[], value: Value): void => {
    // A conversion may give several members at once (join): they go beside what is there already.
    const there = valueAt(payload, steps);
    if (kindOf(value) === 'object' && typeof there === 'object' && there !== null) Object.assign(there, value);
    // Two fields that the format keeps as one: writing the last would silently change the other.
    else if (there !== undefined && !same(there as Value, value))
      throw new Broken('', 'the format keeps this together with another field, and they differ', 'FIELD_INVALID');
    else setAt(payload, steps, value);
  };
  for (const row of rows) {
    const value = valueAt(document, row.toSteps) as Value | undefined;
    if (row.from === undefined) {
      if (value !== undefined && value !== row.constant)
        throw new Broken(row.to, 'the format always says something else here', 'FIELD_INVALID');
      continue;
    }
    if (value === undefined) {
      if (row.optional) continue;
      throw new Broken(row.to, 'the document does not say it, and the format needs it', 'FIELD_MISSING');
    }
    if (row.step.write === undefined) throw new Broken(row.to, 'this conversion cannot be written', 'FIELD_INVALID');
    const { from, step } = row;
    named(row.to, () => {
      if (step.merges) setAt(payload, from, step.write!(value, valueAt(payload, from) as Value | undefined));
      else put(from, step.write!(value));
    });
  }
  for (const row of ignore) if (row.write !== undefined) put(stepsOf(row.from), row.write);
  return payload as Value;
}

function named<T>(at: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Broken) throw new Broken(at, error.message, error.code);
    throw error;
  }
}

/** A pointer, and which of the leaves below it are carried: all, unless its step takes the value apart. */
interface Carried {
  readonly pointer: string;
  readonly carries?: Carries | undefined;
}

function covered(known: readonly Carried[], side: 'from' | 'to', leaf: string): boolean {
  return known.some(({ pointer, carries }) => {
    if (leaf === pointer) return true;
    if (!leaf.startsWith(`${pointer}/`)) return false;
    return carries === undefined || carries(side, stepsOf(leaf.slice(pointer.length)));
  });
}

function same(one: Value, other: Value): boolean {
  return one instanceof Uint8Array && other instanceof Uint8Array ? sameBytes(one, other) : one === other;
}
