import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withLockFile } from '../../src/federation/lock.node.ts';
import { inside, temporary } from '../support/cli.ts';

const { folder, remove, write } = temporary();
afterAll(remove);

const pack = join(folder, 'pack');
const region = (...args: string[]) => inside(['region', ...args]);
const json = (file: string) => JSON.parse(readFileSync(join(pack, file), 'utf8'));

beforeAll(async () => {
  const args = ['new', '360000', '--out', pack, '--name-zh', '江西', '--name-en', 'Jiangxi', '--contact', 'office'];
  expect(await region(...args)).toMatchObject({ exit: 0, err: expect.stringContaining('nothing was written') });
  expect(existsSync(pack)).toBe(false);
  expect(await region(...args, '--apply')).toMatchObject({ exit: 0, out: expect.stringContaining('region.json') });
});

describe('region new', () => {
  it('never writes over a pack', async () => {
    expect(await region('new', '360000', '--out', pack, '--apply')).toMatchObject({ exit: 64 });
    expect(json('region.json')).toMatchObject({ region: '360000', name: { zh: '江西', en: 'Jiangxi' } });
  });

  it('goes on where it was interrupted: what makes it a pack is written last', async () => {
    const out = join(folder, 'interrupted');
    // A folder where its last file but one should be: this is as far as it gets.
    write('interrupted/samples/pass.recipe.json/x', '');
    expect((await region('new', '370000', '--out', out, '--apply')).exit).not.toBe(0);
    expect(existsSync(join(out, 'region.json'))).toBe(false);
    rmSync(join(out, 'samples/pass.recipe.json'), { recursive: true });
    expect((await region('new', '370000', '--out', out, '--apply')).exit).toBe(0);
  });

  it('knows what an id is', async () => {
    for (const id of ['36', '../x', 'x-', 'X-A'])
      expect(await region('new', id, '--out', join(folder, 'other'), '--apply')).toMatchObject({ exit: 64 });
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });
});

describe('region check', () => {
  it('reports as text, as JSON and as a page', async () => {
    const html = join(folder, 'report.html');
    const { exit, out } = await region('check', pack, '--html', html);
    expect([exit, out]).toEqual([0, expect.stringMatching(/^360000: 符合 conforms, \d+ \/ 100/)]);
    expect(readFileSync(html, 'utf8')).toContain('360000: 符合 conforms');
    const { out: report } = await region('check', pack, '--json');
    expect(JSON.parse(report)).toMatchObject({ region: '360000', conforms: true, checks: expect.any(Array) });
  });

  it('ends with 1 where something fails, with 64 where there is no such folder', async () => {
    const broken = join(folder, 'broken');
    await region('new', '370000', '--out', broken, '--apply');
    expect(await region('check', broken)).toMatchObject({ exit: 1, out: expect.stringContaining('does NOT conform') });
    const nowhere = await region('check', join(folder, 'nowhere'));
    expect([nowhere.exit, nowhere.err]).toEqual([64, expect.stringContaining('there is no such folder')]);
    write('empty/x.json', '{}');
    expect(await region('check', join(folder, 'empty'))).toMatchObject({
      exit: 1,
      err: expect.stringContaining('no pack'),
    });
  });
});

describe('region samples', () => {
  it('judges them, and writes documents and keys only when told', async () => {
    const out = join(folder, 'documents');
    const args = ['samples', pack, '--out', out, '--keys-for', 'rehearsal'];
    const dry = await region(...args);
    expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining('+ pass: ')]);
    expect([existsSync(out), existsSync(join(pack, 'issuers/samples.json'))]).toEqual([false, false]);
    expect((await region(...args, '--apply')).exit).toBe(0);
    expect(readFileSync(join(out, 'pass.txt'), 'utf8')).toMatch(/^P360000:/);
    expect(json('issuers/samples.json')).toMatchObject({ environment: 'rehearsal' });
  });

  it('makes up no keys for production', async () => {
    expect(await region('samples', pack, '--keys-for', 'production', '--apply')).toMatchObject({ exit: 64 });
  });
});

