import { adler32 } from './inflate.ts';

// A compressor for what the gateway writes: small documents, in the browser as well. Greedy matching over hash chains
// and one block: stored, with the fixed codes or with its own, whichever is shortest. Equal bytes give equal results.

const WINDOW = 32_768;
const MIN_MATCH = 3;
const MAX_MATCH = 258;
/** How many earlier places are looked at for one match; unbounded, repetitive input would take quadratic time. */
const CHAIN = 64;
const LONGEST_STORED = 0xffff;
const END_OF_BLOCK = 256;
/** RFC 1951 §3.2.7. */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;
const FIXED_LITERALS = new Uint8Array(288).fill(8).fill(9, 144).fill(7, 256).fill(8, 280);
const FIXED_DISTANCES = new Uint8Array(30).fill(5);

/** Bits on their way out, least significant first. */
interface Sink {
  readonly bytes: Uint8Array;
  size: number;
  hold: number;
  count: number;
}

/** Compresses `bytes` (RFC 1951), with the header and checksum of RFC 1950 unless `container` is `raw`. */
export function deflate(bytes: Uint8Array, container: 'zlib' | 'raw' = 'zlib'): Uint8Array {
  const sink: Sink = { bytes: new Uint8Array(storedSize(bytes.length) + 6), size: 0, hold: 0, count: 0 };
  if (container === 'zlib') put(sink, 0x0178, 16);
  writeBlock(sink, bytes);
  put(sink, 0, -sink.count & 7);
  if (container === 'zlib') {
    const sum = adler32(bytes);
    for (let shift = 24; shift >= 0; shift -= 8) put(sink, (sum >>> shift) & 255, 8);
  }
  return sink.bytes.slice(0, sink.size);
}

function writeBlock(sink: Sink, bytes: Uint8Array): void {
  const tokens = matched(bytes);
  const literalCounts = new Uint32Array(286);
  const distanceCounts = new Uint32Array(30);
  let extraBits = 0;
  literalCounts[END_OF_BLOCK] = 1;
  for (const token of tokens) {
    const length = token >>> 16;
    literalCounts[length === 0 ? token : lengthSymbol(length)]!++;
    if (length === 0) continue;
    distanceCounts[distanceSymbol(token & 0xffff)]!++;
    extraBits += lengthExtra(length) + distanceExtra(token & 0xffff);
  }
  const literals = codeLengths(literalCounts, 15);
  const distances = codeLengths(distanceCounts, 15);
  const header = codesHeader(literals, distances);
  const own = header.length + total(literalCounts, literals) + total(distanceCounts, distances) + extraBits;
  const fixed = 3 + total(literalCounts, FIXED_LITERALS) + total(distanceCounts, FIXED_DISTANCES) + extraBits;
  const stored = storedSize(bytes.length) * 8;
  if (stored <= own && stored <= fixed) {
    writeStored(sink, bytes);
  } else if (fixed <= own) {
    put(sink, 1, 1);
    put(sink, 1, 2);
    writeTokens(sink, tokens, FIXED_LITERALS, FIXED_DISTANCES);
  } else {
    for (const [value, n] of header.parts) put(sink, value, n);
    writeTokens(sink, tokens, literals, distances);
  }
}

function total(counts: Uint32Array, lengths: Uint8Array): number {
  return counts.reduce((sum, count, symbol) => sum + count * lengths[symbol]!, 0);
}

