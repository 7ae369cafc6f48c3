import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { acceptCommand } from './accept.ts';
import { checkCommand } from './check.ts';
import { diffCommand } from './diff.ts';
import { excludeCommand } from './exclude.ts';
import { markCommand } from './mark.ts';
import { newCommand } from './new.ts';
import { restoreCommand } from './restore.ts';
import { revokeCommand } from './revoke.ts';
import { samplesCommand } from './samples.ts';

/** The commands for a region's own pack, one file each. */
const COMMANDS = [
  newCommand,
  checkCommand,
  samplesCommand,
  diffCommand,
  markCommand,
  revokeCommand,
  excludeCommand,
  acceptCommand,
  restoreCommand,
];

/** `tongren region`: a region's pack, from nothing to what it signs. */
export function regionCommand(program: Command, io: Io): void {
  const region = program
    .command('region')
    .summary('制作、检查、比较地区包 · make, check and compare the pack of a region');
  for (const add of COMMANDS) add(region, io);
}
