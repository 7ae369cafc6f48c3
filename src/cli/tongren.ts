#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { MAX_INPUT_BYTES } from '../intake.ts';
import { challengeCommand } from './challenge.ts';
import { conformanceCommand } from './conformance.ts';
import { convertCommand } from './convert.ts';
import { federationCommand } from './federation/federation.ts';
import { inspectCommand } from './inspect.ts';
import { EXIT, explain, type Io } from './io.ts';
import { keysCommand } from './keys.ts';
import { pairCommand } from './pair.ts';
import { regionCommand } from './region/region.ts';
import { visible } from './render.ts';
import { serveCommand } from './serve.ts';
import { startCommand } from './start.ts';
import { trustCommand } from './trust.ts';
import { verifyCommand } from './verify.ts';

/** The commands, one file each. A new command is a new row. */
const COMMANDS = [
  verifyCommand,
  challengeCommand,
  inspectCommand,
  convertCommand,
  startCommand,
  serveCommand,
  keysCommand,
  pairCommand,
  trustCommand,
  federationCommand,
  regionCommand,
  conformanceCommand,
];

/** Runs one command line. Sets process.exitCode; every error line is followed by a hint where there is one. */
export async function run(args: readonly string[], io: Io): Promise<void> {
  const program = new Command('tongren')
    .description('Tongren (通认): mutual recognition of electronic certificates, passes and codes between regions')
    .showHelpAfterError('(run with --help for what there is)')
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.hint(text.trimEnd()) })
    .exitOverride();
  for (const add of COMMANDS) add(program, io);
  for (const command of program.commands) command.copyInheritedSettings(program);
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

if (import.meta.main) {
  // Whoever reads our output may have enough of it (`| head`): that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
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
