import { readFile, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { PictureReader } from '../codec/picture.ts';
import { say } from '../document/say.ts';
import type { Presented } from '../format/open.ts';
import { MAX_INPUT_BYTES, present } from '../intake.ts';
import { type Io, UsageError } from './io.ts';
import { noSuchFile, unreadable } from './usage.ts';

export interface NamedInput {
  readonly name: string;
  read(): Promise<Presented>;
}

/** The ending of a file that holds the signature of another. */
export const SIGNATURE_FILE = 'p7s';

/**
 * The inputs of verify and inspect: files, `-` for standard input, and a text. A signature file and the file that it
 * belongs to, named alike, are one input, in either order. Errors: UsageError if there are none.
 */
export function inputsOf(files: readonly string[], text: string | undefined, io: Io): NamedInput[] {
  const inputs = pairsOf(files).map(([file, beside]) => ({
    name: file === '-' ? '-' : basename(file),
    read: () => readInput(file, beside, io),
  }));
  if (text !== undefined) inputs.push({ name: 'text', read: async () => ({ text }) });
  if (inputs.length === 0)
    throw new UsageError(
      say('没有要核验的内容', 'nothing to look at'),
      say('请给出文件、“-”（标准输入）或 --text 码文', 'name a file, "-" for standard input, or --text STRING'),
    );
  return inputs;
}

/** Each file with the signature file of its name (`a.p7s` or `a.xml.p7s` beside `a.xml`), if that is named as well. */
function pairsOf(files: readonly string[]): (readonly [file: string, beside: string | undefined])[] {
  const signatures = new Map(files.filter(isSignature).map((file) => [stemOf(file), file]));
  const besideOf = (file: string): string | undefined => signatures.get(stemOf(file)) ?? signatures.get(resolve(file));
  const taken = new Set(files.filter((file) => !isSignature(file)).map(besideOf));
  return files
    .filter((file) => !isSignature(file) || !taken.has(file))
    .map((file) => [file, isSignature(file) ? undefined : besideOf(file)]);
}

const isSignature = (file: string): boolean => extname(file).toLowerCase() === `.${SIGNATURE_FILE}`;
const stemOf = (file: string): string => resolve(file.slice(0, file.length - extname(file).length));

/** Loaded with the first picture. */
const pictureReader = async (): Promise<PictureReader> =>
  (await import('../codec/picture.node.ts')).nodePictureReader();

async function readInput(file: string, beside: string | undefined, io: Io): Promise<Presented> {
  if (file === '-') return present(sized('-', await io.stdin()), pictureReader);
  const bytes = await readBytes(file);
  if (beside !== undefined) return { bytes, beside: await readBytes(beside) };
  return present(bytes, pictureReader);
}

/** Whoever hands over a code in the place of a file does not want to see it in a log. */
function noSuchInput(file: string): UsageError {
  const name = file.length > LONGEST_NAME ? `${file.slice(0, 8)}…` : file;
  return noSuchFile(name, say('码的内容请用 --text 给出', '--text takes a code itself'));
}
const LONGEST_NAME = 200;

async function readBytes(file: string): Promise<Uint8Array> {
  const info = await stat(file).catch(() => undefined);
  if (info === undefined) throw noSuchInput(file);
  if (!info.isFile()) throw new UsageError(say(`${file}：不是文件`, `${file}: not a file`));
  if (info.size > MAX_INPUT_BYTES) throw tooLarge(file);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(file, error);
  });
  return sized(file, bytes);
}

const tooLarge = (file: string): UsageError =>
  new UsageError(
    say(
      `${file}：超过 ${MAX_INPUT_BYTES >> 20} MiB，没有证照会这么大`,
      `${file}: larger than ${MAX_INPUT_BYTES >> 20} MiB, which no document is`,
    ),
  );

function sized(file: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_INPUT_BYTES) throw tooLarge(file);
  return bytes;
}
