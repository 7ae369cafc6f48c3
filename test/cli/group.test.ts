import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { validateGroupVerdict } from '../../src/document/generated/validators.js';
import { mint } from '../../src/federation/mint.node.ts';
import { inside, type Said, temporary } from '../support/cli.ts';
import { declarations } from '../support/federation.ts';

/** A store minted now: the commands judge by the machine's own clock. */
const { folder, write, remove } = temporary();
afterAll(remove);
const { store, samples } = await mint(declarations, Date.now());
for (const [file, bytes] of store) write(`store/${file}`, bytes);
const file = (name: string): string =>
  write(`${name}.txt`, `${samples.find((sample) => sample.name === name)!.wire}\n`);
const [pass, licence, certificate] = ['freight-crew', 'paper-driving-licence', 'paper-road-transport'].map(file) as [
  string,
  string,
  string,
];
const group = (...args: string[]): Promise<Said> =>
  inside(['verify', '--store', join(folder, 'store'), '--group', ...args]);

describe('tongren verify --group', () => {
  it('says the outcome of all first, then each document’s', async () => {
    const { exit, out } = await group(pass, licence, certificate, '--occupants', '1');
    const heads = out.split('\n').filter((line) => /^[●▲■?]/.test(line));
    expect(exit).toBe(0);
    expect(heads).toEqual([
      '● 认可 Accepted  3 份证照 documents',
      '● 认可 Accepted  #1 货运通行证 Freight pass freight-crew.txt',
      '● 认可 Accepted  #2 驾驶证 Driving licence paper-driving-licence.txt',
      '● 认可 Accepted  #3 道路运输证或行驶证 Road transport certificate or vehicle licence paper-road-transport.txt',
    ]);
    expect(out).toContain('  组合 case: 货运（一车一证一线路） Freight: one vehicle, one pass, one route');
    expect(out).toMatch(/^ {4}\+ PLATES_AGREE \[\/vehicle\] .* #1 #3$/m);
  });

  it.each<[string, number, string, string[]]>([
    ['with people uncounted', 0, '▲', [pass, licence, certificate]],
    ['with a document missing', 1, '■', [pass, licence]],
    ['with one that cannot be read', 2, '?', [pass, licence, certificate, write('noise.bin', Uint8Array.of(0xff, 0))]],
    ['of one', 2, '?', [licence]],
    ['of one, with its case named', 1, '■', [pass, '--composition', 'freight']],
  ])('%s: exit %s', async (_, exit, icon, args) => {
    const said = await group(...args);
    expect([said.exit, said.out[0]]).toEqual([exit, icon]);
  });

  it('as JSON is one line, by its schema', async () => {
    const { out, exit } = await group(pass, licence, certificate, '--occupants', '2', '--json');
    const lines = out.trimEnd().split('\n');
    const verdict = JSON.parse(lines[0]!);
    expect([exit, lines.length, validateGroupVerdict(verdict), verdict.reasons]).toEqual([
      1,
      1,
      true,
      ['PEOPLE_WITHOUT_PASS'],
    ]);
  });

  it.each<[string, string[], string]>([
    ['with people that are no number', [pass, '--occupants', '-1'], '"-1" is no number of people'],
    ['with too many of them', [pass, '--occupants', '201'], '"201" is no number of people'],
    ['of a case that there is not', [pass, '--composition', 'ship'], 'no composition "ship"'],
    ['of too many documents', Array.from({ length: 21 }, () => pass), 'a group has at most 20 documents'],
    ['of none', [], 'nothing to look at'],
  ])('%s is a mistake of usage', async (_, args, message) => {
    const { exit, err } = await group(...args);
    expect([exit, err.includes(message)]).toEqual([64, true]);
  });

  it.each(['--occupants', '--composition'])('%s goes with --group only', async (option) => {
    const { exit, err } = await inside(['verify', '--store', join(folder, 'store'), pass, option, '1']);
    expect([exit, err]).toEqual([64, expect.stringContaining(`${option} goes with --group`)]);
  });
});