/** The text as literals (the byte) and matches (length × 2¹⁶ + distance). */
function matched(bytes: Uint8Array): number[] {
  const tokens: number[] = [];
  // As many chains as bytes, within reason.
  const shift = Math.max(17, Math.clz32(bytes.length | 255));
  const newest = new Int32Array(1 << (32 - shift)).fill(-1);
  const older = new Int32Array(bytes.length);
  const hash = (i: number) =>
    Math.imul((bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!, 0x9e37_79b1) >>> shift;
  const remember = (i: number) => {
    if (i + MIN_MATCH > bytes.length) return;
    const h = hash(i);
    older[i] = newest[h]!;
    newest[h] = i;
  };
  for (let at = 0; at < bytes.length; ) {
    const most = Math.min(MAX_MATCH, bytes.length - at);
    let best = MIN_MATCH - 1;
    let distance = 0;
    let place = most < MIN_MATCH ? -1 : newest[hash(at)]!;
    for (let tries = CHAIN; place >= 0 && at - place <= WINDOW && tries > 0; tries--, place = older[place]!) {
      let length = 0;
      while (length < most && bytes[place + length] === bytes[at + length]) length++;
      if (length <= best) continue;
      best = length;
      distance = at - place;
      if (length === most) break;
    }
    const taken = distance === 0 ? 1 : best;
    tokens.push(distance === 0 ? bytes[at]! : (best << 16) | distance);
    for (const end = at + taken; at < end; at++) remember(at);
  }
  return tokens;
}

// RFC 1951 §3.2.5 as arithmetic: after the first few, each doubling of the range has four (two) symbols.
const lengthExtra = (n: number) => (n < 11 || n === MAX_MATCH ? 0 : 29 - Math.clz32(n - 3));
const lengthSymbol = (n: number) =>
  n === MAX_MATCH ? 285 : 257 + lengthExtra(n) * 4 + ((n - MIN_MATCH) >> lengthExtra(n));
const distanceExtra = (n: number) => (n < 5 ? 0 : 30 - Math.clz32(n - 1));
const distanceSymbol = (n: number) => distanceExtra(n) * 2 + ((n - 1) >> distanceExtra(n));

function writeTokens(sink: Sink, tokens: readonly number[], literals: Uint8Array, distances: Uint8Array): void {
  const literalWords = words(literals);
  const distanceWords = words(distances);
  for (const token of tokens) {
    const length = token >>> 16;
    const symbol = length === 0 ? token : lengthSymbol(length);
    put(sink, literalWords[symbol]!, literals[symbol]!);
    if (length === 0) continue;
    put(sink, length - MIN_MATCH, lengthExtra(length));
    const distance = token & 0xffff;
    const far = distanceSymbol(distance);
    put(sink, distanceWords[far]!, distances[far]!);
    put(sink, distance - 1, distanceExtra(distance));
  }
  put(sink, literalWords[END_OF_BLOCK]!, literals[END_OF_BLOCK]!);
}

function storedSize(length: number): number {
  return length + 5 * Math.max(1, Math.ceil(length / LONGEST_STORED));
}

function writeStored(sink: Sink, bytes: Uint8Array): void {
  let at = 0;
  do {
    const piece = bytes.subarray(at, at + LONGEST_STORED);
    at += piece.length;
    put(sink, at === bytes.length ? 1 : 0, 3);
    put(sink, 0, -sink.count & 7);
    put(sink, piece.length, 16);
    put(sink, ~piece.length, 16);
    sink.bytes.set(piece, sink.size);
    sink.size += piece.length;
  } while (at < bytes.length);
}

/** Lengths of a Huffman code for symbols that occur so often, none longer than `longest`; 0 for those that do not. */
function codeLengths(counts: Uint32Array, longest: number): Uint8Array {
  for (let weights = counts; ; weights = weights.map((n) => (n === 0 ? 0 : (n >> 1) | 1))) {
    const lengths = depths(weights);
    // Halving flattens the tree, in the end to a balanced one, at a loss too small to matter here.
    if (lengths.every((length) => length <= longest)) return lengths;
  }
}

function depths(weights: Uint32Array): Uint8Array {
  const lengths = new Uint8Array(weights.length);
  const leaves = [...weights.keys()].filter((i) => weights[i]! > 0).sort((a, b) => weights[a]! - weights[b]!);
  const n = leaves.length;
  // One symbol alone still takes a bit: a word of no bits cannot be told from none.
  if (n === 1) lengths[leaves[0]!] = 1;
  if (n < 2) return lengths;
  const weight = leaves.map((i) => weights[i]!);
  const parent: number[] = [];
  let leaf = 0;
  let inner = n;
  const lightest = () => (leaf < n && (inner >= weight.length || weight[leaf]! <= weight[inner]!) ? leaf++ : inner++);
  for (let next = n; next < 2 * n - 1; next++) {
    const a = lightest();
    const b = lightest();
    parent[a] = next;
    parent[b] = next;
    weight.push(weight[a]! + weight[b]!);
  }
  const depth = new Uint8Array(2 * n - 1);
  for (let i = 2 * n - 3; i >= 0; i--) depth[i] = depth[parent[i]!]! + 1;
  leaves.forEach((symbol, i) => {
    lengths[symbol] = depth[i]!;
  });
  return lengths;
}

/** The code words of the canonical code with these lengths (RFC 1951 §3.2.2), reversed as they are written. */
function words(lengths: Uint8Array): Uint16Array {
  const next = new Uint16Array(16);
  for (const length of lengths) if (length < 15) next[length + 1]!++;
  // So many words of the length before; with one more bit there are twice as many, and then the first of this length.
  next[1] = 0;
  for (let length = 2; length < 16; length++) next[length] = (next[length - 1]! + next[length]!) << 1;
  const result = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const word = next[length]!++;
    for (let bit = 0; bit < length; bit++) result[symbol]! |= ((word >> bit) & 1) << (length - 1 - bit);
  }
  return result;
}

