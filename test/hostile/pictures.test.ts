import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startPictureReader, writeQr } from '../../src/codec/picture.node.ts';
import { createPictureReader, PICTURE_LIMITS, type PictureReader, pictureSize } from '../../src/codec/picture.ts';
import { Broken } from '../../src/document/broken.ts';
import {
  chunk,
  drawn,
  greyPng,
  jpeg,
  PNG_MAGIC,
  pngHead,
  qrGrid,
  rawPng,
  scaled,
  sheet,
} from '../codec/picture.make.ts';

/** The decoder's modules as the reader made them, what they gave and what was freed, and a way to make one abort. */
const decoder = vi.hoisted(() => ({
  modules: [] as { readonly HEAPU8: Uint8Array }[],
  /** The module that was last shown pixels. */
  shown: undefined as { readonly HEAPU8: Uint8Array } | undefined,
  given: 0,
  freed: 0,
  abortNext: false,
}));

vi.mock('zxing-wasm/reader', async (original) => {
  const real = await original<typeof import('zxing-wasm/reader')>();
  const prepareZXingModule = async (options: { fireImmediately: true }) => {
    const module = await real.prepareZXingModule(options);
    let aborted = false;
    const watched = <A extends unknown[], R>(call: (...args: A) => R) =>
      ((...args: A) => {
        aborted ||= decoder.abortNext;
        decoder.abortNext = false;
        // An Emscripten module that has aborted fails in every later call.
        if (aborted) throw new WebAssembly.RuntimeError('Aborted(). Build with -sASSERTIONS for more info.');
        const results = call(...args) as R & { delete(): void };
        decoder.given++;
        const free = results.delete.bind(results);
        results.delete = () => {
          decoder.freed++;
          free();
        };
        return results;
      }) as (...args: A) => R;
    module.readBarcodesFromImage = watched(module.readBarcodesFromImage);
    const readPixels = watched(module.readBarcodesFromPixmap);
    const seen = module as unknown as { readonly HEAPU8: Uint8Array };
    module.readBarcodesFromPixmap = (...args) => {
      decoder.shown = seen;
      return readPixels(...args);
    };
    decoder.modules.push(seen);
    return module;
  };
  return { ...real, prepareZXingModule };
});

