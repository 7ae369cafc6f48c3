import type { Command } from 'commander';
import { admit } from '../../federation/operations.ts';
import { packFiles } from '../../federation/pack-files.node.ts';
import type { Io } from '../io.ts';
import { readConsent } from './consent.ts';
import { conclude, count, type DeskOptions, holdersFrom, namesOf, openDesk, withDesk } from './desk.ts';

interface Options extends DeskOptions {
  readonly holder: string[];
  readonly threshold: number;
  readonly pack?: string;
  readonly consent?: string;
}

/** `tongren federation admit`: a region joins, or comes back. */
export function admitCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('admit')
      .summary('接纳地区：授权方与该地区共同签名 · let a region in: whoever delegates signs, and the region itself')
      .argument(
        '<id>',
        'GB/T 2260 代码；成员下属的市由该成员接纳 · GB/T 2260 code; a city of a member is admitted by that member',
      )
      .requiredOption('--holder <file...>', '该地区的公钥（.pub.pem） · public keys of the region (.pub.pem)')
      .option('--threshold <n>', '其中须有几把签名 · how many of them must sign', count, 1)
      .option('--pack <dir>', '其地区包，须立即发布时给出 · its pack, if it is to be there at once')
      .option(
        '--consent <file>',
        '原密钥的同意书，用于换了密钥重新加入时 · the earlier keys’ consent, if it comes back with others',
      ),
  ).action(async (id: string, options: Options) => {
    const { holders, keys } = await holdersFrom(options.holder, options.threshold);
    const files = options.pack === undefined ? undefined : await packFiles(options.pack, id);
    const consent = options.consent === undefined ? undefined : await readConsent(options.consent);
    const desk = await openDesk(options, io);
    await conclude(admit(id, holders, files, { consent }, desk), desk, options, io, { names: namesOf(keys) });
  });
}
