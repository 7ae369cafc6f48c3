import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodePictureReader, writeQr } from '../../src/codec/picture.node.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { validateVerdict } from '../../src/document/generated/validators.js';
import { mint } from '../../src/federation/mint.node.ts';
import { presentedSample } from '../../src/federation/samples.node.ts';
import { journey } from '../../src/journey.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { inside, temporary, tongren } from '../support/cli.ts';
import { declarations, ROOT, samples as titles } from '../support/federation.ts';
import { storeStage } from '../support/signed.ts';

/** A store minted now: the commands judge by the machine's own clock. */
const { folder, write, remove } = temporary();
afterAll(remove);
const { store, samples } = await mint(declarations, Date.now());
for (const [file, bytes] of store) write(`store/${file}`, bytes);
const STORE = ['--store', join(folder, 'store')];
const wireOf = (name: string): string => samples.find((sample) => sample.name === name)!.wire as string;
const good = write('good.txt', `${wireOf('vaccination')}\r\n`);
const forged = write('forged.txt', wireOf('altered'));
const unknown = write('unknown.txt', wireOf('from-nobody'));
const noise = write('noise.bin', Uint8Array.of(0xff, 0, 1, 2));
const verify = (...args: string[]) => inside(['verify', ...STORE, ...args]);

it('is a process that ends by itself, with its verdict’s code', async () => {
  expect((await tongren(['verify', ...STORE, forged])).exit).toBe(1);
});

describe('the exit code is that of the worst verdict', () => {
  it.each<[string, string[], number]>([
    ['accepted', [good], 0],
    ['refused', [forged], 1],
    ['undetermined', [unknown], 2],
    ['recognised by nobody', [noise], 2],
    ['accepted, undetermined and refused: a refusal is the firmest answer', [good, unknown, forged], 1],
    ['accepted and undetermined', [good, unknown, good], 2],
    ['for a purpose without agreement', [good, '--purpose', 'hotel'], 1],
    ['at a region without agreement', [good, '--for', 'x-eu-dcc', '--at', new Date().toISOString()], 0],
  ])('%s: %j', async (_name, args, exit) => {
    expect((await verify(...args)).exit).toBe(exit);
  });
});

it('a file that is not there ends it, behind the verdicts of those before', async () => {
  const { exit, out, err } = await verify('--json', good, forged, join(folder, 'nowhere.txt'), good);
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).outcome),
  ).toEqual(['accept', 'refuse']);
  expect([exit, err]).toEqual([64, expect.stringContaining('there is no such file')]);
});

describe('a file and its signature file', () => {
  const pair = samples.find(({ region, name }) => region === '320000' && name === 'licence')!;
  const xml = write('pair/licence.xml', pair.wire);
  const p7s = write('pair/licence.p7s', pair.beside!);
  const whole = write('pair/licence.xml.p7s', pair.beside!);
  const other = write('pair/other.xml', pair.wire);
  const counter = ['--purpose', 'counter', '--json'];
  const said = async (...files: string[]) => {
    const { out, exit } = await verify(...counter, ...files);
    return [
      ...out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { outcome: string }).outcome),
      exit,
    ];
  };

  it('named alike are one input, in either order', async () => {
    expect(await said(xml, p7s)).toEqual(['accept', 0]);
    expect(await said(p7s, xml)).toEqual(['accept', 0]);
    expect(await said(xml, whole)).toEqual(['accept', 0]);
  });

  it('the file alone says what is missing', async () => {
    const { out, exit } = await verify('--purpose', 'counter', xml);
    expect([exit, out]).toEqual([2, expect.stringContaining('.p7s')]);
  });

  it('named otherwise are two', async () => {
    expect(await said(other, p7s)).toEqual(['undetermined', 'undetermined', 2]);
  });

  it('of another document do not go together', async () => {
    const second = samples.find(({ region, name }) => region === '320000' && name === 'licence-transport')!;
    const mixed = write('mixed/licence.xml', pair.wire);
    expect(await said(mixed, write('mixed/licence.p7s', second.beside!))).toEqual(['refuse', 1]);
  });
});

