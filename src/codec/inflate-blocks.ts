import { Broken } from '../document/broken.ts';
import { ownRoom, type Room } from './bytes.ts';

// RFC 1951 without a container. Everything that `inflate.ts` promises about limits and refusals is kept here.

/** A canonical Huffman code (RFC 1951 §3.2.2), ready for decoding. */
interface Code {
  /** How many bits the fast table looks at. */
  readonly width: number;
  /** By the next `width` bits: symbol × 16 + length of its code word; NONE where the word is longer, or there is none. */
  readonly fast: Uint16Array;
  /** How many code words there are of each length. */
  readonly counts: Uint16Array;
  /** The symbols in the order of their code words. */
  readonly symbols: Uint16Array;
}

/** What is read and what has been made. Local variables stand in for it in the inner loop. */
interface Stream {
  /** The input, followed by `PADDING` bytes, so that four can be fetched a little after its end. */
  readonly input: DataView;
  /** How many bits of input there are. */
  readonly end: number;
  /** How many have been used. */
  position: number;
  readonly limit: number;
  out: Uint8Array;
  size: number;
}

/** Positions are counted in bits and must stay below 2³¹. */
const LARGEST_INPUT = 1 << 27;
const PADDING = 16;
/** Two literals are written before the room is looked at again, so a buffer may be this much larger than the limit. */
const SLACK = 2;
const NONE = 0xffff;
const LITERALS_END = 256 << 4;
const LONGEST = 15;
const END_OF_BLOCK = 256;
// RFC 1951 §3.2.5.
const LENGTH_EXTRA = Uint8Array.from({ length: 29 }, (_, i) => (i < 8 || i === 28 ? 0 : (i >> 2) - 1));
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, i) => (i < 2 ? 0 : (i >> 1) - 1));
const LENGTH_BASE = bases(3, LENGTH_EXTRA).fill(258, 28);
const DISTANCE_BASE = bases(1, DISTANCE_EXTRA);
/** RFC 1951 §3.2.7: the order in which the lengths of the code length code are given. */
const CODE_LENGTH_ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);
/** The bits of a number below 2⁹, last first: code words come most significant bit first, all else the other way. */
const REVERSED = Uint16Array.from({ length: 512 }, (_, i) => {
  let reversed = 0;
  for (let bit = 0; bit < 9; bit++) reversed |= ((i >> bit) & 1) << (8 - bit);
  return reversed;
});

// Kept between calls, because making them costs more than inflating a document; safe because nothing here waits.
const codeLengths = newCode(19, 7);
const dynamicLiterals = newCode(288, 9);
const dynamicDistances = newCode(32, 7);
const lengths = new Uint8Array(320);
const mentioned = new Uint16Array(288);
const nextIndex = new Uint16Array(LONGEST + 1);
const scratchIn = new Uint8Array(16 * 1024);
const scratchInView = new DataView(scratchIn.buffer);
const scratchOut = new Uint8Array(16 * 1024);

// RFC 1951 §3.2.6. Symbols 286, 287 and distances 30, 31 take part in the code and are refused when they turn up.
const fixedLiterals = newCode(288, 9);
const fixedDistances = newCode(32, 5);
build(fixedLiterals, new Uint8Array(288).fill(8).fill(9, 144).fill(7, 256).fill(8, 280), 0, 288);
build(fixedDistances, new Uint8Array(32).fill(5), 0, 32);

function bases(first: number, extra: Uint8Array): Uint16Array {
  const table = new Uint16Array(extra.length).fill(first);
  for (let i = 1; i < extra.length; i++) table[i] = table[i - 1]! + (1 << extra[i - 1]!);
  return table;
}

function newCode(count: number, width: number): Code {
  const fast = new Uint16Array(1 << width);
  return { width, fast, counts: new Uint16Array(LONGEST + 1), symbols: new Uint16Array(count) };
}

/** The inflated bytes, and how many bytes of the input were used, counted from its beginning. */
export interface Inflated {
  readonly bytes: Uint8Array;
  readonly used: number;
}

/**
 * Inflates the blocks that begin at byte `start`.
 *
 * @param limit of the output, in bytes
 * @throws Broken MALFORMED or LIMIT_EXCEEDED
 */
export function inflateBlocks(input: Uint8Array, start: number, limit: number, room: Room = ownRoom): Inflated {
  const stream = open(input, start, limit);
  let touched = scratchOut.length;
  try {
    blocks(stream);
    const { out, size, position } = stream;
    touched = Math.min(size, touched);
    const made = out.subarray(0, size);
    if (out !== scratchOut) return { bytes: made, used: position >> 3 };
    const bytes = room(size);
    bytes.set(made);
    return { bytes, used: position >> 3 };
  } finally {
    // What a document says must not outlive the call.
    scratchOut.fill(0, 0, touched);
    scratchIn.fill(0, 0, Math.min(input.length, scratchIn.length));
  }
}

