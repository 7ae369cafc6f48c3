import {
  BINARIZERS,
  CHARACTER_SETS,
  defaultReaderOptions,
  encodeFormats,
  prepareZXingModule,
  TEXT_MODES,
  type ZXingReaderModule,
  type ZXingReaderOptions,
} from 'zxing-wasm/reader';
import { Broken } from '../document/broken.ts';
import { type PictureKind, pictureKind } from './picture-kind.ts';
import { type Greys, pngGreys, pngHeader, pngParts, u16 } from './png.ts';

/**
 * 2-D codes in pictures. A few kilobytes can claim billions of pixels, inflate to gigabytes or keep a decoder busy for
 * minutes, so size and shape are read from the header first, PNG is unpacked here row by row (never more than the
 * header claims, and never the four channels of a whole picture), and the WebAssembly decoder is thrown away whenever
 * it misbehaves.
 */
export const PICTURE_LIMITS = {
  /** Bytes of the file. */
  bytes: 20 * 1024 * 1024,
  /** Width × height. */
  pixels: 40_000_000,
  /** Width or height: one row of a PNG is held in memory whole. */
  side: 20_000,
  /** Scans of a progressive JPEG: each may be a few bytes and costs a walk over the whole picture. */
  scans: 100,
  /** Different codes in one picture. */
  codes: 16,
} as const;

export type Symbology = 'QR Code' | 'Data Matrix' | 'Aztec' | 'PDF417';

export interface Code {
  /** What was encoded, by the code's own ECI; without one by a guess that prefers UTF-8. */
  readonly text: string;
  /** The raw content, whatever its character set. */
  readonly bytes: Uint8Array;
  readonly symbology: Symbology;
}

export interface PictureReader {
  /**
   * Every different code in a PNG or JPEG, from top to bottom; empty if there is none. Throws `Broken` (part
   * `picture`): MALFORMED for what is neither PNG nor JPEG or cannot be decoded, LIMIT_EXCEEDED beyond PICTURE_LIMITS.
   */
  read(bytes: Uint8Array): Promise<Code[]>;
}

const broken = (detail: string) => new Broken('picture', detail);
const tooMuch = (detail: string) => new Broken('picture', detail, 'LIMIT_EXCEEDED');

/**
 * Width and height in pixels from the header alone, nothing decoded; undefined for what is neither PNG nor JPEG.
 * Throws `Broken` MALFORMED for a header that cannot be read, LIMIT_EXCEEDED for a picture beyond PICTURE_LIMITS (a
 * picture bomb).
 */
export function pictureSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const kind = pictureKind(bytes);
  if (!kind) return undefined;
  if (bytes.length > PICTURE_LIMITS.bytes) throw tooMuch(`more than ${PICTURE_LIMITS.bytes} bytes`);
  const { width, height } = HEADERS[kind](bytes);
  if (width === 0 || height === 0) throw broken('no width or no height');
  const { side, pixels } = PICTURE_LIMITS;
  if (width > side || height > side || width * height > pixels) throw tooMuch(`more than ${pixels} pixels`);
  return { width, height };
}

/** Throws `Broken` for all that can be refused before decoding. */
export function requirePicture(bytes: Uint8Array): void {
  if (!pictureSize(bytes)) throw broken('neither PNG nor JPEG');
}

const HEADERS: Readonly<Record<PictureKind, (bytes: Uint8Array) => { width: number; height: number }>> = {
  png: pngHeader,
  jpeg: jpegHeader,
};

// ── JPEG (ITU-T T.81, Annex B): only the markers are read here; the pixels are the decoder's work ──

const EOI = 0xd9;
const SOS = 0xda;

/** Start of frame: C0–CF without DHT, JPG and DAC, which share the range (T.81, table B.1). */
const isFrame = (marker: number) => (marker & 0xf0) === 0xc0 && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function jpegHeader(bytes: Uint8Array): { width: number; height: number; end: number } {
  for (let at = 2; ; ) {
    if (bytes[at] !== 0xff) throw broken('no JPEG marker where one must be');
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    // A decoder that skipped what is unreadable here could be led to another frame header than the one judged below.
    if (marker === undefined || marker < 0xc0 || (marker >= 0xd0 && marker <= SOS))
      throw broken('no JPEG frame header');
    const end = at + u16(bytes, at);
    if (!(end >= at + 2 && end <= bytes.length)) throw broken('a JPEG segment ends early');
    if (isFrame(marker)) {
      if (end < at + 8) throw broken('JPEG frame header too short');
      return { height: u16(bytes, at + 3), width: u16(bytes, at + 5), end };
    }
    at = end;
  }
}

