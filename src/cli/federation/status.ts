import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { say } from '../../document/say.ts';
import { instantOf } from '../../document/time.ts';
import { readJournal } from '../../federation/journal.node.ts';
import { FOUND_IT } from '../../federation/operations.ts';
import { troublesOf } from '../../federation/place.ts';
import { rekeysOf } from '../../federation/rekeying.ts';
import { newest } from '../../federation/tuf-publish.ts';
import { federationOfRoot } from '../../trust/tuf/federation-profile.ts';
import { readMetadata } from '../../trust/tuf/metadata.ts';
import { FEDERATION_ROLE } from '../../trust/tuf/regions.ts';
import { TROUBLES } from '../../trust/tuf/troubles.ts';
import { type Io, UsageError } from '../io.ts';
import { environmentInWords, oneLine, table } from '../render.ts';
import { tell } from '../tell.ts';
import { behindJournal, type Desk, type DeskOptions, openDesk, withDesk } from './desk.ts';

const HOUR = 3_600_000;
/** When somebody should sign again: a third of the shortest lifetime, or a month for those of a year. */
const SOON = { online: 8 * HOUR, region: 24 * HOUR, year: 30 * 24 * HOUR } as const;

/** `tongren federation status`: what is published, who holds it, what expires, and what gateways would say. */
export function statusCommand(federation: Command, io: Io): void {
  withDesk(
    federation
      .command('status')
      .summary(
        '已发布什么、由谁持有、哪些即将到期须重签 · what is published, who holds it, what must be signed again soon',
      ),
  ).action(async (options: DeskOptions) => status(await openDesk(options, io), options, io));
}

interface Row {
  readonly role: string;
  readonly version: number;
  readonly issued: string;
  readonly expires: string;
  readonly state: 'good' | 'soon' | 'expired';
  readonly threshold: number;
  readonly holders: readonly string[];
}

async function status(desk: Desk, options: DeskOptions, io: Io): Promise<void> {
  const { published, now, platform, folder } = desk;
  const own = published.root && federationOfRoot(published.root);
  if (own === undefined)
    throw new UsageError(say(`${folder}：这里没有联盟`, `${folder}: there is no federation here`), FOUND_IT);
  const behind = behindJournal(desk);
  for (const each of [behind?.said, behind?.hint]) if (each !== undefined) tell(io.hint, each);
  const roles = rowsOf(desk);
  const troubles = troublesOf(published.repository, now, platform);
  const announced = [...published.roles.values()].flatMap((file) =>
    Object.entries(rekeysOf(file)).flatMap(([region, { announced: at = '', keyids = [] }]) => {
      const due = Date.parse(at) + own.waitingHours * HOUR;
      const current = published.delegated.get(region)?.delegation.keyIds ?? [];
      return [...keyids].sort().join() === [...current].sort().join()
        ? []
        : [{ region, announced: at, due: instantOf(due) }];
    }),
  );
  const { entries, broken } = await readJournal(folder);
  const proposals = (await readdir(join(folder, 'proposals')).catch(() => [])).filter((name) => name.endsWith('.json'));
  if (options.json)
    return io.out(
      JSON.stringify({
        federation: own.federation,
        environment: own.environment,
        roles,
        troubles,
        announced,
        proposals,
        journal: { entries: entries.length, broken },
      }),
    );
  io.out(`联盟 federation: ${own.federation}, ${environmentInWords(own.environment)}`);
  const rows = roles.map(({ role, version, issued, expires, state, threshold, holders }) => [
    role,
    String(version),
    issued,
    expires,
    STATES[state],
    `${holders.length} 签 ${threshold} · ${threshold} of ${holders.length}: ${holders.join(', ')}`,
  ]);
  for (const line of table([
    ['角色 role', '版本 version', '签发 issued', '到期 expires', '状态 state', '持钥 held by'],
    ...rows,
  ]))
    io.out(line);
  for (const { region, announced: at, due } of announced)
    io.out(oneLine(`换钥公示 new keys announced: ${region}, ${at}; 公示期满 from ${due}`));
  for (const { role, code, detail } of troubles)
    io.out(oneLine(`! ${role}: ${TROUBLES[code].zh} ${TROUBLES[code].en} (${code}: ${detail})`));
  tell(
    io.out,
    say(
      `待签提案 ${proposals.length} 份，日志 ${entries.length} 条`,
      `${proposals.length} proposals under way, ${entries.length} entries in the journal`,
    ),
  );
  for (const name of proposals) io.out(oneLine(`  ${join(folder, 'proposals', name)}`));
  if (broken.length > 0)
    tell(
      io.hint,
      say(
        `日志被改动或截断，见第 ${broken.join('、')} 行`,
        `the journal was altered or cut off at line ${broken.join(', ')}`,
      ),
    );
  for (const { role, state } of roles)
    if (state !== 'good')
      io.hint(
        `${STATES[state]}: federation renew ${role === 'snapshot' || role === 'timestamp' ? '' : role}`.trimEnd(),
      );
}

const STATES = { good: '有效 good', soon: '即将到期 soon', expired: '已过期 EXPIRED' } as const;

function rowsOf({ published, now, names }: Desk): Row[] {
  const root = published.root!;
  const name = (id: string): string => names[id] ?? id.slice(0, 12);
  const row = (
    role: string,
    file: { readonly version: number; readonly issued: number | undefined; readonly expires: number } | undefined,
    { keyIds, threshold }: { readonly keyIds: readonly string[]; readonly threshold: number },
    soon: number,
  ): Row[] =>
    file === undefined
      ? []
      : [
          {
            role,
            version: file.version,
            issued: instantOf(file.issued ?? 0),
            expires: instantOf(file.expires),
            state: file.expires <= now ? 'expired' : file.expires - now <= soon ? 'soon' : 'good',
            threshold,
            holders: keyIds.map(name),
          },
        ];
  const { repository } = published;
  const snapshot = newest(repository, 'snapshot');
  const timestamp = repository.get('metadata/timestamp.json');
  const { roles } = root.body;
  return [
    ...row('root', root, roles.root, SOON.year),
    ...row('timestamp', timestamp && readMetadata(timestamp, 'timestamp'), roles.timestamp, SOON.online),
    ...row('snapshot', snapshot && readMetadata(snapshot.bytes, 'snapshot'), roles.snapshot, SOON.region),
    ...row('targets', published.roles.get('targets'), roles.targets, SOON.year),
    ...[...published.delegated].flatMap(([role, { delegation }]) =>
      row(role, published.roles.get(role), delegation, role === FEDERATION_ROLE ? SOON.year : SOON.region),
    ),
  ];
}
