import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyToJwk } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { readFolder } from '../../src/region/folder.node.ts';
import type { Files } from '../../src/region/pack.ts';
import { folderSource } from '../../src/region/source.node.ts';
import { openSigned } from '../../src/region/store.node.ts';
import { englishAlone } from '../support/words.ts';
import { clone, commandsOf, direct, fencesOf, type Ran, readDoc, run } from './guide.ts';

const guide = await readDoc('docs/add-a-region.md');
const json = fencesOf(guide).filter(({ language }) => language === 'json');
const inside = (file: string) => file.startsWith('trust-store/');

const secret = sm2PrivateKey();
const { x, y } = keyToJwk(sm2PublicKey(secret)) as { x: string; y: string };
const now = new Date();

/** What the guide leaves to its reader stands in angle brackets. */
const filled = (text: string): string =>
  text
    .replaceAll('<x>', x)
    .replaceAll('<y>', y)
    .replaceAll('<now>', `${now.toISOString().slice(0, 19)}Z`);

const files = json
  .filter(({ note }) => note.startsWith('file='))
  .map(({ note, text, above }) => ({ file: note.slice('file='.length), text: filled(text), above }));

async function put(folder: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

/** `add=file#/pointer`: one more row in a list of a file that is there already. */
async function addRows(folder: string): Promise<void> {
  for (const { note, text } of json.filter((fence) => fence.note.startsWith('add='))) {
    const [file, list] = note.slice('add='.length).split('#/') as [string, string];
    const whole = JSON.parse(await readFile(join(folder, file), 'utf8'));
    whole[list].push(JSON.parse(text));
    await put(folder, file, JSON.stringify(whole));
  }
}

const PREFIX = 'JXTX1:';
const packed = (line: string): string => `${PREFIX}${deflateRawSync(line).toString('base64url')}`;
const unpacked = (text: string): string =>
  inflateRawSync(Buffer.from(text.slice(PREFIX.length), 'base64url')).toString();

/** As a system of the region would: nothing of this project but the SM2 arithmetic. */
function signedPass(): string {
  const beijing = (days: number): string =>
    new Date(now.getTime() + 8 * 3_600_000 + days * 86_400_000).toISOString().replaceAll(/[-:T]/g, '');
  const { text } = fencesOf(guide).find(({ note }) => note === 'line')!;
  const line = text.replace('<iat>', beijing(-1).slice(0, 14)).replace('<until>', beijing(20).slice(0, 8));
  const signed = `${line}|`;
  return packed(signed + Buffer.from(sm2Sign(secret, Buffer.from(signed))).toString('base64url'));
}

let folder: string;
const ran = new Map<string, Ran>();

beforeAll(async () => {
  folder = await clone();
  for (const { file, text } of files.filter((each) => inside(each.file) || !each.file.includes('/')))
    await put(folder, file, text);
  await addRows(folder);
  await writeFile(join(folder, 'my-pass.txt'), signedPass());
  for (const line of commandsOf(guide)) {
    ran.set(line, await run(line.includes('trust status') ? line : direct(line), folder));
    // The guide completes by hand what the import wrote, before it goes on.
    if (line.includes('--apply'))
      for (const { file, text } of files.filter((each) => each.file.startsWith('var/'))) await put(folder, file, text);
  }
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('docs/add-a-region.md, followed to the letter', () => {
  it('names each file in the words above it, and leaves no gap unfilled', () => {
    for (const { file, text, above } of files) {
      expect(above).toBe(`**\`${file}\`**`);
      expect(text).not.toMatch(/<[a-z]+>/);
    }
    expect(files.length).toBeGreaterThan(8);
  });

  it('declares a mixture of transport, envelope and payload that no other region has', async () => {
    const place = { store: join(folder, 'var/store'), pinned: await readFile(join(folder, 'var/store.root.json')) };
    const opened = await openSigned(
      { ...place, sources: [folderSource(place.store)] },
      { clock: Date.now, hint: () => {} },
    );
    const { formats } = opened.federation;
    const mixtures = formats.map(({ region, declaration: { transport, envelope, payload } }) => ({
      region,
      mixture: [...transport, envelope.type, payload].join(' '),
    }));
    const { mixture } = mixtures.find(({ region }) => region === '360000')!;
    expect(mixtures.filter((each) => each.mixture === mixture)).toEqual([{ region: '360000', mixture }]);
  });

  it('has every command succeed', () => {
    expect([...ran].filter(([, { exit }]) => exit !== 0)).toEqual([]);
    expect(ran.size).toBe(9);
  });

  it('prints no English without its Chinese before it', () => {
    for (const { out, hints } of ran.values()) expect(englishAlone(`${out}\n${hints}`)).toEqual([]);
  });

  it('gets the expected verdict for each sample of the new region', () => {
    const { out } = ran.get('npm start -- --once')!;
    for (const row of ['Jiangxi vehicle pass, good', 'Jiangxi vehicle pass, revoked', 'Jiangxi vehicle pass, altered'])
      expect(out).toContain(row);
    expect(out).toMatch(/(\d+) documents, \1 verdicts as expected/);
  });

  it('accepts a document signed with a key of the reader’s own, as its list says', () => {
    const { out } = ran.get('npx tongren verify my-pass.txt --store var/jiangxi')!;
    expect(out).toMatch(/^● 认可 Accepted/);
    expect(out).toContain('Jiangxi signer (made up)');
    expect(out).toContain('NOT_REVOKED');
  });

  it('finds nothing in either store that cannot be used', () => {
    for (const [line, { out }] of ran) if (line.includes('trust status')) expect(out).not.toContain('not used:');
  });

  it('refuses the same document, altered', async () => {
    const pass = await readFile(join(folder, 'my-pass.txt'), 'utf8');
    await writeFile(join(folder, 'lie.txt'), packed(unpacked(pass).replace('赣A', '赣B')));
    const { exit, out } = await run(direct('npx tongren verify lie.txt --store var/jiangxi'), folder);
    expect(exit).toBe(1);
    expect(out).toContain('SIGNATURE_INVALID');
  });
});

describe('the messages that docs/add-a-region.md promises', () => {
  const REGION = 'regions/360000/region.json';
  const FORMAT = 'regions/360000/formats/jx-pass-1.json';
  const CODES = 'regions/360000/codes/pass-state.json';
  type Json = Record<string, unknown>;
  const listOf = (value: Json, name: string) => value[name] as Json[];
  const mapped = (format: Json, to: string): Json => listOf(format, 'map').find((row) => row['to'] === to)!;

  /** How to get each: the file, and what is done to it. */
  const FAULTS: Readonly<Record<string, readonly [string, (value: Json) => void]>> = {
    'says 370000': [REGION, (region) => Object.assign(region, { region: '370000' })],
    'required property': [REGION, (region) => Reflect.deleteProperty(region, 'name')],
    'no document type': [FORMAT, (format) => Object.assign(format, { documentType: 'lorry-pass' })],
    'neither mapped': [FORMAT, (format) => (format['absent'] as string[]).shift()],
    'mapped and also': [FORMAT, (format) => (format['absent'] as string[]).push('/goods')],
    'two rows': [FORMAT, (format) => listOf(format, 'map').push(mapped(format, '/docId'))],
    'no code list': [
      FORMAT,
      (format) => Object.assign(mapped(format, '/status/canonical'), { as: { codes: 'jx-state' } }),
    ],
    'never what a document says': [
      FORMAT,
      (format) => listOf(format, 'map').unshift({ to: '/issuer/region', value: '360000' }),
    ],
    'stands twice': [CODES, (list) => listOf(list, 'codes').push(listOf(list, 'codes')[0]!)],
  };

  const promised = [...guide.matchAll(/^\| `(regions\/[^`]+)` \|/gm)].map((match) => match[1]!);
  let store: Map<string, Uint8Array>;
  beforeAll(async () => {
    const base: Files = await readFolder(join(folder, 'trust-store'));
    ({ store } = await mint(base, now.getTime()));
  });

  it('are all tried here', () => {
    expect(promised).toHaveLength(Object.keys(FAULTS).length);
  });

  it.each(Object.keys(FAULTS))('%s', (words) => {
    const message = promised.find((each) => each.includes(words));
    const [file, spoil] = FAULTS[words]!;
    const value = JSON.parse(new TextDecoder().decode(store.get(file)));
    spoil(value);
    const { rejected } = loadFederation(
      new Map([...store, [file, new TextEncoder().encode(JSON.stringify(value))]]),
      nodePlatform,
    );
    const said = rejected.map(({ file, at, reason }) => `${file}${at === '' ? '' : `#${at}`}: ${reason}`);
    expect(said.join('\n')).toContain(message);
  });
});
