import type { Command } from 'commander';
import { say } from '../../document/say.ts';
import { announce, rotate, rotateTop } from '../../federation/operations.ts';
import type { TopRole } from '../../trust/tuf/metadata.ts';
import { type Io, UsageError } from '../io.ts';
import { readConsent } from './consent.ts';
import { conclude, count, type DeskOptions, holdersFrom, namesOf, openDesk, withDesk } from './desk.ts';

interface Options extends DeskOptions {
  readonly to: string[];
  readonly threshold: number;
  readonly consent?: string;
  readonly announce?: boolean;
  readonly oldKeysLost?: boolean;
}

const TOP: readonly string[] = ['root', 'targets', 'snapshot', 'timestamp'];

/** `tongren federation rotate`: other keys for a role. */
export function rotateCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('rotate')
      .summary(
        '更换根、目标、快照、时间戳或某地区的密钥 · replace the keys of root, targets, snapshot, timestamp, or of a region',
      )
      .argument(
        '<role...>',
        'root、targets、snapshot、timestamp（同时给出几个，则换成相同的密钥）；或一个地区 · root, targets, snapshot, timestamp (several at once get the same keys); or one region',
      )
      .requiredOption(
        '--to <file...>',
        '此后持有该角色的全部公钥（.pub.pem） · all public keys that hold it from then on (.pub.pem)',
      )
      .option('--threshold <n>', '其中须有几把签名 · how many of them must sign', count, 1)
      .option(
        '--consent <file>',
        '用于地区：旧钥已同意，立即生效 · of a region: its old keys agree, and it acts at once',
      )
      .option(
        '--announce',
        '用于地区：没有旧钥；先公示，公示期满再换钥 · of a region: without its old keys; say so, and rotate when the waiting time is over',
      )
      .option(
        '--old-keys-lost',
        '用于 snapshot 或 timestamp：旧钥已不在，无法最后签名 · of snapshot or timestamp: the old keys are not there to sign the last time',
      ),
  ).action((roles: string[], options: Options) => run(roles, options, io));
}

async function run(roles: string[], options: Options, io: Io): Promise<void> {
  const { holders, keys } = await holdersFrom(options.to, options.threshold);
  const desk = await openDesk(options, io);
  const { oldKeysLost = false } = options;
  const concluding = { names: namesOf(keys), oldKeysLost };
  if (roles.every((role) => TOP.includes(role))) {
    if (options.announce || options.consent)
      throw new UsageError(say('--announce、--consent：只用于地区', '--announce, --consent: of a region only'));
    return conclude(rotateTop(roles as TopRole[], holders, desk), desk, options, io, concluding);
  }
  const [region] = roles;
  if (region === undefined || roles.length > 1) throw new UsageError(say('一次只能办一个地区', 'one region at a time'));
  const consent = options.consent === undefined ? undefined : await readConsent(options.consent);
  const draft = options.announce ? announce(region, holders, desk) : rotate(region, holders, { consent }, desk);
  await conclude(draft, desk, options, io, concluding);
}
