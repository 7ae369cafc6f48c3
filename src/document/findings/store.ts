import { say } from '../say.ts';
import { callDuty, type FindingRow, refresh } from './row.ts';

/**
 * What was refused of the signed trust store. None of these decides: what was good before is still in force, and when it has
 * grown too old, TRUST_STALE says so. An officer sees that somebody should look into it.
 */
const refused = (zh: string, en: string, next = callDuty): FindingRow => ({
  stage: 'authenticate',
  result: 'note',
  severity: 'notice',
  message: say(
    `${zh}，未予采用；仍按上次可信的名单核验。`,
    `${en}; it was not used, and the last good lists are still in force.`,
  ),
  next,
});

export const STORE = {
  STORE_ROLLED_BACK: refused(
    '收到的名单比已见过的旧（回滚）',
    'Lists older than those already seen were offered (rollback)',
  ),
  STORE_FROZEN: refused(
    '收到的名单已过期：新名单被扣住，或无人发布（冻结）',
    'The lists on offer have expired: news is withheld, or nobody publishes (freeze)',
    refresh,
  ),
  STORE_MIXED: refused(
    '收到的名单是不同时间的拼凑',
    'The lists on offer are put together from different times (mix-and-match)',
  ),
  STORE_SIGNED_BY_OTHERS: refused(
    '收到的名单不是由应当签名的人签署，或签名人数不足',
    'The lists on offer are not signed by those who must sign them, or by too few',
  ),
  STORE_ALTERED: refused(
    '收到的名单与签名不符，被改动过',
    'The lists on offer do not match their signatures: they were altered',
  ),
  STORE_REFUSED: refused('收到的名单不符合规定', 'The lists on offer break the rules of the federation'),
} as const satisfies Record<string, FindingRow>;
