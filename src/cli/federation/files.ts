import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../codec/json.ts';
import type { Value } from '../../codec/value.ts';
import type { Proposal } from '../../document/generated/types.ts';
import { validateProposal } from '../../document/generated/validators.js';
import { say } from '../../document/say.ts';
import { withLock } from '../../federation/lock.node.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { readFolder } from '../../region/folder.node.ts';
import { readJson } from '../../region/pack.ts';
import { UsageError } from '../io.ts';
import { noSuchFile } from '../usage.ts';

/** What lies on an operator's desk beside the repository. */

const NAMES = 'names.json';
type Names = Readonly<Record<string, string>>;

/** What people call the keys: for people only, and nothing that is believed. */
export async function readNames(folder: string): Promise<Names> {
  const text = await readFile(join(folder, NAMES), 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text) as Names;
  } catch {
    return {};
  }
}

export async function writeNames(folder: string, names: Names): Promise<void> {
  if (JSON.stringify(await readNames(folder)) === JSON.stringify(names)) return;
  await writeWhole(join(folder, NAMES), writeJson(names as unknown as Value));
}

/** A new proposal under the next number. The target files it lists lie beside it. Out: its path. */
export async function writeProposal(
  folder: string,
  proposal: Proposal,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<string> {
  const proposals = join(folder, 'proposals');
  await mkdir(proposals, { recursive: true });
  // Two who begin at once would write under the same number, one over the other.
  return withLock(folder, async () => {
    const last = Math.max(0, ...(await readdir(proposals)).map((name) => Number.parseInt(name, 10) || 0));
    const name = `${String(last + 1).padStart(4, '0')}-${proposal.proposal.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
    for (const [path, bytes] of contents) await writeWhole(join(proposals, `${name}.contents`, path), bytes);
    const file = join(proposals, `${name}.json`);
    await saveProposal(file, proposal);
    return file;
  });
}

/** The ending of a proposal that was placed. */
export const PLACED = '.placed';

export const saveProposal = (file: string, proposal: Proposal): Promise<void> =>
  writeWhole(file, writeJson(proposal as unknown as Value));

/** Errors: UsageError if there is no such file, PackError if it is no proposal. */
export async function readProposal(file: string): Promise<Proposal> {
  const bytes = await readFile(file).catch(() => {
    // `place` renames it, and then it is easily looked for in vain.
    throw existsSync(file.replace(/\.json$/, PLACED))
      ? new UsageError(
          say(`${file}：此提案已发布`, `${file}: this proposal was placed already`),
          say(
            '不必再做什么；federation status 列出待签的提案',
            'nothing is left to do; federation status lists those under way',
          ),
        )
      : noSuchFile(file);
  });
  return readJson<Proposal>(file, bytes, validateProposal);
}

export const contentsBeside = (file: string): Promise<Map<string, Uint8Array>> =>
  readFolder(file.replace(/\.json$/, '.contents')).catch(() => new Map());
