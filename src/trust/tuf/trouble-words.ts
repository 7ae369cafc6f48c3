import type { Localized } from '../../document/generated/types.ts';
import { say } from '../../document/say.ts';

/**
 * What can speak against a signed trust store, one row each: the closed list that `trust status` shows. A trouble never
 * takes anything away: the last good state stays in force, and grows older.
 */
export const TROUBLES = {
  FILE_MISSING: say('名单文件取不到。', 'A file of the trust store cannot be had.'),
  TOO_LARGE: say('文件超过允许的大小。', 'A file is larger than is allowed.'),
  MALFORMED: say('文件损坏，读不懂。', 'A file is damaged and cannot be read.'),
  SPEC_VERSION_UNKNOWN: say(
    '文件按不认识的规范版本写成，请升级软件。',
    'A file follows a version of the specification that is not known here; upgrade the software.',
  ),
  UNSIGNED: say('文件没有签名。', 'A file is not signed.'),
  SIGNATURE_FOREIGN: say('签名人不是该角色的持钥人。', 'A file is signed by others than those who hold this role.'),
  SIGNATURE_INVALID: say('签名不符：文件被改动过。', 'A signature does not match: the file was altered.'),
  THRESHOLD_NOT_MET: say('签名人数不足。', 'Too few of those who must sign have signed.'),
  KEY_KIND_NOT_MET: say(
    '规定算法的签名人数不足。',
    'Too few have signed with the kind of key that the federation asks for.',
  ),
  ROOT_VERSION_SKIPPED: say('根文件版本不连续。', 'The root files do not follow each other number by number.'),
  TOO_MANY_ROOTS: say('根文件太多，下次更新继续。', 'More root files than one update may take; the next one goes on.'),
  ROLLBACK: say('收到比已知更旧的版本（回滚）。', 'An older version than is already known was offered (rollback).'),
  VERSION_LEAP: say(
    '版本号跳得太远，会使以后的真版本被拒（快进）。',
    'A version number leaps so far that honest ones would later be refused (fast-forward).',
  ),
  EXPIRED: say(
    '文件已过期：新名单被扣住，或无人发布（冻结），或本机时钟过快。',
    'A file has expired: news is withheld, or nobody publishes (freeze), or the clock of this machine is fast.',
  ),
  MIX_AND_MATCH: say(
    '文件与快照所列的不是同一份（拼凑）。',
    'A file is not the one the snapshot names (mix-and-match).',
  ),
  FILE_ALTERED: say('内容文件与签名所列摘要不符。', 'A file does not match the digest that was signed.'),
  HASH_UNKNOWN: say('没有规定算法的摘要。', 'A digest by an algorithm that is asked for is missing.'),
  PATH_OUTSIDE_DELEGATION: say(
    '文件不在该角色可写的范围内，未予采用。',
    'A file lies outside what its role may write, and is not used.',
  ),
  PATH_UNSAFE: say('文件名含有不允许的成分。', 'A file name holds parts that are not allowed.'),
  DELEGATION_OUT_OF_BOUNDS: say(
    '授权越界：该角色不能把此范围交给他人。',
    'A role hands on what it does not have to give.',
  ),
  TOO_MANY_ROLES: say('授权的角色太多。', 'More roles are delegated than is allowed.'),
  ISSUED_MISSING: say('文件没有写明签发时间。', 'A file does not say when it was issued.'),
  ISSUED_IN_FUTURE: say(
    '签发时间在将来：请检查本机时钟。',
    'A file was issued in the future: check the clock of this machine.',
  ),
  LIFETIME_TOO_LONG: say(
    '有效期超过允许的长度。',
    'A file is valid for longer than is allowed: news could be withheld as long.',
  ),
  FEDERATION_UNNAMED: say('根文件没有写明联盟和环境。', 'The root does not name its federation and environment.'),
  FEDERATION_CHANGED: say('文件属于另一个联盟或环境。', 'A file belongs to another federation or another environment.'),
  REKEY_UNFOUNDED: say(
    '地区换钥既无旧钥同意，也未公示满规定时间。',
    'A region’s keys were replaced without its old key’s consent and without the announced waiting time.',
  ),
  PROFILE_VIOLATED: say('不符合联盟的规定。', 'It does not follow the rules of the federation.'),
} as const satisfies Readonly<Record<string, Localized>>;