/** The beginning of a block with its own codes (RFC 1951 §3.2.7): values and how many bits each takes. */
function codesHeader(literals: Uint8Array, distances: Uint8Array): { parts: [number, number][]; length: number } {
  const trim = (lengths: Uint8Array, least: number) =>
    lengths.subarray(0, Math.max(least, lengths.findLastIndex((length) => length > 0) + 1));
  const l = trim(literals, 257);
  const d = trim(distances, 1);
  const all = [...l, ...d];
  /** Symbol, value after it, bits of that value. */
  const runs: [number, number, number][] = [];
  for (let i = 0; i < all.length; ) {
    const value = all[i]!;
    let run = 1;
    while (i + run < all.length && all[i + run] === value) run++;
    i += run;
    if (value !== 0) {
      runs.push([value, 0, 0]);
      run--;
    }
    while (run >= 3) {
      const n = Math.min(run, value !== 0 ? 6 : 138);
      runs.push(value !== 0 ? [16, n - 3, 2] : n < 11 ? [17, n - 3, 3] : [18, n - 11, 7]);
      run -= n;
    }
    for (; run > 0; run--) runs.push([value, 0, 0]);
  }
  const counts = new Uint32Array(19);
  for (const [symbol] of runs) counts[symbol]!++;
  const lengths = codeLengths(counts, 7);
  const code = words(lengths);
  const given = Math.max(4, CODE_LENGTH_ORDER.findLastIndex((symbol) => lengths[symbol]! > 0) + 1);
  const parts: [number, number][] = [
    [1, 1],
    [2, 2],
    [l.length - 257, 5],
    [d.length - 1, 5],
    [given - 4, 4],
    ...CODE_LENGTH_ORDER.slice(0, given).map((symbol): [number, number] => [lengths[symbol]!, 3]),
    ...runs.flatMap(([symbol, value, n]): [number, number][] => [
      [code[symbol]!, lengths[symbol]!],
      [value, n],
    ]),
  ];
  return { parts, length: parts.reduce((sum, [, n]) => sum + n, 0) };
}

/** The low `n` ≤ 16 bits of `value`. */
function put(sink: Sink, value: number, n: number): void {
  sink.hold |= (value & ((1 << n) - 1)) << sink.count;
  for (sink.count += n; sink.count >= 8; sink.count -= 8) {
    sink.bytes[sink.size++] = sink.hold & 255;
    sink.hold >>>= 8;
  }
}
