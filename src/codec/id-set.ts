import { Broken } from '../document/broken.ts';
import { sameBytes } from './bytes.ts';
import type { Digest } from './cms-algorithms.ts';
import { encodeUtf8 } from './utf8.ts';

/**
 * A set of millions of ids, packed: what a gateway keeps in memory is 2¼ bytes an id, and says "no" or "perhaps". What
 * turns "perhaps" into "yes" lies in a second file, of which one block is read when it is needed. `id-set-writer.ts`
 * writes both.
 *
 * An id has a place by its hash h (two times MurmurHash3 x86_32 over its UTF-8, seeds 0 and 1): the first `bits` bits
 * of the first number are its bucket, the upper 16 bits of the second its remainder. Buckets hold 3 to 6 ids. All
 * integers are little-endian.
 *
 *     head        32 bytes: "TRIDSET1", u32 count, u32 bits, u32 blocks, zeros
 *     groups      2^bits / 16 times 20 bytes: u32 entries before the group, 16 times u8 where each bucket ends within it
 *     remainders  count times u16, by bucket, filled up to a multiple of four
 *     digests     blocks times 32 bytes: SHA-256 of each block of the second file
 *
 * The second file holds, in the same order, the first eight bytes of the SHA-256 of each id, and is read in blocks of
 * 64 KiB. So an id that was asked for is only found in both by chance once in 2^90 times. The hash is no secret:
 * ids are chosen by their issuer alone, and whoever chooses colliding ones revokes his own documents.
 */
export interface IdSet {
  readonly count: number;
  /** Bytes kept in memory. */
  readonly size: number;
  /** Whether there is a second file to confirm by. */
  readonly confirmable: boolean;
  /** False: surely not in it. True: in it, or one of about 14,000 that are not. */
  mayHold(id: string): boolean;
  /** Of many ids, the places of those that it may hold: the same as one by one, at twice the speed. */
  sift(ids: readonly string[]): number[];
  /** Entries that this id may be. */
  places(id: string): readonly number[];
  /** SHA-256 of a block of the second file. */
  blockDigest(block: number): Uint8Array;
}

/** Reads bytes of the second file; undefined if they cannot be had. */
export type ReadPart = (offset: number, length: number) => Uint8Array | undefined;

export const ID_SET = {
  magic: 'TRIDSET1',
  head: 32,
  group: 20,
  bucketsPerGroup: 16,
  leastBits: 4,
  mostBits: 26,
  mostIds: 2 ** 28,
  /** Bytes of a block of the second file, and of an entry in it. */
  block: 65_536,
  entry: 8,
} as const;

const broken = (detail: string): Broken => new Broken('id-set', detail);

/** Blocks of the second file of a set of so many ids. */
export const blocksOf = (count: number): number => Math.ceil((count * ID_SET.entry) / ID_SET.block);

/**
 * Reads the packed set; the bytes are kept as they are, and must not change afterwards.
 *
 * @throws Broken part `id-set`: MALFORMED, or LIMIT_EXCEEDED
 */
export function readIdSet(file: Uint8Array): IdSet {
  if (file.length < ID_SET.head) throw broken('cut short');
  // Views of wider numbers begin at multiples of their width.
  const bytes = file.byteOffset % 4 === 0 ? file : new Uint8Array(file);
  const head = new DataView(bytes.buffer, bytes.byteOffset, ID_SET.head);
  for (let i = 0; i < 8; i++) if (bytes[i] !== ID_SET.magic.charCodeAt(i)) throw broken('does not begin as a set does');
  const count = head.getUint32(8, true);
  const bits = head.getUint32(12, true);
  const blocks = head.getUint32(16, true);
  for (let i = 20; i < ID_SET.head; i++) if (bytes[i] !== 0) throw broken('something stands where nothing should');
  if (count > ID_SET.mostIds) throw new Broken('id-set', 'too many ids', 'LIMIT_EXCEEDED');
  if (bits < ID_SET.leastBits || bits > ID_SET.mostBits) throw broken('number of buckets out of range');
  if (blocks !== 0 && blocks !== blocksOf(count)) throw broken('number of blocks is not that of its ids');
  const groups = 2 ** bits / ID_SET.bucketsPerGroup;
  const atRemainders = ID_SET.head + groups * ID_SET.group;
  const atDigests = atRemainders + Math.ceil(count / 2) * 4;
  if (bytes.length !== atDigests + blocks * 32) throw broken('another length than its head says');
  if (count % 2 === 1 && (bytes[atDigests - 1] !== 0 || bytes[atDigests - 2] !== 0))
    throw broken('something stands where nothing should');

  const { buffer, byteOffset } = bytes;
  const words = new Uint32Array(buffer, byteOffset, atRemainders / 4);
  const remainders = new Uint16Array(buffer, byteOffset + atRemainders, count);
  if (!LITTLE_ENDIAN) throw new Error('packed sets are read on little-endian machines only');
  checkGroups(bytes, words, groups, count);

  const shift = 32 - bits;
  const find = (id: string, found: number[] | undefined): boolean => {
    hash(id);
    const bucket = first >>> shift;
    const group = bucket >>> 4;
    const inGroup = bucket & 15;
    const before = words[8 + group * 5]!;
    const ends = ID_SET.head + group * ID_SET.group + 4 + inGroup;
    const end = before + bytes[ends]!;
    const remainder = second >>> 16;
    for (let at = inGroup === 0 ? before : before + bytes[ends - 1]!; at < end; at++) {
      if (remainders[at] !== remainder) continue;
      if (found === undefined) return true;
      found.push(at);
    }
    return false;
  };
  const siftSome = (ids: readonly string[], from: number, many: number, perhaps: number[]): void => {
    for (let i = 0; i < many; i++) {
      hash(ids[from + i]!);
      lanes[i] = first >>> shift;
      lanes[LANES + i] = second >>> 16;
    }
    for (let i = 0; i < many; i++) {
      const bucket = lanes[i]!;
      const group = bucket >>> 4;
      const inGroup = bucket & 15;
      const before = words[8 + group * 5]!;
      const ends = ID_SET.head + group * ID_SET.group + 4 + inGroup;
      lanes[i] = inGroup === 0 ? before : before + bytes[ends - 1]!;
      lanes[2 * LANES + i] = before + bytes[ends]!;
    }
    for (let i = 0; i < many; i++) {
      const remainder = lanes[LANES + i]!;
      const end = lanes[2 * LANES + i]!;
      let at = lanes[i]!;
      while (at < end && remainders[at] !== remainder) at += 1;
      if (at < end) perhaps.push(from + i);
    }
  };
  return {
    count,
    size: bytes.length,
    confirmable: blocks > 0 || count === 0,
    mayHold: (id) => find(id, undefined),
    sift: (ids) => {
      const perhaps: number[] = [];
      for (let from = 0; from < ids.length; from += LANES)
        siftSome(ids, from, Math.min(LANES, ids.length - from), perhaps);
      return perhaps;
    },
    places: (id) => {
      const found: number[] = [];
      find(id, found);
      return found;
    },
    blockDigest: (block) => bytes.subarray(atDigests + block * 32, atDigests + block * 32 + 32),
  };
}

