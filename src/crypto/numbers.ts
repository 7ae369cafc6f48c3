import { decodeHex, encodeHex } from '../codec/hex.ts';

/** Big-endian octets ↔ numbers, for public values: what is not worth a library's arithmetic. */
export const numberOf = (octets: Uint8Array): bigint => (octets.length === 0 ? 0n : BigInt(`0x${encodeHex(octets)}`));

/** In: a number from 0 that fits into `length` octets. */
export const octetsOf = (value: bigint, length: number): Uint8Array =>
  decodeHex(value.toString(16).padStart(2 * length, '0'));
