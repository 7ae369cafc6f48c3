import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CaseResult } from '../conformance/suite.ts';
import { SUITES } from '../conformance/suites.node.ts';
import { say } from '../document/say.ts';
import { rows } from './help.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { tell } from './tell.ts';
import { thereAre } from './usage.ts';

/** `npm run conformance -- SUITE DIR`: this gateway judged by data that others made. */
export function conformanceCommand(program: Command, io: Io): void {
  program
    .command('conformance')
    .summary('用他人制作的数据检验本网关 · judge this gateway by data made by others')
    .argument('<suite>', `以下之一 · one of: ${SUITES.map((suite) => suite.name).join(', ')}`)
    .argument('<dir>', "该套件的文件夹 · the suite's folder")
    .option('--json', '每个案例一行 JSON · every case as one line of JSON')
    .addHelpText('after', rows(SUITES))
    .action(async (name: string, dir: string, options: { json?: boolean }) => {
      const suite = SUITES.find((each) => each.name === name);
      if (suite === undefined)
        throw new UsageError(
          say(`没有“${name}”这套数据`, `no suite "${name}"`),
          thereAre(SUITES.map((each) => each.name)),
        );
      if (!(await stat(dir).catch(() => undefined))?.isDirectory())
        throw new UsageError(
          say(`${dir}：没有这个文件夹`, `${dir}: there is no such folder`),
          say(
            '他人制作的数据不在本项目内，请指明其存放位置',
            'the data made by others is not part of this project; name the folder where you keep it',
          ),
        );
      const count = { agree: 0, differ: 0, 'not-applicable': 0 };
      await suite.run(
        dir,
        (result) => {
          count[result.result] += 1;
          if (options.json) io.out(JSON.stringify(result));
          else if (result.result !== 'agree' || result.because !== undefined) io.out(describe(result));
        },
        (done, total) => io.progress(`${suite.name} ${done}/${total}`),
      );
      io.progress('');
      const total = count.agree + count.differ + count['not-applicable'];
      const { agree, differ, 'not-applicable': apart } = count;
      tell(
        io.out,
        say(
          `${suite.name}：${total} 例，一致 ${agree}，不一致 ${differ}，不适用 ${apart}`,
          `${suite.name}: ${total} cases, ${agree} agree, ${differ} differ, ${apart} not applicable`,
        ),
      );
      process.exitCode = count.differ === 0 && total > 0 ? EXIT.accepted : EXIT.refused;
    });
}

const WORDS = { agree: '一致 agrees', differ: '不一致 DIFFERS', 'not-applicable': '不适用 not applicable' } as const;
const describe = ({ name, result, because }: CaseResult): string =>
  `${WORDS[result]}: ${name}${because === undefined ? '' : `: ${because}`}`;
