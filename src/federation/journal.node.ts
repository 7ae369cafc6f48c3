import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { nodePlatform } from '../crypto/platform.node.ts';

/**
 * What operators did, one line of JSON each, in their own folder. Lines are only added. Each names the digest of the one
 * before it, so that a line that was changed or taken out is seen; whoever rewrites all of them is not, and the signed
 * store itself, of which every version stays, is what speaks against him.
 */
export interface JournalEntry {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** An officer's number or a function, as it was given: nobody is authenticated here, signatures are. */
  readonly by: string;
  readonly operation: string;
  readonly applied: boolean;
  /** Metadata files that were written, or what was found. */
  readonly detail: readonly string[];
}

interface Line extends JournalEntry {
  readonly previous: string;
}

export const journalOf = (folder: string): string => join(folder, 'journal.jsonl');

const digestOf = (line: string): string => encodeHex(nodePlatform.digest('SHA-256', encodeUtf8(line)));
const BEGINNING = '';

/** Adds one entry, on the disk when this returns. */
export async function addToJournal(folder: string, entry: JournalEntry): Promise<void> {
  const file = journalOf(folder);
  await mkdir(dirname(file), { recursive: true });
  const text = await textOf(file);
  const last = text
    .split('\n')
    .filter((line) => line !== '')
    .at(-1);
  const line: Line = { ...entry, previous: last === undefined ? BEGINNING : digestOf(last) };
  const handle = await open(file, 'a', 0o640);
  try {
    // A line that was cut off when its writer was killed stays as it is, and is told when the journal is read.
    await handle.appendFile(`${text === '' || text.endsWith('\n') ? '' : '\n'}${JSON.stringify(line)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

/** All entries, and the numbers of lines (from 1) that are unreadable or do not follow the one before. */
export async function readJournal(folder: string): Promise<{ entries: JournalEntry[]; broken: number[] }> {
  const entries: JournalEntry[] = [];
  const broken: number[] = [];
  let before: string | undefined;
  const lines = (await textOf(journalOf(folder))).split('\n').filter((line) => line !== '');
  for (const [i, text] of lines.entries()) {
    const line = parsed(text);
    if (line === undefined || line.previous !== (before === undefined ? BEGINNING : digestOf(before)))
      broken.push(i + 1);
    if (line !== undefined) entries.push(line);
    before = text;
  }
  return { entries, broken };
}

function parsed(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Line;
    return typeof line === 'object' && line !== null && typeof line.operation === 'string' ? line : undefined;
  } catch {
    return undefined;
  }
}