const wasm = readFileSync(fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')));

let reader: PictureReader;
let good: Uint8Array;
beforeAll(async () => {
  reader = await createPictureReader(wasm);
  good = await writeQr('HC1:STILL HERE');
});

const malformed = { name: 'Broken', part: 'picture', code: 'MALFORMED' };
const beyond = { name: 'Broken', part: 'picture', code: 'LIMIT_EXCEEDED' };
const ascii = (text: string) => new TextEncoder().encode(text);

afterEach(async () => {
  expect(await reader.read(good)).toMatchObject([{ text: 'HC1:STILL HERE' }]);
});

const scanHeader = Uint8Array.of(0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0);
const frameHeader = (height: number, width: number, marker = 0xc0) =>
  Uint8Array.of(0xff, marker, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0);
const soi = Uint8Array.of(0xff, 0xd8);
const eoi = Uint8Array.of(0xff, 0xd9);
const join = (...parts: Uint8Array[]) => Buffer.concat(parts);

describe('what is no picture', () => {
  it.each([
    { what: 'nothing', bytes: new Uint8Array() },
    { what: 'text', bytes: ascii('HC1:6BF+70790T9WJWG.FKY*4GO0') },
    { what: 'a GIF', bytes: ascii('GIF89a\x01\x00\x01\x00\x00\x00\x00;') },
    { what: 'half of the magic bytes', bytes: PNG_MAGIC.subarray(0, 4) },
    { what: 'the magic bytes of a PNG alone', bytes: PNG_MAGIC },
    { what: 'the magic bytes of a JPEG alone', bytes: Uint8Array.of(0xff, 0xd8, 0xff) },
    { what: 'a text file with the magic bytes of a PNG', bytes: join(PNG_MAGIC, ascii('a text file '.repeat(100))) },
  ])('$what is malformed', async ({ bytes }) => {
    await expect(reader.read(bytes)).rejects.toMatchObject(malformed);
  });

  // Noise may begin like a header, of a picture that would be too large: then that is what is said of it.
  it.each([
    { what: 'a PNG', bytes: join(PNG_MAGIC, randomBytes(10_000_000)) },
    { what: 'a JPEG', bytes: join(soi, Uint8Array.of(0xff), randomBytes(10_000_000)) },
  ])('10 MB of noise with the magic bytes of $what is refused', async ({ bytes }) => {
    await expect(reader.read(bytes)).rejects.toMatchObject({ name: 'Broken', part: 'picture' });
  });
});

describe('picture bombs', () => {
  it.each([
    {
      what: 'a PNG of 50 KB that claims 60 000 × 60 000 pixels',
      bytes: rawPng(pngHead(60_000, 60_000), new Uint8Array(50_000_000)),
    },
    {
      what: 'a PNG that claims 2³² − 1 pixels each way',
      bytes: rawPng(pngHead(0xffff_ffff, 0xffff_ffff), Uint8Array.of(0)),
    },
    { what: 'a PNG of one endless row', bytes: rawPng(pngHead(39_000_000, 1, 16, 6), Uint8Array.of(0)) },
    {
      what: 'a JPEG that claims 65 535 × 65 535 pixels',
      bytes: join(soi, frameHeader(65_535, 65_535), scanHeader, eoi),
    },
    { what: 'more than 20 MB, whatever is in it', bytes: join(PNG_MAGIC, Buffer.alloc(PICTURE_LIMITS.bytes)) },
  ])('$what is refused before anything is decoded', async ({ bytes }) => {
    const asked = decoder.given;
    await expect(reader.read(bytes)).rejects.toMatchObject(beyond);
    expect(() => pictureSize(bytes)).toThrow(Broken);
    expect(decoder.given).toBe(asked);
  });

  it('a small PNG over 200 MB of zeros is unpacked as far as its header says', async () => {
    await reader.read(good);
    const heap = decoder.shown!.HEAPU8.length;
    expect(await reader.read(rawPng(pngHead(100, 100), new Uint8Array(200_000_000)))).toEqual([]);
    expect(decoder.shown!.HEAPU8.length).toBe(heap);
  });

  it('a progressive JPEG with a scan too many is refused: each costs a walk over all its blocks', async () => {
    const scans = (count: number) => Array.from({ length: count }, () => scanHeader);
    const bomb = join(soi, frameHeader(6000, 6000, 0xc2), ...scans(PICTURE_LIMITS.scans + 1), eoi);
    await expect(reader.read(bomb)).rejects.toMatchObject(beyond);
  });

  it('the largest permitted picture is read, and the memory it took is given back', async () => {
    const side = 6300;
    const code = scaled(await qrGrid('HC1:LARGE'), 20);
    const modules = decoder.modules.length;
    expect(await reader.read(greyPng(sheet(side, side, [[3000, 3000, code]])))).toMatchObject([{ text: 'HC1:LARGE' }]);
    await reader.read(good);
    expect(decoder.modules.length).toBe(modules + 1);
    expect(decoder.shown!.HEAPU8.length).toBeLessThan(32 * 1024 * 1024);
  });

  it('a picture full of finder patterns is given up at the deadline, and does not hold up anything else', async () => {
    const FINDER = [0x7f, 0x41, 0x5d, 0x5d, 0x5d, 0x41, 0x7f, 0];
    const tiled = greyPng(drawn(3000, 3000, (x, y) => (((FINDER[y & 7]! >> (x & 7)) & 1) === 1 ? 0 : 255)));
    expect(tiled.length).toBeLessThan(50_000);
    const own = await startPictureReader({ deadline: 1000 });
    let ticks = 0;
    const clock = setInterval(() => ticks++, 50);
    await expect(own.read(tiled)).rejects.toMatchObject(beyond);
    clearInterval(clock);
    expect(ticks).toBeGreaterThan(3);
    expect(await own.read(good)).toHaveLength(1);
    await own.close();
  });
});

describe('pictures that are cut short', () => {
  const sixteenths = Array.from({ length: 15 }, (_, i) => i + 1);

  it.each(sixteenths)('a PNG after %i/16', async (part) => {
    const whole = await writeQr(`HC1:${'CUT'.repeat(200)}`);
    await expect(reader.read(whole.subarray(0, (whole.length * part) >> 4))).rejects.toMatchObject(malformed);
  });

  it.each(sixteenths)('a JPEG after %i/16', async (part) => {
    const whole = jpeg(await qrGrid('HC1:CUT'));
    await expect(reader.read(whole.subarray(0, (whole.length * part) >> 4))).rejects.toMatchObject(malformed);
  });
});

describe('pictures that are wrong inside', () => {
  const head = pngHead(8, 8);
  const rows = new Uint8Array(9 * 8);
  it.each([
    { what: 'PNG without width', bytes: rawPng(pngHead(0, 8), rows) },
    { what: 'PNG of 3 bits per sample', bytes: rawPng(pngHead(8, 8, 3), rows) },
    { what: 'PNG of colour type 5', bytes: rawPng(pngHead(8, 8, 8, 5), rows) },
    { what: 'PNG with an interlace method that does not exist', bytes: rawPng(pngHead(8, 8, 8, 0, 2), rows) },
    { what: 'PNG with a filter that does not exist', bytes: rawPng(head, rows.with(0, 5)) },
    { what: 'PNG without picture data', bytes: join(head, chunk('IEND', new Uint8Array())) },
    { what: 'PNG with a row missing', bytes: rawPng(head, rows.subarray(9)) },
    { what: 'PNG whose data are no zlib stream', bytes: join(head, chunk('IDAT', randomBytes(500).fill(0xff, 0, 2))) },
    { what: 'PNG with a palette to look up and none there', bytes: rawPng(pngHead(8, 8, 8, 3), rows) },
    {
      what: 'PNG with a chunk longer than the file',
      bytes: join(head, Uint8Array.of(0xff, 0xff, 0xff, 0xff), ascii('IDAT'), deflateSync(rows)),
    },
    { what: 'JPEG without height', bytes: join(soi, frameHeader(0, 8), scanHeader, eoi) },
    { what: 'JPEG without a frame', bytes: join(soi, eoi, Buffer.alloc(20)) },
    { what: 'JPEG with a scan before its frame', bytes: join(soi, scanHeader, frameHeader(8, 8), eoi) },
    { what: 'JPEG with a frame and no scan', bytes: join(soi, frameHeader(8, 8), eoi) },
    {
      what: 'JPEG with a segment of length 0',
      bytes: join(soi, Uint8Array.of(0xff, 0xe0, 0, 0), frameHeader(8, 8), eoi),
    },
    {
      what: 'JPEG with a frame header that is too short',
      bytes: join(soi, Uint8Array.of(0xff, 0xc0, 0, 4, 8, 8), eoi),
    },
    {
      what: 'JPEG whose real frame is hidden behind what a lenient decoder skips',
      bytes: join(soi, Uint8Array.of(0xff, 0xe0, 0, 2, 0, 0), frameHeader(65_535, 65_535), scanHeader, eoi),
    },
    {
      what: 'lossless JPEG, which the decoder does not know',
      bytes: join(soi, frameHeader(8, 8, 0xc3), scanHeader, eoi),
    },
  ])('$what', async ({ bytes }) => {
    await expect(reader.read(bytes)).rejects.toMatchObject(malformed);
  });

  it('a second frame, which claims more than the first, ends the picture', async () => {
    const whole = Buffer.from(jpeg(await qrGrid('HC1:TWO')));
    const at = whole.indexOf(Uint8Array.of(0xff, 0xda));
    const heap = decoder.modules.at(-1)!.HEAPU8.length;
    expect(await reader.read(join(whole.subarray(0, at), frameHeader(60_000, 60_000), whole.subarray(at)))).toEqual([]);
    expect(decoder.modules.at(-1)!.HEAPU8.length).toBe(heap);
  });

  it('a scan behind a false end is not decoded: it was not counted either', async () => {
    const whole = Buffer.from(jpeg(await qrGrid('HC1:BEHIND')));
    const white = Buffer.from(jpeg(drawn(29, 29, () => 255)));
    const from = (bytes: Buffer) => bytes.indexOf(Uint8Array.of(0xff, 0xda));
    const comment = Uint8Array.of(0xff, 0xfe, 0, 4, 0xff, 0xd9);
    const two = (between: Uint8Array) => join(white.subarray(0, -2), between, whole.subarray(from(whole)));
    expect(white.subarray(0, from(white))).toEqual(whole.subarray(0, from(whole)));
    expect(await reader.read(two(new Uint8Array()))).toHaveLength(1);
    expect(await reader.read(two(comment))).toEqual([]);
  });

  it('any bytes changed give codes, no codes or Broken, and nothing else', async () => {
    const originals = [await writeQr('HC1:FUZZ'), jpeg(await qrGrid('HC1:FUZZ'))];
    const change = fc.tuple(fc.nat(2000), fc.nat(255));
    // A changed byte may claim a width of ten thousands: in its own thread, with a deadline, as pictures are read in the gateway.
    const own = await startPictureReader({ deadline: 3_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals),
        fc.array(change, { minLength: 1, maxLength: 12 }),
        async (original, changes) => {
          const bytes = original.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const result = await own.read(bytes).catch((error: unknown) => error);
          expect(result instanceof Broken || Array.isArray(result)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
    await own.close();
  });
});

describe('pictures without a code', () => {
  it.each([
    { what: 'one pixel', picture: greyPng(drawn(1, 1, () => 0)) },
    { what: 'white', picture: greyPng(drawn(300, 200, () => 255)) },
    { what: 'stripes', picture: greyPng(drawn(300, 200, (x) => (x & 4) * 60)) },
    { what: 'noise', picture: greyPng({ width: 400, height: 400, pixels: randomBytes(160_000) }) },
    { what: 'a grey JPEG', picture: jpeg(drawn(30, 30, (x, y) => x * y)) },
  ])('$what: an empty list', async ({ picture }) => {
    expect(await reader.read(picture)).toEqual([]);
  });

  it('a code with its middle torn out is not guessed', async () => {
    const grid = scaled(await qrGrid(`HC1:${'TORN'.repeat(50)}`), 4);
    const torn = drawn(grid.width, grid.height, (x, y) =>
      x > 60 && y > 60 && x < grid.width - 60 && y < grid.height - 60 ? 255 : grid.pixels[y * grid.width + x]!,
    );
    expect(await reader.read(greyPng(torn))).toEqual([]);
  });
});

it('a JPEG that stops after its first block does not show the picture of the person before', async () => {
  const grid = await qrGrid(`HC1:${'ANOTHER PERSON'.repeat(3)}`);
  const whole = Buffer.from(jpeg(grid));
  const scan = whole.indexOf(Uint8Array.of(0xff, 0xda));
  // With a restart interval of one block the decoder takes the missing rest as it finds it in memory.
  const restart = Uint8Array.of(0xff, 0xdd, 0, 4, 0, 1);
  const stopsEarly = join(whole.subarray(0, scan), restart, scanHeader, Uint8Array.of(0b111), eoi);
  const own = await createPictureReader(wasm);
  for (const earlier of [whole, greyPng(scaled(grid, 8)), whole]) {
    expect(await own.read(earlier)).toHaveLength(1);
    expect(await own.read(stopsEarly)).toEqual([]);
  }
});

it('two codes in one picture are both told: which one counts is not for the reader to choose', async () => {
  const [genuine, planted] = await Promise.all(
    ['HC1:GENUINE', 'HC1:PLANTED'].map(async (t) => scaled(await qrGrid(t), 4)),
  );
  const page = sheet(300, 300, [
    [0, 0, genuine!],
    [160, 160, planted!],
  ]);
  expect((await reader.read(greyPng(page))).map((code) => code.text)).toEqual(['HC1:GENUINE', 'HC1:PLANTED']);
});

describe('the decoder itself', () => {
  it('is replaced after an abort, so that one picture cannot spoil all that follow', async () => {
    const modules = decoder.modules.length;
    decoder.abortNext = true;
    await expect(reader.read(good)).rejects.toMatchObject(malformed);
    expect(await reader.read(good)).toHaveLength(1);
    expect(decoder.modules.length).toBe(modules + 1);
  });

  it('gives back what it took: memory does not grow over 200 readings, good and bad', async () => {
    const bad = join(soi, frameHeader(8, 8), scanHeader, eoi);
    const none = greyPng(drawn(200, 200, (x) => x));
    const round = async () => {
      await reader.read(good);
      await reader.read(none);
      await reader.read(bad).catch(() => undefined);
      await reader.read(jpeg(drawn(20, 20, (x) => x * 9)));
    };
    await round();
    const module = decoder.shown!;
    const heap = module.HEAPU8.length;
    for (let i = 0; i < 50; i++) await round();
    expect(decoder.shown).toBe(module);
    expect(module.HEAPU8.length).toBe(heap);
    expect(decoder.freed).toBe(decoder.given);
  });

  it('is refused if it is not the module', async () => {
    await expect(createPictureReader(ascii('no WebAssembly'))).rejects.toThrow();
  });
});
