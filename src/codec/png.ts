import { Broken } from '../document/broken.ts';

/**
 * PNG (ISO/IEC 15948) unpacked to shades of grey, row by row. Ours, because the decoder inside zxing-wasm inflates
 * without a bound (a small header over gigabytes of zeros) and forgets transparency (black on nothing becomes black on
 * black).
 */

const broken = (detail: string) => new Broken('picture', detail);

export const u16 = (bytes: Uint8Array, at: number) => (bytes[at]! << 8) | bytes[at + 1]!;
const u32 = (bytes: Uint8Array, at: number) => u16(bytes, at) * 0x1_0000 + u16(bytes, at + 2);

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
}

const GREY = 0;
const RGB = 2;
const PALETTE = 3;
const GREY_ALPHA = 4;
const RGB_ALPHA = 6;

/** Colour type → samples per pixel and permitted bit depths (clause 11.2.2, table 11.1). */
const COLOURS: Readonly<Record<number, { readonly samples: number; readonly depths: readonly number[] } | undefined>> =
  {
    [GREY]: { samples: 1, depths: [1, 2, 4, 8, 16] },
    [RGB]: { samples: 3, depths: [8, 16] },
    [PALETTE]: { samples: 1, depths: [1, 2, 4, 8] },
    [GREY_ALPHA]: { samples: 2, depths: [8, 16] },
    [RGB_ALPHA]: { samples: 4, depths: [8, 16] },
  };

/** Passes of Adam7 (clause 8.2): first column and row, steps across and down. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const ONE_PASS = [[0, 0, 1, 1]] as const;

const IHDR = 0x49484452;
const PLTE = 0x504c5445;
const TRNS = 0x74524e53;
const IDAT = 0x49444154;
const IEND = 0x49454e44;

export function pngHeader(bytes: Uint8Array): PngHeader {
  if (bytes.length < 33 || u32(bytes, 8) !== 13 || u32(bytes, 12) !== IHDR) throw broken('no PNG header');
  const [depth = 0, colour = 0, compression, filter, interlace = 0] = bytes.subarray(24, 29);
  if (!COLOURS[colour]?.depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) {
    throw broken('no such kind of PNG');
  }
  return { width: u32(bytes, 16), height: u32(bytes, 20), depth, colour, interlaced: interlace === 1 };
}

export interface PngParts extends PngHeader {
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  readonly packed: Uint8Array<ArrayBuffer>[];
}

/** The chunks that matter. Check sums are not verified: a code corrects or refuses its own errors, and is signed. */
export function pngParts(bytes: Uint8Array): PngParts {
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const packed: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = u32(bytes, at);
    const type = u32(bytes, at + 4);
    if (at + 8 + length > bytes.length) throw broken('a PNG chunk ends early');
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === IDAT) packed.push(data as Uint8Array<ArrayBuffer>);
    else if (type === PLTE) palette = data;
    else if (type === TRNS) transparency = data;
    else if (type === IEND) break;
    at += 12 + length;
  }
  return { ...pngHeader(bytes), palette, transparency, packed };
}

/** A picture as one byte per pixel, 0 black to 255 white. */
export interface Greys {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** Some pixel was not opaque, so the picture looks different on another background. */
  readonly seeThrough: boolean;
}

/** Luma of ITU-R BT.601 in 10-bit integers. */
const luma = (red: number, green: number, blue: number) => (306 * red + 601 * green + 117 * blue + 512) >> 10;
const over = (shade: number, alpha: number, background: number) =>
  ((shade * alpha + background * (255 - alpha)) / 255 + 0.5) | 0;

/** Unpacks a PNG, flattened onto a background: 255 white, 0 black. Holds one byte per pixel, two rows and one chunk. */
export async function pngGreys(png: PngParts, background: number): Promise<Greys> {
  const { width, height, depth, colour } = png;
  const pixels = new Uint8Array(width * height);
  let seeThrough = png.transparency !== undefined;
  const sawAlpha = () => {
    seeThrough = true;
  };
  const indexed = colour === PALETTE || (colour === GREY && depth <= 8);
  const paint = indexed ? tablePainter(png, background) : samplePainter(png, background, sawAlpha);
  const bits = COLOURS[colour]!.samples * depth;
  const step = Math.max(1, bits >> 3);
  const { fill, stop } = inflater(png.packed);
  try {
    for (const [x, y, across, down] of png.interlaced ? ADAM7 : ONE_PASS) {
      const columns = Math.ceil((width - x) / across);
      if (columns <= 0) continue;
      // One byte for the filter's type before each row (clause 7.3); above the first row there are zeros (clause 9.2).
      let line = new Uint8Array(1 + Math.ceil((columns * bits) / 8));
      let above = new Uint8Array(line.length);
      for (let row = y; row < height; row += down) {
        await fill(line);
        unfilter(line, above, step);
        paint(line, columns, pixels, row * width + x, across);
        [line, above] = [above, line];
      }
    }
  } finally {
    await stop();
  }
  return { width, height, pixels, seeThrough };
}

