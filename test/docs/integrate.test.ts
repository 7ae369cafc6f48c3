import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../src/http/problems.ts';
import { freePort } from '../support/ports.ts';
import { clone, type Fence, fencesOf, PATH, type Ran, ROOT, readDoc, run } from './guide.ts';

const guide = await readDoc('docs/integrate.md');
const fences = fencesOf(guide);

/** A piece of code, and the lines that it has to print. */
interface Piece {
  readonly name: string;
  readonly fence: Fence;
  readonly prints: readonly string[];
}
const pieces: Piece[] = fences.flatMap((fence, i) => {
  const file = /^file=(\S+)/.exec(fence.note)?.[1];
  const isRun = fence.language === 'sh' && fence.text.startsWith('# run\n');
  if (file === undefined && !isRun) return [];
  const next = fences[i + 1];
  const prints = next?.language === 'text' ? next.text.split('\n') : [];
  return [{ name: file ?? fence.text.split('\n')[1]!.slice(0, 70), fence, prints }];
});

/** npx takes longer than what it starts: one line of each command is run from where it would lead. */
const direct = (text: string): string =>
  text.replaceAll('npx node ', 'node ').replaceAll('npx tongren ', 'node src/cli/tongren.ts ');

let folder: string;
let ports: { readonly gateway: string; readonly endpoint: string };
/** Ports of the page → those of this test, so that it runs beside a gateway that somebody has started. */
const moved = (text: string): string =>
  text.replaceAll(':8080', `:${ports.gateway}`).replaceAll(/\b8090\b/g, ports.endpoint);

const started: ChildProcess[] = [];
/** What the endpoint of the page printed. */
const heard: string[] = [];
const ran = new Map<Piece, Ran>();

/** Starts it, and waits until it says what it says when it is ready. */
async function start(file: string, args: readonly string[], env: Readonly<Record<string, string>>, ready: RegExp) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TONGREN_'));
  const child = spawn(process.execPath, [file, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  const said: string[] = [];
  for await (const line of createInterface(child.stderr!)) {
    said.push(line);
    if (ready.test(line)) break;
  }
  child.stderr!.resume();
  expect(said.join('\n')).toMatch(ready);
}

async function startEndpoint(file: string): Promise<void> {
  const child = spawn(process.execPath, [file], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  createInterface(child.stdout!).on('line', (line) => heard.push(line));
}

beforeAll(async () => {
  folder = await clone();
  ports = { gateway: String(await freePort()), endpoint: String(await freePort()) };
  const own = { TONGREN_REGION: '330000', ...(await curlOrFetch()) };
  const env = {
    TONGREN_REGION: '330000',
    TONGREN_EXCHANGE_HOSTS: `s33.example=http://127.0.0.1:${ports.endpoint}`,
    TONGREN_PORT: ports.gateway,
  };
  await start('src/cli/tongren.ts', ['start'], env, /serving on/);
  for (const piece of pieces) ran.set(piece, await follow(piece, own));
}, 300_000);

async function follow({ name, fence }: Piece, env: Readonly<Record<string, string>>): Promise<Ran> {
  if (fence.language === 'sh') return run(`set -e\n${moved(direct(fence.text))}`, folder, env);
  const file = join('var/try', name);
  await mkdir(join(folder, 'var/try'), { recursive: true });
  await writeFile(join(folder, file), moved(fence.text));
  if (!fence.note.endsWith(' serves')) return run(`node ${file}`, folder, env);
  await startEndpoint(file);
  return { exit: 0, out: '', hints: '' };
}

/** Where there is no curl, what the page asks of it is done by fetch. Out: the environment for that. */
async function curlOrFetch(): Promise<Readonly<Record<string, string>>> {
  if ((await run('curl --version', ROOT)).exit === 0) return {};
  const bin = join(folder, 'var/bin');
  await mkdir(bin);
  await writeFile(join(bin, 'curl'), `#!/bin/sh\nexec node ${join(ROOT, 'test/docs/curl.ts')} "$@"\n`);
  await chmod(join(bin, 'curl'), 0o755);
  return { PATH: `${bin}:${PATH}` };
}

afterAll(async () => {
  for (const child of started) {
    if (child.exitCode !== null) continue;
    child.kill();
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

describe('docs/integrate.md, followed to the letter', () => {
  it('has a piece for each step', () => {
    expect(pieces.length).toBeGreaterThan(12);
    // Nothing is shown as code that is not run, but how to start.
    const others = fences.filter((fence) => fence.language !== 'text' && !pieces.some((each) => each.fence === fence));
    expect(others.map(({ text }) => text.split(' ').slice(-2).join(' '))).toEqual(['npm start']);
  });

  it.each(pieces.filter(({ fence }) => !fence.note.endsWith(' serves')))('$name', (piece) => {
    const { exit, out, hints } = ran.get(piece)!;
    expect({ exit, hints: exit === 0 ? '' : hints }).toEqual({ exit: 0, hints: '' });
    for (const line of piece.prints) expect(out).toContain(line);
  });

  it('tells the endpoint once that the exchange is done', async () => {
    const { prints } = pieces.find(({ name }) => name === 'notices.ts')!;
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual(prints);
  });

  it('has its TypeScript fit the types', async () => {
    const config = { extends: '../../tsconfig.json', include: ['*.ts'], compilerOptions: { incremental: false } };
    await writeFile(join(folder, 'var/try/tsconfig.json'), JSON.stringify(config));
    const { exit, out } = await run('node node_modules/typescript/bin/tsc -p var/try', folder);
    expect({ exit, out }).toEqual({ exit: 0, out: '' });
  }, 120_000);

  it('names only problems that there are', () => {
    const named = [...guide.matchAll(/^\| (\d{3}) \| `([a-z-]+)` \|/gm)].map(([, status, code]) => [
      code!,
      Number(status),
    ]);
    expect(named.length).toBeGreaterThan(3);
    const problems = new Map<string, { status: number }>(Object.entries(PROBLEMS));
    expect(named).toEqual(named.map(([code]) => [code, problems.get(String(code))?.status]));
  });
});
