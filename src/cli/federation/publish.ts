import type { Command } from 'commander';
import { say } from '../../document/say.ts';
import { publish } from '../../federation/operations.ts';
import { packFiles, roleOf } from '../../federation/pack-files.node.ts';
import { packHash } from '../../federation/pack-hash.ts';
import { contentsOf, storeOf } from '../../federation/published.ts';
import { Refused } from '../../federation/refused.ts';
import { checkPack } from '../../federation/region-check.node.ts';
import { RESULT_MARKS } from '../../federation/report-html.ts';
import { FEDERATION_ROLE, GUESTS_ROLE } from '../../trust/tuf/regions.ts';
import { type Io, UsageError } from '../io.ts';
import { inBoth } from '../tell.ts';
import { conclude, type Desk, type DeskOptions, openDesk, withDesk } from './desk.ts';

interface Options extends DeskOptions {
  readonly expect?: string;
}

/** `tongren federation publish`: a region's pack, checked, signed by the region. */
export function publishCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('publish')
      .summary('检查地区包，用地区密钥签名并发布 · check a pack, sign it with the region’s keys, and publish it')
      .argument(
        '<id>',
        '地区、外来格式方（x-<名称>），或 federation（属于全体的内容） · region, guest (x-<name>), or federation for what belongs to all',
      )
      .argument('<dir>', '地区包的文件夹 · folder of the pack')
      .option(
        '--expect <hash>',
        '只发布摘要与此相符的内容，摘要由 region diff 给出 · publish only what has this hash, as region diff printed it',
      ),
  ).action((id: string, dir: string, options: Options) => run(id, dir, options, io));
}

async function run(id: string, dir: string, options: Options, io: Io): Promise<void> {
  const files = await packFiles(dir, id);
  const desk = await openDesk(options, io);
  const hash = packHash(files, desk.platform);
  if (options.expect !== undefined && options.expect !== hash)
    throw new Refused(
      say(`包的摘要是 ${hash}，与预期不符`, `the pack has the hash ${hash}, and another was expected`),
      say('有人改过：用 region diff 查看', 'somebody changed it: region diff'),
    );
  if (id !== FEDERATION_ROLE) await conforms(id, files, desk, io);
  const role = roleOf(id);
  await conclude(publish(role, role === id ? files : withOthers(id, files, desk), desk), desk, options, io);
}

async function conforms(id: string, files: ReadonlyMap<string, Uint8Array>, desk: Desk, io: Io): Promise<void> {
  const report = await checkPack(id, files, storeOf(desk.published), { now: desk.now });
  for (const { result, title, details } of report.checks) {
    if (result !== 'fail' && result !== 'warn') continue;
    io.hint(`${RESULT_MARKS[result]}（检查项 check）: ${title.zh} ${title.en}`);
    for (const each of details) for (const line of inBoth(each, '  ')) io.hint(line);
  }
  if (!report.conforms)
    throw new Refused(
      say(`包不合规：${report.score} 分（满分 100）`, `the pack does not conform: ${report.score} of 100`),
      say('请运行 tongren region check', 'tongren region check'),
    );
}

/** Guests have one role together: the others' files stay. */
function withOthers(id: string, files: ReadonlyMap<string, Uint8Array>, { published }: Desk): Map<string, Uint8Array> {
  const role = published.roles.get(GUESTS_ROLE);
  if (role === undefined) throw new UsageError(say('本联盟没有外来格式方', 'the federation has no guests'));
  const others = [...contentsOf(published, role)].filter(([path]) => !path.startsWith(`regions/${id}/`));
  return new Map([...others, ...files]);
}
