import { emptyObject, isObject, type Value } from '../codec/value.ts';
import { Broken, unlessBroken } from '../document/broken.ts';
import { setAt, stepsOf, valueAt } from '../document/pointer.ts';
import type { ReadPath, Step } from './step.ts';

/** JSON Pointers and the values that must stand there. */
type Where = Readonly<Record<string, unknown>>;
/** The same, compiled. */
export type Matcher = (entry: unknown) => boolean;

/** Compiles `{"/resource/resourceType": "Patient"}`: true for an entry in which all of these stand. */
export function matcher(where: Where): Matcher {
  const wanted = Object.entries(where).map(([pointer, value]) => ({ steps: stepsOf(pointer), value }));
  return (entry) => wanted.every(({ steps, value }) => valueAt(entry, steps) === value);
}

/** `{"get": "/a/0"}`: what stands at a pointer below the value. */
export function getStep(argument: unknown): Step {
  if (typeof argument !== 'string' || !/^(\/[^/]+)+$/.test(argument)) throw new Error('get needs a pointer');
  const steps = stepsOf(argument);
  return {
    read: (value) => (valueAt(value, steps) as Value | undefined) ?? undefined,
    write(value, there) {
      // Under a name, so that what begins with a list begins as one.
      const own = emptyObject();
      setAt(own, ['whole', ...steps], value);
      return there === undefined ? own['whole']! : merged(there, own['whole']!);
    },
    merges: true,
    select: (value) => (valueAt(value, steps) === undefined ? undefined : steps),
  };
}

interface Find {
  readonly where: Where;
  readonly latest?: string;
  readonly write: Where;
}

function findOf(argument: unknown): Find {
  const { where = {}, latest, write = {} } = (argument ?? {}) as { where?: unknown; latest?: unknown; write?: unknown };
  if (!isObject(where) || !isObject(write)) throw new Error('find needs "where" as an object');
  if (latest !== undefined && typeof latest !== 'string') throw new Error('"latest" of find is a pointer');
  if (Object.keys(where as object).length === 0 && latest === undefined)
    throw new Error('find needs "where", "latest", or both');
  return { where: where as Where, write: write as Where, ...(latest === undefined ? {} : { latest }) };
}

/**
 * `{"find": {"where": {pointer: value}, "latest": pointer}}`: the entry of a list in which all of `where` stands. There
 * must be one, unless `latest` says which of several: the one with the greatest text there (dates of ISO 8601 sort as
 * text; `*` in the pointer stands for every entry of a list). `write` names what else stands in an entry that is written.
 */
export function findStep(argument: unknown): Step {
  const { where, latest, write } = findOf(argument);
  const matches = matcher(where);
  const by = latest === undefined ? undefined : stepsOf(latest);
  const constants = [...Object.entries(where), ...Object.entries(write)].map(
    ([pointer, value]) => [stepsOf(pointer), value as Value] as const,
  );
  const indexIn = (value: Value): number => {
    if (!Array.isArray(value)) throw new Broken('', 'expected a list', 'FIELD_INVALID');
    let found = -1;
    let best = '';
    for (let i = 0; i < value.length; i++) {
      if (!matches(value[i])) continue;
      if (by === undefined) {
        if (found >= 0) throw new Broken('', 'several entries where the format allows one', 'FIELD_INVALID');
        found = i;
        continue;
      }
      const text = greatestAt(value[i], by, 0);
      if (found < 0 || text > best) {
        found = i;
        best = text;
      }
    }
    return found;
  };
  return {
    read(value) {
      const index = indexIn(value);
      return index < 0 ? undefined : (value as readonly Value[])[index];
    },
    write(value, there) {
      const list = Array.isArray(there) ? [...(there as Value[])] : [];
      const at = list.findIndex(matches);
      let entry: Value = at < 0 ? emptyObject() : list[at]!;
      if (at < 0) for (const [steps, constant] of constants) setAt(entry as object, steps, constant);
      entry = merged(entry, value);
      if (at < 0) list.push(entry);
      else list[at] = entry;
      return list;
    },
    select(value) {
      const index = indexIn(value);
      return index < 0 ? undefined : [String(index)];
    },
    merges: true,
    touches: constants.map(([steps]) => steps),
  };
}

