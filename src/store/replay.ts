import { encodeHex } from '../codec/hex.ts';
import { sm3 } from '../crypto/sm3.ts';
import type { Backend } from './backend.ts';
import { type Attempt, StoreError, unlessThere } from './error.ts';
import { grouped } from './group.ts';
import type { SeenIdRow } from './tables.ts';

/** A one-time id that was shown, where, and on what. */
export interface Shown {
  /** The region whose key verified the document: ids of different issuers have nothing to do with each other. */
  readonly region: string;
  readonly onceId: string;
  /** Epoch ms from which the document is no longer valid, and the id need not be remembered. */
  readonly expiresAt: number;
  readonly checkpoint: string;
  /** The lane's device. */
  readonly device: string;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * first: nobody has shown it before. same-device-again: the officer looks twice. same-checkpoint-again: a neighbour lane
 * of a checkpoint that regions share. seen: it was shown elsewhere, so this is a replay.
 */
export type Seen = 'first' | 'same-device-again' | 'same-checkpoint-again' | 'seen';

/**
 * What one-time ids were shown, over all processes and restarts. Ask only about documents that a trusted key verified, or
 * anybody could fill the memory.
 */
export interface ReplayMemory {
  /**
   * Looks and remembers in one step: of all that show an id for the first time, one gets `first`. Resolves when that is
   * durable. Errors: RangeError for names that do not fit, StoreError.
   */
  remember(shown: Shown): Promise<Seen>;
  /** Forgets ids that have expired, at most `limit` of them. Out: how many. */
  purge(now: number, limit?: number): Promise<number>;
  idle(): Promise<void>;
}

const GROUP = { most: 200, waiting: 20_000 };
/** Each turn, some other process was faster at one of the ids; with different ids in each turn this ends. */
const MOST_TURNS = 20;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,59}$/;
const REGION = /^[A-Za-z0-9-]{1,40}$/;

const utf8 = new TextEncoder();

export function replayMemory({ db }: Backend, attempt: Attempt): ReplayMemory {
  async function known(rows: readonly SeenIdRow[]): Promise<Map<string, SeenIdRow>> {
    const digests = [...new Set(rows.map(({ digest }) => digest))];
    const found = await db.selectFrom('seen_ids').selectAll().where('digest', 'in', digests).execute();
    return new Map(found.map((row) => [keyOf(row), row]));
  }

  /** One turn: what is known is compared, what is new goes in together. Undefined if another process was faster. */
  async function turn(rows: readonly SeenIdRow[]): Promise<Seen[] | undefined> {
    const before = await known(rows);
    const fresh = new Map<string, SeenIdRow>();
    const seen: Seen[] = [];
    for (const row of rows) {
      const key = keyOf(row);
      let earlier = fresh.get(key) ?? before.get(key);
      if (earlier !== undefined && earlier.expires_at <= row.first_at) {
        await forget(earlier);
        earlier = undefined;
      }
      if (earlier === undefined) fresh.set(key, row);
      seen.push(earlier === undefined ? 'first' : again(earlier, row));
    }
    if (fresh.size === 0) return seen;
    // All processes add in the same order, so that no two wait for each other's rows.
    const added = [...fresh].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    const mine = await unlessThere(() => attempt(() => db.insertInto('seen_ids').values(added).execute()));
    return mine ? seen : undefined;
  }

  /** An expired row makes room, unless it has been replaced meanwhile. */
  async function forget({ region, digest, expires_at }: SeenIdRow): Promise<void> {
    await db
      .deleteFrom('seen_ids')
      .where('region', '=', region)
      .where('digest', '=', digest)
      .where('expires_at', '=', expires_at)
      .execute();
  }

  const group = grouped<SeenIdRow, Seen>(async (rows) => {
    for (let turns = 0; turns < MOST_TURNS; turns++) {
      const seen = await attempt(() => turn(rows));
      if (seen !== undefined) return seen;
    }
    throw new StoreError('busy');
  }, GROUP);

  return {
    remember: async (shown) => group.add(rowOf(shown)),
    idle: () => group.idle(),

    async purge(now, limit = 1_000) {
      const oldest = db.selectFrom('seen_ids').select('digest').where('expires_at', '<=', now);
      const query = db
        .deleteFrom('seen_ids')
        .where('digest', 'in', oldest.orderBy('expires_at').limit(limit))
        // Once more: one of them may have been shown again, with a new end, while the list was made.
        .where('expires_at', '<=', now);
      const { numDeletedRows } = await attempt(() => query.executeTakeFirst());
      return Number(numDeletedRows);
    },
  };
}

const keyOf = ({ region, digest }: SeenIdRow): string => `${region} ${digest}`;

function again(earlier: SeenIdRow, now: SeenIdRow): Seen {
  if (earlier.checkpoint !== now.checkpoint) return 'seen';
  return earlier.device === now.device ? 'same-device-again' : 'same-checkpoint-again';
}

function rowOf({ region, onceId, expiresAt, checkpoint, device, at }: Shown): SeenIdRow {
  if (!REGION.test(region) || !NAME.test(checkpoint) || !NAME.test(device)) throw new RangeError('no name');
  if (onceId.length === 0 || onceId.length > 200) throw new RangeError('a one-time id has 1 to 200 characters');
  if (!Number.isSafeInteger(expiresAt) || !Number.isSafeInteger(at))
    throw new RangeError('times are whole milliseconds');
  // The digest, not the id: an id may be built from a number of the holder.
  const digest = encodeHex(sm3(utf8.encode(`${region}\n`), utf8.encode(onceId)));
  return { region, digest, expires_at: expiresAt, first_at: at, checkpoint, device };
}
