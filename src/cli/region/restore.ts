import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { say } from '../../document/say.ts';
import { baseOf, earlierPack } from '../../federation/earlier.ts';
import { roleOf } from '../../federation/pack-files.node.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { type Io, UsageError } from '../io.ts';
import { NOT_WRITTEN, tell } from '../tell.ts';
import { nextIsPublish, publishedIn } from './pack.ts';

interface Options {
  readonly store: string;
  readonly out: string;
  readonly number?: number;
  readonly apply?: boolean;
  readonly json?: boolean;
}

/** `tongren region restore`: the pack from before a bad one, out of the store, which keeps every version. */
export function restoreCommand(region: Command, io: Io): void {
  region
    .command('restore')
    .summary(
      '取出较早版本的地区包：声明是当时的，名单仍是现行的 · take the pack of an earlier version out of a store: its declarations, with the lists of today',
    )
    .argument('<id>', '地区、外来格式方（x-<名称>），或 federation · region, guest (x-<name>), or federation')
    .requiredOption('--store <dir>', '已发布的信任库，或管理目录 · published store, or an operator’s folder')
    .requiredOption('--out <dir>', '地区包写入何处 · where the pack goes')
    .option(
      '--number <n>',
      '第几版；未指明时为声明与现在不同的最新一版 · which version; if it is not said, the newest with other declarations than today’s',
      count,
    )
    .option('--apply', '写入；否则只说明将写入什么 · write it; otherwise this only says what would be written')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((id: string, options: Options) => run(id, options, io));
}

async function run(id: string, { store, out, number, apply, json }: Options, io: Io): Promise<void> {
  // Whatever else lies there would be published with it.
  if (existsSync(out))
    throw new UsageError(
      say(`${out}：已存在`, `${out}: it exists already`),
      say('用 --out 指定新的文件夹', 'name a new folder with --out'),
    );
  const { version, files } = earlierPack(id, roleOf(id), await publishedIn(store), number);
  const names = [...files.keys()].map((file) => file.slice(baseOf(id).length)).sort();
  if (apply) {
    // Half of a pack is never there to be published.
    await mkdir(dirname(resolve(out)), { recursive: true });
    const unfinished = await mkdtemp(`${resolve(out)}.`);
    for (const name of names) await writeWhole(join(unfinished, name), files.get(baseOf(id) + name)!);
    await rename(unfinished, out);
  }
  if (json) io.out(JSON.stringify({ region: id, version, files: names, applied: apply === true }));
  else {
    tell(
      io.out,
      say(`${id}：第 ${version} 版的声明，现行的名单`, `${id}: declarations of version ${version}, lists of today`),
    );
    for (const name of names) io.out(`  ${join(out, name)}`);
  }
  if (apply) io.hint(nextIsPublish(id, out));
  else tell(io.hint, NOT_WRITTEN);
}

function count(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw new InvalidArgumentError('a whole number from 1 is expected');
  return Number(value);
}
