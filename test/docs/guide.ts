import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A code fence: the language, what stands behind it on the same line, and the text inside. */
export interface Fence {
  readonly language: string;
  readonly note: string;
  readonly text: string;
  /** The last line of words above it. */
  readonly above: string;
}

export const readDoc = (name: string): Promise<string> => readFile(join(ROOT, name), 'utf8');

export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = [];
  let above = '';
  let open: { language: string; note: string; lines: string[] } | undefined;
  for (const line of markdown.split('\n')) {
    const [, language = '', note = ''] = /^```(\w*) ?(.*)$/.exec(line) ?? [];
    if (open === undefined && line.startsWith('```')) open = { language, note, lines: [] };
    else if (open !== undefined && line === '```') {
      fences.push({ language: open.language, note: open.note, text: open.lines.join('\n'), above });
      open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else if (line.trim() !== '') above = line;
  }
  if (open !== undefined) throw new Error(`a fence is not closed: ${open.lines[0]}`);
  return fences;
}

/** What stands outside the fences, line by line. */
export function wordsOf(markdown: string): string[] {
  let inside = false;
  return markdown.split('\n').filter((line) => {
    if (!line.startsWith('```')) return !inside;
    inside = !inside;
    return false;
  });
}

export interface Heading {
  readonly level: number;
  /** As GitHub makes it of the heading; with a number behind it where an earlier heading gives the same. */
  readonly anchor: string;
}

export function headingsOf(markdown: string): Heading[] {
  const seen = new Map<string, number>();
  return wordsOf(markdown).flatMap((line) => {
    const [, marks, text] = /^(#{1,6}) (.+)$/.exec(line) ?? [];
    if (marks === undefined || text === undefined) return [];
    const plain = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(plain) ?? 0;
    seen.set(plain, before + 1);
    return [{ level: marks.length, anchor: before === 0 ? plain : `${plain}-${before}` }];
  });
}

/** Where a document points to, in its order. */
export const linksOf = (markdown: string): string[] => [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!);

/** Links of a document, lying at `name`, to a file of this project or a heading in it that is not there. */
export async function brokenLinksOf(name: string, markdown: string): Promise<string[]> {
  const broken: string[] = [];
  for (const link of linksOf(markdown).filter((each) => !/^https?:/.test(each))) {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? name : join(dirname(name), path);
    const there = async (): Promise<boolean> =>
      anchor === undefined ||
      headingsOf(path === '' ? markdown : await readDoc(file)).some((each) => each.anchor === anchor);
    if (!existsSync(join(ROOT, file)) || !(await there())) broken.push(link);
  }
  return broken;
}

/**
 * The commands that a document tells its reader to run, and that are quick enough to be run here: `sh` fences that begin
 * with a comment `# run` (and, behind it, words that say in which circumstances).
 */
export function commandsOf(markdown: string, circumstances = ''): string[] {
  const marker = circumstances === '' ? '# run' : `# run ${circumstances}`;
  return fencesOf(markdown)
    .filter(({ language, text }) => language === 'sh' && text.split('\n')[0] === marker)
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n').slice(1))
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '');
}

/** A copy of what a clone holds, so that following a document to the letter changes nothing here. */
export async function clone(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tongren-docs-'));
  for (const part of [
    'src',
    'schemas',
    'scripts',
    'trust-store',
    'web',
    'package.json',
    'openapi.yaml',
    'tsconfig.json',
  ])
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, 'var'));
  return folder;
}

/** The project's own Node first, as npm arranges it. */
export const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly hints: string;
}

/** npx itself takes longer than most commands: one of its lines is run as it stands, the others from where it would lead. */
export const direct = (line: string): string => line.replace(/^npx tongren /, 'node src/cli/tongren.ts ');

/** Runs one line in a shell, in this folder, as a reader would. */
export function run(line: string, folder: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TONGREN_'));
    const options = {
      cwd: folder,
      env: { ...Object.fromEntries(inherited), PATH, ...env },
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile('/bin/sh', ['-c', line], options, (error, out, hints) => {
      const exit = error === null ? 0 : error.code;
      if (typeof exit === 'number') resolve({ exit, out, hints });
      else reject(error);
    });
  });
}
