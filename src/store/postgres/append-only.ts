import { type Kysely, sql } from 'kysely';

/** As backend.ts has it. */
export async function removable(db: Kysely<unknown>, table: string, from: string): Promise<void> {
  await sql`create or replace function ${sql.id(`${table}_append_only`)}() returns trigger as $$
    begin
      if tg_op = 'DELETE' then
        if coalesce(${sql.raw(from)} < (select since from kept_since), false) then return old; end if;
      end if;
      raise exception 'append only';
    end $$ language plpgsql`.execute(db);
}

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

/** As backend.ts has it. */
export async function logged(db: Kysely<unknown>, table: string, id: string, number: string): Promise<void> {
  const note = sql.id(`${table}_logged`);
  await sql`create function ${note}() returns trigger as $$
    begin
      insert into log_waiting values (${sql.raw(id)}, ${sql.raw(number)});
      return new;
    end $$ language plpgsql`.execute(db);
  await sql`create trigger ${note} after insert on ${sql.table(table)}
    for each row execute procedure ${note}()`.execute(db);
}
