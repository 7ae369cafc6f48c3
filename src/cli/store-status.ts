import { instantOf } from '../document/time.ts';
import { storeOf } from '../http/health.ts';
import type { SourceNews, TrustStore } from '../region/store.node.ts';
import { endsWithin } from '../trust/held.ts';
import type { RoleView } from '../trust/tuf/view.ts';
import { oneLine, table } from './render.ts';

type Role = Pick<RoleView, 'name' | 'version' | 'issued' | 'expires'>;

/** A role of the signed store: until when it is good, and how near that is. */
interface RoleRow {
  readonly role: string;
  readonly version: number;
  readonly issued?: string;
  readonly expires: string;
  readonly state: 'good' | `expires within ${number} days` | 'expired';
}

/** Longer than the earliest warning: else a role would be told of from its first day on. */
const LONG_MS = 90 * 86_400_000;

const rolesOf = ({ signed }: TrustStore, now: number): RoleRow[] =>
  roleRows([...(signed?.view.roles.values() ?? [])], now);

/** Long-lived roles are told of early; a region's 72 hours are told by its age. Times are epoch ms. */
export function roleRows(roles: readonly Role[], now: number): RoleRow[] {
  return roles.map(({ name, version, issued, expires }) => {
    const long = expires - (issued ?? now) > LONG_MS;
    const within = long ? endsWithin({ status: [], until: expires }, now) : undefined;
    return {
      role: name,
      version,
      ...(issued === undefined ? {} : { issued: instantOf(issued) }),
      expires: instantOf(expires),
      state: expires <= now ? 'expired' : within === undefined ? 'good' : `expires within ${within} days`,
    };
  });
}

function inWords(state: RoleRow['state']): string {
  if (state === 'good') return '有效 good';
  if (state === 'expired') return '已过期 expired';
  return `${/\d+/.exec(state)![0]} 天内到期 ${state}`;
}

const ANSWERS: Readonly<Record<SourceNews['said'], string>> = {
  same: '无变化 same',
  good: '有新内容，无误 new and good',
  refused: '被拒 refused',
  unreachable: '连不上 unreachable',
  'too-slow': '太慢 too slow',
  'too-large': '太大 too large',
  'bad-answer': '应答不对 bad answer',
};

/** How a store is looked after, for machines. */
export const storeReport = (opened: TrustStore, now: number): object => ({
  ...storeOf(opened.federation, opened.news),
  sources: opened.news.sources,
  roles: rolesOf(opened, now),
});

/** The same for people. */
export function storeLines(opened: TrustStore, now: number): string[] {
  const { news, signed, federation } = opened;
  if (signed === undefined)
    return ['信任库 store: 无签名的文件夹，绝非生产环境 a folder that nobody signed, never production'];
  const good = news.goodAt === undefined ? '从未 never' : instantOf(news.goodAt);
  return [
    `信任库 store: 已签名，上次无误 signed, last in order ${good}`,
    ...news.sources.map(({ source, said }) => oneLine(`  ${source}: ${ANSWERS[said]}`)),
    ...table([
      ['角色 role', '版本 version', '签发 issued', '有效至 good until', '状态 state'],
      ...rolesOf(opened, now).map((row) => [
        row.role,
        String(row.version),
        row.issued ?? '-',
        row.expires,
        inWords(row.state),
      ]),
    ]),
    ...[...federation.faulty].map(
      (unit) => `${unit}: 隔离 in quarantine: 有文件有误，见下 a file is at fault, see below`,
    ),
  ];
}
