import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { writeJson } from '../../codec/json.ts';
import type { Value } from '../../codec/value.ts';
import { say } from '../../document/say.ts';
import { Refused } from '../../federation/refused.ts';
import { renewalInWords, renewals, renewed } from '../../federation/renewal.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { changeInWords } from '../../judge/versions.ts';
import { readAgreements, readPack } from '../../region/pack.ts';
import type { Io } from '../io.ts';
import { tell } from '../tell.ts';
import { changing, hintPublish, othersAt, packAt } from './pack.ts';

interface Options {
  readonly store?: string;
  readonly from?: string;
  readonly pin?: boolean;
  readonly apply?: boolean;
  readonly json?: boolean;
}

/** `tongren region accept`: a region accepts the versions that another one has now. */
export function acceptCommand(region: Command, io: Io): void {
  region
    .command('accept')
    .summary(
      '在本地协议中采纳另一地区现行的代码表和格式版本 · accept the versions of code lists and formats that another region has now, in the own agreements',
    )
    .argument('<dir>', '本地区包的文件夹 · folder of the own pack')
    .argument('<issuer>', '作出改动的地区 · the region that changed them')
    .option(
      '--store <dir>',
      '含其地区包的信任库，已发布的或文件夹；缺省用参考联盟的声明 · store with its pack, published or a folder; else the reference declarations',
    )
    .option('--from <dir>', '其尚未发布的地区包的文件夹 · its pack in a folder, before it is published')
    .option(
      '--pin',
      '未指明代码表的协议，也定为现行代码表 · agreements that name no code lists are put on those of today, too',
    )
    .option('--apply', '写入；否则只显示将采纳什么 · write it; otherwise this only shows what would be accepted')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((dir: string, issuer: string, options: Options) =>
      changing(dir, options, () => run(dir, issuer, options, io)),
    );
}

async function run(dir: string, issuer: string, { store, from, pin, apply, json }: Options, io: Io): Promise<void> {
  const { id } = await packAt(dir);
  const file = join(dir, 'agreements.json');
  const list = readAgreements(file, await readFile(file).catch(() => undefined));
  const theirs = from === undefined ? await othersAt(store) : (await packAt(from)).files;
  const pack = readPack(issuer, theirs, ({ file: faulty, reason }) => {
    throw new Refused(
      say(`${faulty}：读不懂：${reason}`, `${faulty}: ${reason}`),
      say('读不懂的内容不能采纳', 'what cannot be read cannot be accepted'),
    );
  });
  const renewing = { pin: pin === true };
  const changed = renewals(list, pack, renewing);
  const next = renewed(list, pack, renewing);
  if (apply) await writeWhole(file, writeJson(next as unknown as Value));
  if (json) {
    const told = changed.map(({ agreement: { basis }, changes }) => ({
      basis,
      changes: changes.map((each) => changeInWords(each).en),
    }));
    io.out(JSON.stringify({ region: id, issuer, renewed: told, applied: apply === true }));
  } else if (changed.length === 0) tell(io.out, say('没有需要重新约定的协议', 'no agreement has to be renewed'));
  else for (const each of changed) tell(io.out, renewalInWords(each));
  hintPublish(apply, id, dir, io);
}
