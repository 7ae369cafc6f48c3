import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { admitCommand } from './admit.ts';
import { consentCommand } from './consent.ts';
import { foundCommand } from './found.ts';
import { keyCommand } from './key.ts';
import { publishCommand } from './publish.ts';
import { retireCommand, suspendCommand } from './remove.ts';
import { renewCommand } from './renew.ts';
import { rotateCommand } from './rotate.ts';
import { placeCommand, signCommand } from './sign.ts';
import { statusCommand } from './status.ts';

/** The commands that write the signed store, one file each. A new command is a new row. */
const COMMANDS = [
  foundCommand,
  admitCommand,
  publishCommand,
  suspendCommand,
  rotateCommand,
  retireCommand,
  renewCommand,
  consentCommand,
  signCommand,
  placeCommand,
  keyCommand,
  statusCommand,
];

/** `tongren federation`: what operators do to the signed store. Dry run unless --apply. */
export function federationCommand(program: Command, io: Io): void {
  const federation = program
    .command('federation')
    .summary(
      '管理联盟：已签名的信任库，及谁可写什么 · run a federation: its signed trust store, and who may write what',
    );
  for (const add of COMMANDS) add(federation, io);
}
