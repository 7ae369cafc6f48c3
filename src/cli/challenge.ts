import type { Command } from 'commander';
import { say } from '../document/say.ts';
import { openChallenge } from '../record/challenge.ts';
import { MOST_OPEN } from '../store/challenges.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { localTime, table } from './render.ts';
import { COMMAND_LINE, checkpointOf, loadStore, randomOctets, standpointFor, withDatabase } from './store.ts';
import { next } from './tell.ts';

interface Options {
  readonly store?: string;
  readonly for?: string;
  readonly purpose?: string;
  readonly checkpoint: string;
  readonly json?: boolean;
}

/** `tongren challenge`: what a holder's app is to answer, for `tongren verify --challenge`. */
export function challengeCommand(program: Command, io: Io): void {
  program
    .command('challenge')
    .summary("生成问询，由持证人的应用作答 · make a challenge for a holder's app to answer")
    .description(
      '生成问询：只用于一份证照、一个卡口，一分钟内有效 · Makes a challenge: good for one document, at one checkpoint, for a minute.',
    )
    .requiredOption('--checkpoint <code>', '应答所在的卡口 · where it will be answered')
    .option('--store <dir>', '信任库 · trust store')
    .option('--for <region>', '核验地区（GB/T 2260 代码） · verifying region (GB/T 2260 code)')
    .option('--purpose <purpose>', '查看证照的用途 · what the document is asked for')
    .option('--json', '一个对象，格式见 schemas/challenge.schema.json · one object, schemas/challenge.schema.json')
    .action((options: Options) => makeChallenge(options, io));
}

async function makeChallenge(options: Options, io: Io): Promise<void> {
  const config = configOf(io);
  const { purpose = config.purpose } = options;
  const place = checkpointOf(options.checkpoint);
  const { region } = standpointFor(await loadStore(options.store, io), options.for ?? config.region, purpose, io);
  const bound = { region, purpose, place, caller: COMMAND_LINE };
  const opened = await withDatabase(config.database, ({ challenges }) =>
    openChallenge(challenges, bound, randomOctets, io.clock()),
  );
  if (opened === undefined)
    throw new UsageError(
      say(`已有 ${MOST_OPEN} 个问询未答`, `${MOST_OPEN} challenges are open`),
      say('请等一分钟', 'wait a minute'),
    );
  if (options.json) {
    io.out(JSON.stringify(opened));
    return;
  }
  const rows = [
    ['随机数 nonce', opened.nonce],
    ['受众 audience', opened.audience],
    ['用途 purpose', opened.purpose],
    ['有效至 until', `${localTime(opened.expiresAt, 'second')} 北京时间 Beijing time`],
  ];
  for (const line of table(rows)) io.out(line);
  io.hint(next(`npx tongren verify --checkpoint ${place} --challenge ${opened.nonce} …`));
}
