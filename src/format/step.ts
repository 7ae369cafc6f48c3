import type { Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import type { FindingCode } from '../document/findings.ts';
import type { CodeTable } from './codes.ts';

/**
 * Told of what was remarked while reading, in a few words for engineers and never a value: by default a repair, else the
 * finding that says what it is.
 */
export type Note = (remark: string, code?: FindingCode) => void;

/**
 * One step between a payload's value and the shared one. `read` gives undefined for "as good as absent" (an empty
 * text), and throws Broken FIELD_INVALID or UNKNOWN_CODE_VALUE. `write` is its inverse, or missing where there is none.
 */
export interface Step {
  read(value: Value, note: Note): Value | undefined;
  /** `there` is what other fields have written at the same place: a step that `merges` gives it back as well. */
  write?(value: Value, there?: Value): Value;
  readonly merges?: boolean;
  /** Missing if the step carries all that is in its value. */
  readonly carries?: Carries;
  /** For a step that goes on with a part of its value: where that part is, below the value. */
  select?(value: Value): readonly string[] | undefined;
  /** What a step that selects looks at in the part it chose, and what it would write there. */
  readonly touches?: readonly (readonly string[])[];
  /** What is read of this very value, where that depends on the value. */
  reads?(value: Value): readonly ReadPath[];
}

/** A place below a value, and which of the leaves below it are carried: all, unless said otherwise. */
export interface ReadPath {
  readonly path: readonly string[];
  readonly carries?: Carries | undefined;
}

/** Whether a step that takes a value apart carries the leaf at these steps below its source (`from`) or target (`to`). */
export type Carries = (side: 'from' | 'to', below: readonly string[]) => boolean;

/** What a conversion may need to be made: the code lists of the region, and whether the field is an end of time. */
export interface StepContext {
  readonly codes: ReadonlyMap<string, CodeTable>;
  readonly end?: boolean;
}

/** Makes a step from its argument in the declaration; throws Error (a fault of the declaration) if it is wrong. */
export type StepMaker = (argument: unknown, context: StepContext) => Step;

/** Errors: always Broken FIELD_INVALID; where it stands is added by the map. */
export const invalid = (detail: string): never => {
  throw new Broken('', detail, 'FIELD_INVALID');
};

export const textOf = (value: Value): string =>
  typeof value === 'string' ? value : invalid(`expected text, found ${kindOf(value)}`);

export function kindOf(value: Value): string {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return 'bytes';
  return Array.isArray(value) ? 'a list' : typeof value;
}

/** A text without white space around it; an empty one is as good as absent. */
export function readText(value: Value, note: Note): string | undefined {
  const text = textOf(value);
  const trimmed = text.trim();
  if (trimmed.length !== text.length) note('white space around a text was removed');
  if (trimmed === '') {
    note('an empty text was left out');
    return undefined;
  }
  return trimmed;
}

/** For steps whose inverse changes nothing. */
export const same = (value: Value): Value => value;
/** A word that takes no argument. */
export const plain =
  (step: Step): StepMaker =>
  () =>
    step;
