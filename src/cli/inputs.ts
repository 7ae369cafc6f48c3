import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { nodePictureReader } from '../codec/picture.node.ts';
import type { Presented } from '../format/open.ts';
import { MAX_INPUT_BYTES, present } from '../intake.ts';
import { type Io, UsageError } from './io.ts';

export interface NamedInput {
  readonly name: string;
  read(): Promise<Presented>;
}

/** The inputs of verify and inspect: files, `-` for standard input, and a text. Errors: UsageError if there are none. */
export function inputsOf(files: readonly string[], text: string | undefined, io: Io): NamedInput[] {
  const inputs: NamedInput[] = files.map((file) => ({
    name: file === '-' ? '-' : basename(file),
    read: () => readInput(file, io),
  }));
  if (text !== undefined) inputs.push({ name: 'text', read: async () => ({ text }) });
  if (inputs.length === 0)
    throw new UsageError('nothing to look at', 'name a file, "-" for standard input, or --text STRING');
  return inputs;
}

async function readInput(file: string, io: Io): Promise<Presented> {
  if (file === '-') return present(sized('-', await io.stdin()), nodePictureReader);
  const info = await stat(file).catch(() => undefined);
  if (info === undefined) throw new UsageError(`${file}: there is no such file`);
  if (!info.isFile()) throw new UsageError(`${file}: not a file`);
  if (info.size > MAX_INPUT_BYTES) throw tooLarge(file);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file}: cannot be read (${error.code ?? error.message})`);
  });
  return present(sized(file, bytes), nodePictureReader);
}

const tooLarge = (file: string): UsageError =>
  new UsageError(`${file}: larger than ${MAX_INPUT_BYTES >> 20} MiB, which no document is`);

function sized(file: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_INPUT_BYTES) throw tooLarge(file);
  return bytes;
}
