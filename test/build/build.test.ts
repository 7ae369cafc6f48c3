import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeQr } from '../../src/codec/picture.node.ts';
import { type Said, temporary, tongren } from '../support/cli.ts';
import { ROOT } from '../support/federation.ts';

// The built gateway beside the sources: what both answer must be the same.

const place = temporary();
const out = join(place.folder, 'build', 'gateway');
const built = join(out, 'tongren.js');
const sources = `${ROOT}src/cli/tongren.ts`;
const pass = 'var/samples/330000/pass.txt';
const running: ChildProcess[] = [];
/** Both judge as of the same moment. */
const at = new Date().toISOString();

const run = (program: string, ...args: string[]): Promise<Said> => tongren(args, { program, cwd: place.folder });
const both = (...args: string[]): Promise<Said[]> =>
  Promise.all([sources, built].map((program) => run(program, ...args)));
const chunk = (name: string): string => join(out, readdirSync(out).find((file) => file.startsWith(`${name}-`))!);
const snapshot = (): string => readFileSync(join(place.folder, 'var/store.state/issuers.snapshot'), 'latin1');

beforeAll(async () => {
  execFileSync(process.execPath, [`${ROOT}scripts/build.ts`, '--out', out]);
  expect(await run(built, 'start', '--once')).toMatchObject({ exit: 0 });
  place.write('pass.png', await writeQr(readFileSync(join(place.folder, pass), 'utf8').trim()));
}, 120_000);
afterAll(async () => {
  for (const child of running.filter(({ exitCode }) => exitCode === null)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  place.remove();
});

describe('the built command line answers as the sources do', () => {
  it.each([
    ['a text', [pass]],
    ['a picture, which a thread reads', ['pass.png']],
    ['a file with an electronic seal', ['var/samples/330000/licence.ofd', '--purpose', 'counter']],
    ['several, asking nobody', [pass, 'var/samples/330000/pass-revoked.txt', '--offline']],
  ])('about %s', async (_, args) => {
    const [one, other] = await both('verify', ...args, '--json', '--at', at);
    expect(other).toEqual(one);
    expect(one!.out).toContain('"outcome":"accept"');
  });

  it('with the memory of one-time codes, which a thread of its own keeps', async () => {
    const code = 'var/samples/310000/code-green-emergency.txt';
    const [text] = readFileSync(join(place.folder, code), 'utf8').split('\n');
    const look = (checkpoint: string) => run(built, 'verify', '--text', text!, '--checkpoint', checkpoint, '--json');
    expect((await look('G2-01')).out).not.toContain('REPLAYED');
    expect((await look('G2-01')).out).not.toContain('REPLAYED');
    expect((await look('G2-02')).out).toContain('REPLAYED');
  });

  it.each([
    [['--help']],
    [['verify', '--help']],
    [['federation', '--help']],
    [['trust', 'status', '--help']],
    [['nothing']],
  ])('to %j', async (args) => {
    const [one, other] = await both(...args);
    expect(other).toEqual(one);
  });
});

it('writes a snapshot that counts only for the checkers that made it', async () => {
  await run(built, 'verify', pass);
  const mine = snapshot();
  await run(built, 'verify', pass);
  expect(snapshot()).toBe(mine);
  const checkers = chunk('checkers');
  writeFileSync(checkers, `${readFileSync(checkers, 'utf8')}\n// repaired by hand`);
  await run(built, 'verify', pass);
  expect(snapshot()).not.toBe(mine);
});

it('keeps what the engine compiled beside itself, for its own account', () => {
  expect(readdirSync(join(out, '..'))).toEqual(['compiled', 'gateway']);
});

describe('the built gateway', () => {
  let url: string;
  let log = '';
  beforeAll(async () => {
    const child = spawn(process.execPath, [built, 'serve'], {
      cwd: place.folder,
      env: { PATH: process.env['PATH'] ?? '', TONGREN_PORT: '0', TONGREN_THREADS: '1' },
    });
    running.push(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    url = await new Promise((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const found = /serving on (http:\S+)/.exec(said);
        if (found !== null) resolve(found[1]!);
      });
      child.on('exit', () => reject(new Error(said)));
    });
  });
  const get = (path: string) => fetch(`${url}${path}`);
  const post = (path: string, type: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { 'Content-Type': type }, body });

  it('verifies texts and pictures, and records', async () => {
    const text = readFileSync(join(place.folder, pass), 'utf8').trim();
    const picture = new Uint8Array(readFileSync(join(place.folder, 'pass.png')));
    const answers = await Promise.all([
      post('/v1/verify', 'text/plain', text),
      post('/v1/verify', 'image/png', picture),
      fetch(`${url}/v1/verify`, {
        method: 'POST',
        headers: { 'Content-Type': 'text/plain', Prefer: 'recorded' },
        body: text,
      }),
    ]);
    for (const answer of answers) {
      const told = (await answer.json()) as { verdict?: object };
      expect(told.verdict ?? told).toMatchObject({ outcome: 'accept' });
    }
  });

  it('has batches walked by its threads', async () => {
    const text = readFileSync(join(place.folder, pass), 'utf8').trim();
    const lines = Array.from({ length: 500 }, () => JSON.stringify({ text })).join('\n');
    const batch = async () => (await (await post('/v1/verify/batch', 'application/x-ndjson', lines)).text()).trim();
    // The first calls the thread, which then begins; one that could not would be told of in the log.
    for (let i = 0; i < 5; i++) {
      const told = (await batch()).split('\n').map((line) => JSON.parse(line));
      expect(told).toHaveLength(500);
      expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(['accept']));
    }
    expect(log).toContain('/v1/verify/batch');
    expect(log).not.toContain('"level":50');
  });

  it('shows its description and the schemas', async () => {
    for (const path of ['/docs', '/openapi.yaml', '/schemas/verdict.schema.json', '/readyz'])
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    expect(await (await get('/openapi.yaml')).text()).toBe(readFileSync(`${ROOT}openapi.yaml`, 'utf8'));
  });
});
