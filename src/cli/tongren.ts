#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { coreUseIn } from '../config.ts';
import { type CoreChoice, useCore } from '../crypto/core/use.ts';
import { say } from '../document/say.ts';
import { MAX_INPUT_BYTES } from '../intake.ts';
import { inChinese, withHelp } from './help.ts';
import { EXIT, explain, type Io } from './io.ts';
import { visible } from './render.ts';
import { tell } from './tell.ts';

type AddCommand = (program: Command, io: Io) => void;

/**
 * The commands by name, one file each. A new command is a new row. Where the command line begins with one of these names, no
 * other file is loaded.
 */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  verify: async () => (await import('./verify.ts')).verifyCommand,
  challenge: async () => (await import('./challenge.ts')).challengeCommand,
  inspect: async () => (await import('./inspect.ts')).inspectCommand,
  convert: async () => (await import('./convert.ts')).convertCommand,
  start: async () => (await import('./start.ts')).startCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  receipts: async () => (await import('./receipts.ts')).receiptsCommand,
  keys: async () => (await import('./keys.ts')).keysCommand,
  pair: async () => (await import('./pair.ts')).pairCommand,
  trust: async () => (await import('./trust.ts')).trustCommand,
  federation: async () => (await import('./federation/federation.ts')).federationCommand,
  region: async () => (await import('./region/region.ts')).regionCommand,
  conformance: async () => (await import('./conformance.ts')).conformanceCommand,
};

/** The program with one command, or with all of them where the first word is none: help, and what is no command, needs all. */
export async function commandLine(first: string, io: Io): Promise<Command> {
  const program = withHelp(new Command('tongren'))
    .description(
      '通认：跨地区电子证照、通行证和码的互认 · Tongren: mutual recognition of electronic certificates, passes and codes between regions',
    )
    .showHelpAfterError('提示：加 --help 查看用法\nhint: run with --help for what there is')
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.hint(text.trimEnd()),
      outputError: (text, write) => write(`错误：${inChinese(text)}\n${text}`),
    })
    .exitOverride();
  const asked = Object.hasOwn(COMMANDS, first) ? [COMMANDS[first]!] : Object.values(COMMANDS);
  for (const add of await Promise.all(asked.map((load) => load()))) add(program, io);
  program.hook('preAction', () => useCore({ use: coreUseIn(io.env), differed: hintOfDifferences(io) }));
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

/** Tells of each kind of difference once. */
function hintOfDifferences(io: Io): CoreChoice['differed'] {
  const told = new Set<string>();
  return ({ curve, core }) => {
    if (told.has(`${curve} ${core}`)) return;
    told.add(`${curve} ${core}`);
    const [found, again] = core === 'good' ? ['有效', '无效'] : ['无效', '有效'];
    tell(
      io.hint,
      say(
        `验签核心（${curve}）判为${found}，复核判为${again}：该签名按无效处理。请报告此故障，并把 TONGREN_CORE 设为 none`,
        `the core found a signature ${core} (${curve}), a second check did not: it was taken for bad. Please report this fault, and set TONGREN_CORE to none`,
      ),
    );
  };
}

/** Runs one command line. Sets process.exitCode; every error line is followed by a hint where there is one. */
export async function run(args: readonly string[], io: Io): Promise<void> {
  const program = await commandLine(args[0] ?? '', io);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
      return;
    }
    const { lines, exit } = explain(error);
    for (const line of lines) io.hint(line);
    process.exitCode = exit;
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Uint8Array);
    size += (chunk as Uint8Array).length;
    // A pipe may never end; what is too large is refused by whoever asked.
    if (size > MAX_INPUT_BYTES) break;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** The process is this one command line. */
export async function main(): Promise<void> {
  // Whoever reads our output may have enough of it (`| head`): that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    const { lines, exit } = explain(error);
    for (const line of lines) process.stderr.write(`${line}\n`);
    process.exit(exit);
  });
  // Hints that nobody can be given end no command, and no gateway.
  process.stderr.on('error', () => {});
  await run(process.argv.slice(2), {
    env: process.env,
    clock: Date.now,
    out: (line) => process.stdout.write(`${visible(line)}\n`),
    hint: (line) => process.stderr.write(`${visible(line)}\n`),
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
    },
    stdin: readStdin,
  });
}

if (import.meta.main) await main();
