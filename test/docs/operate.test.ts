import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { englishAlone } from '../support/words.ts';
import { clone, commandsOf, direct, type Fence, fencesOf, type Ran, readDoc, run } from './guide.ts';

const guide = await readDoc('docs/operate.md');
const fences = fencesOf(guide);

/** What a fence's first line says of how its commands end. */
const EXITS: Readonly<Record<string, number>> = { '# run refused': 1, '# run undetermined': 2 };
const isRun = ({ language, text }: Fence): boolean => language === 'sh' && text.startsWith('# run');

interface Step extends Ran {
  readonly line: string;
  readonly expected: number;
  readonly ms: number;
}

let folder: string;
const steps: Step[] = [];

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

/** `add=file#/pointer`: one more row in a list of a file that a command has written. */
async function addRow({ note, text }: Fence): Promise<void> {
  const [file, list] = note.slice('add='.length).split('#/') as [string, string];
  const whole = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown[]>;
  whole[list]!.push(JSON.parse(text));
  await put(file, JSON.stringify(whole));
}

beforeAll(async () => {
  folder = await clone();
  for (const { note, text } of fences.filter((fence) => fence.note.startsWith('file=')))
    await put(note.slice('file='.length), text);
  const row = fences.find(({ note }) => note.startsWith('add='))!;
  for (const fence of fences.filter(isRun)) {
    const expected = EXITS[fence.text.split('\n')[0]!] ?? 0;
    for (const line of fence.text.split('\n').slice(1)) {
      const begun = performance.now();
      const ran = await run(direct(line), folder);
      steps.push({ line, expected, ...ran, ms: performance.now() - begun });
      if (line.includes('region new 310000')) await addRow(row);
    }
  }
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const said = (words: string, nth = 0): Step => steps.filter(({ line }) => line.includes(words))[nth]!;

describe('docs/operate.md, followed to the letter', () => {
  it('prints no English without its Chinese before it', () => {
    expect(
      steps.flatMap(({ line, out, hints }) => englishAlone(`${out}\n${hints}`).map((each) => [line, each])),
    ).toEqual([]);
  });

  it('has every command end as it says', () => {
    const wrong = steps.filter(({ exit, expected }) => exit !== expected);
    expect(wrong.map(({ line, exit, out, hints }) => ({ line, exit, out, hints }))).toEqual([]);
    expect(steps.length).toBeGreaterThan(40);
  });

  it('brings a region from nothing to a verified document in fewer than ten commands', () => {
    const joining = commandsOf(guide, 'joining');
    expect(joining.length).toBeLessThan(10);
    expect(joining.at(-1)).toContain('tongren verify');
    expect(said('verify var/packs/documents/pass.txt').out).toMatch(/^● 认可 Accepted/);
    // Shown, not asserted: machines differ.
    const ms = steps.filter(({ line }) => joining.includes(line)).reduce((sum, step) => sum + step.ms, 0);
    console.info(`${joining.length} commands, ${(ms / 1000).toFixed(1)} s from nothing to a verified document`);
  });

  it('shows who is missing before it is enough', () => {
    expect(said('federation found').out).toContain('1 of 3 have signed');
    expect(said('federation sign', 0).hints).toContain('nothing was signed');
    expect(said('federation place').out).toContain('已发布 placed');
  });

  it('has the verdicts that it tells of', () => {
    expect(said('--for 310000', 0).out).toMatch(/^● 认可 Accepted/);
    expect(said('--for 310000', 1).out).toMatch(/^● 认可 Accepted/);
    expect(said('--for 310000', 2).out).toContain('EXCLUDED');
    expect(said('--for 360000', 1).out).toContain('KEY_COMPROMISED');
  });

  it('has no trouble at gateways at the end', () => {
    expect(said('federation status', 2).out).toContain('new keys announced: 310000');
    for (const { line, out } of steps) if (line.includes('federation status')) expect(out).not.toMatch(/^! /m);
    const status = said('trust status').out;
    expect(status).toContain('rehearsal');
    expect(status).not.toContain('not used');
  });

  it('keeps a journal of all that was done, unbroken', async () => {
    const lines = (await readFile(join(folder, 'var/rehearsal/journal.jsonl'), 'utf8')).trim().split('\n');
    const told = steps.filter(({ line }) =>
      /federation (found|sign|place|admit|publish|suspend|rotate|retire|renew|consent)/.test(line),
    );
    expect(lines).toHaveLength(told.length);
    expect(said('federation status', 2).hints).not.toContain('journal was altered');
  });

  it('the report stands by itself', async () => {
    const html = await readFile(join(folder, 'var/packs/report.html'), 'utf8');
    expect(html).toContain('360000: 符合 conforms');
    expect(html).not.toMatch(/<script|https?:/);
  });
});
