import { crc32, deflateSync } from 'node:zlib';
import { writeQr } from '../../src/codec/picture.node.ts';
import { pngGreys, pngParts } from '../../src/codec/png.ts';

/** Makes pictures for the tests, of kinds that no writer of ours makes and some that nobody should. */

export interface Grid {
  readonly width: number;
  readonly height: number;
  /** One byte per pixel, 0 black to 255 white. */
  readonly pixels: Uint8Array;
}

/** A QR code with one pixel per module, the quiet zone of four included. */
export async function qrGrid(text: string, level: 'L' | 'M' = 'M'): Promise<Grid> {
  return pngGreys(pngParts(await writeQr(text, { scale: 1, level })), 255);
}

export function scaled({ width, height, pixels }: Grid, by: number): Grid {
  return drawn(width * by, height * by, (x, y) => pixels[((y / by) | 0) * width + ((x / by) | 0)]!);
}

export function drawn(width: number, height: number, shade: (x: number, y: number) => number): Grid {
  const pixels = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at++) pixels[at] = shade(x, y);
  return { width, height, pixels };
}

/** White, with each grid put where it is told. */
export function sheet(width: number, height: number, parts: readonly (readonly [x: number, y: number, Grid])[]): Grid {
  const pixels = new Uint8Array(width * height).fill(255);
  for (const [left, top, part] of parts) {
    for (let y = 0; y < part.height; y++) {
      pixels.set(part.pixels.subarray(y * part.width, (y + 1) * part.width), (top + y) * width + left);
    }
  }
  return { width, height, pixels };
}

/** As a camera sees it: modules of any size, turned by `angle` radians, between two shades. Nine samples per pixel. */
export function photographed(grid: Grid, size: number, angle: number, dark: number, light: number): Grid {
  const side = Math.ceil(grid.width * size * (angle === 0 ? 1 : 1.45));
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return drawn(side, side, (x, y) => {
    let white = 0;
    for (let i = 0; i < 9; i++) {
      const dx = x + ((i % 3) + 0.5) / 3 - side / 2;
      const dy = y + (((i / 3) | 0) + 0.5) / 3 - side / 2;
      const u = Math.floor((dx * cos + dy * sin) / size + grid.width / 2);
      const v = Math.floor((dy * cos - dx * sin) / size + grid.height / 2);
      const inside = u >= 0 && v >= 0 && u < grid.width && v < grid.height;
      white += !inside || grid.pixels[v * grid.width + u] === 255 ? 1 : 0;
    }
    return dark + ((light - dark) * white) / 9;
  });
}

export function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

export const PNG_MAGIC = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export function pngHead(width: number, height: number, depth = 8, colour = 0, interlace = 0): Uint8Array {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr.set([depth, colour, 0, 0, interlace], 8);
  return Buffer.concat([PNG_MAGIC, chunk('IHDR', ihdr)]);
}

/** A PNG from rows that already carry their filter bytes. */
export function rawPng(head: Uint8Array, rows: Uint8Array, extra: readonly Uint8Array[] = []): Uint8Array {
  return Buffer.concat([head, ...extra, chunk('IDAT', deflateSync(rows)), chunk('IEND', new Uint8Array())]);
}

export function greyPng({ width, height, pixels }: Grid): Uint8Array {
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return rawPng(pngHead(width, height), rows);
}

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const ADAM7 = [0, 0, 8, 8, 4, 0, 8, 8, 0, 4, 4, 8, 2, 0, 4, 4, 0, 2, 2, 4, 1, 0, 2, 2, 0, 1, 1, 2];

/** A PNG of any kind. `samples` gives one pixel's samples; all five filters are used in turn. */
export function anyPng(
  kind: { width: number; height: number; depth: number; colour: number; interlaced: boolean },
  samples: (x: number, y: number) => readonly number[],
  extra: readonly Uint8Array[] = [],
): Uint8Array {
  const { width, height, depth, colour, interlaced } = kind;
  const bits = SAMPLES[colour]! * depth;
  const step = Math.max(1, bits >> 3);
  const rows: Uint8Array[] = [];
  const passes = interlaced ? ADAM7 : [0, 0, 1, 1];
  for (let p = 0; p < passes.length; p += 4) {
    const [x0 = 0, y0 = 0, dx = 1, dy = 1] = passes.slice(p);
    const columns = Math.ceil((width - x0) / dx);
    if (columns <= 0) continue;
    let above = new Uint8Array(Math.ceil((columns * bits) / 8));
    for (let y = y0; y < height; y += dy) {
      const row = new Uint8Array(above.length);
      let bit = 0;
      for (let x = x0; x < width; x += dx) {
        for (const sample of samples(x, y)) {
          if (depth === 16) row[bit >> 3] = sample >> 8;
          row[(bit + depth - 1) >> 3]! |= depth < 8 ? sample << (8 - depth - (bit & 7)) : sample & 255;
          bit += depth;
        }
      }
      rows.push(filtered(row, above, step, rows.length % 5));
      above = row;
    }
  }
  return rawPng(pngHead(width, height, depth, colour, interlaced ? 1 : 0), Buffer.concat(rows), extra);
}

function filtered(row: Uint8Array, above: Uint8Array, step: number, type: number): Uint8Array {
  const out = new Uint8Array(1 + row.length);
  out[0] = type;
  row.forEach((value, i) => {
    const a = row[i - step] ?? 0;
    const b = above[i]!;
    const c = i >= step ? above[i - step]! : 0;
    const nearest = [a, b, c].toSorted((m, n) => Math.abs(a + b - c - m) - Math.abs(a + b - c - n))[0]!;
    out[i + 1] = value - [0, a, b, (a + b) >> 1, nearest][type]!;
  });
  return out;
}

/**
 * A baseline grey JPEG (ITU-T T.81) in which every pixel of the grid becomes a block of 8 × 8, so that each block is
 * its mean alone: twelve DC codes of four bits, and one AC code that says "end of block".
 */
export function jpeg({ width, height, pixels }: Grid): Uint8Array {
  const segment = (marker: number, ...data: number[]) => [
    0xff,
    marker,
    (data.length + 2) >> 8,
    data.length + 2,
    ...data,
  ];
  const counts = (...given: number[]) => [...given, ...Array<number>(16 - given.length).fill(0)];
  const u16 = (value: number) => [value >> 8, value & 255];
  let bits = '';
  let last = 0;
  for (const shade of pixels) {
    const mean = shade - 128;
    const difference = mean - last;
    last = mean;
    const size = Math.abs(difference).toString(2).length * (difference === 0 ? 0 : 1);
    const value = difference < 0 ? difference + 2 ** size - 1 : difference;
    const amount = size > 0 ? value.toString(2).padStart(size, '0') : '';
    bits += `${size.toString(2).padStart(4, '0')}${amount}0`;
  }
  const data = bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '1'), 2));
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, 0, ...Array<number>(64).fill(8)),
    ...segment(0xc0, 8, ...u16(height * 8), ...u16(width * 8), 1, 1, 0x11, 0),
    ...segment(0xc4, 0x00, ...counts(0, 0, 0, 12), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    ...segment(0xc4, 0x10, ...counts(1), 0),
    ...segment(0xda, 1, 1, 0, 0, 63, 0),
    ...data.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])),
    ...[0xff, 0xd9],
  ]);
}
