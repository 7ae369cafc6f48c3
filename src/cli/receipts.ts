import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Localized, LogHead } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { instantOf } from '../document/time.ts';
import { LEAST_KEEP_DAYS } from '../record/housekeeping.ts';
import type { ReceiptLog } from '../store/receipt-log.ts';
import type { KeptHead, LogChecked, LogFault, LogFaultCode } from '../store/receipt-log-check.ts';
import { collect, configOf, EXIT, type Io, UsageError } from './io.ts';
import { localTime } from './render.ts';
import { withDatabase } from './store.ts';
import { next, tell } from './tell.ts';

/** What is wrong, by what was found. */
const FAULTS: Readonly<Record<LogFaultCode, Localized>> = {
  'head-altered': say('日志头被改动', 'a head of the log was altered'),
  'entries-altered': say('这一段的日志条目被改动或删除', 'entries of this stretch were altered or removed'),
  'receipt-altered': say('回执或其处置被改动', 'the receipt, or what was done after it, was altered'),
  'receipt-gone': say(
    '回执或其处置未到期而被删除',
    'the receipt, or what was done after it, was removed before its time',
  ),
  'receipt-not-entered': say('回执或其处置不在日志中', 'the receipt, or what was done after it, is not in the log'),
  'other-head': say('与所留存的日志头不符', 'this is not the head that was kept'),
  'line-moved': say(
    `删除的界线不到 ${LEAST_KEEP_DAYS} 天，不是网关所定`,
    `the line before which records may be removed is less than ${LEAST_KEEP_DAYS} days ago: no gateway puts it there`,
  ),
};

const NOTHING_YET = say(
  '日志中还没有内容：网关运行后每分钟写入一次',
  'nothing was entered yet: a running gateway does so each minute',
);

/** Whoever checks may have a clock that is behind the gateway's. */
const LATEST_LINE_MS = (LEAST_KEEP_DAYS - 1) * 86_400_000;

/** `tongren receipts`: whether what was recorded is still what was recorded. */
export function receiptsCommand(program: Command, io: Io): void {
  const receipts = program
    .command('receipts')
    .summary('查验回执是否被改动 · check that receipts are as they were recorded')
    .description(
      '留痕日志：网关每分钟把新回执及处置的摘要写入日志，得到日志头。请把日志头留存在本机以外。 · The log of receipts: each minute the gateway enters digests of new receipts, and of what was done, and makes a head. Keep heads elsewhere.',
    );
  receipts
    .command('head')
    .summary('显示最新的日志头，供留存 · show the newest head, to be kept elsewhere')
    .description(
      '显示最新的日志头；此前的回执日后若有改动，可凭它查出。 · Shows the newest head: by it, any later change of what was recorded before can be found.',
    )
    .option('--json', '一个对象，格式见 schemas/log-head.schema.json · one object, schemas/log-head.schema.json')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const head = await withLog(io, (log) => log.head());
      if (head === undefined) {
        tell(io.hint, NOTHING_YET);
        process.exitCode = EXIT.undetermined;
        return;
      }
      if (json) {
        io.out(JSON.stringify(head));
        return;
      }
      io.out(`${head.number}:${head.head}`);
      tell(io.hint, said(head));
      io.hint(next(`npx tongren receipts check --head ${head.number}:${head.head}`));
    });
  receipts
    .command('check')
    .summary('逐条核对回执与日志 · compare every receipt with the log')
    .description(
      '逐条核对回执、处置与日志，并与所留存的日志头比对。有不符之处，退出码为 1。 · Compares every receipt and what was done with the log, and the log with heads that were kept. Exit code 1 if anything does not fit.',
    )
    .option(
      '--head <number:head>',
      '留存的日志头，可多次给出 · a head that was kept, as receipts head shows it; may be given several times',
      collect,
    )
    .option('--json', '一个对象 · one object')
    .action(async ({ head = [], json }: { readonly head?: readonly string[]; readonly json?: boolean }) => {
      const kept = head.map(keptHead);
      const checked = await withLog(io, (log) => log.check(kept, io.clock() - LATEST_LINE_MS));
      if (checked.faults.length > 0) process.exitCode = EXIT.refused;
      else if (checked.head === undefined) process.exitCode = EXIT.undetermined;
      if (json) io.out(JSON.stringify(checked));
      else report(checked, kept.length, io);
    });
}

