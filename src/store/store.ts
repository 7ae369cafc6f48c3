import type { Backend, Connect } from './backend.ts';
import { type Challenges, challengesOf } from './challenges.ts';
import { type DigestKeys, digestKeysOf } from './digest-keys.ts';
import { type Attempt, attempting, StoreError, type StoreErrorCode } from './error.ts';
import { type Exchanges, exchangesOf } from './exchanges.ts';
import type { Random } from './ids.ts';
import { migrate } from './migrations.ts';
import { type Notices, noticesOf } from './notices.ts';
import { type Objections, objectionsOf } from './objections.ts';
import { connectPostgres } from './postgres/connect.ts';
import { codeOf as postgresCodeOf } from './postgres/errors.ts';
import { type ReceiptLog, receiptLogOf } from './receipt-log.ts';
import { type Receipts, receiptsOf } from './receipts.ts';
import { type ReplayMemory, replayMemory } from './replay.ts';
import { type Retention, retentionOf } from './retention.ts';
import { connectSqlite } from './sqlite/connect.ts';
import { codeOf as sqliteCodeOf } from './sqlite/errors.ts';
import { type StateLists, stateListsOf } from './state-lists.ts';

/** What a gateway remembers. Every error that comes out is a StoreError, or a RangeError for what was asked. */
export interface Store {
  readonly receipts: Receipts;
  readonly receiptLog: ReceiptLog;
  readonly replay: ReplayMemory;
  readonly challenges: Challenges;
  readonly exchanges: Exchanges;
  readonly notices: Notices;
  readonly objections: Objections;
  readonly stateLists: StateLists;
  readonly digestKeys: DigestKeys;
  readonly retention: Retention;
  /** Cuts off what was overwritten, where it stands in a log beside the tables: to be called where something was forgotten. */
  cutLog(): Promise<void>;
  /** Lets what is under way finish, then closes. */
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly random: Random;
  /** How long to wait for a database that others hold or that does not answer, ms; 5,000 if absent. */
  readonly waitMs?: number;
}

interface Kind {
  readonly address: RegExp;
  readonly connect: Connect;
  /** What an error of its driver means. */
  readonly codeOf: (error: unknown) => StoreErrorCode;
}

/** How a database is named, one row each; the first that fits. */
const KINDS: readonly Kind[] = [
  { address: /^postgres(ql)?:\/\//, connect: connectPostgres, codeOf: postgresCodeOf },
  // A path. Not what looks like the address of something else, and not SQLite's own special names.
  { address: /^(?![a-z][a-z0-9+.-]+:)(?!:).+$/i, connect: connectSqlite, codeOf: sqliteCodeOf },
];

/**
 * Opens the database and brings its tables up to date. Any number of processes may have it open. In: the path of a SQLite
 * file, or postgres://user:password@host:port/database. Errors: StoreError; its text does not quote the address.
 */
export async function openStore(url: string, { random, waitMs = 5_000 }: StoreOptions): Promise<Store> {
  const kind = KINDS.find(({ address }) => address.test(url));
  if (kind === undefined) throw new StoreError('bad-url');
  const attempt = attempting(kind.codeOf);
  const backend = await attempt(() => kind.connect(url, { waitMs }));
  try {
    await attempt(() => migrate(backend));
  } catch (error) {
    await backend.db.destroy();
    throw error;
  }
  return storeOf(backend, attempt, random);
}

function storeOf(backend: Backend, attempt: Attempt, random: Random): Store {
  let closed = false;
  const whileOpen: Attempt = (work) => (closed ? Promise.reject(new StoreError('closed')) : attempt(work));
  const receipts = receiptsOf(backend, whileOpen);
  const replay = replayMemory(backend, whileOpen);
  return {
    receipts,
    receiptLog: receiptLogOf(backend, whileOpen),
    replay,
    challenges: challengesOf(backend, whileOpen),
    exchanges: exchangesOf(backend, whileOpen),
    notices: noticesOf(backend, whileOpen),
    objections: objectionsOf(backend, whileOpen),
    stateLists: stateListsOf(backend, whileOpen),
    digestKeys: digestKeysOf(backend, whileOpen, random),
    retention: retentionOf(backend, whileOpen),
    cutLog: () => whileOpen(() => backend.cutLog()),
    close: async () => {
      await Promise.all([receipts.idle(), replay.idle()]);
      closed = true;
      await backend.db.destroy();
    },
  };
}
