import { type Kysely, sql } from 'kysely';

/** As backend.ts has it. */
export async function removable(db: Kysely<unknown>, table: string, from: string): Promise<void> {
  const trigger = sql.id(`${table}_no_delete`);
  await sql`drop trigger ${trigger}`.execute(db);
  await sql`create trigger ${trigger} before delete on ${sql.table(table)}
    when coalesce(${sql.raw(from)} < (select since from kept_since), 0) = 0
    begin select raise(abort, 'append only'); end`.execute(db);
}

export async function appendOnly(db: Kysely<unknown>, table: string): Promise<void> {
  for (const verb of ['update', 'delete']) {
    await sql`create trigger ${sql.id(`${table}_no_${verb}`)} before ${sql.raw(verb)} on ${sql.table(table)}
      begin select raise(abort, 'append only'); end`.execute(db);
  }
}

/** As backend.ts has it. */
export async function logged(db: Kysely<unknown>, table: string, id: string, number: string): Promise<void> {
  await sql`create trigger ${sql.id(`${table}_logged`)} after insert on ${sql.table(table)}
    begin insert into log_waiting values (${sql.raw(id)}, ${sql.raw(number)}); end`.execute(db);
}
