import type { Command } from 'commander';
import { renew } from '../../federation/operations.ts';
import type { Io } from '../io.ts';
import { conclude, type DeskOptions, openDesk, placing, withDesk } from './desk.ts';

/** `tongren federation renew`: the same content for another lifetime. */
export function renewCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('renew')
      .summary('重签即将到期的内容：动态，或某一角色 · sign again what is about to expire: the news, or a role')
      .argument(
        '[role]',
        'root、targets、federation、guests 或某地区；不写则只重签动态（snapshot、timestamp） · root, targets, federation, guests or a region; none: the news alone (snapshot, timestamp)',
      ),
  ).action(async (role: string | undefined, options: DeskOptions) => {
    const desk = await openDesk(options, io);
    if (role === undefined) await placing(undefined, new Map(), desk, options, io);
    else await conclude(renew(role, desk), desk, options, io);
  });
}
