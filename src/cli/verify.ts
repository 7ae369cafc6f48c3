import { type Command, Option } from 'commander';
import type { Config } from '../config.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { Medium, Outcome, Verdict } from '../document/generated/types.ts';
import { verdictIn } from '../document/octets.node.ts';
import { say } from '../document/say.ts';
import { exists } from '../document/time.ts';
import { type Others, walk } from '../exchange/status.ts';
import type { Presented } from '../format/open.ts';
import { type GroupMember, judgeGroup, MOST_MEMBERS } from '../group.ts';
import type { Journey, Question } from '../journey.ts';
import { gathering } from '../journeys.ts';
import { challengeFor } from '../record/challenge.ts';
import { askReplay, settle } from '../record/settle.ts';
import type { Standpoint } from '../region/standpoint.ts';
import type { TrustStore } from '../region/store.node.ts';
import type { ThreadTold } from '../threads/message.ts';
import { createThreads, shareOf, type Threads } from '../threads/pool.node.ts';
import { paragraph } from './help.ts';
import { inputsOf, type NamedInput } from './inputs.ts';
import { configOf, EXIT, type Io, UsageError } from './io.ts';
import { renderGroup, renderVerdict } from './render.ts';
import { COMMAND_LINE, checkpointOf, hintNotUsed, openTrustStore, standpointFor, withDatabase } from './store.ts';
import { tell } from './tell.ts';
import { goesWith, thereAre } from './usage.ts';

