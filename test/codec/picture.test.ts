import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CreatableBarcodeFormat, writeBarcode } from 'zxing-wasm/writer';
import {
  type NodePictureReader,
  nodePictureReader,
  startPictureReader,
  writeQr,
} from '../../src/codec/picture.node.ts';
import { pictureSize } from '../../src/codec/picture.ts';
import { pictureKind } from '../../src/codec/picture-kind.ts';
import { pngGreys, pngParts } from '../../src/codec/png.ts';
import { anyPng, chunk, drawn, type Grid, greyPng, jpeg, photographed, qrGrid, scaled, sheet } from './picture.make.ts';

let reader: NodePictureReader;
beforeAll(async () => {
  reader = await nodePictureReader();
});
afterAll(() => reader.close());

const texts = async (picture: Uint8Array) => (await reader.read(picture)).map((code) => code.text);

describe('the header alone', () => {
  it('tells PNG and JPEG by their first bytes', async () => {
    expect(pictureKind(await writeQr('A'))).toBe('png');
    expect(pictureKind(jpeg(drawn(1, 1, () => 0)))).toBe('jpeg');
    expect(pictureKind(Uint8Array.from([0x47, 0x49, 0x46, 0x38, 0x39, 0x61]))).toBeUndefined();
    expect(pictureKind(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))).toBeUndefined();
    expect(pictureKind(new Uint8Array())).toBeUndefined();
  });

  it('gives width and height', () => {
    expect(pictureSize(greyPng(drawn(37, 21, () => 0)))).toEqual({ width: 37, height: 21 });
    expect(pictureSize(jpeg(drawn(5, 3, () => 0)))).toEqual({ width: 40, height: 24 });
    expect(pictureSize(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});

describe('every kind of PNG (ISO/IEC 15948, table 11.1)', () => {
  const kinds = [
    ...[1, 2, 4, 8, 16].map((depth) => ({ colour: 0, depth })),
    ...[8, 16].map((depth) => ({ colour: 2, depth })),
    ...[1, 2, 4, 8].map((depth) => ({ colour: 3, depth })),
    ...[8, 16].map((depth) => ({ colour: 4, depth })),
    ...[8, 16].map((depth) => ({ colour: 6, depth })),
  ].flatMap((kind) => [false, true].map((interlaced) => ({ ...kind, interlaced })));

  // Palette entry 0 is dark blue, 1 is pale yellow.
  const palette = chunk('PLTE', Uint8Array.of(0, 0, 120, 255, 255, 190));
  const blank = 0;

  it.each(kinds)('colour type $colour, $depth bits, interlaced: $interlaced', async ({ colour, depth, interlaced }) => {
    const { width, height, pixels } = scaled(await qrGrid('HC1:KIND'), 3);
    const full = colour === 3 ? 1 : 2 ** depth - 1;
    const painted = [1, 1, 3, 1, 1, 1, 3][colour]!;
    const picture = anyPng(
      { width, height, depth, colour, interlaced },
      (x, y) => {
        const shade = pixels[y * width + x] === 255 ? full : 0;
        return [...Array<number>(painted).fill(shade), ...(colour >= 4 ? [full] : [])];
      },
      colour === 3 ? [palette] : [],
    );
    expect(await texts(picture)).toEqual(['HC1:KIND']);
  });

  const greysOf = async (png: Uint8Array, background = 255) => {
    const { pixels, seeThrough } = await pngGreys(pngParts(png), background);
    return { greys: [...pixels], seeThrough };
  };
  const row = (colour: number, depth: number, samples: number[][], extra: Uint8Array[] = []) =>
    anyPng({ width: samples.length, height: 1, depth, colour, interlaced: false }, (x) => samples[x]!, extra);

  it.each([
    { what: '2-bit grey spread over 0–255', png: row(0, 2, [[0], [1], [2], [3]]), greys: [0, 85, 170, 255] },
    { what: 'the high byte of 16-bit grey', png: row(0, 16, [[0x1234], [0xfffe]]), greys: [0x12, 0xff] },
    {
      what: 'luma of red, green and blue',
      png: row(2, 8, [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
      ]),
      greys: [76, 150, 29],
    },
    { what: 'a palette entry that is not there as black', png: row(3, 8, [[1], [7]], [palette]), greys: [248, blank] },
  ])('$what', async ({ png, greys }) => {
    expect(await greysOf(png)).toEqual({ greys, seeThrough: false });
  });

  it.each([
    {
      what: 'grey with alpha',
      png: row(4, 8, [
        [0, 0],
        [0, 128],
        [0, 255],
        [100, 255],
      ]),
      white: [255, 127, 0, 100],
    },
    {
      what: '16-bit RGB with alpha',
      png: row(6, 16, [
        [0, 0, 0, 0],
        [0, 0, 0, 65535],
      ]),
      white: [255, 0],
    },
    {
      what: 'palette with tRNS, which may be shorter than the palette',
      png: row(3, 1, [[0], [1]], [palette, chunk('tRNS', Uint8Array.of(0))]),
      white: [255, 248],
    },
    {
      what: 'grey with one clear shade',
      png: row(0, 4, [[3], [15]], [chunk('tRNS', Uint8Array.of(0, 3))]),
      white: [255, 255],
    },
    {
      what: '8-bit RGB with one clear colour',
      png: row(
        2,
        8,
        [
          [1, 2, 3],
          [1, 2, 4],
        ],
        [chunk('tRNS', Uint8Array.of(0, 1, 0, 2, 0, 3))],
      ),
      white: [255, 2],
    },
    {
      what: '16-bit RGB with one clear colour, both bytes compared',
      png: row(
        2,
        16,
        [
          [1, 2, 3],
          [1, 2, 0x103],
        ],
        [chunk('tRNS', Uint8Array.of(0, 1, 0, 2, 0, 3))],
      ),
      white: [255, 0],
    },
  ])('$what, laid over white', async ({ png, white }) => {
    expect(await greysOf(png)).toEqual({ greys: white, seeThrough: true });
  });
});

describe('what a code says', () => {
  it('is the text that was encoded, and its UTF-8 bytes', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((s) => s.isWellFormed());
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const [code, ...rest] = await reader.read(await writeQr(content, { scale: 2 }));
        expect(rest).toEqual([]);
        expect(code).toEqual({ text: content, bytes: new TextEncoder().encode(content), symbology: 'QR Code' });
      }),
      { numRuns: 60 },
    );
  });

  it('is read as UTF-8 where no character set is given', async () => {
    const han = fc.string({
      unit: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((c) => String.fromCodePoint(c)),
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(han, async (content) => {
        expect(await texts(await writeQr(new TextEncoder().encode(content), { scale: 2 }))).toEqual([content]);
      }),
      { numRuns: 40 },
    );
  });

  it('is any bytes, as they were', async () => {
    const every = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect((await reader.read(await writeQr(every)))[0]?.bytes).toEqual(every);
  });

  it.each<[CreatableBarcodeFormat, string]>([
    ['QRCode', 'QR Code'],
    ['DataMatrix', 'Data Matrix'],
    ['AztecCode', 'Aztec'],
    ['PDF417', 'PDF417'],
  ])('%s is named %s', async (format, symbology) => {
    await writeQr('the writer is loaded from node_modules');
    const { image } = await writeBarcode('AH1:SYMBOL', { format, scale: 4 });
    const picture = new Uint8Array(await image!.arrayBuffer());
    expect(await reader.read(picture)).toMatchObject([{ text: 'AH1:SYMBOL', symbology }]);
  });

  it('is nothing for a bar code, which carries no document', async () => {
    const { image } = await writeBarcode('AH1-SYMBOL', { format: 'Code128', scale: 3 });
    expect(await reader.read(new Uint8Array(await image!.arrayBuffer()))).toEqual([]);
  });
});

