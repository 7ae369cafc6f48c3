import { join } from 'node:path';
import type { Command } from 'commander';
import { encodeBase64url } from '../codec/base64url.ts';
import { readIdSet } from '../codec/id-set.ts';
import { writeIdSet } from '../codec/id-set-writer.ts';
import { writeJson } from '../codec/json.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { RevocationSet } from '../document/generated/types.ts';
import { validateRevocationSet } from '../document/generated/validators.js';
import { say } from '../document/say.ts';
import { instantOf } from '../document/time.ts';
import { idsOf } from './ids.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { addToStore } from './store.ts';
import { notWritten, tell } from './tell.ts';
import { badName, badRegion } from './usage.ts';

interface PackOptions {
  readonly region: string;
  readonly name: string;
  readonly series?: string;
  readonly sequence?: string;
  readonly base?: string;
  readonly store?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

/** `tongren trust pack`: the ids of millions of revoked documents, one a line, into a set that gateways can hold. */
export function packCommand(trust: Command, io: Io): void {
  trust
    .command('pack')
    .summary('把已撤销证照的编号（每行一个）打包成集合 · pack the ids of revoked documents, one a line, into a set')
    .argument('<file>', '文本文件，每行一个编号 · text file, one id a line')
    .requiredOption('--region <id>', '撤销证照的地区 · the region that revokes')
    .option('--name <name>', '地区包中的文件名 · name of the files in the pack', 'revoked')
    .option('--series <series>', '此名单所属的名单序列 · series of lists that this one belongs to')
    .option('--sequence <n>', '在序列中的编号 · its number in the series')
    .option('--base <n>', '所增补的那一期的编号；不写即为完整名单 · the number that it adds to; none: it is whole')
    .option('--store <dir>', '信任库 · trust store')
    .option('--apply', '写入；否则只说明将要做什么 · write it; otherwise this only says what would be done')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((file: string, options: PackOptions) => pack(file, options, io));
}

async function pack(file: string, options: PackOptions, io: Io): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(options.name)) throw badName();
  if (!/^([0-9]{6}|x-[a-z0-9-]{1,30})$/.test(options.region)) throw badRegion('--region');
  const { set, confirm, count } = packed(file);
  const list = {
    issued: instantOf(io.clock()),
    ...cursorOf(options),
    count,
    digest: encodeBase64url(nodePlatform.digest('SHA-256', set)),
  };
  if (!validateRevocationSet(list))
    throw new UsageError(
      say(
        '--series、--sequence、--base：不成名单序列中的位置',
        '--series, --sequence, --base: no place in a series of lists',
      ),
    );
  const base = join('regions', options.region, 'revocations', options.name);
  const files = new Map<string, Uint8Array | string>([
    // What the first names comes before it: whoever reads in between finds an old list, or none.
    [`${base}.confirm`, confirm],
    [`${base}.ids`, set],
    [`${base}.set.json`, writeJson(list as unknown as Value)],
  ]);
  const names = [...files.keys()];
  const memory = readIdSet(set).size;
  if (options.json) io.out(JSON.stringify({ files: names, count, memory, applied: options.apply === true }));
  else
    tell(
      io.out,
      say(
        `编号 ${count} 个；占内存 ${megabytes(memory)} MB，磁盘 ${megabytes(confirm.length)} MB`,
        `${count} ids; ${megabytes(memory)} MB in memory, ${megabytes(confirm.length)} MB on disk`,
      ),
    );
  const store = options.store ?? configOf(io).store;
  if (!options.apply) return tell(io.hint, notWritten(names.join(', '), store));
  await addToStore(store, options.region, files);
  io.hint(`已写入 written into ${store}: ${names.join(', ')}`);
}

const megabytes = (octets: number): string => (octets / 1e6).toFixed(1);

function cursorOf({ series, sequence, base }: PackOptions): Pick<RevocationSet, 'cursor'> {
  if (series === undefined && sequence === undefined && base === undefined) return {};
  return {
    cursor: { series: series ?? '', sequence: Number(sequence), ...(base === undefined ? {} : { base: Number(base) }) },
  };
}

function packed(file: string): ReturnType<typeof writeIdSet> {
  try {
    return writeIdSet(idsOf(file), nodePlatform.digest);
  } catch (error) {
    if (error instanceof RangeError)
      throw new UsageError(say(`${file}：不能打包：${error.message}`, `${file}: ${error.message}`));
    throw error;
  }
}
