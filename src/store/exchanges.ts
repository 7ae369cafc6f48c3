import type { Transaction } from 'kysely';
import type { Notice } from '../document/generated/types.ts';
import type { Backend } from './backend.ts';
import { type Attempt, StoreError, unlessThere } from './error.ts';
import { outboxRow } from './notices.ts';
import type { ExchangeRow, Tables } from './tables.ts';

/** What is to be remembered of an exchange. Texts are sealed by whoever gives them: nothing here can read them. */
export interface NewExchange {
  readonly id: string;
  readonly caller: string;
  /** The caller's own name for it: the same one is the same exchange. */
  readonly idempotency: string;
  /** Epoch ms. */
  readonly at: number;
  readonly until: number;
  readonly leasedUntil: number;
  readonly fingerprint: string;
  readonly asked: string;
  /** Uses up one of a consent's uses. */
  readonly consent?: { readonly id: string; readonly region: string; readonly uses: number } | undefined;
}

/** new: it is. again: the caller asked this before. used-up, revoked: the consent says no more, and nothing was stored. */
export type Taken =
  | { readonly as: 'new' | 'used-up' | 'revoked' }
  | { readonly as: 'again'; readonly row: ExchangeRow };

/** Exchanges, and uses of consents. Errors of all: StoreError. */
export interface Exchanges {
  /**
   * All of it, or nothing: an exchange that is accepted has its use counted, once, and for good. Of a region that is silent nobody knows
   * what it heard, and a holder's number says how often others may be asked about him.
   */
  take(exchange: NewExchange): Promise<Taken>;
  find(id: string, caller: string): Promise<ExchangeRow | undefined>;
  /** By the caller's own name for it. */
  named(idempotency: string, caller: string): Promise<ExchangeRow | undefined>;
  /** The number of the use that an exchange took. */
  useOf(id: string): Promise<number | undefined>;
  /** Takes those that nobody works on any more, in one step: of two processes, one gets each. */
  lease(now: number, until: number, limit: number): Promise<ExchangeRow[]>;
  /**
   * Ends it, and puts what others are to be told into the outbox, in one step. In: the consent by which it gives something. Out: over
   * if it had ended before; revoked if that consent was withdrawn: nothing was changed then.
   */
  finish(
    id: string,
    end: { readonly state: 'done' | 'empty'; readonly answer: string; readonly until: number },
    notices: readonly Notice[],
    consent?: { readonly id: string; readonly region: string },
  ): Promise<'ended' | 'over' | 'revoked'>;
  /**
   * Removes what was asked and answered where its time is over, and the rows themselves after `rowsBefore`. What is still under way
   * has as long again to be ended by whoever works on it, so that others are told.
   */
  forget(now: number, rowsBefore: number): Promise<number>;
  /** Withdraws a consent: what was given by it can be fetched no more. */
  revoke(consent: string, region: string, at: number): Promise<void>;
  isRevoked(consent: string, region: string): Promise<boolean>;
}

/** An answer can be fetched for so long, and a question has so long to be answered. */
export const KEEP_MS = 600_000;
/** Of two that count at once, one has to count again. */
const ROUNDS = 50;