describe('several codes', () => {
  it('come from top to bottom, and left to right in one row', async () => {
    const [a, b, c] = await Promise.all(['FIRST', 'SECOND', 'THIRD'].map(async (t) => scaled(await qrGrid(t), 4)));
    const page = sheet(400, 400, [
      [10, 220, c!],
      [250, 20, b!],
      [20, 20, a!],
    ]);
    expect(await texts(greyPng(page))).toEqual(['FIRST', 'SECOND', 'THIRD']);
  });

  it('with the same content count once', async () => {
    const code = scaled(await qrGrid('TWICE'), 4);
    expect(
      await texts(
        greyPng(
          sheet(300, 300, [
            [0, 0, code],
            [150, 150, code],
          ]),
        ),
      ),
    ).toEqual(['TWICE']);
  });

  const pageOf = async (count: number) => {
    const codes = await Promise.all(Array.from({ length: count }, async (_, i) => scaled(await qrGrid(`N${i}`), 3)));
    return greyPng(
      sheet(
        500,
        500,
        codes.map((code, i) => [(i % 5) * 100, ((i / 5) | 0) * 100, code] as const),
      ),
    );
  };

  it('are sixteen at most; more are refused, so that none is lost unseen', async () => {
    expect(await texts(await pageOf(16))).toEqual(Array.from({ length: 16 }, (_, i) => `N${i}`));
    await expect(reader.read(await pageOf(17))).rejects.toMatchObject({ name: 'Broken', code: 'LIMIT_EXCEEDED' });
  });
});

