import { encodeBase64url } from './base64url.ts';

/**
 * ECDSA-Sig-Value and SM2Signature, both `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 §2.2.3, GM/T 0009), to and from
 * r‖s. Written out by hand because every check of an ECDSA signature on Node passes through here.
 */

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * DER to r‖s of 2 × `size` octets. Undefined unless the bytes are exactly one SEQUENCE of two minimal positive INTEGERs
 * that fit: a signature with two spellings could get round a list of revoked signatures.
 */
export function rawFromDer(der: Uint8Array, size: number): Uint8Array | undefined {
  const length = der.length;
  // Two integers of at most size + 1 octets; above 127 the SEQUENCE's length takes a second octet (P-521 never needs a third).
  let at = 2;
  if (length < 8 || der[0] !== SEQUENCE) return undefined;
  if (der[1] === 0x81) {
    if (length - 3 !== der[2] || length - 3 < 0x80) return undefined;
    at = 3;
  } else if (der[1]! >= 0x80 || length - 2 !== der[1]) return undefined;
  const raw = new Uint8Array(2 * size);
  for (let half = size; half <= 2 * size; half += size) {
    if (length - at < 3 || der[at] !== INTEGER) return undefined;
    const end = at + 2 + der[at + 1]!;
    at += 2;
    // A length octet of 80 or more would say more octets than fit, so it needs no test of its own.
    if (end > length || end === at || der[at]! >= 0x80) return undefined;
    if (der[at] === 0 && end - at > 1) {
      if (der[at + 1]! < 0x80) return undefined;
      at++;
    }
    if (end - at > size) return undefined;
    for (let to = half - (end - at); at < end; ) raw[to++] = der[at++]!;
  }
  return at === length ? raw : undefined;
}

/** r‖s to DER. `raw` has an even length of at most 2 × 66 octets (P-521, the longest in use). */
export function derFromRaw(raw: Uint8Array): Uint8Array {
  const size = raw.length >> 1;
  let r = 0;
  while (r < size - 1 && raw[r] === 0) r++;
  let s = size;
  while (s < 2 * size - 1 && raw[s] === 0) s++;
  const rPad = raw[r]! >>> 7;
  const sPad = raw[s]! >>> 7;
  const rLength = size - r + rPad;
  const sLength = 2 * size - s + sPad;
  const content = 4 + rLength + sLength;
  const head = content > 127 ? 3 : 2;
  const der = new Uint8Array(head + content);
  der[0] = SEQUENCE;
  if (head === 3) der[1] = 0x81;
  der[head - 1] = content;
  der[head] = INTEGER;
  der[head + 1] = rLength;
  let at = head + 2 + rPad;
  while (r < size) der[at++] = raw[r++]!;
  der[at] = INTEGER;
  der[at + 1] = sLength;
  at += 2 + sPad;
  while (s < 2 * size) der[at++] = raw[s++]!;
  return der;
}

/**
 * What a raw signature is called in lists of revoked documents, and its document where that has no number: r in base64url,
 * which whoever holds the document cannot change.
 */
export const signatureName = (raw: Uint8Array): string => encodeBase64url(raw.subarray(0, raw.length / 2));
