import { joinBytes } from '../codec/bytes.ts';
import { deflate } from '../codec/deflate.ts';
import { crc32 } from '../codec/inflate.ts';
import type { SealFields } from '../codec/seal-writer.ts';
import { encodeUtf8 } from '../codec/utf8.ts';

/** Pixels of one side, and millimetres. */
const SIDE = 96;
const SIZE = 40;

/** What is red, one row for each kind of seal: distances from the middle, in pixels. */
const SHAPES = {
  /** A ring with a five-pointed star, as seals of offices are. */
  office: (x: number, y: number): boolean => ring(x, y) || star(x, y),
  /** A ring that is struck through: nobody shall take it for an office's. */
  conversion: (x: number, y: number): boolean => ring(x, y) || (Math.abs(x + y) < 5 && Math.hypot(x, y) < 44),
} as const;

const ring = (x: number, y: number): boolean => Math.abs(Math.hypot(x, y) - 43) < 3;

function star(x: number, y: number): boolean {
  const fifth = (2 * Math.PI) / 5;
  // Folded into one half of one point, the star is all that lies inside one straight line.
  const angle = Math.abs(((Math.atan2(x, -y) + 7.5 * fifth) % fifth) - fifth / 2);
  return Math.hypot(x, y) * Math.cos(angle + fifth) < 18 * Math.cos(fifth);
}

/** The picture of a seal of our own making: red on nothing. */
export function sealPicture(kind: keyof typeof SHAPES): SealFields['picture'] {
  const rowBytes = 1 + SIDE / 8;
  const rows = new Uint8Array(SIDE * rowBytes);
  const middle = (SIDE - 1) / 2;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      if (SHAPES[kind](x - middle, y - middle)) rows[y * rowBytes + 1 + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  }
  return { type: 'png', data: png(rows), width: SIZE, height: SIZE };
}

/** PNG (ISO/IEC 15948) of one bit a pixel: nothing, and red. */
function png(rows: Uint8Array): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, SIDE);
  view.setUint32(4, SIDE);
  header.set([1, 3], 8);
  return joinBytes([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('PLTE', Uint8Array.of(255, 255, 255, 200, 16, 30)),
    chunk('tRNS', Uint8Array.of(0, 255)),
    chunk('IDAT', deflate(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = joinBytes([encodeUtf8(type), data]);
  const edges = new DataView(new ArrayBuffer(8));
  edges.setUint32(0, data.length);
  edges.setUint32(4, crc32(body));
  return joinBytes([new Uint8Array(edges.buffer, 0, 4), body, new Uint8Array(edges.buffer, 4, 4)]);
}
