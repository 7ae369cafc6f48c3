import type { Command } from 'commander';
import { say } from '../../document/say.ts';
import { remove } from '../../federation/operations.ts';
import { roleOf } from '../../federation/pack-files.node.ts';
import { storeOf } from '../../federation/published.ts';
import { Refused } from '../../federation/refused.ts';
import { forDocuments, inventory } from '../../region/inventory.ts';
import { isBelow } from '../../trust/tuf/regions.ts';
import type { Io } from '../io.ts';
import { tell } from '../tell.ts';
import { conclude, type DeskOptions, openDesk, record, withDesk } from './desk.ts';

/** `tongren federation suspend`: nothing of a region counts any more, at once, until it is admitted again. */
export function suspendCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('suspend')
      .summary('立即暂停某地区及其下属 · stop a region, and all that stands under it, at once')
      .argument('<id>', '地区 · the region'),
  ).action(async (id: string, options: DeskOptions) => {
    const desk = await openDesk(options, io);
    await conclude(remove('suspend', id, desk), desk, options, io);
  });
}

/** `tongren federation retire`: a region leaves in order, when no key of it, or of what leaves with it, is in use any more. */
export function retireCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('retire')
      .summary('地区退出：其签发密钥须已全部停用 · let a region leave, once all its signing keys are retired')
      .argument('<id>', '地区 · the region'),
  ).action(async (id: string, options: DeskOptions) => {
    const desk = await openDesk(options, io);
    if (!desk.published.delegated.has(id) && desk.published.repository.has(`metadata/1.${id}.json`)) {
      await record(`retire ${id}`, ['was removed before'], desk, options);
      return tell(io.out, say(`${id}：此前已移出`, `${id}: removed already`));
    }
    const draft = remove('retire', id, desk);
    const leaves = (region: string): boolean => roleOf(region) === id || isBelow(region, id);
    const active = inventory(storeOf(desk.published), desk.now, desk.platform).filter(
      (key) => leaves(key.region) && forDocuments(key) && (key.state === 'active' || key.state === 'retiring'),
    );
    if (active.length > 0)
      throw new Refused(
        say(
          active.map(({ region, keyId }) => `${region} 仍在用 ${keyId} 签发`).join('，'),
          active.map(({ region, keyId }) => `${region} still signs documents with ${keyId}`).join(', '),
        ),
        say(
          '请先发布停用这些密钥的名单，等其签发的证照到期；或改为暂停',
          'publish its lists with these keys retired, wait until their documents have ended; or suspend it',
        ),
      );
    await conclude(draft, desk, options, io);
  });
}
