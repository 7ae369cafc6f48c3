import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Notice } from '../../src/document/generated/types.ts';
import { temporary } from '../support/cli.ts';
import { type SystemStage, systemStage } from '../support/systems.ts';

const CHILD = fileURLToPath(new URL('exchange.child.ts', import.meta.url));
const NAMES = Array.from({ length: 40 }, (_, i) => `killed-${String(i).padStart(4, '0')}`);
const { folder, remove } = temporary();
const database = join(folder, 'exchange.sqlite');

let stage: SystemStage;
beforeAll(async () => {
  stage = await systemStage();
}, 60_000);
afterAll(async () => {
  await stage.systems.close();
  remove();
});

it('killed again and again, it loses and doubles nothing', async () => {
  const told: Notice[] = [];
  stage.systems.hears('310000', async (_, body) => void told.push(JSON.parse(Buffer.from(body).toString()) as Notice));
  const input = JSON.stringify({
    files: [...stage.files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    hosts: stage.systems.hosts,
    consent: await stage.consent({ uses: 100 }),
    names: NAMES,
    database,
    secret: randomBytes(32).toString('base64'),
    conversionKeys: join(folder, 'conversion-keys.json'),
  });
  /** Killed after so many answers; runs to its end without. */
  const run = (answers?: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (answers !== undefined && said.split('done').length > answers) child.kill('SIGKILL');
      });
      child.once('error', reject).once('close', () => resolve(said));
      child.stdin.end(input);
    });
  for (const answers of [1, 3, 7, 12]) expect(await run(answers)).not.toContain('all told');
  // Whoever was killed had begun some that nobody works on now: their leases have to run out.
  const db = new DatabaseSync(database);
  db.exec("update exchanges set leased_until = 0 where state = 'accepted'");
  db.exec('update outbox set next_at = 0');
  expect(await run()).toContain('all told');

  const rows = db.prepare('select distinct idempotency, state from exchanges').all();
  expect(rows.map(({ state }) => state)).toEqual(NAMES.map(() => 'done'));
  // Callers' own names for it are kept as marks alone.
  for (const name of NAMES) expect(rows.map(({ idempotency }) => idempotency)).not.toContain(name);
  const numbers = db.prepare('select number from consent_uses order by number').all();
  expect(numbers).toEqual(NAMES.map((_, i) => ({ number: i + 1 })));
  db.close();
  // Told at least once, and the same each time: whoever takes each id once has every use once.
  const uses = new Map(told.map(({ id, use }) => [id, use!]));
  expect(told.length).toBeGreaterThanOrEqual(NAMES.length);
  expect([...uses.values()].map(({ number }) => number).sort((a, b) => a - b)).toEqual(NAMES.map((_, i) => i + 1));
}, 180_000);