/** The greatest text at a path, `*` standing for every entry of a list; '' if there is none. */
function greatestAt(node: unknown, steps: readonly string[], from: number): string {
  if (from === steps.length) return typeof node === 'string' ? node : '';
  const step = steps[from]!;
  if (step !== '*') return greatestAt(valueAt(node, [step]), steps, from + 1);
  let best = '';
  for (const entry of Array.isArray(node) ? node : []) {
    const text = greatestAt(entry, steps, from + 1);
    if (text > best) best = text;
  }
  return best;
}

/**
 * `{"count": {"where": {pointer: value}}}`: how many entries of a list there are of a kind. It writes nothing; where
 * fewer were written than it says, the format cannot carry the document.
 */
export function countStep(argument: unknown): Step {
  const matches = matcher(findOf(argument).where);
  return {
    read(value) {
      if (!Array.isArray(value)) throw new Broken('', 'expected a list', 'FIELD_INVALID');
      return value.filter(matches).length;
    },
    write(value, there) {
      const written = Array.isArray(there) ? there : [];
      if (written.filter(matches).length !== value)
        throw new Broken('', 'there are more entries than the format can be written with', 'FIELD_INVALID');
      return written;
    },
    merges: true,
    // It says how many there are, and nothing of what is in them.
    reads: () => [],
  };
}

/** `{"first": [conversions, conversions]}`: the first of several ways to read a value that gives something. */
export function firstStep(argument: unknown, compile: (as: unknown) => Step): Step {
  if (!Array.isArray(argument) || argument.length < 2) throw new Error('first needs two or more ways');
  const ways = argument.map((as: unknown) => compile(as));
  const [preferred] = ways as [Step, ...Step[]];
  return {
    read: (value, note) => {
      for (const way of ways) {
        const read = way.read(value, note);
        if (read !== undefined) return read;
      }
      return undefined;
    },
    ...(preferred.write === undefined ? {} : { write: preferred.write }),
    reads: (value) => {
      const used = ways.find((way) => reads(way, value));
      return used === undefined ? [] : (used.reads?.(value) ?? [{ path: [], carries: used.carries }]);
    },
  };
}

function reads(step: Step, value: Value): boolean {
  try {
    return step.read(value, () => {}) !== undefined;
  } catch (error) {
    if (error instanceof Broken) return true;
    throw error;
  }
}

/** Both in one: members of objects side by side, entries of lists by their place. */
function merged(one: Value, other: Value): Value {
  if (Array.isArray(one) && Array.isArray(other)) {
    const length = Math.max(one.length, other.length);
    return Array.from({ length }, (_, i) =>
      i >= other.length ? one[i]! : i >= one.length ? other[i]! : merged(one[i]!, other[i]!),
    );
  }
  if (!isObject(one) || !isObject(other)) {
    // Two fields that the format keeps as one: writing the last would silently change the other.
    if (one !== other)
      throw new Broken('', 'the format keeps this together with another field, and they differ', 'FIELD_INVALID');
    return one;
  }
  const both = Object.assign(emptyObject(), one);
  for (const [key, value] of Object.entries(other))
    both[key] = Object.hasOwn(both, key) ? merged(both[key]!, value) : value;
  return both;
}

/**
 * What a chain of steps reads of a value: a step that selects is followed by the next one, any other ends the way.
 */
export function readsOf(steps: readonly Step[], value: Value): readonly ReadPath[] {
  const paths: ReadPath[] = [];
  let path: readonly string[] = [];
  let here: Value = value;
  for (const step of steps) {
    if (step.select === undefined) {
      const below: readonly ReadPath[] = step.reads?.(here) ?? [{ path: [], carries: step.carries }];
      return [...paths, ...below.map((more) => ({ ...more, path: [...path, ...more.path] }))];
    }
    // What could not be read was not read.
    const chosen = unlessBroken(() => step.select!(here));
    if (chosen === undefined) return paths;
    path = [...path, ...chosen];
    for (const touched of step.touches ?? []) paths.push({ path: [...path, ...touched] });
    here = valueAt(here, chosen) as Value;
  }
  return [...paths, { path }];
}
