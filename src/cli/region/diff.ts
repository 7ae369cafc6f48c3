import type { Command } from 'commander';
import { say } from '../../document/say.ts';
import { diffPack, isUntried, type PackDiff } from '../../federation/region-diff.node.ts';
import { renewalInWords } from '../../federation/renewal.ts';
import { configOf, type Io } from '../io.ts';
import { oneLine } from '../render.ts';
import { inBoth, tell } from '../tell.ts';
import { nextIsPublish, othersAt, packAt } from './pack.ts';

interface Options {
  readonly store?: string;
  readonly report?: boolean;
  readonly json?: boolean;
}

/** `tongren region diff`: what a new pack changes, and the hash of what is to be signed. */
export function diffCommand(region: Command, io: Io): void {
  region
    .command('diff')
    .summary(
      '新地区包改了什么：文件、代码、结论；及待签摘要 · what a new pack changes: files, codes, verdicts; and the hash to be signed',
    )
    .argument('<dir>', '新地区包的文件夹 · folder of the new pack')
    .option(
      '--store <dir>',
      '含现行地区包的信任库，已发布的或文件夹；缺省用参考联盟的声明 · store with the pack as it is, published or a folder; else the reference declarations',
    )
    .option('--report', '全部样例，包括结论不变的 · every sample, also those whose verdict stays')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action(async (dir: string, options: Options) => {
      const { id, files } = await packAt(dir);
      const { region: judge, purpose } = configOf(io);
      const judging = { now: io.clock(), region: judge, purpose };
      const diff = await diffPack(id, files, await othersAt(options.store), judging);
      if (options.json) io.out(JSON.stringify({ region: id, ...diff }));
      else for (const line of linesOf(id, diff, options.report === true)) io.out(oneLine(line));
      if (diff.files.some(({ file }) => isUntried(file)))
        tell(
          io.hint,
          say(
            '密钥和撤销名单的改动不在此比较，请运行 region check',
            'keys and lists of revoked documents are not tried here: region check does',
          ),
        );
      io.hint(nextIsPublish(id, dir, `--expect ${diff.hash} `));
    });
}

const CHANGES = { added: '新增 added', removed: '删除 removed', changed: '修改 changed' } as const;
const WRITTEN = { before: say('旧格式', 'written as before'), after: say('新格式', 'written as after') } as const;

function linesOf(id: string, { files, codes, verdicts, shadows, hash, fault }: PackDiff, whole: boolean): string[] {
  const changed = verdicts.filter(({ before, after }) => before !== after);
  const shown = whole ? verdicts : changed;
  return [
    ...inBoth(
      say(
        `${id}：文件 ${files.length} 个，代码 ${codes.length} 个，结论 ${verdicts.length} 个中有 ${changed.length} 个改变`,
        `${id}: ${files.length} files, ${codes.length} codes, ${changed.length} of ${verdicts.length} verdicts change`,
      ),
    ),
    ...files.map(({ file, change }) => `  ${CHANGES[change]}: ${file}`),
    ...codes.map(({ list, raw, before = '-', after = '-' }) => `  ${list} ${raw}: ${before} → ${after}`),
    ...shown.map(
      ({ region, sample, written, before, after }) =>
        `  ${before === after ? '=' : '≠'} ${region} ${sample} (${WRITTEN[written].zh} ${WRITTEN[written].en}): ${before === after ? after : `${before} → ${after}`}`,
    ),
    ...shadows.flatMap(shadowLines),
    ...(fault === undefined ? [] : [`  新样例无法生成 the new samples cannot be made: ${fault}`]),
    `摘要 hash: ${hash}`,
  ];
}

function shadowLines({ region, renewals, verdicts, written }: PackDiff['shadows'][number]): string[] {
  const held = verdicts.filter(({ after }) => after.includes('VERSION_NOT_ACCEPTED')).length;
  const agreed = renewals
    .map(renewalInWords)
    .flatMap(({ zh, en }) => inBoth(say(`须重新约定 ${zh}`, `to be renewed: ${en}`), '    '));
  return [
    ...inBoth(
      say(
        `${region}（${WRITTEN[written].zh}）：须重新约定协议 ${renewals.length} 项；约定之前，${held} 个样例无法判定`,
        `${region} (${WRITTEN[written].en}): ${renewals.length} agreements to be renewed, until then ${held} samples held back`,
      ),
      '  ',
    ),
    ...agreed,
    ...verdicts.map(
      ({ sample, purpose, before, after, accepted }) =>
        `    ≠ ${sample}, ${purpose}: ${before} → ${after}; 接受后 once accepted: ${accepted}`,
    ),
  ];
}
