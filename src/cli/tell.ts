import type { Localized } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { COLUMNS, oneLine, width } from './render.ts';

/**
 * Both languages on one line, Chinese first; a line each where that would be too long. What is the same in both stands once.
 * In: how far to indent. Nothing from outside begins a line.
 */
export function inBoth({ zh, en }: Localized, indent = ''): string[] {
  const both = zh === en ? zh : `${zh} · ${en}`;
  const lines = zh === en || width(indent + both) <= COLUMNS ? [both] : [zh, en];
  return lines.map((line) => indent + oneLine(line));
}

/** In: `io.out` or `io.hint`. */
export function tell(print: (line: string) => void, said: Localized): void {
  for (const line of inBoth(said)) print(line);
}

/** What every command says that was not told to `--apply`. */
export const NOT_WRITTEN = say('未写入；加 --apply 才执行', 'nothing was written; --apply does it');

/** The same, with what would be written. */
export const notWritten = (what: string, into?: string): Localized =>
  into === undefined
    ? say(`未写入；加 --apply 才写入 ${what}`, `nothing was written; --apply writes ${what}`)
    : say(`未写入；加 --apply 才把 ${what} 写入 ${into}`, `nothing was written; --apply writes ${what} into ${into}`);

/** For what is not on the screen afterwards. */
export const wroteFile = (file: string): string => oneLine(`已写入 written: ${file}`);

/** The command that comes next, to be copied. */
export const next = (command: string): string => oneLine(`下一步 next: ${command}`);
