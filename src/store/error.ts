import type { Localized } from '../document/generated/types.ts';
import { say } from '../document/say.ts';

/** What can go wrong with the database, one row each: what a caller may do about it differs. */
const SENTENCES = {
  'bad-url': say('数据库须以路径或 postgres:// 地址指定', 'the database is named by a path or a postgres:// address'),
  unavailable: say('数据库连不上', 'the database cannot be reached'),
  'read-only': say('数据库只读，写不进去', 'the database can be read but not written'),
  full: say('数据库没有空间了', 'there is no room left for the database'),
  busy: say('数据库忙，请重试', 'the database is busy; try again'),
  damaged: say('数据库文件已损坏，或不是数据库', 'the database file is damaged or no database'),
  conflict: say('已有这一行', 'the row is there already'),
  refused: say('数据库拒绝了这一行', 'the database refused the row'),
  'not-durable': say(
    '数据库的设置使已确认的内容可能丢失',
    'the database is set up so that what it confirms can be lost',
  ),
  'too-new': say('数据库由更新的版本建立', 'the database was made by a newer version'),
  'too-many': say('一份回执的处置过多', 'there are too many entries for one receipt'),
  closed: say('数据库已关闭', 'the database was closed'),
  internal: say('数据库出错', 'the database failed'),
} as const satisfies Readonly<Record<string, Localized>>;

export type StoreErrorCode = keyof typeof SENTENCES;

/** Trouble with the database. The message never holds a value; the driver's own error, which might, is the cause. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly said: Localized;

  constructor(code: StoreErrorCode, cause?: unknown) {
    super(SENTENCES[code].en, cause === undefined ? undefined : { cause });
    this.code = code;
    this.said = SENTENCES[code];
  }
}

export type Attempt = <T>(work: () => Promise<T>) => Promise<T>;

/** In: what a driver's errors mean. Out: a wrapper that lets nothing but StoreErrors out. */
export function attempting(codeOf: (error: unknown) => StoreErrorCode): Attempt {
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof StoreError ? error : new StoreError(codeOf(error), error);
    }
  };
}

/** Runs it. Out: true, or false if the row is there already. */
export async function unlessThere(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'conflict') return false;
    throw error;
  }
}