describe('pictures that are hard to read', () => {
  const rgba = ({ width, height, pixels }: Grid, ink: number[], ground: number[]) =>
    anyPng({ width, height, depth: 8, colour: 6, interlaced: false }, (x, y) =>
      pixels[y * width + x] === 0 ? ink : ground,
    );
  const nothing = [0, 0, 0, 0];

  it('black on nothing, where nothing is black with alpha 0', async () => {
    expect(await texts(rgba(scaled(await qrGrid('CLEAR'), 4), [0, 0, 0, 255], nothing))).toEqual(['CLEAR']);
  });

  it('white on nothing, made for dark screens', async () => {
    const grid = scaled(await qrGrid('DARK'), 4);
    expect(await texts(rgba(grid, nothing, [255, 255, 255, 255]))).toEqual(['DARK']);
    expect(await texts(rgba(grid, [255, 255, 255, 255], nothing))).toEqual(['DARK']);
  });

  it('reversed, and without a quiet zone', async () => {
    const { width, height, pixels } = scaled(await qrGrid('REVERSED'), 4);
    expect(await texts(greyPng({ width, height, pixels: pixels.map((p) => 255 - p) }))).toEqual(['REVERSED']);
    expect(await texts(await writeQr('NO QUIET ZONE', { quietZone: false }))).toEqual(['NO QUIET ZONE']);
  });

  it('one pixel per module', async () => {
    expect(await texts(await writeQr('TINY', { scale: 1 }))).toEqual(['TINY']);
  });

  it('turned by a quarter', async () => {
    const { width, pixels } = scaled(await qrGrid('TURNED'), 4);
    const turned = drawn(width, width, (x, y) => pixels[x * width + (width - 1 - y)]!);
    expect(await texts(greyPng(turned))).toEqual(['TURNED']);
  });

  const long = `HC1:${'0123456789ABCDEFGHIJ'.repeat(25)}`;
  it.each([
    { second: 'another binarizer', text: long, size: 1.3, angle: 0.2 },
    { second: 'twice the size', text: long, size: 1.8, angle: 0.8 },
    { second: 'twice the size', text: 'HC1:TEST', size: 1.2, angle: 0 },
  ])('modules of $size pixels turned by $angle, on a second look with $second', async ({ text, size, angle }) => {
    expect(await texts(greyPng(photographed(await qrGrid(text), size, angle, 0, 255)))).toEqual([text]);
  });

  it('JPEG', async () => {
    expect(await texts(jpeg(await qrGrid('BLOCKS')))).toEqual(['BLOCKS']);
  });

  it('JPEG with something behind it, as phones append films', async () => {
    expect(await texts(Buffer.concat([jpeg(await qrGrid('BLOCKS')), Buffer.alloc(5000, 0xda)]))).toEqual(['BLOCKS']);
  });
});

