import { type ColumnDataType, type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Backend } from './backend.ts';
import { StoreError } from './error.ts';

/**
 * All migrations, in the order of their names. Forward only: what has run somewhere is never changed, a mistake is mended
 * by the next one. Plain types, no defaults, no sequences: see tables.ts.
 */
function migrations({ appendOnly, logged, removable }: Backend): Record<string, Migration> {
  return {
    '0001-receipts': {
      async up(db) {
        await table(db, 'receipts', {
          id: ['varchar(26)', 'key'],
          at: ['bigint'],
          case_code: ['varchar(9)'],
          checkpoint: ['varchar(60)', 'maybe'],
          officer: ['varchar(40)', 'maybe'],
          business_code: ['varchar(60)', 'maybe'],
          outcome: ['varchar(20)'],
          issuing_region: ['varchar(40)', 'maybe'],
          document_type: ['varchar(80)', 'maybe'],
          format: ['varchar(60)', 'maybe'],
          receipt: ['text'],
        });
        await index(db, 'receipts', 'by_checkpoint', ['checkpoint', 'id']);
        await index(db, 'receipts', 'by_case_code', ['case_code']);
        await appendOnly(db, 'receipts');

        await db.schema
          .createTable('dispositions')
          .addColumn('receipt_id', 'varchar(26)', (column) => column.notNull().references('receipts.id'))
          .addColumn('number', 'integer', (column) => column.notNull())
          .addColumn('at', 'bigint', (column) => column.notNull())
          .addColumn('disposition', 'text', (column) => column.notNull())
          .addPrimaryKeyConstraint('dispositions_key', ['receipt_id', 'number'])
          .execute();
        await appendOnly(db, 'dispositions');
      },
    },
    '0002-replay-and-keys': {
      async up(db) {
        await table(db, 'seen_ids', {
          region: ['varchar(40)'],
          digest: ['varchar(64)'],
          expires_at: ['bigint'],
          first_at: ['bigint'],
          checkpoint: ['varchar(60)'],
          device: ['varchar(60)'],
        });
        await index(db, 'seen_ids', 'key', ['region', 'digest'], 'unique');
        await index(db, 'seen_ids', 'by_expiry', ['expires_at']);

        await table(db, 'digest_keys', {
          id: ['varchar(16)', 'key'],
          checkpoint: ['varchar(60)'],
          day: ['varchar(10)'],
          key: ['varchar(64)'],
        });
        await index(db, 'digest_keys', 'one_a_day', ['checkpoint', 'day'], 'unique');
      },
    },
    '0003-challenges': {
      async up(db) {
        await table(db, 'challenges', {
          digest: ['varchar(64)', 'key'],
          region: ['varchar(40)'],
          purpose: ['varchar(60)'],
          place: ['varchar(80)'],
          caller: ['varchar(60)'],
          expires_at: ['bigint'],
          answered_by: ['varchar(64)', 'maybe'],
        });
        await index(db, 'challenges', 'by_caller', ['caller', 'expires_at']);
        await index(db, 'challenges', 'by_expiry', ['expires_at']);
      },
    },
    '0004-exchanges': {
      async up(db) {
        await table(db, 'exchanges', {
          id: ['varchar(26)', 'key'],
          caller: ['varchar(60)'],
          idempotency: ['varchar(80)'],
          at: ['bigint'],
          state: ['varchar(12)'],
          until: ['bigint'],
          leased_until: ['bigint'],
          fingerprint: ['varchar(64)'],
          asked: ['text', 'maybe'],
          answer: ['text', 'maybe'],
        });
        await index(db, 'exchanges', 'once', ['caller', 'idempotency'], 'unique');
        await index(db, 'exchanges', 'by_state', ['state', 'leased_until']);
        await index(db, 'exchanges', 'by_until', ['until']);

        await table(db, 'consent_uses', {
          exchange_id: ['varchar(26)', 'key'],
          region: ['varchar(40)'],
          consent: ['varchar(64)'],
          number: ['integer'],
          at: ['bigint'],
        });
        await index(db, 'consent_uses', 'counted', ['region', 'consent', 'number'], 'unique');

        await table(db, 'revoked_consents', { consent: ['varchar(64)'], region: ['varchar(40)'], at: ['bigint'] });
        await index(db, 'revoked_consents', 'once', ['consent', 'region'], 'unique');

        await table(db, 'traces', {
          sender: ['varchar(40)'],
          id: ['varchar(26)'],
          consent: ['varchar(64)'],
          region: ['varchar(40)'],
          arrived: ['bigint'],
          consent_use: ['text'],
        });
        await index(db, 'traces', 'once', ['sender', 'id'], 'unique');
        await index(db, 'traces', 'by_consent', ['region', 'consent', 'arrived']);
        await appendOnly(db, 'traces');

        await table(db, 'outbox', {
          id: ['varchar(26)', 'key'],
          region: ['varchar(40)'],
          next_at: ['bigint'],
          attempts: ['integer'],
          notice: ['text'],
        });
        await index(db, 'outbox', 'by_next', ['next_at']);

        await table(db, 'objections', {
          id: ['varchar(26)', 'key'],
          at: ['bigint'],
          due_at: ['bigint'],
          answered_at: ['bigint', 'maybe'],
          verifying_region: ['varchar(40)'],
          issuing_region: ['varchar(40)'],
          receipt: ['varchar(26)'],
          state: ['varchar(12)'],
          objection: ['text'],
        });
        await index(db, 'objections', 'by_receipt', ['receipt', 'id']);
        await index(db, 'objections', 'by_pair', ['issuing_region', 'verifying_region']);
      },
    },
    '0005-state-lists': {
      async up(db) {
        await table(db, 'state_lists', {
          region: ['varchar(40)'],
          scheme: ['varchar(60)'],
          sequence: ['bigint'],
          issued: ['bigint'],
          until: ['bigint'],
          list: ['text'],
        });
        await index(db, 'state_lists', 'newest', ['region', 'scheme'], 'unique');
        await index(db, 'state_lists', 'by_until', ['until']);
      },
    },
    '0006-kept-since': {
      async up(db) {
        await table(db, 'kept_since', { since: ['bigint'] });
        await sql`insert into kept_since values (0)`.execute(db);
        await removable(db, 'receipts', 'old.at');
        await removable(db, 'dispositions', '(select at from receipts where id = old.receipt_id)');
        await removable(db, 'traces', 'old.arrived');
        await index(db, 'traces', 'by_arrival', ['arrived']);
        await index(db, 'objections', 'by_due', ['due_at']);
      },
    },
    '0007-receipt-log': {
      async up(db) {
        await table(db, 'log_waiting', { receipt_id: ['varchar(26)'], number: ['integer'] });
        await index(db, 'log_waiting', 'once', ['receipt_id', 'number'], 'unique');
        await table(db, 'log_heads', {
          number: ['bigint', 'key'],
          at: ['bigint'],
          entries: ['integer'],
          digest: ['varchar(64)'],
          before: ['varchar(64)'],
          head: ['varchar(64)'],
        });
        await appendOnly(db, 'log_heads');
        await table(db, 'log_entries', {
          receipt_id: ['varchar(26)'],
          number: ['integer'],
          digest: ['varchar(64)'],
          head: ['bigint'],
        });
        await index(db, 'log_entries', 'once', ['receipt_id', 'number'], 'unique');
        await index(db, 'log_entries', 'by_head', ['head']);
        await appendOnly(db, 'log_entries');
        await removable(db, 'log_entries', '(select at from log_heads where number = old.head)');
        // What was recorded before there was a log is entered, too.
        await sql`insert into log_waiting select id, 0 from receipts`.execute(db);
        await sql`insert into log_waiting select receipt_id, number from dispositions`.execute(db);
        await logged(db, 'receipts', 'new.id', '0');
        await logged(db, 'dispositions', 'new.receipt_id', 'new.number');
      },
    },
  };
}