function open(bytes: Uint8Array, start: number, limit: number): Stream {
  const { length } = bytes;
  if (length > LARGEST_INPUT) throw new Broken('inflate', 'input too large', 'LIMIT_EXCEEDED');
  const small = length + PADDING <= scratchIn.length;
  const padded = small ? scratchIn : new Uint8Array(length + PADDING);
  padded.set(bytes);
  const guess = length * 4;
  return {
    input: small ? scratchInView : new DataView(padded.buffer),
    end: length * 8,
    position: start * 8,
    limit,
    out: guess <= scratchOut.length ? scratchOut : new Uint8Array(Math.min(limit + SLACK, guess)),
    size: 0,
  };
}

/** RFC 1951 §3.2.3. Leaves the position at the byte after the last one used. */
function blocks(s: Stream): void {
  for (let last = 0; last === 0; ) {
    last = bits(s, 1);
    const type = bits(s, 2);
    if (type === 0) stored(s);
    else if (type === 1) compressed(s, fixedLiterals, fixedDistances);
    else if (type === 2) {
      readCodes(s);
      compressed(s, dynamicLiterals, dynamicDistances);
    } else throw broken('reserved block type');
    makeRoom(s, 0);
  }
  s.position = (s.position + 7) & ~7;
}

/** The next `n` ≤ 16 bits. */
function bits(s: Stream, n: number): number {
  const value = ahead(s) & ((1 << n) - 1);
  s.position += n;
  return value;
}

/** The next 25 bits at least. Those after the end mean nothing; whoever used one is stopped here or at `checkEnd`. */
function ahead(s: Stream): number {
  checkEnd(s);
  return s.input.getInt32(s.position >> 3, true) >>> (s.position & 7);
}

function checkEnd(s: Stream): void {
  if (s.position > s.end) throw truncated();
}

/** RFC 1951 §3.2.4. */
function stored(s: Stream): void {
  const at = (s.position + 7) >> 3;
  const end = s.end >> 3;
  if (at + 4 > end) throw truncated();
  const length = s.input.getUint16(at, true);
  if ((length ^ 0xffff) !== s.input.getUint16(at + 2, true)) throw broken('stored length and its complement');
  if (at + 4 + length > end) throw truncated();
  makeRoom(s, length);
  s.out.set(new Uint8Array(s.input.buffer, at + 4, length), s.size);
  s.size += length;
  s.position = (at + 4 + length) * 8;
}

/** RFC 1951 §3.2.7: reads the two codes of a dynamic block into the scratch tables. */
function readCodes(s: Stream): void {
  const literals = bits(s, 5) + 257;
  const distances = bits(s, 5) + 1;
  const given = bits(s, 4) + 4;
  if (literals > 286 || distances > 30) throw broken('too many length or distance symbols');
  lengths.fill(0, 0, 19);
  for (let i = 0; i < given; i++) lengths[CODE_LENGTH_ORDER[i]!] = bits(s, 3);
  if (build(codeLengths, lengths, 0, 19) !== 0) throw broken('code length code over-subscribed or incomplete');

  const total = literals + distances;
  for (let i = 0; i < total; ) {
    const entry = codeLengths.fast[ahead(s) & 127]!;
    s.position += entry & 15;
    const symbol = entry >> 4;
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    if (symbol === 16 && i === 0) throw broken('repeats a length before the first');
    const value = symbol === 16 ? lengths[i - 1]! : 0;
    const end = i + (symbol === 16 ? 3 + bits(s, 2) : symbol === 17 ? 3 + bits(s, 3) : 11 + bits(s, 7));
    if (end > total) throw broken('more code lengths than symbols');
    while (i < end) lengths[i++] = value;
  }
  checkEnd(s);

  if (lengths[END_OF_BLOCK] === 0) throw broken('no code for the end of the block');
  checkComplete(dynamicLiterals, build(dynamicLiterals, lengths, 0, literals));
  checkComplete(dynamicDistances, build(dynamicDistances, lengths, literals, distances));
}

/** Some compressors write a code of a single one-bit word, or none, where they have one symbol or none: zlib's rule. */
function checkComplete(code: Code, left: number): void {
  if (left < 0) throw broken('over-subscribed Huffman code');
  if (left > 0 && code.counts.some((count, length) => length > 1 && count > 0)) throw broken('incomplete Huffman code');
}

/**
 * Fills `code` from `n` code lengths.
 *
 * @returns 0 if the code is complete, more if bit strings are left without a symbol, less if it is over-subscribed (and
 *   then not to be used)
 */
