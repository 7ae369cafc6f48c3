import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENVELOPES } from '../../src/codec/envelopes.ts';
import { PAYLOADS } from '../../src/codec/payloads.ts';
import { TRANSPORTS, TRANSPORTS_WITH } from '../../src/codec/transports.ts';
import { SUITES } from '../../src/conformance/suites.node.ts';
import { CONVERSIONS } from '../../src/format/conversions.ts';
import { COMPARISONS } from '../../src/judge/comparisons.ts';
import { OUTCOMES } from '../../src/judge/outcome.ts';
import { SETTINGS } from '../../src/settings.ts';
import { englishAlone } from '../support/words.ts';
import { brokenLinksOf, clone, commandsOf, direct, fencesOf, ROOT, readDoc, run } from './guide.ts';

const READMES = ['README.md', 'README.zh-CN.md'];
const DOCS = [
  ...READMES,
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/add-a-region.md',
  'docs/add-a-region.zh-CN.md',
  'docs/dependencies.md',
  'docs/integrate.md',
  'docs/operate.md',
  'docs/operate.zh-CN.md',
  'docs/terms.md',
];

let folder: string;
beforeAll(async () => {
  folder = await clone();
  expect(await run('node src/cli/tongren.ts start --once', folder)).toMatchObject({ exit: 0 });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const texts = await Promise.all(READMES.map(readDoc));
/** Both READMEs show the same commands, so each is run once. */
const shown = (circumstances?: string): string[] => [
  ...new Set(texts.flatMap((text) => commandsOf(text, circumstances))),
];
const snippets = texts.map(
  (text) => fencesOf(text).find(({ language, note }) => language === 'ts' && note === 'run')!.text,
);
const bare = (line: string): string => line.replace(/\s+#.*$/, '');

describe('what both READMEs show', () => {
  it('is the same in both', () => {
    const [en, zh] = texts.map((text) =>
      fencesOf(text).map((fence) =>
        fence.text
          .split('\n')
          .map(bare)
          .filter((line) => line !== ''),
      ),
    );
    expect(zh!.map((lines) => lines.map((line) => line.replace('套件 目录', 'SUITE DIR')))).toEqual(en);
  });

  it.each(shown())('%s', async (line) => {
    const { exit, out, hints } = await run(direct(line), folder);
    expect([exit, englishAlone(`${out}\n${hints}`)]).toEqual([0, []]);
  });

  it('a function that can be called so', async () => {
    await writeFile(join(folder, 'snippet.ts'), snippets[0]!);
    const { exit, out } = await run('node snippet.ts', folder);
    expect(exit).toBe(0);
    // A prefix and an ellipsis are recognised as a damaged document of that format.
    expect(out).toMatch(/^refuse \[ 'MALFORMED'/);
  });
});

describe.each(READMES)('%s', (name) => {
  it('tells every setting and its default', async () => {
    const rows = [...(await readDoc(name)).matchAll(/^\| `(TONGREN_\w+)` \|.*\| `([^`]*)` \|$/gm)];
    expect(rows.map(([, setting, fallback]) => ({ name: setting, fallback }))).toEqual(
      expect.arrayContaining(
        Object.values(SETTINGS).map(({ name, fallback }) => expect.objectContaining({ name, fallback })),
      ),
    );
    expect(rows).toHaveLength(Object.keys(SETTINGS).length);
  });

  it('names every outcome by its words, and every conformance suite', async () => {
    const named = [...(await readDoc(name)).matchAll(/`([^`\n]+)`(?: (\p{Script=Han}+))?/gu)];
    const outcomes = new Set(named.map(([, word, zh]) => `${word} ${zh}`));
    for (const { outcome, word } of OUTCOMES) expect(outcomes).toContain(`${outcome} ${word.zh}`);
    expect(named.map(([, word]) => word)).toEqual(expect.arrayContaining(SUITES.map((suite) => suite.name)));
  });
});

const curl = await run('curl --version', ROOT);
describe.skipIf(curl.exit !== 0)('the HTTP requests of the READMEs (skipped where there is no curl)', () => {
  let server: ChildProcess;
  let port: string;
  beforeAll(async () => {
    port = String(20_000 + (process.pid % 20_000));
    const env = { ...process.env, TONGREN_PORT: port };
    server = spawn(process.execPath, ['src/cli/tongren.ts', 'serve'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(server, 'exit').then(() => Promise.reject(new Error('the server ended before it served')));
    await Promise.race([once(server.stdout!, 'data'), gone]);
    gone.catch(() => {});
  }, 300_000);
  afterAll(async () => {
    if (server.exitCode !== null) return;
    server.kill();
    await once(server, 'exit');
  });

  it.each(shown('while serving'))('%s', async (line) => {
    const { exit, out } = await run(line.replaceAll(':8080', `:${port}`), folder);
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ outcome: expect.stringMatching(/^(accept|refuse|undetermined)$/) });
  });
});

describe('the documents', () => {
  it.each(DOCS)('%s points only to what is there', async (name) => {
    expect(await brokenLinksOf(name, await readDoc(name))).toEqual([]);
  });

  it('ARCHITECTURE.md has a row for every word of the mapping language, and for every comparison', async () => {
    const rows = [...(await readDoc('ARCHITECTURE.md')).matchAll(/^\| `([a-z0-9-]+)`[^|]*\|[^|]*\|[^|]*\|$/gm)].map(
      (row) => row[1]!,
    );
    expect(rows).toEqual(expect.arrayContaining([...Object.keys(CONVERSIONS), ...Object.keys(COMPARISONS)]));
  });

  it('ARCHITECTURE.md names every word of the tables behind a declaration', async () => {
    const text = await readDoc('ARCHITECTURE.md');
    const words = [TRANSPORTS, ENVELOPES, PAYLOADS].flatMap((table) => Object.keys(table));
    for (const word of [...words, ...Object.keys(TRANSPORTS_WITH).map((name) => `${name}:<pointer>`)])
      expect(text.includes(`\`${word}\``), word).toBe(true);
  });

  it('ARCHITECTURE.md has a row for every room', async () => {
    const text = await readDoc('ARCHITECTURE.md');
    const rooms = (await readdir(join(ROOT, 'src'), { withFileTypes: true })).filter((entry) => entry.isDirectory());
    for (const { name } of rooms) expect(text).toMatch(new RegExp(`^\\| \`${name}/\``, 'm'));
  });

  it('docs/dependencies.md names every dependency, and no other', async () => {
    const manifest = JSON.parse(await readDoc('package.json'));
    const named = [...(await readDoc('docs/dependencies.md')).matchAll(/^\| `([^`]+)` \|/gm)].map((row) => row[1]!);
    const { dependencies, optionalDependencies, devDependencies } = manifest;
    expect(named.sort()).toEqual(Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies }).sort());
  });
});