/**
 * The JPEG up to its end-of-image marker, and no further: phones append a film to it, and an attacker could append
 * scans that were not counted. Inside entropy-coded data FF is always followed by 00 or a restart marker (T.81,
 * B.1.1.5).
 */
function jpegUpToEnd(bytes: Uint8Array): Uint8Array {
  let scans = 0;
  for (let at = bytes.indexOf(0xff, jpegHeader(bytes).end); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1];
    if (marker === EOI && scans > 0) return bytes.subarray(0, at + 2);
    if (marker === EOI) break;
    if (marker === SOS && ++scans > PICTURE_LIMITS.scans) throw tooMuch(`more than ${PICTURE_LIMITS.scans} JPEG scans`);
  }
  throw broken('the JPEG ends before its pixels do');
}

// ── Codes ──

/** What the decoder is shown: the file itself, or shades of grey. */
type Look = { readonly file: Uint8Array } | Greys;

const SYMBOLOGIES: Readonly<Record<string, Symbology>> = {
  QRCode: 'QR Code',
  DataMatrix: 'Data Matrix',
  Aztec: 'Aztec',
  PDF417: 'PDF417',
};

const OPTIONS: ZXingReaderOptions = {
  ...defaultReaderOptions,
  // AztecCode leaves out runes: they carry a number below 256, and noise looks like them.
  formats: encodeFormats(['QRCode', 'DataMatrix', 'AztecCode', 'PDF417']),
  tryHarder: true,
  tryRotate: true,
  tryInvert: true,
  tryDownscale: true,
  // The default is meant for human readers: it would put brackets and escapes into the text.
  textMode: TEXT_MODES.indexOf('Plain'),
  characterSet: CHARACTER_SETS.indexOf('Unknown'),
  eanAddOnSymbol: 0,
  binarizer: BINARIZERS.indexOf('LocalAverage'),
  // Room for copies of the same code; the decoder counts in one byte.
  maxNumberOfSymbols: 4 * PICTURE_LIMITS.codes,
};

/** The first suits uneven light, the second blur; it is tried only where the first finds nothing. */
const TRIES: readonly ZXingReaderOptions[] = [
  OPTIONS,
  { ...OPTIONS, binarizer: BINARIZERS.indexOf('GlobalHistogram') },
];

/** Below this many pixels a second look is taken at twice the size: modules of one or two pixels are then found. */
const SMALL = 1_000_000;

/** Ways to look at a picture, the likeliest first; the next is made only if nothing was found. */
async function* looks(bytes: Uint8Array): AsyncGenerator<Look> {
  if (pictureKind(bytes) === 'jpeg') {
    yield { file: jpegUpToEnd(bytes) };
    return;
  }
  const png = pngParts(bytes);
  const greys = await pngGreys(png, 255);
  yield greys;
  // White modules on nothing are made for dark screens.
  if (greys.seeThrough) yield await pngGreys(png, 0);
  if (greys.pixels.length <= SMALL) yield doubled(greys);
}

function doubled({ width, height, pixels, seeThrough }: Greys): Greys {
  const out = new Uint8Array(4 * pixels.length);
  for (let y = 0, from = 0, at = 0; y < height; y++, at += 2 * width) {
    for (let x = 0; x < width; x++, at += 2) out[at] = out[at + 1] = pixels[from++]!;
    out.copyWithin(at, at - 2 * width, at);
  }
  return { width: 2 * width, height: 2 * height, pixels: out, seeThrough };
}

/**
 * The decoder's own surface. The package's readBarcodes leaves its results in WebAssembly memory until the garbage
 * collector happens to pass, which a busy thread cannot wait for. (Its types do not show these members.)
 */
type Decoder = ZXingReaderModule & {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(at: number): void;
};
type Results = ReturnType<Decoder['readBarcodesFromImage']> & { delete(): void };

interface Found extends Code {
  readonly top: number;
  readonly left: number;
}

