import { decodeHex, encodeHex } from '../codec/hex.ts';
import { beijingTime } from '../document/time.ts';
import type { Backend } from './backend.ts';
import { type Attempt, unlessThere } from './error.ts';
import { type Random, randomDigits } from './ids.ts';

/** 32 octets for HMAC, and the random name by which receipts refer to it. */
export interface DigestKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/**
 * Keys of document digests: one per checkpoint and day, UTC+8. With the key, an objection can be matched with the
 * document it is about; once it is destroyed, nobody can tell any more which receipts are of one document.
 */
export interface DigestKeys {
  /** The key of a checkpoint for the day of a time, made if there is none. Durable before it is used. */
  of(checkpoint: string, at: number): Promise<DigestKey>;
  /** Undefined if it has been destroyed. */
  find(id: string): Promise<DigestKey | undefined>;
  /**
   * Destroys the keys of days that ended before a time. Out: how many, and whether they are gone from the files as well
   * (false while another process reads; the next call sees to it).
   */
  destroy(before: number): Promise<{ destroyed: number; erased: boolean }>;
}

const NAME_DIGITS = 16;

/** The calendar day of a time, UTC+8: 2024-05-01. */
export const dayOf = (ms: number): string => beijingTime(ms).slice(0, 10);

export function digestKeysOf({ db, erase }: Backend, attempt: Attempt, random: Random): DigestKeys {
  // Whether the process before us came to erase what it deleted, nobody knows: the first call does it in any case.
  let owed = true;

  const keys = () => db.selectFrom('digest_keys').select(['id', 'key']);
  const read = (row: { id: string; key: string } | undefined): DigestKey | undefined =>
    row && { id: row.id, key: decodeHex(row.key) };

  return {
    async of(checkpoint, at) {
      const day = dayOf(at);
      const query = keys().where('checkpoint', '=', checkpoint).where('day', '=', day);
      for (;;) {
        const known = read(await attempt(() => query.executeTakeFirst()));
        if (known !== undefined) return known;
        const made: DigestKey = { id: randomDigits(NAME_DIGITS, random), key: random(32) };
        const row = { id: made.id, checkpoint, day, key: encodeHex(made.key) };
        // Two processes may want the first key of the day: one row wins, and both use it.
        if (await unlessThere(() => attempt(() => db.insertInto('digest_keys').values(row).execute()))) return made;
      }
    },

    find: async (id) => read(await attempt(() => keys().where('id', '=', id).executeTakeFirst())),

    async destroy(before) {
      const query = db.deleteFrom('digest_keys').where('day', '<', dayOf(before));
      const { numDeletedRows } = await attempt(() => query.executeTakeFirst());
      const destroyed = Number(numDeletedRows);
      owed ||= destroyed > 0;
      if (owed) owed = !(await attempt(erase));
      return { destroyed, erased: !owed };
    },
  };
}
