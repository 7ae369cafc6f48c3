import { writeJson } from '../codec/json.ts';
import type { Limits } from '../codec/limits.ts';
import type { Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import { setAt, stepsOf, valueAt } from '../document/pointer.ts';
import { readFolded } from './folded.ts';
import type { Note } from './step.ts';

/**
 * Members that hold JSON as text (`"data_fields": "[{\"name\": …}]"`): unfolded before the map reads the payload, so that the
 * map, its sources and its losses reach into them, and folded again when the payload is written. What is signed is the
 * payload as it came.
 */
export interface Unfold {
  /** In: a payload of one's own, which is changed. Throws Broken for a text that is no JSON. */
  read(payload: Value, limits: Limits, note: Note): void;
  write(payload: Value): void;
}

/** Compiles the pointers of the members. Errors: Error, for a member inside another, which is text until that is unfolded. */
export function compileUnfold(pointers: readonly string[]): Unfold {
  if (pointers.some((one) => pointers.some((other) => one !== other && one.startsWith(`${other}/`))))
    throw new Error('/unfold: a member inside another');
  const members = pointers.map((pointer) => ({ pointer, steps: stepsOf(pointer) }));
  return {
    read(payload, limits, note) {
      for (const { pointer, steps } of members) {
        const text = valueAt(payload, steps);
        // As a value of its own, it would be read like a text that says the same.
        if (text !== undefined && typeof text !== 'string') throw new Broken('json', `no text at ${pointer}`);
        if (text !== undefined) setAt(payload as object, steps, readFolded(text, limits, note));
      }
    },
    write(payload) {
      for (const { steps } of members) {
        const value = valueAt(payload, steps) as Value | undefined;
        if (value !== undefined) setAt(payload as object, steps, writeJson(value));
      }
    },
  };
}