interface Options {
  readonly text?: string;
  readonly store?: string;
  readonly for?: string;
  readonly purpose?: string;
  readonly at?: string;
  readonly group?: boolean;
  readonly occupants?: string;
  readonly composition?: string;
  readonly asOf?: string;
  readonly medium?: Medium;
  readonly checkpoint?: string;
  readonly challenge?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

const EXITS: Readonly<Record<Outcome, number>> = {
  accept: EXIT.accepted,
  conditional: EXIT.accepted,
  refuse: EXIT.refused,
  undetermined: EXIT.undetermined,
};

export const exitOf = (outcome: Outcome): number => EXITS[outcome];

/** `tongren verify`: documents → verdicts. The exit code is that of the worst verdict. */
export function verifyCommand(program: Command, io: Io): void {
  program
    .command('verify')
    .summary('核验证照，逐份给出结论 · verify documents and print a verdict for each')
    .description(
      '核验证照：码文、二维码图片（PNG、JPEG）、文件；每项输入得出一个结论 · Verifies documents: code texts, QR pictures (PNG, JPEG), files. One verdict per input.',
    )
    .argument(
      '[file...]',
      '文件；签名文件（.p7s）与原文件同名，一并给出；“-”为标准输入 · files, each signature file (.p7s) beside the file of its name; "-" for standard input',
    )
    .option('--text <string>', '扫描所得的码文 · the text of a scanned code')
    .option('--store <dir>', '信任库 · trust store')
    .option('--for <region>', '核验地区（GB/T 2260 代码） · verifying region (GB/T 2260 code)')
    .option('--purpose <purpose>', '结论的用途 · what the verdict is for')
    .option('--at <instant>', '按此时间判断（RFC 3339） · judge as of this time (RFC 3339)')
    .option(
      '--as-of <moment>',
      'signing：存档副本按签署时间判断 · signing: judge archived copies as of when they were signed',
    )
    .addOption(
      new Option(
        '--medium <medium>',
        '以何种载体出示；缺省按屏幕 · on what it was shown; taken for a screen if absent',
      ).choices(['screen', 'paper']),
    )
    .option(
      '--checkpoint <code>',
      '在此卡口出示：向数据库核对一次性的码是否在别处出示过 · shown here: ask the database whether a one-time code was shown elsewhere',
    )
    .option(
      '--challenge <nonce>',
      '与 --checkpoint 同用：须应答的问询（tongren challenge） · with --checkpoint: the challenge that it has to answer (tongren challenge)',
    )
    .option(
      '--offline',
      '不询问任何一方：信任库来源、证书状态服务、其他地区 · ask nobody: no source of the trust store, no responder about certificates, no other region',
    )
    .option(
      '--group',
      '各份证照属于同一事项：整组得出一个结论 · the documents are one case: one verdict on all of them',
    )
    .option('--occupants <number>', '与 --group 同用：车上人数 · with --group: how many people are in the vehicle')
    .option(
      '--composition <id>',
      '与 --group 同用：可属几种证照组合时，指明是哪一种 · with --group: which case it is, where several fit',
    )
    .option(
      '--json',
      '每行一个结论，格式见 schemas/verdict.schema.json · one verdict per line, schemas/verdict.schema.json',
    )
    .addHelpText(
      'after',
      paragraph(
        '退出码：0 认可或需核，1 不予认可，2 无法判定，64 命令写错，70 本系统出错 · Exit: 0 accepted or conditional, 1 refused, 2 undetermined, 64 usage, 70 our fault',
      ),
    )
    .action(async (files: string[], options: Options) => {
      process.exitCode = await verify(files, options, io);
    });
}

async function verify(files: readonly string[], options: Options, io: Io): Promise<number> {
  const config = configOf(io);
  const inputs = inputsOf(files, options.text, io);
  const at = parseInstant(options.at);
  if (options.asOf !== undefined && options.asOf !== 'signing')
    throw new UsageError(
      say('--as-of 所指时刻无法识别', '--as-of names a moment that is not known'),
      say('请写 --as-of signing', 'write --as-of signing'),
    );
  const store = await openTrustStore(options.store, io, { offline: options.offline, hintsLater: true });
  try {
    return await verifyOn(store, { config, inputs, at }, options, io);
  } finally {
    hintNotUsed(store.federation, io);
  }
}

interface Asked {
  readonly config: Config;
  readonly inputs: readonly NamedInput[];
  /** Epoch ms. */
  readonly at: number | undefined;
}

async function verifyOn(store: TrustStore, { config, inputs, at }: Asked, options: Options, io: Io): Promise<number> {
  const purpose = options.purpose ?? config.purpose;
  const { federation } = store;
  const standpoint = standpointFor(federation, options.for ?? config.region, purpose, io);
  for (const only of ['occupants', 'composition'] as const)
    if (options[only] !== undefined && !options.group) throw goesWith(only, 'group');
  if (options.group && options.asOf !== undefined)
    throw new UsageError(say('--as-of 不能与 --group 同用', '--as-of does not go with --group'));
  const question: Question = {
    purpose,
    ...(at === undefined ? {} : { at }),
    ...(options.asOf === undefined ? {} : { asOf: 'signing' as const }),
    ...(options.medium === undefined ? {} : { medium: options.medium }),
  };
  // Whoever asks nobody need not load what asks.
  const others = options.offline ? {} : (await import('./others.ts')).othersOf(config, io, () => federation);
  const look = (question: Question, settling: SettlingHere) => {
    const desk = { standpoint, question, others, ...settling };
    if (options.group) return verifyGroup(inputs, desk, options, io);
    return verifyEach(inputs, { ...desk, store, threads: nonce === undefined ? config.threads : 0 }, options, io);
  };
  const { challenge: nonce } = options;
  if (options.checkpoint === undefined) {
    if (nonce !== undefined) throw goesWith('challenge', 'checkpoint');
    return look(question, { settled: ({ verdict }) => verdict, settledTold: ({ json }) => verdictIn(json) });
  }
  const checkpoint = checkpointOf(options.checkpoint);
  return withDatabase(config.database, async (memory) => {
    const settling = { memory: async () => memory, clock: io.clock };
    const place = { checkpoint, device: COMMAND_LINE, nonce };
    const bound = { region: standpoint.region, purpose, place: checkpoint, caller: COMMAND_LINE };
    const asked =
      nonce === undefined
        ? question
        : { ...question, challenge: await challengeFor(memory.challenges, { ...bound, nonce }, io.clock()) };
    return look(asked, {
      settled: (walked) => settle(walked, place, settling),
      settledTold: ({ json, shown }) =>
        shown === undefined ? verdictIn(json) : askReplay(verdictIn(json), shown, place, settling),
    });
  });
}

/** What was left open is settled: of what was walked here, and of what another thread walked. */
interface SettlingHere {
  settled(walked: Journey): Verdict | Promise<Verdict>;
  settledTold(told: ThreadTold): Verdict | Promise<Verdict>;
}

interface Desk extends SettlingHere {
  readonly standpoint: Standpoint;
  readonly question: Question;
  readonly others: Others;
}

/** Of documents that are looked at together. */
const MOST_OCTETS = 4 * 1024 * 1024;
/** Whoever waits for pictures or large files sees the verdicts so far. */
const MOST_WAITING_MS = 100;
/** Other threads take half a second to begin: they are called where this one has worked as long, and as much is left. */
const ALONE_MS = 500;
/** Groups that are read but not told yet, so that what is in memory is bounded. */
const MOST_GROUPS = 6;

/** One verdict for each input. The exit code is that of the worst. */
async function verifyEach(
  inputs: readonly NamedInput[],
  desk: Desk & { readonly store: TrustStore; readonly threads: number },
  { json }: Options,
  io: Io,
): Promise<number> {
  const printed = printer(json, io);
  const began = performance.now();
  let threads: Threads | undefined;
  const mayHelp = (done: number): boolean =>
    desk.threads > 0 && inputs.length - done > done && performance.now() - began > ALONE_MS;
  const waiting: (() => Promise<void>)[] = [];
  const told = async (most: number): Promise<void> => {
    while (waiting.length > most) await waiting.shift()!();
  };
  const group: Member[] = [];
  const take = async (done: number): Promise<void> => {
    const members = group.splice(0);
    if (threads === undefined && mayHelp(done))
      threads = createThreads({ count: desk.threads, store: desk.store, failed: () => tell(io.hint, THREAD_ENDED) });
    const verdicts = await verdictsOf(members, desk, threads, io.clock());
    waiting.push(async () => {
      for (const [i, verdict] of verdicts.entries()) printed.print(members[i]!.name, await verdict());
    });
    await told(threads === undefined ? 0 : MOST_GROUPS);
  };
  let since = began;
  let octets = 0;
  try {
    for (const [index, { name, read }] of inputs.entries()) {
      if (inputs.length > 1) io.progress(`${index + 1}/${inputs.length}`);
      const presented = await read();
      group.push({ name, presented });
      octets += sizeOf(presented);
      const left = inputs.length - index - 1 + group.length;
      const most = shareOf(left, threads === undefined ? 0 : desk.threads);
      const full = group.length >= most || octets >= MOST_OCTETS;
      if (!full && performance.now() - since < MOST_WAITING_MS) continue;
      await take(index + 1);
      since = performance.now();
      octets = 0;
    }
  } finally {
    // Those before one that cannot be read have their verdicts all the same.
    try {
      await take(inputs.length);
      await told(0);
    } finally {
      await threads?.close();
    }
  }
  io.progress('');
  return printed.worst();
}

const THREAD_ENDED = say(
  '一个工作线程异常结束，其证照由主线程核验',
  'one of the threads came to its end; its documents are looked at without it',
);

/** Prints verdicts as they come. `worst`: the exit code of the worst of them. */
function printer(json: boolean | undefined, io: Io) {
  let worst: number = EXIT.accepted;
  return {
    print(name: string, verdict: Verdict): void {
      if (json) io.out(JSON.stringify({ input: name, ...verdict }));
      else for (const line of renderVerdict(name, verdict)) io.out(line);
      // A refusal is the firmest answer, and outweighs "cannot tell".
      const exit = EXITS[verdict.outcome];
      if (worst === EXIT.accepted || exit === EXIT.refused) worst = exit;
    },
    worst: () => worst,
  };
}

interface Member {
  readonly name: string;
  readonly presented: Presented;
}

/** In octets or characters: enough to tell what is large. */
const sizeOf = (presented: Presented): number =>
  'bytes' in presented
    ? presented.bytes.length + (presented.beside?.length ?? 0)
    : 'text' in presented
      ? presented.text.length
      : 0;

/** The verdict of each, to be asked for in order: walked by another thread where one is free, else here and now. */
async function verdictsOf(
  members: readonly Member[],
  { standpoint, question, others, settled, settledTold }: Desk,
  threads: Threads | undefined,
  now: number,
): Promise<(() => Verdict | Promise<Verdict>)[]> {
  const { region } = standpoint;
  const there = threads?.walk(
    members.map(({ presented }) => ({ presented, region, question })),
    now,
  );
  if (there !== undefined) {
    const one = async ({ presented }: Member, i: number): Promise<Verdict> => {
      const found = (await there)[i];
      return found === undefined ? settled(await walk(presented, standpoint, question, others)) : settledTold(found);
    };
    return members.map((member, i) => () => one(member, i));
  }
  const together = gathering(nodePlatform);
  const begun = members.map(({ presented }) => together.begin(presented, standpoint, question.at));
  const verdicts: Verdict[] = [];
  for (const [i, { presented }] of members.entries())
    verdicts.push(await settled(await walk(presented, standpoint, question, others, begun[i])));
  return verdicts.map((verdict) => () => verdict);
}

/** All inputs as one case. The exit code is that of the one outcome. */
async function verifyGroup(
  inputs: readonly NamedInput[],
  { standpoint, question, others, settled }: Desk,
  { occupants, composition, json }: Options,
  io: Io,
): Promise<number> {
  if (inputs.length > MOST_MEMBERS)
    throw new UsageError(say(`一组最多 ${MOST_MEMBERS} 份证照`, `a group has at most ${MOST_MEMBERS} documents`));
  const { all } = standpoint.compositions;
  if (composition !== undefined && !all.some(({ id }) => id === composition))
    throw new UsageError(
      say(`没有证照组合“${composition}”`, `no composition "${composition}"`),
      thereAre(all.map(({ id }) => id)),
    );
  const people = occupants === undefined ? undefined : Number(occupants);
  if (people !== undefined && !(/^\d{1,3}$/.test(occupants!) && people <= MOST_OCCUPANTS))
    throw new UsageError(
      say(`“${occupants}”不是人数`, `"${occupants}" is no number of people`),
      say(`0 至 ${MOST_OCCUPANTS}`, `0 to ${MOST_OCCUPANTS}`),
    );
  const members: GroupMember[] = [];
  for (const [index, input] of inputs.entries()) {
    io.progress(`${index + 1}/${inputs.length}`);
    const presented = await input.read();
    const walked = await walk(presented, standpoint, question, others);
    members.push({ walked, verdict: await settled(walked), presented: walked.presented });
  }
  io.progress('');
  const asked = {
    ...question,
    ...(composition === undefined ? {} : { composition }),
    ...(people === undefined ? {} : { occupants: people }),
  };
  const verdict = judgeGroup(members, standpoint, asked, nodePlatform);
  if (json) io.out(JSON.stringify(verdict));
  else
    for (const line of renderGroup(
      inputs.map(({ name }) => name),
      verdict,
    ))
      io.out(line);
  return EXITS[verdict.outcome];
}

/** As group-ask.schema.json has it. */
const MOST_OCCUPANTS = 200;

/** RFC 3339 → epoch ms. Errors: UsageError. */
export function parseInstant(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
  const ms = form.test(text) && exists(text) ? Date.parse(text) : Number.NaN;
  // Beyond the years that four digits write, a verdict could not say its time.
  if (!(ms >= 0 && ms < 253_402_300_800_000))
    throw new UsageError(
      say(`“${text}”不是时间`, `"${text}" is no time`),
      say('写法如 2026-01-31T08:00:00+08:00', 'write it like 2026-01-31T08:00:00+08:00'),
    );
  return ms;
}
