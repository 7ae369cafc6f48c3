import { type Kysely, sql } from 'kysely';

/** `execute procedure` is the older spelling of `execute function`; both kinds of servers know it. */
export async function appendOnly(db: Kysely<unknown>, table: string): Promise<void> {
  const refuse = sql.id(`${table}_append_only`);
  await sql`create function ${refuse}() returns trigger as $$
    begin raise exception 'append only'; end $$ language plpgsql`.execute(db);
  const when = { update: 'row', delete: 'row', truncate: 'statement' };
  for (const [verb, each] of Object.entries(when)) {
    await sql`create trigger ${sql.id(`${table}_no_${verb}`)} before ${sql.raw(verb)} on ${sql.table(table)}
      for each ${sql.raw(each)} execute procedure ${refuse}()`.execute(db);
  }
}
