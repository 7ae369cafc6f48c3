import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { sameBytes } from '../codec/bytes.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { readMetadata, type TopRole } from '../trust/tuf/metadata.ts';
import { GENERIC } from '../trust/tuf/profile.ts';
import { refreshFrom } from '../trust/tuf/refresh.ts';
import { beginWith } from '../trust/tuf/root.ts';
import type { TufContext } from '../trust/tuf/state.ts';
import { unlessRefused } from '../trust/tuf/troubles.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

type Files = ReadonlyMap<string, Uint8Array>;

/** One repository as it lies in a folder. */
export interface TufRepository {
  readonly name: string;
  /** `metadata/…` and `targets/…`. */
  readonly files: Files;
  readonly root: Uint8Array;
  /** The target that its makers say must be found. */
  readonly target: string | undefined;
  readonly now: number | undefined;
}

/** TUF repositories that other implementations made: a client must get from their first root to their targets. */
export const tuf: Suite = {
  name: 'tuf',
  summary:
    'tuf-conformance：其他实现的仓库，时钟固定；tuf-js：示例仓库 · tuf-conformance: repositories of other implementations at a fixed clock; tuf-js: example repositories',
  async run(dir, report, progress) {
    const all = await filesAt(dir);
    const repositories = await repositoriesIn(dir, all);
    const absent = emptyOnes(all, repositories);
    const cases = [...repositories.flatMap(casesOf), ...absent];
    if (cases.length === 0) throw new Error(`${dir}: no TUF repository in this folder`);
    for (const [index, { name, judge }] of cases.entries()) {
      report({ name, ...judge() });
      progress?.(index + 1, cases.length);
    }
  },
};

interface Case {
  readonly name: string;
  judge(): Outcome;
}

const ROOT = /^(\d+\.)?root\.json$/;

const filesAt = async (dir: string): Promise<string[]> =>
  (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();

/** For a second judge, in tests. */
export async function repositoriesAt(dir: string): Promise<readonly TufRepository[]> {
  return repositoriesIn(dir, await filesAt(dir));
}

async function repositoriesIn(dir: string, all: readonly string[]): Promise<TufRepository[]> {
  const folders = new Set(all.filter((file) => ROOT.test(basename(file))).map(dirname));
  return Promise.all([...folders].map((folder) => readRepository(dir, folder, all)));
}

async function readRepository(dir: string, folder: string, all: readonly string[]): Promise<TufRepository> {
  // Some keep `metadata` and `targets` side by side, some only the metadata, in a folder of another name.
  const base = basename(folder) === 'metadata' ? dirname(folder) : undefined;
  const read = (file: string): Promise<Uint8Array> => readFile(join(dir, file));
  const files = new Map<string, Uint8Array>();
  for (const file of all) {
    if (dirname(file) === folder) files.set(`metadata/${basename(file)}`, await read(file));
    else if (base !== undefined && file.startsWith(`${base}/targets/`))
      files.set(file.slice(base.length + 1), await read(file));
  }
  const beside = (name: string): Promise<Uint8Array> | undefined =>
    all.includes(`${base}/${name}`) ? read(`${base}/${name}`) : undefined;
  const text = async (name: string): Promise<string | undefined> => {
    const bytes = await beside(name);
    return bytes && new TextDecoder().decode(bytes).trim();
  };
  const time = await text('faketime');
  return {
    name: base ?? folder,
    files,
    root: (await beside('initial_root.json')) ?? firstRoot(files),
    target: await text('targetpath'),
    now: time === undefined ? undefined : Date.parse(time.replace(' ', 'T')),
  };
}

/** Where no root is named to begin with: the one with the lowest number. */
function firstRoot(files: Files): Uint8Array {
  const number = (file: string): number => Number(/^metadata\/(\d+)\./.exec(file)?.[1] ?? Number.POSITIVE_INFINITY);
  const roots = [...files.keys()].filter((file) => ROOT.test(basename(file)));
  return files.get(roots.reduce((first, file) => (number(file) < number(first) ? file : first)))!;
}

function casesOf(repository: TufRepository): Case[] {
  const { name, files, target } = repository;
  if (target !== undefined) return [{ name: `${name}: ${target}`, judge: () => update(repository, target) }];
  const whole = { name, judge: () => update(repository) };
  const targets = [...files.keys()].filter((file) => file.startsWith('targets/')).map((file) => file.slice(8));
  return [whole, ...targets.map((path) => ({ name: `${name}: ${path}`, judge: () => update(repository, path) }))];
}

/** One update from the first root; then the target must be found, as it lies in the folder. */
function update({ files, root, now }: TufRepository, target?: string): Outcome {
  const context: TufContext = {
    platform: nodePlatform,
    profile: GENERIC,
    now: now ?? lastMoment(files),
    wanted: (path) => path === target,
  };
  const begun = unlessRefused(() => beginWith(root, context));
  if (begun === undefined) return differ('its first root is refused');
  const { view, troubles } = refreshFrom(begun, files, context);
  const told = troubles.map(({ code, role, detail }) => `${role}: ${code} (${detail})`).join('; ');
  if (target === undefined) return troubles.length === 0 ? agree() : differ(told);
  const content = view.files.get(target)?.content;
  if (content === undefined) return differ(`not found; ${told}`);
  const plain = files.get(`targets/${target}`);
  if (plain !== undefined && !sameBytes(plain, content)) return differ('another content');
  return troubles.length === 0 ? agree() : agree(`elsewhere: ${told}`);
}

/** Where no clock comes with the files: the last second in which none of them has expired. */
export function lastMoment(files: Files): number {
  const types: readonly TopRole[] = ['root', 'timestamp', 'snapshot', 'targets'];
  const ends = [...files]
    .filter(([file]) => file.startsWith('metadata/'))
    .flatMap(([, bytes]) => types.flatMap((type) => unlessRefused(() => readMetadata(bytes, type))?.expires ?? []));
  return Math.min(...ends) - 1000;
}

/** Folders of tuf-conformance that tell of a repository which is not there. */
function emptyOnes(all: readonly string[], repositories: readonly TufRepository[]): Case[] {
  const told = all.filter((file) => /(^|\/)static_data\/[^/]+\/README\.md$/.test(file)).map(dirname);
  return told
    .filter((folder) => !repositories.some(({ name }) => name === folder))
    .map((name) => ({
      name,
      judge: () => notApplicable('only its description is there, not the repository'),
    }));
}