describe('what is verified', () => {
  it('comes from files, a QR picture, standard input and --text, and each gets its verdict in turn, as JSON', async () => {
    const picture = write('code.png', await writeQr(wireOf('vaccination'), { scale: 3, level: 'L' }));
    const { out, err, exit } = await tongren(
      ['verify', ...STORE, '--json', good, picture, '-', '--text', wireOf('altered')],
      { stdin: wireOf('recovery') },
    );
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ input, outcome }) => [input, outcome])).toEqual([
      ['good.txt', 'accept'],
      ['code.png', 'accept'],
      ['-', 'accept'],
      ['text', 'refuse'],
    ]);
    for (const { input: _, ...verdict } of lines)
      expect([validateVerdict(verdict), validateVerdict.errors]).toEqual([true, null]);
    expect([exit, err]).toEqual([1, '']);
  });

  it('is said in words, in both languages, without the holder’s name', async () => {
    const { out } = await verify(good);
    expect(out).toMatch(/● 认可 Accepted {2}good\.txt\n/);
    expect(out).toContain('reference federation');
    expect(out).not.toMatch(/Muster|MUSTER/);
  });

  it('cannot write on the terminal by its file’s name', async () => {
    const spoof = write('a\n● 认可 Accepted \u001b[2K.txt', wireOf('altered'));
    const { out } = await tongren(['verify', ...STORE, spoof]);
    expect(out.split('\n').filter((line) => line.startsWith('●'))).toEqual([]);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('a\\u000a● 认可 Accepted \\u001b[2K.txt');
  });

  it('gets the verdict that the journey gives, whichever sample it is', async () => {
    const federation = loadFederation(store, nodePlatform);
    const files = samples.flatMap(({ region, name, extension, wire, beside }) => [
      write(`samples/${region}-${name}.${extension}`, wire),
      ...(beside === undefined ? [] : [write(`samples/${region}-${name}.p7s`, beside)]),
    ]);
    const { out } = await verify('--json', ...files);
    const said = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { outcome: string; clock: { at: string } });
    // At the very time: codes live a minute, and a busy machine may take longer over all of them.
    const wanted = samples.map((sample, i) => {
      const standpoint = federation.standpoint('310000', () => Date.parse(said[i]!.clock.at))!;
      return journey(presentedSample(sample), standpoint, { purpose: 'checkpoint' }).verdict.outcome;
    });
    expect(said.map(({ outcome }) => outcome)).toEqual(wanted);
    expect(said).toHaveLength(titles.length);
  });
});

describe('inspect believes nothing', () => {
  it('and says so: a forgery is shown as it is, with what it lost and what was repaired, without a trust store', async () => {
    const { exit, out, err } = await inside(['inspect', '--json', forged, unknown, noise]);
    const [one, two, three] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect([one!['format'], one!['lost'], (one!['document'] as { docType: object }).docType]).toEqual([
      'eu-dcc/1',
      [],
      { code: 'vaccination-statement', family: 'statement' },
    ]);
    expect(two!['findings']).toEqual([expect.stringContaining('RECOGNISED'), expect.stringContaining('CONVERTED')]);
    expect(three).toEqual({ input: 'noise.bin', findings: [expect.stringContaining('NOT_RECOGNISED')] });
    expect([exit, err]).toEqual([2, expect.stringContaining('nothing here was believed or checked')]);
  });
});

