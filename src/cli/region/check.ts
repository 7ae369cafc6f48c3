import type { Command } from 'commander';
import { instantOf } from '../../document/time.ts';
import { checkPack, type Report } from '../../federation/region-check.node.ts';
import { RESULT_MARKS, reportHtml } from '../../federation/report-html.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { collect, configOf, EXIT, type Io } from '../io.ts';
import { oneLine } from '../render.ts';
import { inBoth } from '../tell.ts';
import { othersAt, packAt } from './pack.ts';

interface Options {
  readonly store?: string;
  readonly elsewhere?: string[];
  readonly for?: string;
  readonly html?: string;
  readonly json?: boolean;
}

/** `tongren region check`: whether a pack conforms, among the other members. */
export function checkCommand(region: Command, io: Io): void {
  region
    .command('check')
    .summary('评分报告：地区包在其他成员之中是否合规 · a scored report: does a pack conform, among the other members?')
    .argument('<dir>', '地区包的文件夹 · folder of the pack')
    .option(
      '--store <dir>',
      '其他成员的信任库，已发布的或文件夹；缺省用参考联盟的声明 · store of the other members, published or a folder; else the reference declarations',
    )
    .option(
      '--elsewhere <dir>',
      '另一环境的信任库，其密钥不得出现在此；可多次指定 · store of another environment, whose keys must not be here; again for more',
      collect,
    )
    .option('--for <id>', '样例未指明地区时，由此地区判断 · region that judges samples which name none')
    .option('--html <file>', '另将报告写成一个 HTML 文件 · the report as one HTML file as well')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((dir: string, options: Options) => run(dir, options, io));
}

async function run(dir: string, options: Options, io: Io): Promise<void> {
  const { id, files } = await packAt(dir);
  const now = io.clock();
  const elsewhere = new Map(
    await Promise.all((options.elsewhere ?? []).map(async (store) => [store, await othersAt(store)] as const)),
  );
  const judge = options.for ?? configOf(io).region;
  const report = await checkPack(id, files, await othersAt(options.store), { now, region: judge, elsewhere });
  if (options.html !== undefined) {
    await writeWhole(options.html, reportHtml(report, instantOf(now - (now % 1000))));
    io.hint(`报告 report: ${options.html}`);
  }
  if (options.json) io.out(JSON.stringify(inEnglish(report)));
  else for (const line of linesOf(report)) io.out(line);
  if (!report.conforms) process.exitCode = EXIT.refused;
}

/** For machines details are English alone. */
const inEnglish = (report: Report): object => ({
  ...report,
  checks: report.checks.map((check) => ({ ...check, details: check.details.map(({ en }) => en) })),
});

const MOST_DETAILS = 20;

export function linesOf({ region, score, conforms, hash, checks }: Report): string[] {
  return [
    `${region}: ${conforms ? '符合 conforms' : '不符合 does NOT conform'}, ${score} / 100`,
    ...checks.flatMap(({ id, title, result, details }) => [
      `  ${RESULT_MARKS[result]}  ${title.zh} ${title.en} (${id})`,
      ...details.slice(0, MOST_DETAILS).flatMap((each) => inBoth(each, '      ')),
      ...(details.length > MOST_DETAILS ? [`      … 另有 ${details.length - MOST_DETAILS} 项 more`] : []),
    ]),
    `摘要 hash: ${hash}`,
  ].map(oneLine);
}