function build(code: Code, from: Uint8Array, offset: number, n: number): number {
  const { width, fast, counts, symbols } = code;
  counts.fill(0);
  let used = 0;
  for (let i = 0; i < n; i++) {
    const length = from[offset + i]!;
    if (length === 0) continue;
    counts[length]!++;
    mentioned[used++] = i;
  }
  let left = 1;
  let index = 0;
  for (let length = 1; length <= LONGEST; length++) {
    left = left * 2 - counts[length]!;
    if (left < 0) return left;
    nextIndex[length] = index;
    index += counts[length]!;
  }
  for (let i = 0; i < used; i++) {
    const symbol = mentioned[i]!;
    symbols[nextIndex[from[offset + symbol]!]!++] = symbol;
  }
  // The table doubles with the length of the words: what is said of n bits holds whatever the next bit is.
  fast[0] = NONE;
  let word = 0;
  index = 0;
  for (let length = 1; length <= width; length++) {
    fast.copyWithin(1 << (length - 1), 0, 1 << (length - 1));
    word <<= 1;
    for (let end = index + counts[length]!; index < end; index++) {
      fast[REVERSED[word << (9 - length)]!] = (symbols[index]! << 4) | length;
      word++;
    }
  }
  return left;
}

/** A code word longer than the fast table: bit by bit, as RFC 1951 §3.2.2 numbers them. Such words are rare. */
function longWord(code: Code, bits: number): number {
  const { counts, symbols } = code;
  let word = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= LONGEST; length++) {
    word = (word << 1) | ((bits >>> (length - 1)) & 1);
    first <<= 1;
    const count = counts[length]!;
    if (word - first < count) return (symbols[index + word - first]! << 4) | length;
    index += count;
    first += count;
  }
  throw broken('bits that are no code word');
}

/**
 * The inner loop: everything until the end of the block (RFC 1951 §3.2.5).
 *
 * `word` holds the next 25 bits at least after each fetch: room for two words of the fast table and most of a third, so
 * two literals are written for one fetch.
 */
function compressed(s: Stream, literals: Code, distances: Code): void {
  const { input, end } = s;
  const literalFast = literals.fast;
  const literalMask = literalFast.length - 1;
  const distanceFast = distances.fast;
  const distanceMask = distanceFast.length - 1;
  let { position, out, size } = s;
  let room = out.length - SLACK;
  for (;;) {
    // Once per turn is enough: its last fetch is at most 44 bits after its first, which PADDING covers.
    if (position > end) throw truncated();
    if (size > room) {
      s.size = size;
      makeRoom(s, SLACK);
      out = s.out;
      room = out.length - SLACK;
    }
    let word = input.getInt32(position >> 3, true) >>> (position & 7);
    let entry = literalFast[word & literalMask]!;
    if (entry < LITERALS_END) {
      out[size++] = entry >> 4;
      position += entry & 15;
      word >>>= entry & 15;
      entry = literalFast[word & literalMask]!;
      if (entry < LITERALS_END) {
        out[size++] = entry >> 4;
        position += entry & 15;
        continue;
      }
    }
    // 25 bits less one word of the fast table: enough for the longest word.
    if (entry === NONE) entry = longWord(literals, word);
    position += entry & 15;
    let symbol = entry >> 4;
    if (symbol < END_OF_BLOCK) {
      out[size++] = symbol;
      continue;
    }
    if (symbol === END_OF_BLOCK) break;
    symbol -= 257;
    if (symbol > 28) throw broken('length symbol out of range');

    // 5 bits for a length, 15 for a code word.
    word = input.getInt32(position >> 3, true) >>> (position & 7);
    let extra = LENGTH_EXTRA[symbol]!;
    const length = LENGTH_BASE[symbol]! + (word & ((1 << extra) - 1));
    position += extra;
    word >>>= extra;
    entry = distanceFast[word & distanceMask]!;
    if (entry === NONE) entry = longWord(distances, word);
    position += entry & 15;
    symbol = entry >> 4;
    if (symbol > 29) throw broken('distance symbol out of range');

    // Up to 13 for a distance.
    word = input.getInt32(position >> 3, true) >>> (position & 7);
    extra = DISTANCE_EXTRA[symbol]!;
    const distance = DISTANCE_BASE[symbol]! + (word & ((1 << extra) - 1));
    position += extra;
    if (distance > size) throw broken('distance reaches before the start');
    const stop = size + length;
    if (stop > room) {
      s.size = size;
      makeRoom(s, length);
      out = s.out;
      room = out.length - SLACK;
    }
    // Byte by byte, since the copy may overlap what it is making.
    for (let from = size - distance; size < stop; ) out[size++] = out[from++]!;
  }
  s.position = position;
  s.size = size;
  checkEnd(s);
}

/** Memory follows what was really inflated, never what a header claims, and stops at the limit. */
function makeRoom(s: Stream, more: number): void {
  const needed = s.size + more;
  if (needed > s.limit + SLACK || s.size > s.limit) {
    throw new Broken('inflate', 'inflates beyond the limit', 'LIMIT_EXCEEDED');
  }
  if (needed <= s.out.length) return;
  const larger = new Uint8Array(Math.min(s.limit + SLACK, Math.max(needed + SLACK, s.out.length * 2)));
  larger.set(s.out.subarray(0, s.size));
  s.out = larger;
}

function broken(detail: string): Broken {
  return new Broken('inflate', detail);
}

function truncated(): Broken {
  return broken('cut short');
}
