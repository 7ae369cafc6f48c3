import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as launcher } from 'playwright-core';
import { type MintedSample, mint } from '../../src/federation/mint.node.ts';
import { signReference } from '../../src/federation/reference.node.ts';
import { DECLARATIONS, readFolder } from '../../src/region/folder.node.ts';
import { inside, temporary } from '../support/cli.ts';
import { ROOT } from '../support/federation.ts';

/** A gateway as a process of its own on a signed reference store, and a browser: what a checkpoint has. */
export interface Station {
  readonly url: string;
  readonly samples: readonly MintedSample[];
  /** Epoch ms: when all of it was made and signed. */
  readonly now: number;
  /** The root that the gateway pins. */
  readonly root: Uint8Array;
  readonly place: ReturnType<typeof temporary>;
  /** A pairing link. With a name, the device has a key of that name, and the gateway knows it. */
  pair(options: {
    readonly id?: string;
    readonly checkpoint?: string;
    readonly lane?: string;
    readonly more?: readonly string[];
  }): Promise<string>;
  /** Takes a device's key away. */
  cutOff(id: string): Promise<void>;
  /** The text of a sample. */
  wire(region: string, name: string): string;
  stop(): Promise<void>;
}

export const START_MS = 180_000;
/** As the gateway logs it. */
const READ = 'API keys were read';

let built: Promise<unknown> | undefined;
/** The page as it is served: built from what lies here now, by the command that everybody uses. */
const buildPage = (): Promise<unknown> => {
  built ??= promisify(execFile)(process.execPath, [`${ROOT}scripts/pages.ts`, '--quiet'], {
    env: { PATH: process.env['PATH'] ?? '' },
  });
  return built;
};

/** In: files to be added to the store before it is signed, as of a time (epoch ms). */
export async function startStation(
  more: (now: number) => Readonly<Record<string, object>> = () => ({}),
): Promise<Station> {
  await buildPage();
  const place = temporary();
  const now = Date.now();
  const { store: minted, samples } = await mint(await readFolder(DECLARATIONS), now);
  const store = new Map(minted);
  for (const [file, content] of Object.entries(more(now)))
    store.set(file, new TextEncoder().encode(JSON.stringify(content)));
  const { repository, root } = await signReference(store, now);
  for (const [file, bytes] of repository) place.write(`store/${file}`, bytes);
  const pinned = join(place.folder, 'pinned.json');
  writeFileSync(pinned, root);
  const keys = join(place.folder, 'keys.json');
  const rows = new Map<string, object>();
  writeFileSync(keys, '[]');
  const env = {
    TONGREN_STORE: join(place.folder, 'store'),
    TONGREN_ROOT: pinned,
    TONGREN_API_KEYS: keys,
    TONGREN_DATABASE: join(place.folder, 'tongren.sqlite'),
    TONGREN_PORT: '0',
  };
  const child = spawn(process.execPath, [`${ROOT}src/cli/tongren.ts`, 'serve'], {
    cwd: place.folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const { url, log } = await listening(child);
  const reread = async (): Promise<void> => {
    const before = log().split(READ).length;
    writeFileSync(keys, JSON.stringify([...rows.values()]));
    child.kill('SIGHUP');
    while (log().split(READ).length === before) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return {
    url,
    samples,
    now,
    root,
    place,
    async pair({ id, checkpoint = 'G2-01', lane = 'person', more = [] }) {
      const named = id === undefined ? [] : ['--id', id];
      const args = ['pair', '--checkpoint', checkpoint, '--lane', lane, '--url', url, '--json', ...named, ...more];
      const { out, err } = await inside(args, { env });
      if (out === '') throw new Error(err);
      const { link, row } = JSON.parse(out) as { link: string; row?: { id: string } };
      if (row !== undefined) {
        rows.set(row.id, row);
        await reread();
      }
      return link;
    },
    async cutOff(id) {
      rows.delete(id);
      await reread();
    },
    wire(region, name) {
      const found = samples.find((each) => each.region === region && each.name === name);
      if (typeof found?.wire !== 'string') throw new Error(`no text sample ${region}/${name}`);
      return found.wire;
    },
    async stop() {
      if (child.exitCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      place.remove();
    },
  };
}

async function listening(child: ChildProcess): Promise<{ url: string; log(): string }> {
  let [out, err] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  for (;;) {
    const [, url] = /serving on (http:\S+)/.exec(err) ?? [];
    if (url !== undefined) return { url, log: () => out };
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${err}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A headless Chromium: the one that comes through npm on Linux, else one that is installed. */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  const executablePath = process.platform === 'linux' ? await chromium.executablePath() : undefined;
  // A page that ignores where it comes from would prove nothing about its policy; and one process for all dies with the first page.
  const own = chromium.args.filter(
    (arg) => !/disable-web-security|allow-running-insecure|single-process|no-zygote/.test(arg),
  );
  return executablePath === undefined
    ? launcher.launch({ channel: 'chrome', args: [...args] })
    : launcher.launch({ executablePath, args: [...own, ...args], headless: true });
}

/** Where pictures of every outcome are put, to be looked at. */
export const PICTURES = join(ROOT, 'var', 'pictures');
mkdirSync(PICTURES, { recursive: true });

/** The source of axe-core, for a page whose policy allows no script from elsewhere. */
export const axeSource = (): string => readFileSync(`${ROOT}node_modules/axe-core/axe.min.js`, 'utf8');