export function exchangesOf({ db }: Backend, attempt: Attempt): Exchanges {
  /** A region revokes its own: an id that another one made up revokes nothing. */
  const isRevokedIn = async (tx: Pick<Transaction<Tables>, 'selectFrom'>, consent: string, region: string) => {
    const rows = tx.selectFrom('revoked_consents').select('consent');
    return (await rows.where('consent', '=', consent).where('region', '=', region).executeTakeFirst()) !== undefined;
  };

  const takeOnce = (exchange: NewExchange): Promise<Taken> =>
    db.transaction().execute(async (tx) => {
      const { id, caller, idempotency, at, until, leasedUntil, fingerprint, asked, consent } = exchange;
      const row = await tx
        .selectFrom('exchanges')
        .selectAll()
        .where('caller', '=', caller)
        .where('idempotency', '=', idempotency)
        .executeTakeFirst();
      if (row !== undefined) return { as: 'again', row };
      if (consent !== undefined) {
        if (await isRevokedIn(tx, consent.id, consent.region)) return { as: 'revoked' };
        const { used } = await tx
          .selectFrom('consent_uses')
          .select(({ fn }) => fn.countAll().as('used'))
          .where('region', '=', consent.region)
          .where('consent', '=', consent.id)
          .executeTakeFirstOrThrow();
        const number = Number(used) + 1;
        if (number > consent.uses) return { as: 'used-up' };
        await tx
          .insertInto('consent_uses')
          .values({ exchange_id: id, region: consent.region, consent: consent.id, number, at })
          .execute();
      }
      await tx
        .insertInto('exchanges')
        .values({
          id,
          caller,
          idempotency,
          at,
          state: 'accepted',
          until,
          leased_until: leasedUntil,
          fingerprint,
          asked,
          answer: null,
        })
        .execute();
      return { as: 'new' };
    });

  return {
    async take(exchange) {
      for (let round = 1; ; round++) {
        let taken: Taken | undefined;
        const first = await unlessThere(async () => {
          taken = await attempt(() => takeOnce(exchange));
        });
        if (first) return taken!;
        if (round === ROUNDS) throw new StoreError('busy');
      }
    },

    find: (id, caller) =>
      attempt(() =>
        db.selectFrom('exchanges').selectAll().where('id', '=', id).where('caller', '=', caller).executeTakeFirst(),
      ),

    named: (idempotency, caller) =>
      attempt(() =>
        db
          .selectFrom('exchanges')
          .selectAll()
          .where('caller', '=', caller)
          .where('idempotency', '=', idempotency)
          .executeTakeFirst(),
      ),

    useOf: (id) =>
      attempt(async () => {
        const row = await db
          .selectFrom('consent_uses')
          .select('number')
          .where('exchange_id', '=', id)
          .executeTakeFirst();
        return row?.number;
      }),

    lease: (now, until, limit) =>
      attempt(async () => {
        const free = await db
          .selectFrom('exchanges')
          .selectAll()
          .where('state', '=', 'accepted')
          .where('leased_until', '<=', now)
          .orderBy('leased_until')
          .limit(limit)
          .execute();
        const got: ExchangeRow[] = [];
        for (const row of free) {
          const { numUpdatedRows } = await db
            .updateTable('exchanges')
            .set({ leased_until: until })
            .where('id', '=', row.id)
            .where('state', '=', 'accepted')
            .where('leased_until', '=', row.leased_until)
            .executeTakeFirst();
          if (numUpdatedRows > 0n) got.push(row);
        }
        return got;
      }),

    finish: (id, { state, answer, until }, notices, consent) =>
      attempt(() =>
        db.transaction().execute(async (tx) => {
          const own = tx.updateTable('exchanges').where('id', '=', id);
          // Taken before the consent is looked at: who withdraws it from then on waits for the row, and finds it ended.
          const held = own.set(({ ref }) => ({ leased_until: ref('leased_until') })).where('state', '=', 'accepted');
          if ((await held.executeTakeFirst()).numUpdatedRows === 0n) return 'over';
          if (consent !== undefined && (await isRevokedIn(tx, consent.id, consent.region))) return 'revoked';
          await own.set({ state, answer, until, asked: null }).execute();
          for (const notice of notices) await tx.insertInto('outbox').values(outboxRow(notice)).execute();
          return 'ended';
        }),
      ),

    forget: (now, rowsBefore) =>
      attempt(async () => {
        const { numUpdatedRows } = await db
          .updateTable('exchanges')
          .set({ state: 'forgotten', asked: null, answer: null })
          .where('state', '!=', 'forgotten')
          .where(({ and, eb, or }) =>
            or([and([eb('state', '!=', 'accepted'), eb('until', '<=', now)]), eb('until', '<=', now - KEEP_MS)]),
          )
          .executeTakeFirst();
        await db.deleteFrom('exchanges').where('until', '<=', rowsBefore).execute();
        return Number(numUpdatedRows);
      }),

    revoke: async (consent, region, at) => {
      await unlessThere(() =>
        attempt(() => db.insertInto('revoked_consents').values({ consent, region, at }).execute()),
      );
      await attempt(async () => {
        const used = db.selectFrom('consent_uses').select('exchange_id').where('consent', '=', consent);
        // One that ends at this moment is waited for. What is still under way tells the others first, and gives nothing.
        await db
          .updateTable('exchanges')
          .set(({ eb }) => ({
            answer: null,
            asked: eb.case().when('state', '=', 'accepted').then(eb.ref('asked')).else(null).end(),
            state: eb.case().when('state', '=', 'accepted').then('accepted').else('forgotten').end(),
          }))
          .where('id', 'in', used.where('region', '=', region))
          .execute();
      });
    },

    isRevoked: (consent, region) => attempt(() => isRevokedIn(db, consent, region)),
  };
}