describe('region mark', () => {
  it('says what has become of a key, and nothing without --apply', async () => {
    expect((await region('mark', pack, 'p360000-1', 'retired')).exit).toBe(0);
    expect(json('issuers/samples.json').issuers[0].status).toBeUndefined();
    const since = '2026-01-02T03:04:05Z';
    await region('mark', pack, 'p360000-1', 'retired', '--since', since, '--reason', 'renewed', '--apply');
    expect(json('issuers/samples.json').issuers[0].status).toEqual([{ state: 'retired', since, reason: 'renewed' }]);
  });

  it.each([
    ['nobody', 'retired', []],
    ['p360000-1', 'lost', []],
    ['p360000-1', 'retired', ['--since', 'yesterday']],
  ])('refuses %s %s %s', async (key, state, more) => {
    const { exit, err } = await region('mark', pack, key, state, ...more, '--apply');
    expect(exit).toBe(64);
    if (key === 'nobody') expect(err).toContain('there are: p360000-1');
  });
});

describe('region revoke', () => {
  const id = 'JX-sold-5b1c0d7e9f2a4c68';

  it('adds ids to a list of its own, which is a new one from then on, and writes nothing without --apply', async () => {
    const file = 'revocations/by-hand.json';
    expect(await region('revoke', pack, id)).toMatchObject({
      exit: 0,
      err: expect.stringContaining('nothing was written'),
    });
    expect(existsSync(join(pack, file))).toBe(false);
    const { exit, err } = await region('revoke', pack, id, '--reason', 'vehicle-sold', '--apply');
    expect([exit, err]).toEqual([
      0,
      expect.stringContaining(`npx tongren federation publish 360000 ${pack} --dir <desk>`),
    ]);
    expect(json(file)).toMatchObject({ revoked: [{ id, reasonCode: 'vehicle-sold' }] });
    const other = `${id}-2`;
    const { out } = await region('revoke', pack, id, other, '--apply');
    expect(out).toContain(`${id}: 此前已撤销 was revoked before`);
    expect(json(file).revoked.map((each: { id: string }) => each.id)).toEqual([id, other]);
    expect(Math.abs(Date.parse(json(file).issued) - Date.now())).toBeLessThan(60_000);
    // What it writes can be used: the pack still conforms.
    expect(await region('check', pack)).toMatchObject({ exit: 0 });
  });

  it.each([
    ['short', []],
    [id.repeat(20), []],
    [id, ['--since', 'yesterday']],
  ] as [string, string[]][])('refuses %s %s', async (wrong, more) => {
    expect((await region('revoke', pack, wrong, ...more, '--apply')).exit).toBe(64);
  });
});

describe('region exclude', () => {
  const basis = ['--basis-zh', '停止', '--basis-en', 'Stop'];

  it('adds one row to the negative list, and leaves the rest', async () => {
    const before = json('agreements.json');
    expect((await region('exclude', pack, '330000', '--types', 'commuter-pass,health-code', ...basis)).exit).toBe(0);
    expect(json('agreements.json')).toEqual(before);
    await region('exclude', pack, '330000', '--types', 'commuter-pass', '--number', 'X-1', ...basis, '--apply');
    const row = {
      issuingRegion: '330000',
      documentTypes: ['commuter-pass'],
      basis: { title: { zh: '停止', en: 'Stop' }, number: 'X-1' },
    };
    expect(json('agreements.json')).toEqual({ ...before, excluded: [row] });
  });

  it('writes nothing that would make the file unusable', async () => {
    const before = json('agreements.json');
    const misspelled = await region('exclude', pack, '330000', '--types', 'commuter-pas', ...basis);
    expect(misspelled.err).toContain('has no type commuter-pas');
    expect((await region('exclude', pack, 'Zhejiang', ...basis, '--apply')).exit).toBe(64);
    expect((await region('exclude', pack, '330000', '--until', 'soon', ...basis, '--apply')).exit).toBe(64);
    expect(json('agreements.json')).toEqual(before);
  });
});