describe('writing', () => {
  it('says when the content does not fit', async () => {
    await expect(writeQr('x'.repeat(3000))).rejects.toThrow(RangeError);
  });

  it('takes level and scale', async () => {
    const [low, high] = await Promise.all([
      writeQr('LEVEL'.repeat(9), { level: 'L' }),
      writeQr('LEVEL'.repeat(9), { level: 'H' }),
    ]);
    expect(pictureSize(high)!.width).toBeGreaterThan(pictureSize(low)!.width);
    // Version 1 has 21 modules and a quiet zone of four on each side.
    expect(pictureSize(await writeQr('A', { scale: 5 }))).toEqual({ width: 145, height: 145 });
    expect(pictureSize(await writeQr('A', { scale: 5, quietZone: false }))).toEqual({ width: 105, height: 105 });
  });
});

describe('the thread', () => {
  it('is one for the process', async () => {
    expect(await nodePictureReader()).toBe(reader);
  });

  it('answers each with its own', async () => {
    const pictures = await Promise.all(['A', 'B', 'C'].map((text) => writeQr(text)));
    expect(await Promise.all(pictures.map(texts))).toEqual([['A'], ['B'], ['C']]);
  });

  it('starts again after it was closed', async () => {
    const own = await startPictureReader();
    expect(await own.read(await writeQr('ONE'))).toHaveLength(1);
    await own.close();
    expect(await own.read(await writeQr('TWO'))).toHaveLength(1);
    await own.close();
  });

  it('keeps the process until it has answered, and no longer', async () => {
    const room = fileURLToPath(new URL('../../src/codec/picture.node.ts', import.meta.url));
    const script = `
      const { nodePictureReader, writeQr } = await import(${JSON.stringify(room)});
      const reader = await nodePictureReader();
      reader.read(await writeQr('LAST')).then(([code]) => console.log(code.text));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toBe('LAST\n');
  });
});

const shared = new URL('../../../shared/data/dcc/', import.meta.url);
const here = (path: string) => fileURLToPath(new URL(path, shared));

const qa = here('dcc-quality-assurance');
if (!existsSync(qa)) console.warn('skipped: the pictures of dcc-quality-assurance are not here');
describe.skipIf(!existsSync(qa))('pictures of real documents', () => {
  const files = existsSync(qa)
    ? readFileSync(`${qa}/EXPECTED.jsonl`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { file: string }).file)
    : [];

  it('are all read', { timeout: 120_000 }, async () => {
    expect(files).toHaveLength(197);
    const unread: string[] = [];
    for (const file of files) {
      const found = await texts(readFileSync(`${qa}/${file}`));
      if (found.length !== 1 || !found[0]!.startsWith('HC1:')) unread.push(file);
    }
    expect(unread).toEqual([]);
  });
});

const testdata = here('dgc-testdata');
if (!existsSync(testdata)) console.warn('skipped: the pictures of dgc-testdata are not here');
describe.skipIf(!existsSync(testdata))('pictures of the test data of member states', () => {
  interface Case {
    readonly PREFIX?: string;
    readonly '2DCODE'?: string;
    readonly EXPECTEDRESULTS: { readonly EXPECTEDPICTUREDECODE?: boolean };
  }

  it('say what their label says', { timeout: 120_000 }, async () => {
    const other: string[] = [];
    let labelled = 0;
    let unlabelled = 0;
    let without = 0;
    for (const file of globSync('**/raw/*.json', { cwd: testdata })) {
      const given = JSON.parse(readFileSync(`${testdata}/${file}`, 'utf8')) as Case;
      const expected = given.EXPECTEDRESULTS.EXPECTEDPICTUREDECODE;
      if (given['2DCODE'] === undefined) {
        without++;
        continue;
      }
      if (expected === true) labelled++;
      else unlabelled++;
      const found = await texts(Buffer.from(given['2DCODE'], 'base64'));
      if (found.length !== 1 || found[0] !== given.PREFIX) other.push(file);
    }
    expect({ labelled, unlabelled, without, other }).toEqual({ labelled: 242, unlabelled: 14, without: 16, other: [] });
  });
});
