import { decodeHex } from '../codec/hex.ts';
import type { Value } from '../codec/value.ts';
import { unlessBroken } from '../document/broken.ts';
import type { When } from '../document/generated/types.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import { matcher } from './select.ts';

/** Compiles a condition of a declaration: does it hold for this payload? */
export function compileCondition({
  at,
  equals,
  has,
  single,
  bits,
  segments,
  lacks,
}: When): (payload: Value) => boolean {
  const steps = stepsOf(at);
  const element =
    has === undefined ? undefined : typeof has === 'object' ? matcher(has) : (each: unknown) => each === has;
  const mask = bits === undefined ? undefined : decodeHex(bits);
  const without = lacks === undefined ? undefined : stepsOf(lacks);
  const parts = Object.entries(segments ?? {}).map(([index, from]) => ({ index: Number(index), from: stepsOf(from) }));
  return (payload) => {
    if (without !== undefined && stands(valueAt(payload, without))) return false;
    const value = valueAt(payload, steps) as Value | undefined;
    if (equals !== undefined && value !== equals) return false;
    if (mask !== undefined && !hasBits(value, mask)) return false;
    if (parts.length > 0 && !parts.every(({ index, from }) => segment(value, index) === valueAt(payload, from)))
      return false;
    if (single && !(Array.isArray(value) && value.length === 1)) return false;
    if (element !== undefined) return Array.isArray(value) && value.some(element);
    return stands(value);
  };
}

/** Whether all bits of the mask are set in a hex text of its length. */
function hasBits(value: Value | undefined, mask: Uint8Array): boolean {
  const bytes = typeof value === 'string' ? unlessBroken(() => decodeHex(value)) : undefined;
  return bytes?.length === mask.length && mask.every((byte, i) => (bytes[i]! & byte) === byte);
}

/** Null and empty lists are as good as absent: some issuers write every member and fill one. */
const stands = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/** A part of a text between its dots; null if there is none, which is never what stands elsewhere. */
const segment = (value: Value | undefined, index: number): string | null =>
  typeof value === 'string' && value.length <= MAX_SEGMENTED ? (value.split('.')[index] ?? null) : null;

const MAX_SEGMENTED = 200;