/** A database that is not there is not made: there would be nothing in it. Errors: UsageError; the address is not repeated. */
async function withLog<T>(io: Io, run: (log: ReceiptLog) => Promise<T>): Promise<T> {
  const { database } = configOf(io);
  if (!/^postgres(ql)?:/.test(database) && !existsSync(database))
    throw new UsageError(
      say('TONGREN_DATABASE：没有这个数据库文件', 'TONGREN_DATABASE: there is no such database file'),
      say('请查对路径；网关启动时建立', 'mind the path; a gateway makes it when it starts'),
    );
  return withDatabase(database, ({ receiptLog }) => run(receiptLog));
}

/** Errors: UsageError. */
function keptHead(text: string): KeptHead {
  const [, number, head] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (head === undefined)
    throw new UsageError(
      say('--head 不是日志头', '--head is no head of a log'),
      say('请照 tongren receipts head 的输出填写，例如 12:9f86…', 'as tongren receipts head shows it, like 12:9f86…'),
    );
  return { number: Number(number), head };
}

const said = ({ number, at }: LogHead): Localized => {
  const time = localTime(at, 'second');
  return say(
    `第 ${number} 段，北京时间 ${time}；请留存在本机以外，或由其他地区留存`,
    `stretch ${number}, ${time} Beijing time; keep it elsewhere, or have another region keep it`,
  );
};

function report(
  { head, compared, removed, removedBefore, waiting, late, faults }: LogChecked,
  kept: number,
  io: Io,
): void {
  const print = (zh: string, en: string): void => tell(io.out, say(zh, en));
  print(
    `日志共 ${head?.number ?? 0} 段，已核对回执与处置 ${compared} 条，待写入 ${waiting} 条`,
    `${head?.number ?? 0} stretches; ${compared} receipts and dispositions compared, ${waiting} not entered yet`,
  );
  if (removed > 0) {
    const day = localTime(instantOf(removedBefore));
    print(
      `${day} 以前的 ${removed} 条保存期满，已删除`,
      `${removed} of before ${day} are gone, as their time was over`,
    );
  }
  if (late.length > 0)
    print(
      `以下回执比先写入的早十五天以上，可能是事后插入，或网关时钟有误：${late.join('、')}`,
      `more than fifteen days older than what was entered before them, so slipped in, or a clock was wrong: ${late.join(', ')}`,
    );
  for (const fault of faults) print(`不符：${wordsOf(fault).zh}`, `does not fit: ${wordsOf(fault).en}`);
  if (faults.length > 0) return;
  if (head === undefined) {
    tell(io.hint, NOTHING_YET);
    return;
  }
  if (kept > 0) print(`全部相符，${kept} 个留存的日志头也相符`, `all fits, and so do the ${kept} heads that were kept`);
  else {
    print('全部相符', 'all fits');
    tell(
      io.hint,
      say(
        '掌握整个数据库的人可以把日志一并重写：请用 --head 与留存在别处的日志头比对',
        'whoever has the whole database can write the log anew as well: compare it with heads that were kept elsewhere, by --head',
      ),
    );
  }
}

function wordsOf({ code, head, receipt }: LogFault): Localized {
  const { zh, en } = FAULTS[code];
  const where = [receipt, head === undefined ? undefined : `#${head}`].filter((each) => each !== undefined).join(' ');
  return where === '' ? FAULTS[code] : say(`${zh}（${where}）`, `${en} (${where})`);
}
