import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';
import { Broken } from '../document/broken.ts';
import { type Code, type PictureReader, requirePicture } from './picture.ts';
import type { Answer, ThreadData } from './picture-thread.node.ts';

/**
 * Pictures in Node: read in a thread of their own. A picture of a few kilobytes drawn full of finder patterns keeps the
 * decoder busy for minutes; in the server's own thread it would hold up every other document and could not be stopped.
 */
export interface NodePictureReader extends PictureReader {
  /** Ends the thread. An idle reader does not keep the process alive, so only who makes many readers needs this. */
  close(): Promise<void>;
}

export interface NodePictureOptions {
  /** Milliseconds one picture may take, beginning with its turn; then `Broken` LIMIT_EXCEEDED. */
  readonly deadline?: number;
}

const DEADLINE = 10_000;

/** The decoder took the thread with it. */
const DIED: Answer = { detail: 'cannot be decoded', code: 'MALFORMED' };
const LATE: Answer = { detail: 'takes too long to decode', code: 'LIMIT_EXCEEDED' };

const wasmOf = (address: string): Promise<Uint8Array> => readFile(fileURLToPath(address));

let shared: Promise<NodePictureReader> | undefined;

/** The process's one picture reader, made when first asked for. */
export function nodePictureReader(): Promise<NodePictureReader> {
  shared ??= startPictureReader();
  return shared;
}

/**
 * A reader of its own. Its thread starts with the first picture; pictures are read one after the other, in the order
 * they came. Rejects if the installed package lacks its WebAssembly file.
 */
export async function startPictureReader({ deadline = DEADLINE }: NodePictureOptions = {}): Promise<NodePictureReader> {
  const wasm = await wasmOf(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm'));
  let thread: Worker | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const stop = async (): Promise<void> => {
    await thread?.terminate();
    thread = undefined;
  };
  const ask = async (bytes: Uint8Array): Promise<Code[]> => {
    thread ??= await startThread(wasm, () => {
      thread = undefined;
    });
    const answer = await answerOf(thread, bytes, deadline);
    if ('codes' in answer) return answer.codes;
    if ('fault' in answer) throw new Error('the picture thread failed', { cause: answer.fault });
    if (answer === LATE) await stop();
    throw new Broken('picture', answer.detail, answer.code);
  };
  return {
    read: async (bytes) => {
      requirePicture(bytes);
      return inTurn(() => ask(bytes));
    },
    close: () => inTurn(stop),
  };
}

/** A thread that has its decoder ready. Rejects if it cannot start, which is our own fault and no picture's. */
function startThread(wasm: Uint8Array, ended: () => void): Promise<Worker> {
  const thread = new Worker(new URL('./picture-thread.node.ts', import.meta.url), {
    workerData: { wasm } satisfies ThreadData,
    // Arguments like --input-type or --watch are meant for the process and would keep the thread from starting.
    execArgv: [],
  });
  return new Promise((resolve, reject) => {
    thread.once('message', () => {
      thread.unref();
      resolve(thread);
    });
    // These listeners stay: an error event that nobody hears would end the process.
    thread.on('error', reject);
    thread.on('exit', () => {
      ended();
      reject(new Error('the picture thread ended before it was ready'));
    });
  });
}

/** One question to the thread. Never rejects. */
function answerOf(thread: Worker, bytes: Uint8Array, deadline: number): Promise<Answer> {
  return new Promise((resolve) => {
    const settle = (answer: Answer) => {
      clearTimeout(timer);
      thread.off('message', settle).off('exit', died);
      resolve(answer);
    };
    const died = () => settle(DIED);
    // The timer also keeps the process alive until there is an answer; the thread by itself does not.
    const timer = setTimeout(() => settle(LATE), deadline);
    thread.on('message', settle).on('exit', died);
    // A copy: a Buffer may be a window on memory shared with other requests, and all of it would be sent.
    const copy = new Uint8Array(bytes);
    thread.postMessage(copy, [copy.buffer]);
  });
}

export interface QrOptions {
  /** Error correction: about 7, 15, 25 or 30 % of the code may be damaged (ISO/IEC 18004). M unless told otherwise. */
  readonly level?: 'L' | 'M' | 'Q' | 'H';
  /** Pixels per module; 4 unless told otherwise. */
  readonly scale?: number;
  /** The white border of four modules that the standard asks for; on unless told otherwise. */
  readonly quietZone?: boolean;
}

const ASCII = /^\p{ASCII}*$/u;

let writer: Promise<unknown> | undefined;

/**
 * A QR code as a PNG. Text that is not ASCII is written as UTF-8 and says so (ECI 26); bytes are written as they are,
 * without an ECI. Throws a RangeError if it does not fit into one code.
 */
export async function writeQr(content: string | Uint8Array, options: QrOptions = {}): Promise<Uint8Array> {
  const { image } = await written(content, options);
  return new Uint8Array(await image.arrayBuffer());
}

/** Its rows, 1 for a dark module, without the white border: for whoever draws it. Errors: as above. */
export async function qrModules(content: string): Promise<string[]> {
  const { symbol } = await written(content, {});
  const { data, width, height } = symbol;
  return Array.from({ length: height }, (_, y) =>
    [...data.subarray(y * width, (y + 1) * width)].map((light) => (light === 0 ? '1' : '0')).join(''),
  );
}

async function written(content: string | Uint8Array, options: QrOptions) {
  const { level = 'M', scale = 4, quietZone = true } = options;
  writer ??= wasmOf(import.meta.resolve('zxing-wasm/writer/zxing_writer.wasm')).then((wasm) =>
    prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true }),
  );
  await writer;
  // Left to itself the writer guesses: Latin-1, Shift_JIS or UTF-8 for text, and an ECI that says "binary" for bytes.
  const eci = typeof content !== 'string' ? ',eci=-1' : ASCII.test(content) ? '' : ',eci=26';
  const { image, symbol, error } = await writeBarcode(content, {
    format: 'QRCode',
    options: `ecLevel=${level}${eci}`,
    scale,
    addQuietZones: quietZone,
  });
  if (!image) throw new RangeError(`no QR code: ${error}`);
  return { image, symbol };
}
