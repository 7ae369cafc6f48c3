import type { Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import type { KeyField } from '../document/generated/types.ts';
import { pointerOf, setAt, stepsOf, valueAt } from '../document/pointer.ts';
import { compileSteps } from './conversions.ts';
import type { StepContext } from './step.ts';

/** Between the parts of a key id that a payload keeps in several fields (`4000.70.1`): no sign of base64url, nor of a date. */
const BETWEEN = '.';

/** How the fields of a payload name the key that signed it, for envelopes without a header. */
export interface KeyName {
  /** Pointers of the fields. */
  readonly fields: readonly string[];
  /** The key ids that a payload names: one, or none if a field is missing. Throws Broken for a field that cannot be read. */
  read(payload: Value): string[];
  /** Writes the signer's key id into the fields. Throws Broken FIELD_INVALID if it does not have that many parts. */
  write(payload: Value, keyId: string): void;
}

/** Compiles an envelope's `keyFrom`. Errors: Error, for a conversion that no table has or that cannot be written. */
export function compileKeyName(declared: readonly KeyField[], context: StepContext): KeyName {
  const fields = declared.map((field, i) => {
    const { from, as } = typeof field === 'string' ? { from: field, as: undefined } : field;
    try {
      return { steps: stepsOf(from), step: as === undefined ? undefined : compileSteps(as, context) };
    } catch (error) {
      throw new Error(`/envelope/keyFrom/${i}/as: ${(error as Error).message}`);
    }
  });
  return {
    fields: fields.map(({ steps }) => pointerOf(steps)),
    read(payload) {
      const parts: string[] = [];
      for (const { steps, step } of fields) {
        const value = valueAt(payload, steps) as Value | undefined;
        const part = value === undefined || value === null ? undefined : (step?.read(value, () => {}) ?? value);
        if (typeof part !== 'string' && typeof part !== 'number') return [];
        parts.push(String(part));
      }
      return [parts.join(BETWEEN)];
    },
    write(payload, keyId) {
      const parts = fields.length === 1 ? [keyId] : keyId.split(BETWEEN);
      if (parts.length !== fields.length)
        throw new Broken(
          'key',
          `its id has ${parts.length} parts where the format has ${fields.length}`,
          'FIELD_INVALID',
        );
      fields.forEach(({ steps, step }, i) => {
        const part = step?.write === undefined ? parts[i]! : step.write(parts[i]!);
        const there = valueAt(payload, steps);
        if (there !== undefined && there !== part)
          throw new Broken(
            'key',
            'the format keeps its id together with another field, and they differ',
            'FIELD_INVALID',
          );
        setAt(payload as Record<string, unknown>, steps, part);
      });
    },
  };
}
