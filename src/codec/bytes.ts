/** Whether two sequences of bytes are the same. Not in constant time: nothing here is secret. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** How room for octets is had, zero. */
export type Room = (size: number) => Uint8Array<ArrayBuffer>;

export const ownRoom: Room = (size) => new Uint8Array(size);

/**
 * For octets that are gone when a journey is over. Cut off a larger piece, as engines take half a microsecond for each one above 64
 * octets: no octet is given twice, and a piece goes when nobody holds a part of it. What is kept, or goes to a database or another
 * thread, has room of its own: such a copy would take the whole piece along, and with it what other documents say.
 */
export const sharedRoom: Room = (size) => {
  if (size > LARGEST_PART) return new Uint8Array(size);
  if (taken + size > PIECE) {
    piece = new ArrayBuffer(PIECE);
    taken = 0;
  }
  const part = new Uint8Array(piece, taken, size);
  taken += (size + 7) & ~7;
  return part;
};

const PIECE = 16 * 1024;
const LARGEST_PART = 2048;
let piece = new ArrayBuffer(PIECE);
let taken = 0;

/** Parts one after another. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