describe('inspect writes a code as a picture', () => {
  const picture = join(folder, 'written.png');

  it('that is read as the same code, whatever line end an editor gave the text', async () => {
    const edited = write('edited.txt', `${wireOf('vaccination')}\r\n`);
    expect((await inside(['inspect', '--json', edited, '--qr', picture])).exit).toBe(0);
    const { exit, out } = await verify('--json', picture);
    expect([exit, JSON.parse(out)]).toMatchObject([0, { outcome: 'accept' }]);
    expect((await nodePictureReader().then((reader) => reader.read(readFileSync(picture))))[0]!.text).toBe(
      wireOf('vaccination'),
    );
  });

  it.each<[name: string, files: string[], said: string, to?: string]>([
    ['one that no code holds', [write('long.txt', 'x'.repeat(5000))], 'too long for one QR code'],
    ['two', [good, forged], '--qr goes with one document'],
    ['nothing', [write('nothing.txt', '\n')], 'there is nothing to write'],
    [
      'one to a folder that is not there',
      [good],
      'the picture cannot be written (ENOENT)',
      join(folder, 'no', 'x.png'),
    ],
  ])('not %s', async (_name, files, said, to = picture) => {
    expect(await inside(['inspect', ...files, '--qr', to])).toMatchObject({
      exit: 64,
      err: expect.stringContaining(said),
    });
  });
});

describe('inspect with a store', () => {
  it('reads the formats of a signed one as well, and points from an operator’s folder to it', async () => {
    const place = temporary();
    const fed = await storeStage(store, Date.now());
    for (const [file, bytes] of fed.repository) place.write(`desk/repository/${file}`, bytes);
    place.write('desk/repository.root.json', fed.repository.get('metadata/1.root.json')!);
    const desk = join(place.folder, 'desk');
    const from = (folder: string) => inside(['inspect', '--json', good, '--store', folder]);
    const [whole, above] = [await from(join(desk, 'repository')), await from(desk)];
    place.remove();
    expect([whole.exit, (JSON.parse(whole.out) as { format: string }).format]).toEqual([0, 'eu-dcc/1']);
    expect([above.exit, above.err]).toEqual([64, expect.stringContaining(`the store is ${join(desk, 'repository')}`)]);
  });
});

describe('a signed store of which nothing can be used', () => {
  it('says what is the matter: here, the clock of this machine', async () => {
    const place = temporary();
    const fed = await storeStage(store, Date.now());
    for (const [file, bytes] of fed.repository) place.write(`store/${file}`, bytes);
    place.write('store.root.json', fed.repository.get('metadata/1.root.json')!);
    const now = Date.now() - 1000 * 86_400_000;
    const { exit, err } = await inside(['verify', good, '--store', join(place.folder, 'store')], { now });
    place.remove();
    const said = /没有可用的内容：.*请检查本机时钟.*\n.*ISSUED_IN_FUTURE.*check the clock of this machine/;
    expect([exit, err]).toEqual([64, expect.stringMatching(said)]);
  });
});