describe('region accept', () => {
  const own = join(folder, 'anhui');
  const list = () => JSON.parse(readFileSync(join(own, 'agreements.json'), 'utf8'));
  beforeAll(() => cpSync('trust-store/regions/340000', own, { recursive: true }));

  it('shows what would be accepted, and writes nothing else, and only when told', async () => {
    const before = list();
    const dry = await region('accept', own, '330000');
    expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining('330000 zj-health-colour 1 → 2')]);
    expect(list()).toEqual(before);
    expect((await region('accept', own, '330000', '--apply')).exit).toBe(0);
    const after = list();
    expect(after.annex.map((each: { list: string; version: number }) => [each.list, each.version])).toEqual([
      ['zj-health-colour', 2],
      ['zj-pass-state', 1],
    ]);
    const named = (of: typeof before) => of.agreements.map(({ codeLists: _, ...rest }: { codeLists: unknown }) => rest);
    expect(named(after)).toEqual(named(before));
    expect((await region('accept', own, '330000')).out).toContain('没有需要重新约定的协议');
  });

  it('refuses what cannot be read', async () => {
    const faulty = join(folder, 'faulty');
    cpSync('trust-store/regions/330000', faulty, { recursive: true });
    writeFileSync(join(faulty, 'codes/health-colour.json'), '{}');
    expect((await region('accept', own, '330000', '--from', faulty, '--apply')).exit).not.toBe(0);
    expect((await region('accept', own, '999999', '--apply')).exit).toBe(64);
  });
});

describe('region diff', () => {
  it('shows the hash of what was checked, and every sample with --report', async () => {
    const [{ out: check }, { out: diff, err }] = [
      await region('check', pack, '--json'),
      await region('diff', pack, '--report', '--json'),
    ];
    expect(JSON.parse(diff).hash).toBe(JSON.parse(check).hash);
    expect(err).toContain(`--expect ${JSON.parse(diff).hash}`);
    writeFileSync(join(pack, 'agreements.json'), '{"agreements":[]}');
    expect(JSON.parse((await region('diff', pack, '--json')).out).hash).not.toBe(JSON.parse(diff).hash);
  });
});

describe('region revoke, on a bad day', () => {
  it('says what a revocation id is where too short a one is typed, and blames no file', async () => {
    const { exit, err } = await region('revoke', pack, 'JX-sold', '--apply');
    expect([exit, err]).toEqual([
      64,
      expect.stringMatching(/^错误：JX-sold：不是撤销编号.*\nerror: JX-sold: no revocation/),
    ]);
    expect(err).toContain('claims.revocationId');
  });

  it('waits for another who changes the pack: what either revokes stays in the list', async () => {
    const ids = (): string[] => json('revocations/by-hand.json').revoked.map(({ id }: { id: string }) => id);
    const [mine, theirs] = ['1-a-revocation-id-of-36', '2-a-revocation-id-of-36'];
    await region('revoke', pack, '0-a-revocation-id-of-36', '--apply');
    const revoking = await withLockFile(`${pack}.lock`, async () => {
      const list = json('revocations/by-hand.json');
      const begun = region('revoke', pack, mine, '--apply');
      await Promise.race([begun, setTimeout(500)]);
      list.revoked.push({ id: theirs, since: '2026-01-02T03:04:05Z' });
      writeFileSync(join(pack, 'revocations/by-hand.json'), JSON.stringify(list));
      return { begun };
    });
    expect((await revoking.begun).exit).toBe(0);
    expect(ids()).toEqual(expect.arrayContaining([mine, theirs]));
    expect(existsSync(`${pack}.lock`)).toBe(false);
  });

  it('tells what to do with a list that is half-written', async () => {
    const half = join(folder, 'half');
    cpSync(pack, half, { recursive: true });
    write('half/revocations/by-hand.json', '{"issued": "2026-');
    const { exit, err } = await region('revoke', half, '1-a-revocation-id-of-36', '--apply');
    expect([exit, err]).toEqual([64, expect.stringMatching(/提示：请改正该文件.*\nhint: mend that file/)]);
  });
});
