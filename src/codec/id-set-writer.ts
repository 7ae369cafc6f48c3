import type { Digest } from './cms-algorithms.ts';
import { blocksOf, hashOf, ID_SET } from './id-set.ts';
import { encodeUtf8 } from './utf8.ts';

/** Ids in a bucket, at most, on average. */
const LOAD = 6;

/** A packed set as `id-set.ts` reads it: the file for memory, and the one to confirm by. */
export interface WrittenIdSet {
  readonly count: number;
  readonly set: Uint8Array;
  readonly confirm: Uint8Array;
}

/**
 * Packs ids. The same ids in any order, and any number of times, give the same bytes. Costs 20 bytes of memory an id
 * while it runs.
 *
 * @param digest makes the SHA-256 of ids and blocks; without one there is no second file
 * @throws RangeError for more ids than a set may have, or so many that fall together that none of them can be random
 */
export function writeIdSet(ids: Iterable<string>, digest: Digest | undefined): WrittenIdSet {
  const keys = hashed(ids, digest);
  let bits = bitsFor(keys.count);
  let order = inOrder(keys, bits);
  const count = order.length;
  // Ids that were named twice made it look larger than it is.
  if (bitsFor(count) < bits) {
    bits = bitsFor(count);
    order = inOrder(keys, bits);
  }
  const groups = 2 ** bits / ID_SET.bucketsPerGroup;
  const blocks = digest === undefined ? 0 : blocksOf(count);
  const atRemainders = ID_SET.head + groups * ID_SET.group;
  const atDigests = atRemainders + Math.ceil(count / 2) * 4;

  const set = new Uint8Array(atDigests + blocks * 32);
  const view = new DataView(set.buffer);
  for (let i = 0; i < 8; i++) set[i] = ID_SET.magic.charCodeAt(i);
  view.setUint32(8, count, true);
  view.setUint32(12, bits, true);
  view.setUint32(16, blocks, true);
  for (let group = 0, at = 0; group < groups; group++) {
    const place = ID_SET.head + group * ID_SET.group;
    const before = at;
    view.setUint32(place, before, true);
    for (let i = 0; i < ID_SET.bucketsPerGroup; i++) {
      const bucket = group * ID_SET.bucketsPerGroup + i;
      while (at < count && keys.first[order[at]!]! >>> (32 - bits) === bucket) at += 1;
      if (at - before > 255) throw new RangeError('too many ids fall together: ids are random');
      set[place + 4 + i] = at - before;
    }
  }
  for (let i = 0; i < count; i++) view.setUint16(atRemainders + 2 * i, keys.second[order[i]!]! >>> 16, true);

  const confirm = new Uint8Array(digest === undefined ? 0 : count * ID_SET.entry);
  for (let i = 0; i < confirm.length / ID_SET.entry; i++) {
    const from = order[i]! * ID_SET.entry;
    confirm.set(keys.exact.subarray(from, from + ID_SET.entry), i * ID_SET.entry);
  }
  for (let block = 0; block < blocks; block++)
    set.set(
      digest!('SHA-256', confirm.subarray(block * ID_SET.block, (block + 1) * ID_SET.block)),
      atDigests + 32 * block,
    );
  return { count, set, confirm };
}

interface Keys {
  count: number;
  first: Uint32Array;
  second: Uint32Array;
  /** The second file's entries, eight bytes each; empty without a digest. */
  exact: Uint8Array;
}

function hashed(ids: Iterable<string>, digest: Digest | undefined): Keys {
  const keys: Keys = { count: 0, first: new Uint32Array(1024), second: new Uint32Array(1024), exact: NOTHING };
  if (digest !== undefined) keys.exact = new Uint8Array(1024 * ID_SET.entry);
  for (const id of ids) {
    if (keys.count === ID_SET.mostIds) throw new RangeError('too many ids');
    if (keys.count === keys.first.length) grow(keys);
    const at = keys.count++;
    const [first, second] = hashOf(id);
    keys.first[at] = first;
    keys.second[at] = second;
    if (digest !== undefined)
      keys.exact.set(digest('SHA-256', encodeUtf8(id)).subarray(0, ID_SET.entry), at * ID_SET.entry);
  }
  return keys;
}

const NOTHING = new Uint8Array(0);

function grow(keys: Keys): void {
  const wider = <T extends Uint32Array | Uint8Array>(array: T, made: T): T => {
    made.set(array);
    return made;
  };
  keys.first = wider(keys.first, new Uint32Array(2 * keys.first.length));
  keys.second = wider(keys.second, new Uint32Array(2 * keys.second.length));
  keys.exact = wider(keys.exact, new Uint8Array(2 * keys.exact.length));
}

function bitsFor(count: number): number {
  let bits: number = ID_SET.leastBits;
  while (count / 2 ** bits > LOAD) bits += 1;
  return bits;
}

/** Which id stands at each place: by bucket, remainder, digest; each once. */
function inOrder(keys: Keys, bits: number): Uint32Array {
  const { count, first } = keys;
  const shift = 32 - bits;
  const starts = new Uint32Array(2 ** bits + 1);
  for (let i = 0; i < count; i++) starts[(first[i]! >>> shift) + 1]! += 1;
  for (let bucket = 0; bucket < 2 ** bits; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const next = starts.slice();
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[next[first[i]! >>> shift]!++] = i;
  let kept = 0;
  for (let bucket = 0; bucket < 2 ** bits; bucket++) {
    const from = kept;
    for (let i = starts[bucket]!; i < starts[bucket + 1]!; i++)
      if (insert(keys, order, order[i]!, from, kept)) kept += 1;
  }
  return order.subarray(0, kept);
}

/** Puts an entry where it belongs among those kept of its bucket (a handful); false if it is there already. */
function insert(keys: Keys, order: Uint32Array, entry: number, from: number, end: number): boolean {
  let at = end;
  let compared = 1;
  while (at > from) {
    compared = compare(keys, order[at - 1]!, entry);
    if (compared <= 0) break;
    at -= 1;
  }
  if (compared === 0 && at > from) return false;
  order.copyWithin(at + 1, at, end);
  order[at] = entry;
  return true;
}

function compare({ second, exact, first }: Keys, one: number, other: number): number {
  const byRemainder = (second[one]! >>> 16) - (second[other]! >>> 16);
  if (byRemainder !== 0) return byRemainder;
  if (exact.length === 0) return first[one]! - first[other]! || second[one]! - second[other]!;
  for (let i = 0; i < ID_SET.entry; i++) {
    const difference = exact[one * ID_SET.entry + i]! - exact[other * ID_SET.entry + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