describe('a command line that is wrong exits with 64, says what and how', () => {
  it.each<[string, string[], string, string]>([
    ['nothing to verify', ['verify', ...STORE], 'nothing to look at', 'hint: name a file'],
    [
      'a code in the place of a file, which is not repeated',
      ['verify', ...STORE, `HC1:${'A'.repeat(300)}`],
      'error: HC1:AAAA…: there',
      'hint: --text',
    ],
    ['a file that is not there', ['verify', ...STORE, join(folder, 'none')], 'there is no such file', ''],
    ['a folder', ['verify', ...STORE, folder], 'not a file', ''],
    ['a file that the system does not let be read', ['verify', ...STORE, '/proc/self/mem'], 'cannot be read (EIO)', ''],
    [
      'a region that the store does not have',
      ['verify', ...STORE, good, '--for', '999999'],
      'no region 999999',
      'hint: there are: 000000, 310000',
    ],
    [
      'a purpose that the catalogue does not have',
      ['verify', ...STORE, good, '--purpose', 'credit'],
      'no purpose "credit"',
      'hint: there are: checkpoint',
    ],
    [
      'a time that is none',
      ['verify', ...STORE, good, '--at', 'yesterday'],
      '"yesterday" is no time',
      'hint: write it like',
    ],
    [
      'a day that does not exist',
      ['verify', ...STORE, good, '--at', '2026-02-30T00:00:00Z'],
      'is no time',
      'hint: write it like',
    ],
    [
      'a store that is not there',
      ['verify', good, '--store', join(folder, 'nowhere')],
      'there is no store here; "npm start" mints',
      '没有这个文件夹',
    ],
    [
      'a wrong folder for a store, of which nothing is read',
      ['verify', good, '--store', '/proc'],
      '/proc: no trust store: neither metadata/',
      '提示：请查对 TONGREN_STORE',
    ],
    ['an option that is none', ['verify', '--colour'], "unknown option '--colour'", '错误：没有选项 --colour'],
    [
      'an option that is nearly one',
      ['verify', '--pupose', 'counter'],
      'Did you mean --purpose?',
      '是不是 --purpose？',
    ],
    ['a choice that is none', ['verify', '--medium', 'air'], 'Allowed choices', '不能是“air”，可用：screen、paper'],
    ['an option without its value', ['verify', '--for'], 'argument missing', '选项 --for <region> 后面缺少取值'],
    ['more than a command takes', ['serve', 'now'], 'too many arguments', '最多 0 个，给了 1 个'],
    ['less than a command takes', ['region', 'check'], "missing required argument 'dir'", '缺少参数 <dir>'],
    ['a command that is none', ['verfy'], "unknown command 'verfy'", '没有命令 verfy；是不是 verify？'],
    ['a command without its arguments', ['trust', 'import'], "required option '--region <id>' not specified", '--help'],
  ])('%s', async (_name, args, message, hint) => {
    const { exit, out, err } = await inside(args);
    expect([exit, out]).toEqual([64, '']);
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect(err).not.toMatch(/ at .*\.ts:\d/);
    expect(err).toMatch(/^错误：.+\nerror: .+\n(提示：.+\nhint: .+)?$/s);
  });

  it('or the environment', async () => {
    const { exit, err } = await tongren(['verify', good], { env: { TONGREN_REGION: 'Shanghai', TONGREN_PORT: 'x' } });
    expect([exit, err]).toEqual([64, expect.stringMatching(/configuration: TONGREN_REGION: .*\nTONGREN_PORT: /)]);
  });
});

describe('a fault of ours exits with 70 and says so', () => {
  it('with its stack', async () => {
    const broken = write('broken/catalogue.json', readFileSync(join(folder, 'store/catalogue.json')));
    write('broken/federation.json', readFileSync(join(folder, 'store/federation.json')));
    expect(existsSync(broken)).toBe(true);
    // A fault made on purpose: the picture reader's WebAssembly cannot be found from here.
    const elsewhere = temporary();
    for (const part of ['src', 'trust-store'])
      cpSync(join(ROOT, part), join(elsewhere.folder, part), { recursive: true });
    elsewhere.write('package.json', '{"type":"module"}');
    elsewhere.write(
      'src/intake.ts',
      'export const MAX_INPUT_BYTES = 1e6; export const present = () => { throw new TypeError("on purpose"); };',
    );
    symlinkSync(join(ROOT, 'node_modules'), join(elsewhere.folder, 'node_modules'));
    const { exit, err } = await tongren(['verify', ...STORE, good], {
      program: join(elsewhere.folder, 'src/cli/tongren.ts'),
    });
    elsewhere.remove();
    expect([exit, err]).toEqual([
      70,
      expect.stringMatching(
        /^错误：这是通认自身的故障，请报告\nerror: this is a fault of tongren; please report it\nTypeError: on purpose\n/,
      ),
    ]);
  });
});

it('works from a folder whose name has blanks and Chinese signs', async () => {
  const place = temporary();
  for (const part of ['src', 'trust-store'])
    cpSync(join(ROOT, part), join(place.folder, '通 认', part), { recursive: true });
  place.write('通 认/package.json', '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(place.folder, '通 认/node_modules'));
  const { exit, out } = await tongren(['inspect', '--json', good], {
    program: join(place.folder, '通 认/src/cli/tongren.ts'),
    cwd: place.folder,
  });
  place.remove();
  expect([exit, (JSON.parse(out) as { format: string }).format]).toEqual([0, 'eu-dcc/1']);
});
