import { type Config, ConfigError, readConfig } from '../config.ts';
import type { Localized } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { Refused } from '../federation/refused.ts';
import { NoFolder } from '../region/folder.node.ts';
import { PackError } from '../region/pack.ts';
import { TROUBLES, TufRefusal } from '../trust/tuf/troubles.ts';
import { machineFault } from './machine.ts';

/** What a command may touch: passed in, so that a test can be the terminal. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: () => number;
  /** Lines for whoever asked. */
  out(line: string): void;
  /** Hints and progress: never mixed with what was asked for. */
  hint(line: string): void;
  /** Overwrites one progress line on a terminal; silent elsewhere. */
  progress(text: string): void;
  stdin(): Promise<Uint8Array>;
}

/** For an option that may be given several times. */
export const collect = (value: string, all: string[] = []): string[] => [...all, value];

/** Exit codes, after sysexits: what a script needs to tell apart. */
export const EXIT = { accepted: 0, refused: 1, undetermined: 2, usage: 64, ourFault: 70 } as const;

/** Trouble with how the command was called. `said` is what is wrong, `hint` what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly said: Localized;
  readonly hint: Localized | undefined;
  constructor(said: Localized, hint?: Localized) {
    super(said.en);
    this.said = said;
    this.hint = hint;
  }
}

export const configOf = (io: Io): Config => readConfig(io.env);

/** Error → what is said, and the exit code. An error that is none of ours is our fault, and says so with its stack. */
export function explain(error: unknown): { lines: string[]; exit: number } {
  if (error instanceof UsageError)
    return { lines: [...errorLines(error.said), ...hintLines(error.hint)], exit: EXIT.usage };
  if (error instanceof ConfigError)
    return {
      lines: [
        ...errorLines(say(`配置有误：${error.said.zh}`, `configuration: ${error.message}`)),
        ...hintLines(say('见 README.zh-CN.md 中的“配置”', 'see "Configuration" in README.md')),
      ],
      exit: EXIT.usage,
    };
  if (error instanceof Refused)
    return { lines: [...refusedLines(error.said), ...hintLines(error.hint)], exit: EXIT.refused };
  if (error instanceof TufRefusal) {
    const { role, message, code } = error;
    return {
      lines: [...refusedLines(say(`${role} 的文件不能采信`, `${role}: ${message}`)), ...hintLines(TROUBLES[code])],
      exit: EXIT.refused,
    };
  }
  if (error instanceof NoFolder)
    return {
      lines: [
        ...errorLines(say(`${error.file}：没有这个文件夹`, error.message)),
        '提示：请查对路径；参考联盟由 npm start 生成在 var/store',
      ],
      exit: EXIT.usage,
    };
  if (error instanceof PackError)
    return {
      lines: [
        ...errorLines(say(`${error.file}：${error.zh}`, error.message)),
        ...hintLines(error.mendable ? MEND : undefined),
      ],
      exit: EXIT.usage,
    };
  const machine = machineFault(error);
  if (machine !== undefined)
    return { lines: [...errorLines(machine.said), ...hintLines(machine.hint)], exit: EXIT.usage };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const ours = say('这是通认自身的故障，请报告', 'this is a fault of tongren; please report it');
  return { lines: [...errorLines(ours), stack], exit: EXIT.ourFault };
}

const MEND = say(
  '请改正该文件；若已损坏或只写了一半，请从来源或备份取回，然后重新运行',
  'mend that file, or put it back from where it came or from a copy if it is damaged or half-written; then run the command again',
);

const errorLines = ({ zh, en }: Localized): string[] => [`错误：${zh}`, `error: ${en}`];
const refusedLines = ({ zh, en }: Localized): string[] => [`拒绝：${zh}`, `refused: ${en}`];
const hintLines = (hint: Localized | undefined): string[] =>
  hint === undefined ? [] : [`提示：${hint.zh}`, `hint: ${hint.en}`];
