import { encodeHex } from '../codec/hex.ts';
import { sm3 } from '../crypto/sm3.ts';
import type { Backend } from './backend.ts';
import { type Attempt, StoreError } from './error.ts';

/** What a challenge is bound to. Whoever comes with anything else has no such challenge. */
export interface ChallengeOf {
  readonly nonce: string;
  /** The verifying region and the purpose. */
  readonly region: string;
  readonly purpose: string;
  /** The checkpoint, or whoever stands for one. */
  readonly place: string;
  /** Who asked for it. */
  readonly caller: string;
}

/** first: nobody had answered. again: the same document, looked at twice. used: another one had. over: none is open. */
export type Answered = 'first' | 'again' | 'used' | 'over';

/** The challenges that are open, over all processes and restarts. Errors of all: StoreError. */
export interface Challenges {
  /** In: a challenge and the epoch ms when it ends. Out: false if the caller has `MOST_OPEN` that nobody has answered. */
  open(challenge: ChallengeOf & { readonly expiresAt: number }, now: number): Promise<boolean>;
  isOpen(challenge: ChallengeOf, now: number): Promise<boolean>;
  /** Uses a challenge up, in one step. In: a name of the document that answers it, of at most 64 characters. */
  answer(nonce: string, document: string, now: number): Promise<Answered>;
  /** Forgets challenges that are over, at most `limit` of them. Out: how many. */
  purge(now: number, limit?: number): Promise<number>;
}

/** Of one caller, that nobody has answered. Callers on several processes at once may get past it by a few. */
export const MOST_OPEN = 1_000;

const utf8 = new TextEncoder();
/** A digest is found by an index in a time that tells nothing of the nonce. */
const digestOf = (nonce: string): string => encodeHex(sm3(utf8.encode(nonce)));

export function challengesOf({ db }: Backend, attempt: Attempt): Challenges {
  const all = () => db.selectFrom('challenges');
  return {
    open: ({ nonce, region, purpose, place, caller, expiresAt }, now) =>
      attempt(async () => {
        await db.deleteFrom('challenges').where('caller', '=', caller).where('expires_at', '<=', now).execute();
        const { open } = await all()
          .select(({ fn }) => fn.countAll().as('open'))
          .where('caller', '=', caller)
          .where('answered_by', 'is', null)
          .executeTakeFirstOrThrow();
        if (Number(open) >= MOST_OPEN) return false;
        const row = {
          digest: digestOf(nonce),
          region,
          purpose,
          place,
          caller,
          expires_at: expiresAt,
          answered_by: null,
        };
        await db.insertInto('challenges').values(row).execute();
        return true;
      }),

    isOpen: ({ nonce, region, purpose, place, caller }, now) =>
      attempt(async () => {
        const found = await all()
          .select('digest')
          .where('digest', '=', digestOf(nonce))
          .where('region', '=', region)
          .where('purpose', '=', purpose)
          .where('place', '=', place)
          .where('caller', '=', caller)
          .where('expires_at', '>', now)
          .executeTakeFirst();
        return found !== undefined;
      }),

    answer: (nonce, document, now) =>
      attempt(async () => {
        const digest = digestOf(nonce);
        // One statement: of two that answer at once, on any two processes, one finds the row unanswered.
        const { numUpdatedRows } = await db
          .updateTable('challenges')
          .set({ answered_by: document })
          .where('digest', '=', digest)
          .where('answered_by', 'is', null)
          .where('expires_at', '>', now)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) return 'first';
        const row = await all()
          .select('answered_by')
          .where('digest', '=', digest)
          .where('expires_at', '>', now)
          .executeTakeFirst();
        if (row === undefined) return 'over';
        if (row.answered_by === null) throw new StoreError('busy');
        return row.answered_by === document ? 'again' : 'used';
      }),

    purge: (now, limit = 1_000) =>
      attempt(async () => {
        const oldest = all().select('digest').where('expires_at', '<=', now).orderBy('expires_at').limit(limit);
        const { numDeletedRows } = await db.deleteFrom('challenges').where('digest', 'in', oldest).executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}
