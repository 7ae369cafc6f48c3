import type { Claims, EnvelopeSigner } from '../codec/proof.ts';
import type { Value } from '../codec/value.ts';
import { Broken, unlessBroken } from '../document/broken.ts';
import type { SigningTime } from '../document/generated/types.ts';
import { setAt, stepsOf, valueAt } from '../document/pointer.ts';
import { instantOf } from '../document/time.ts';
import { compileSteps } from './conversions.ts';
import type { StepContext } from './step.ts';

/** When a payload was signed, where it says so apart from when the document was issued: keys are asked about that time. */
export interface PayloadSigning {
  readonly fields: readonly string[];
  /** The claims, with that time in the place of the issue. */
  claims(payload: Value, claims: Claims): Claims;
  /** Throws Broken FIELD_INVALID if the signer does not say when he signs. */
  write(payload: Value, signer: EnvelopeSigner): void;
}

/** Compiles a declaration's `signedAt`. Errors: Error, for a conversion that no table has or that cannot be written. */
export function compileSigningTime({ from, as }: SigningTime, context: StepContext): PayloadSigning {
  const steps = stepsOf(from);
  const step = compileSteps(as, context);
  const { write } = step;
  if (write === undefined) throw new Error('/signedAt/as: cannot be written');
  return {
    fields: [from],
    claims(payload, { issuedAt: _, ...claims }) {
      const value = valueAt(payload, steps) as Value | undefined;
      const read = value === undefined || value === null ? undefined : unlessBroken(() => step.read(value, () => {}));
      // One who leaves it out or writes nonsense has not said when: then it counts as signed now, by a key that is good now.
      return typeof read === 'string' ? { ...claims, issuedAt: read } : claims;
    },
    write(payload, { stamp }) {
      if (stamp === undefined) throw new Broken('signature', 'the signer does not say when', 'FIELD_INVALID');
      setAt(payload as object, steps, write(instantOf(Math.floor(stamp.signedAt / 1000) * 1000)));
    },
  };
}
