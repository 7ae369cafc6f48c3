import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { say } from '../document/say.ts';
import { UsageError } from './io.ts';
import { noSuchFile } from './usage.ts';

const CHUNK = 1 << 20;

/** The ids in a file, one a line; the file may be larger than any text. Errors: UsageError for no file, or a line that can be no id. */
export function* idsOf(file: string): Generator<string> {
  const handle = opened(file);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const chunk = new Uint8Array(CHUNK);
  let rest = '';
  let number = 0;
  try {
    for (let read = 1; read > 0; ) {
      read = readSync(handle, chunk, 0, CHUNK, null);
      const lines = (rest + textOf(decoder, chunk.subarray(0, read), file)).split('\n');
      rest = read > 0 ? lines.pop()! : '';
      for (const line of lines) {
        number += 1;
        const id = line.trim();
        if (id === '') continue;
        if (id.length < 16 || id.length > 200)
          throw new UsageError(
            say(`${file}：第 ${number} 行不是编号`, `${file}: line ${number} is no id`),
            say('编号为 16 至 200 个字符', 'an id has 16 to 200 signs'),
          );
        yield id;
      }
    }
  } finally {
    closeSync(handle);
  }
}

function textOf(decoder: TextDecoder, bytes: Uint8Array, file: string): string {
  try {
    return decoder.decode(bytes, { stream: bytes.length > 0 });
  } catch {
    throw new UsageError(say(`${file}：不是 UTF-8 文本`, `${file}: not UTF-8`));
  }
}

function opened(file: string): number {
  try {
    if (!statSync(file).isDirectory()) return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw noSuchFile(file);
}