/** One run of the decoder. Throws `Broken` for a file it cannot open, anything else if the decoder itself fails. */
function scan(zxing: Decoder, look: Look, options: ZXingReaderOptions): Found[] {
  const data = 'file' in look ? look.file : look.pixels;
  const at = zxing._malloc(data.length);
  if (at === 0) throw new Error('the decoder has no memory left');
  zxing.HEAPU8.set(data, at);
  const results = (
    'file' in look
      ? zxing.readBarcodesFromImage(at, data.length, options)
      : zxing.readBarcodesFromPixmap(at, look.width, look.height, options)
  ) as Results;
  zxing._free(at);
  try {
    return Array.from({ length: results.size() }, (_, i) => {
      const { error, symbology, text, bytes, position } = results.get(i)!;
      // The decoder reports a file it could not open, and an exception inside, as a code with an error.
      if (error !== '') throw 'file' in look ? broken('cannot be decoded') : new Error(error);
      const { topLeft, topRight, bottomRight, bottomLeft } = position;
      const top = Math.min(topLeft.y, topRight.y, bottomRight.y, bottomLeft.y);
      const left = Math.min(topLeft.x, topRight.x, bottomRight.x, bottomLeft.x);
      return { text, bytes, symbology: SYMBOLOGIES[symbology]!, top, left };
    });
  } finally {
    results.delete();
  }
}

/**
 * Top to bottom, then left to right; the same content only once. More than the limit is refused: none may be lost
 * unseen.
 */
function inOrder(found: readonly Found[]): Code[] {
  const codes = new Map<string, Code>();
  for (const { text, bytes, symbology } of found.toSorted((a, b) => a.top - b.top || a.left - b.left)) {
    const content = bytes.join();
    if (!codes.has(content)) codes.set(content, { text, bytes, symbology });
  }
  if (codes.size > PICTURE_LIMITS.codes) throw tooMuch(`more than ${PICTURE_LIMITS.codes} codes`);
  return [...codes.values()];
}

/** WebAssembly memory never shrinks: a module that has grown beyond this many bytes is replaced after the picture. */
const HEAP_KEPT = 128 * 1024 * 1024;

/**
 * A reader on zxing-wasm's `zxing_reader.wasm`, whose bytes the caller brings (from its own server or node_modules;
 * left to itself the package would load them from a CDN). Rejects if they are not that module. Nothing here bounds
 * time: a page should read in a worker; `picture.node.ts` does.
 */
export async function createPictureReader(wasm: ArrayBuffer | Uint8Array): Promise<PictureReader> {
  const compiled = await WebAssembly.compile(new Uint8Array(wasm));
  let kept: Decoder | undefined = await startDecoder(compiled);

  const read = async (bytes: Uint8Array): Promise<Code[]> => {
    requirePicture(bytes);
    // A JPEG may stop anywhere, and the decoder shows what lay in memory before as the rest of it: the picture of
    // another
    // person. So each is opened in a module that has seen nothing yet.
    const alone = pictureKind(bytes) === 'jpeg';
    const decoder = (alone ? undefined : kept) ?? (await startDecoder(compiled));
    if (!alone) kept = decoder;
    for await (const look of looks(bytes)) {
      for (const options of TRIES) {
        let found: Found[];
        try {
          found = scan(decoder, look, options);
        } catch (cause) {
          // After an abort every further call fails, so the next picture gets a new module.
          if (kept === decoder) kept = undefined;
          throw cause instanceof Broken ? cause : broken('cannot be decoded');
        }
        if (kept === decoder && decoder.HEAPU8.length > HEAP_KEPT) kept = undefined;
        if (found.length > 0) return inOrder(found);
      }
    }
    return [];
  };
  return { read };
}

/**
 * A new instance with memory of its own. (The package keeps one for the process, and would hand out a dead one again.)
 */
function startDecoder(compiled: WebAssembly.Module): Promise<Decoder> {
  return new Promise((resolve, reject) => {
    const instantiateWasm = (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
      WebAssembly.instantiate(compiled, imports).then(done, reject);
      return {};
    };
    const overrides = { instantiateWasm, printErr: () => undefined };
    const started = prepareZXingModule({ overrides, equalityFn: () => false, fireImmediately: true });
    started.then((decoder) => resolve(decoder as Decoder), reject);
  });
}