type Columns = Readonly<Record<string, readonly [type: ColumnDataType, kind?: 'key' | 'maybe']>>;

async function table(db: Kysely<unknown>, name: string, columns: Columns): Promise<void> {
  let builder = db.schema.createTable(name);
  for (const [column, [type, kind]] of Object.entries(columns)) {
    builder = builder.addColumn(column, type, (definition) => {
      if (kind === 'maybe') return definition;
      return kind === 'key' ? definition.notNull().primaryKey() : definition.notNull();
    });
  }
  await builder.execute();
}

async function index(db: Kysely<unknown>, on: string, name: string, columns: string[], unique?: 'unique') {
  const builder = db.schema.createIndex(`${on}_${name}`).on(on).columns(columns);
  await (unique === undefined ? builder : builder.unique()).execute();
}

/** How Kysely's migrator says that the database knows a migration that we do not have. */
const UNKNOWN_MIGRATION = /^corrupted migrations/;

/**
 * Brings the tables up to date, in one transaction that holds off other processes doing the same. Errors: StoreError
 * `too-new` if a newer program made the tables; the driver's own.
 */
export async function migrate(backend: Backend): Promise<void> {
  const all = migrations(backend);
  await backend.db.transaction().execute(async (transaction) => {
    await backend.lock(transaction);
    const migrator = new Migrator({ db: transaction, provider: { getMigrations: async () => all } });
    const { error } = await migrator.migrateToLatest();
    if (error instanceof Error && UNKNOWN_MIGRATION.test(error.message)) throw new StoreError('too-new', error);
    if (error !== undefined) throw error;
  });
}