/**
 * Bytes out of a zlib stream, as many as are asked for: what a deflate bomb would inflate to beyond that is never
 * made.
 */
function inflater(packed: Uint8Array<ArrayBuffer>[]) {
  const reader = new Blob(packed).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const failed = () => broken('the PNG data are damaged or end early');
  let chunk = new Uint8Array();
  const fill = async (out: Uint8Array): Promise<void> => {
    for (let at = 0; at < out.length; ) {
      if (chunk.length === 0) {
        const next = await reader.read().catch(() => Promise.reject(failed()));
        if (next.done) throw failed();
        chunk = next.value;
      }
      const piece = chunk.subarray(0, out.length - at);
      out.set(piece, at);
      at += piece.length;
      chunk = chunk.subarray(piece.length);
    }
  };
  // A stream that failed says so again when it is cancelled; either `fill` has reported it or it lies behind the last
  // pixel.
  const stop = () => reader.cancel().catch(() => undefined);
  return { fill, stop };
}

/** Undoes the row's filter in place (clause 9.2). `step` is the distance to the pixel on the left, in bytes. */
function unfilter(line: Uint8Array, above: Uint8Array, step: number): void {
  const filter = UNFILTER[line[0]!];
  if (!filter) throw broken('no such PNG filter');
  filter(line, above, step);
}

const UNFILTER: readonly ((line: Uint8Array, above: Uint8Array, step: number) => void)[] = [
  () => undefined,
  (line, _above, step) => {
    for (let i = 1 + step; i < line.length; i++) line[i] = line[i]! + line[i - step]!;
  },
  (line, above) => {
    for (let i = 1; i < line.length; i++) line[i] = line[i]! + above[i]!;
  },
  (line, above, step) => {
    for (let i = 1; i < line.length; i++) line[i] = line[i]! + (((i > step ? line[i - step]! : 0) + above[i]!) >> 1);
  },
  (line, above, step) => {
    for (let i = 1; i < line.length; i++) {
      const a = i > step ? line[i - step]! : 0;
      const b = above[i]!;
      const c = i > step ? above[i - step]! : 0;
      const toA = Math.abs(b - c);
      const toB = Math.abs(a - c);
      const toC = Math.abs(a + b - c - c);
      line[i] = line[i]! + (toA <= toB && toA <= toC ? a : toB <= toC ? b : c);
    }
  },
];

/** Turns one unfiltered row into greys, `step` pixels apart from `at` on. */
type Painter = (line: Uint8Array, columns: number, out: Uint8Array, at: number, step: number) => void;

/** One sample of at most 8 bits is a place in a table. */
function tablePainter(png: PngParts, background: number): Painter {
  const { depth, colour, palette, transparency } = png;
  const shades = new Uint8Array(256);
  const mask = (1 << depth) - 1;
  if (colour === GREY) {
    for (let i = 0; i <= mask; i++) shades[i] = (i * 255) / mask;
    if (transparency) shades[u16(transparency, 0) & mask] = background;
  } else {
    if (!palette) throw broken('a PNG palette is missing');
    for (let i = 0; i * 3 + 2 < palette.length && i <= mask; i++) {
      const shade = luma(palette[i * 3]!, palette[i * 3 + 1]!, palette[i * 3 + 2]!);
      shades[i] = over(shade, transparency?.[i] ?? 255, background);
    }
  }
  return (line, columns, out, at, step) => {
    for (let x = 0; x < columns; x++) {
      const bit = x * depth;
      out[at + x * step] = shades[(line[1 + (bit >> 3)]! >> (8 - depth - (bit & 7))) & mask]!;
    }
  };
}

/** Several samples, or one of 16 bits (of which the high byte counts). */
function samplePainter(png: PngParts, background: number, sawAlpha: () => void): Painter {
  const { colour, transparency } = png;
  const wide = png.depth >> 3;
  const pixel = COLOURS[colour]!.samples * wide;
  const coloured = (colour & RGB) !== 0;
  const alphaAt = (colour & GREY_ALPHA) !== 0 ? pixel - wide : 0;
  // tRNS names one colour in 16-bit samples; with 8 bits only the low bytes count (clause 11.3.2.1).
  const key = transparency?.filter((_, i) => wide === 2 || (i & 1) === 1);
  return (line, columns, out, at, step) => {
    let opaque = 255;
    for (let x = 0, p = 1; x < columns; x++, p += pixel) {
      const shade = coloured ? luma(line[p]!, line[p + wide]!, line[p + 2 * wide]!) : line[p]!;
      let alpha = 255;
      if (alphaAt > 0) alpha = line[p + alphaAt]!;
      else if (key) {
        let same = 0;
        while (same < pixel && key[same] === line[p + same]) same++;
        if (same === pixel) alpha = 0;
      }
      opaque &= alpha;
      out[at + x * step] = alpha === 255 ? shade : over(shade, alpha, background);
    }
    if (opaque !== 255) sawAlpha();
  };
}