/**
 * How many ids are looked up side by side. A lookup reads twice from memory that is in no cache, and the second place is known
 * only when the first was read; side by side, the reads of all wait at the same time.
 */
const LANES = 32;
/** Of each lane its bucket, then where that begins; its remainder; where the bucket ends. */
const lanes = new Uint32Array(3 * LANES);

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Ends that do not follow each other would hide entries: a revoked document would pass for good. */
function checkGroups(bytes: Uint8Array, words: Uint32Array, groups: number, count: number): void {
  let before = 0;
  for (let group = 0; group < groups; group++) {
    if (words[8 + group * 5] !== before) throw broken('a group does not begin where the last one ends');
    const at = ID_SET.head + group * ID_SET.group + 4;
    let end = 0;
    for (let i = at; i < at + ID_SET.bucketsPerGroup; i++) {
      if (bytes[i]! < end) throw broken('a bucket ends before it begins');
      end = bytes[i]!;
    }
    before += end;
  }
  if (before !== count) throw broken('the buckets do not hold all ids');
}

/** What the two files together say of an id: in the set, not in it, or nobody can tell. */
export type Membership = 'in' | 'out' | 'unknown';

/**
 * Looks an id up in both files.
 *
 * @param read the second file; without it a hit stays unknown
 */
export function lookUp(set: IdSet, id: string, read: ReadPart | undefined, digest: Digest): Membership {
  if (!set.mayHold(id)) return 'out';
  if (read === undefined || !set.confirmable) return 'unknown';
  const wanted = digest('SHA-256', encodeUtf8(id));
  for (const place of set.places(id)) {
    const block = Math.floor((place * ID_SET.entry) / ID_SET.block);
    const from = block * ID_SET.block;
    const bytes = read(from, Math.min(ID_SET.block, set.count * ID_SET.entry - from));
    // A block that is another than the set was made with says nothing, neither good nor bad.
    if (bytes === undefined || !sameBytes(digest('SHA-256', bytes), set.blockDigest(block))) return 'unknown';
    const at = place * ID_SET.entry - from;
    if (sameBytes(bytes.subarray(at, at + ID_SET.entry), wanted.subarray(0, ID_SET.entry))) return 'in';
  }
  return 'out';
}

/** The two numbers of the hash made last: a pair to return would be an object for every lookup. */
let first = 0;
let second = 0;

/** The hash of an id, as two unsigned numbers of 32 bits. */
export function hashOf(id: string): readonly [number, number] {
  hash(id);
  return [first >>> 0, second >>> 0];
}

function hash(id: string): void {
  // Of signs beyond ASCII the UTF-8 is hashed, one octet for each sign.
  if (mix(id) > 127) mix(String.fromCharCode(...encodeUtf8(id.slice(0, 1000))));
}

/** Hashes a text of octets. Out: the bits that any of its signs has; where these are more than an octet's, the hash is none. */
function mix(text: string): number {
  const { length } = text;
  const whole = length & ~3;
  let a = 0;
  let b = 1;
  let all = 0;
  for (let i = 0; i < whole; i += 4) {
    const c0 = text.charCodeAt(i);
    const c1 = text.charCodeAt(i + 1);
    const c2 = text.charCodeAt(i + 2);
    const c3 = text.charCodeAt(i + 3);
    all |= c0 | c1 | c2 | c3;
    const k = scrambled(c0 | (c1 << 8) | (c2 << 16) | (c3 << 24));
    a ^= k;
    a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    b ^= k;
    b = (Math.imul((b << 13) | (b >>> 19), 5) + 0xe6546b64) | 0;
  }
  if (whole < length) {
    let tail = 0;
    for (let i = length - 1; i >= whole; i--) {
      const c = text.charCodeAt(i);
      all |= c;
      tail = (tail << 8) | c;
    }
    const k = scrambled(tail);
    a ^= k;
    b ^= k;
  }
  first = finished(a ^ length);
  second = finished(b ^ length);
  return all;
}

function scrambled(k: number): number {
  const multiplied = Math.imul(k, 0xcc9e2d51);
  return Math.imul((multiplied << 15) | (multiplied >>> 17), 0x1b873593);
}

function finished(state: number): number {
  let h = state;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
