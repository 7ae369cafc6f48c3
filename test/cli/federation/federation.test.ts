import { chmod, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../../src/crypto/platform.node.ts';
import { readJournal } from '../../../src/federation/journal.node.ts';
import { newSystemKeys, publicPartsOf } from '../../../src/federation/system-keys.node.ts';
import { FEDERATION } from '../../../src/trust/tuf/federation-profile.ts';
import { refreshFrom } from '../../../src/trust/tuf/refresh.ts';
import { beginWith } from '../../../src/trust/tuf/root.ts';
import { inside } from '../../support/cli.ts';
import { type DeskStage, declare, deskStage, founded, HOUR, QUORUM } from '../../support/desk.ts';

let desk: DeskStage;
afterEach(() => desk.remove());

const members = async (): Promise<string[]> => [...(await desk.published()).delegated.keys()].sort();
const admit = (id: string, ...keys: string[]) =>
  desk.run(['admit', id, '--holder', desk.key(id), '--apply'], id, ...(keys.length === 0 ? QUORUM : keys));

describe('a ceremony', () => {
  it('needs three people, who pass one file on; nothing is published before', async () => {
    desk = deskStage();
    const begun = await desk.run(['found', declare(desk), '--apply'], 'anhui', 'desk');
    expect(begun).toMatchObject({ exit: 0, out: expect.stringContaining('1 of 3 have signed') });
    const [name] = await readdir(join(desk.dir, 'proposals'));
    const file = join(desk.dir, 'proposals/0001-found-test-federation.json');
    expect(name).toContain('0001-found-test-federation');
    const early = await desk.run(['place', file, '--apply'], 'news');
    expect(early).toMatchObject({ exit: 1, err: expect.stringContaining('1 of 3 have signed') });
    expect((await desk.repository()).size).toBe(0);
    await desk.run(['sign', file, '--apply'], 'jiangsu');
    // Once more by the same person is no second signature.
    expect((await desk.run(['sign', file, '--apply'], 'jiangsu')).err).toContain('nothing was signed');
    expect((await desk.run(['place', file, '--apply'], 'news')).exit).toBe(1);
    expect((await desk.run(['sign', file, '--apply'], 'zhejiang')).err).toContain('federation place');
    expect((await desk.run(['place', file, '--apply'], 'news')).exit).toBe(0);
    expect(await desk.troubles()).toEqual([]);
    expect(await members()).toEqual(['federation']);
  });

  it('lets nobody sign what was overtaken', async () => {
    desk = await founded();
    const args = ['admit', '310000', '--holder', desk.key('310000'), '--apply'];
    await desk.run(args, '310000', 'anhui');
    const file = join(
      desk.dir,
      'proposals',
      (await readdir(join(desk.dir, 'proposals'))).find((name) => name.endsWith('.json'))!,
    );
    expect((await desk.run(args, '310000', ...QUORUM)).exit).toBe(0);
    const before = await readFile(file);
    const { exit, err } = await desk.run(['sign', file, '--apply'], 'jiangsu');
    expect([exit, err]).toEqual([1, expect.stringContaining('it was overtaken')]);
    expect(await readFile(file)).toEqual(before);
  });

  it('calls keys what this desk knows them as, whatever a proposal says', async () => {
    desk = deskStage();
    await desk.run(['found', declare(desk), '--apply'], 'anhui', 'desk');
    const file = join(desk.dir, 'proposals/0001-found-test-federation.json');
    const proposal = JSON.parse(await readFile(file, 'utf8')) as { names: Record<string, string> };
    for (const id of Object.keys(proposal.names)) proposal.names[id] = 'somebody else';
    await writeFile(file, JSON.stringify(proposal));
    const { out } = await desk.run(['sign', file], 'jiangsu');
    expect(out).toContain('anhui');
    expect(out).not.toContain('somebody else');
  });

  it.skipIf(process.platform === 'win32')('says which keys others on this machine can read', async () => {
    desk = deskStage();
    for (const [mode, told] of [
      [0o644, true],
      [0o640, true],
      [0o600, false],
    ] as const) {
      for (const name of ['anhui', 'desk']) await chmod(desk.secret(name), mode);
      const { err } = await desk.run(['found', declare(desk)], 'anhui', 'desk');
      expect([mode, err.includes('anhui.pem: others on this machine can read it')]).toEqual([mode, told]);
    }
  });

  it('says that a public key is expected where a private one is handed in', async () => {
    desk = await founded();
    const holder = desk.secret('anhui');
    const { exit, err } = await desk.run(['admit', '310000', '--holder', holder], ...QUORUM);
    expect([exit, err]).toEqual([64, expect.stringContaining('a file of a public key is expected here')]);
  });

  it('by a stranger adds nothing', async () => {
    desk = deskStage();
    await desk.run(['found', declare(desk), '--apply'], 'anhui', 'desk');
    const file = join(desk.dir, 'proposals/0001-found-test-federation.json');
    const before = await readFile(file);
    expect((await desk.run(['sign', file, '--apply'], 'stranger')).err).toContain('nothing was signed');
    expect(await readFile(file)).toEqual(before);
  });

  it('asks for the kinds of keys that the root names', async () => {
    desk = deskStage();
    const declaration = declare(desk, { kinds: { root: [['SM2']] } });
    const { exit, out } = await desk.run(['found', declaration, '--apply'], ...QUORUM, 'desk');
    expect([exit, out]).toEqual([0, expect.stringContaining('signatures missing')]);
    expect((await desk.repository()).size).toBe(0);
  });
});

describe('a repository that lost its timestamp', () => {
  it.each([
    ['is damaged', (file: string) => writeFile(file, '{')],
    ['is missing', (file: string) => rm(file)],
  ])('which %s, is no empty one: nothing is founded over it', async (said, harm) => {
    desk = await founded();
    await desk.run(['renew', '--apply'], 'news');
    await harm(join(desk.dir, 'repository/metadata/timestamp.json'));
    for (const args of [['status'], ['renew', '--apply'], ['found', declare(desk), '--apply']]) {
      const { exit, err } = await desk.run(args, ...QUORUM, 'desk', 'news');
      expect([exit, err]).toEqual([1, expect.stringContaining(`metadata/timestamp.json ${said}`)]);
      expect(err).toContain('copy it whole from a mirror');
    }
  });
});

describe('nothing is written', () => {
  it('without --apply, and the journal says that it was a dry run', async () => {
    desk = await founded();
    const before = await desk.repository();
    const { exit, err } = await desk.run(['admit', '310000', '--holder', desk.key('310000')], '310000', ...QUORUM);
    expect([exit, err]).toEqual([0, expect.stringContaining('nothing was written')]);
    expect(await desk.repository()).toEqual(before);
    const { entries } = await readJournal(desk.dir);
    expect(entries.map(({ operation, applied }) => [operation, applied])).toEqual([
      ['found test-federation', true],
      ['admit 310000', false],
    ]);
  });

  it.each([
    ['no member', ['suspend', '310000'], 1, 'no member'],
    ['what belongs to all', ['suspend', 'federation'], 1, 'belongs to all'],
    ['no region', ['admit', '3100', '--holder', 'KEY'], 1, 'no region'],
    ['no key', ['admit', '310000', '--holder', '/nowhere'], 64, 'no such file'],
    ['too many', ['admit', '310000', '--holder', 'KEY', '--threshold', '2'], 64, 'only 1 keys'],
    ['twice', ['found', 'DECLARATION'], 1, 'federation here already'],
    ['an unknown option', ['status', '--force'], 64, 'unknown option'],
    ['consent for a root', ['rotate', 'root', '--to', 'KEY', '--announce'], 64, 'of a region only'],
  ])('%s', async (_, args, exit, words) => {
    desk = await founded();
    const before = await desk.repository();
    const given = args.map((arg) => (arg === 'KEY' ? desk.key('310000') : arg === 'DECLARATION' ? declare(desk) : arg));
    const said = await desk.run(
      [...given, '--apply'].filter((arg) => arg !== '--apply' || args[0] !== 'status'),
      ...QUORUM,
    );
    expect(said).toMatchObject({ exit, err: expect.stringContaining(words) });
    expect(await desk.repository()).toEqual(before);
  });

  it('by somebody who lacks the online key', async () => {
    desk = await founded();
    const { exit, err } = await desk.run(['renew', 'targets', '--apply'], 'anhui', 'jiangsu', 'shanghai');
    expect([exit, err]).toEqual([1, expect.stringContaining('no key of snapshot')]);
  });

  it('of a proposal that another has overtaken', async () => {
    desk = await founded();
    await desk.run(['admit', '310000', '--holder', desk.key('310000'), '--apply'], '310000', 'anhui');
    await admit('340000');
    const file = join(desk.dir, 'proposals/0001-admit-310000.json');
    await desk.run(['sign', file, '--apply'], 'jiangsu', 'shanghai');
    expect(await desk.run(['place', file, '--apply'], 'news')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('overtaken'),
    });
  });
});

describe('a bad day', () => {
  it('the online keys are lost: what is missing, and which way out', async () => {
    desk = await founded();
    const lost = await desk.run(['renew', '--apply'], 'anhui');
    expect([lost.exit, lost.err]).toEqual([1, expect.stringContaining('rotate snapshot timestamp --old-keys-lost')]);
    const rotate = ['rotate', 'snapshot', 'timestamp', '--to', desk.key('news-2'), '--apply'];
    const keys = ['anhui', 'jiangsu', 'shanghai', 'news-2'];
    const refused = await desk.run(rotate, ...keys);
    expect([refused.exit, refused.err]).toEqual([1, expect.stringContaining('if it is lost, add --old-keys-lost')]);
    expect((await desk.run([...rotate, '--old-keys-lost'], ...keys)).exit).toBe(0);
    expect(await desk.troubles()).toEqual([]);
  });

  it('a copy that is too old was put back: nothing is published on it that gateways know otherwise', async () => {
    desk = await founded();
    const repository = join(desk.dir, 'repository');
    const copy = join(desk.folder, 'copy');
    await cp(repository, copy, { recursive: true });
    await admit('310000');
    const newest = join(desk.folder, 'newest');
    await cp(repository, newest, { recursive: true });
    await rm(repository, { recursive: true });
    await cp(copy, repository, { recursive: true });
    for (const [args, ...keys] of [
      [['renew', '--apply'], 'news'],
      [['admit', '340000', '--holder', desk.key('340000'), '--apply'], '340000', ...QUORUM],
    ] as const) {
      const { exit, err } = await desk.run(args, ...keys);
      expect([exit, err]).toEqual([
        1,
        expect.stringMatching(/是旧的.*\n.*is an old one.*\n.*完整复制.*\n.*copy repository/),
      ]);
    }
    expect((await desk.run(['status'])).err).toContain('is an old one');
    await cp(newest, repository, { recursive: true });
    expect((await desk.run(['renew', '--apply'], 'news')).exit).toBe(0);
    expect((await desk.run(['status'])).err).not.toContain('is an old one');
  });

  it('a file of the store is half-written: which one, and where to get it whole', async () => {
    desk = await founded();
    await writeFile(join(desk.dir, 'repository/metadata/1.federation.json'), '{"signed": ');
    const { exit, err } = await desk.run(['renew', '--apply'], 'news');
    expect([exit, err]).toEqual([1, expect.stringMatching(/federation：.*\n.*federation: .*\n提示：.*完整复制/)]);
  });

  it('place was killed once it had published: it is done, and said so', async () => {
    desk = await founded();
    await desk.run(['admit', '310000', '--holder', desk.key('310000'), '--apply'], '310000', 'anhui');
    const file = join(desk.dir, 'proposals/0001-admit-310000.json');
    await desk.run(['sign', file, '--apply'], 'jiangsu', 'shanghai');
    const signed = await readFile(file);
    expect((await desk.run(['place', file, '--apply'], 'news')).exit).toBe(0);
    const before = await desk.repository();
    await writeFile(file, signed);
    // With one more signature it would be another file than the one in force, and could never be placed.
    expect(await desk.run(['sign', file, '--apply'], 'zhejiang')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('placed already'),
    });
    expect(await readFile(file)).toEqual(signed);
    expect(await desk.run(['place', file, '--apply'], 'news')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('placed already'),
    });
    expect(await desk.repository()).toEqual(before);
    expect((await readdir(join(desk.dir, 'proposals'))).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('two sign one file at once: neither signature is lost', async () => {
    desk = await founded();
    await desk.run(['admit', '310000', '--holder', desk.key('310000'), '--apply'], '310000', 'anhui');
    const file = join(desk.dir, 'proposals/0001-admit-310000.json');
    await Promise.all(['jiangsu', 'shanghai'].map((name) => desk.run(['sign', file, '--apply'], name)));
    expect((await desk.run(['place', file, '--apply'], 'news')).exit).toBe(0);
  });
});

describe('members', () => {
  it('join with their own signature, and not without', async () => {
    desk = await founded();
    const without = await desk.run(['admit', '310000', '--holder', desk.key('310000'), '--apply'], ...QUORUM);
    expect(without.out).toContain('未签 not yet: 310000');
    expect(await members()).toEqual(['federation']);
    expect((await admit('310000')).exit).toBe(0);
    expect(await members()).toEqual(['310000', 'federation']);
    expect(await desk.troubles()).toEqual([]);
  });

  it('admit their own cities, with their own key alone', async () => {
    desk = await founded();
    await admit('330000');
    expect((await admit('330200', '330000', 'news')).exit).toBe(0);
    expect((await desk.published()).delegated.get('330200')?.by).toBe('330000');
    expect(await desk.troubles()).toEqual([]);
    // What stands under a member leaves with it.
    await desk.run(['suspend', '330000', '--apply'], ...QUORUM);
    expect(await members()).toEqual(['federation']);
    expect(await desk.troubles()).toEqual([]);
  });

  it('cannot be put above a city that is a member by itself', async () => {
    desk = await founded();
    await admit('330200');
    expect(await admit('330000')).toMatchObject({ exit: 1, err: expect.stringContaining('330200') });
  });

  it('that are suspended count at once no more, and come back with the same keys and all they had', async () => {
    desk = await founded();
    await admit('310000');
    const seen = await desk.repository();
    await desk.run(['suspend', '310000', '--apply'], ...QUORUM);
    expect(await desk.troubles(seen)).toEqual([]);
    const context = { platform: nodePlatform, profile: FEDERATION, now: desk.now };
    const begun = beginWith(seen.get('metadata/1.root.json')!, context);
    const { view } = refreshFrom(refreshFrom(begun, seen, context).state, await desk.repository(), context);
    expect([...view.roles.keys()]).not.toContain('310000');
    desk.now += 100 * HOUR;
    await desk.run(['renew', '--apply'], 'news');
    expect((await admit('310000')).exit).toBe(0);
    expect(await desk.troubles(seen)).toEqual([]);
  });

  it('do not come back with other keys before these were announced and have waited', async () => {
    desk = await founded();
    await admit('310000');
    const seen = await desk.repository();
    await desk.run(['suspend', '310000', '--apply'], ...QUORUM);
    const back = () => desk.run(['admit', '310000', '--holder', desk.key('new'), '--apply'], 'new', ...QUORUM);
    expect(await back()).toMatchObject({ exit: 1, err: expect.stringContaining('consent or an announcement') });
    await desk.run(['rotate', '310000', '--to', desk.key('new'), '--announce', '--apply'], ...QUORUM);
    desk.now += 167 * HOUR;
    expect(await back()).toMatchObject({ exit: 1, err: expect.stringContaining('waiting time is over at') });
    // It was announced a second after what was signed before it.
    desk.now += HOUR + 1000;
    expect((await back()).exit).toBe(0);
    expect(await desk.troubles(seen)).toEqual([]);
  });
});

describe('a copy of the repository that is not whole', () => {
  it('is told, and nothing is signed on it', async () => {
    desk = await founded();
    for (const name of await readdir(join(desk.dir, 'repository/targets')))
      await rm(join(desk.dir, 'repository/targets', name));
    const before = await desk.repository();
    expect(await desk.run(['renew', 'federation', '--apply'], 'desk', 'news')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('the repository lacks the content of'),
    });
    expect(await desk.repository()).toEqual(before);
  });
});

describe('packs', () => {
  const pack = async (id = '310000'): Promise<string> => {
    const at = join(desk.folder, 'packs', id);
    const names = ['--name-zh', '上海', '--name-en', 'Shanghai', '--contact', 'office'];
    await inside(['region', 'new', id, '--out', at, ...names, '--apply']);
    await inside(['region', 'samples', at, '--store', desk.dir, '--keys-for', 'rehearsal', '--apply'], {
      now: desk.now,
    });
    return at;
  };
  const publish = (at: string, ...more: string[]) =>
    desk.run(['publish', '310000', at, ...more, '--apply'], '310000', 'news');

  it('are published as they were looked at, or not at all', async () => {
    desk = await founded();
    await admit('310000');
    const at = await pack();
    expect(await publish(at, '--expect', '0'.repeat(64))).toMatchObject({
      exit: 1,
      err: expect.stringContaining('another was expected'),
    });
    const { out } = await inside(['region', 'check', at, '--store', desk.dir, '--json'], { now: desk.now });
    expect((await publish(at, '--expect', JSON.parse(out).hash)).exit).toBe(0);
    expect(await desk.troubles()).toEqual([]);
    desk.write('packs/310000/formats/broken.json', '{}');
    expect(await publish(at)).toMatchObject({ exit: 1, err: expect.stringContaining('does not conform') });
  });

  it('are signed by their region and by nobody else', async () => {
    desk = await founded();
    await admit('310000');
    await admit('340000');
    const { exit, err } = await desk.run(['publish', '310000', await pack(), '--apply'], '340000', ...QUORUM);
    expect([exit, err]).toEqual([1, expect.stringContaining('none of the keys that were given has to sign this')]);
    expect((await desk.published()).roles.get('310000')!.body.targets.size).toBe(0);
  });

  it('of what belongs to all are signed by its office', async () => {
    desk = await founded();
    for (const file of ['federation.json', 'catalogue.json', 'allotments.json'])
      desk.write(`common/${file}`, await readFile(join('trust-store', file), 'utf8'));
    const publishing = (key: string) =>
      desk.run(['publish', 'federation', join(desk.folder, 'common'), '--apply'], key, 'news');
    expect(await publishing('anhui')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('it has to be signed by keys of: federation'),
    });
    expect((await publishing('desk')).exit).toBe(0);
    const files = [...(await desk.published()).roles.get('federation')!.body.targets.keys()];
    expect(files.sort()).toEqual(['allotments.json', 'catalogue.json', 'federation.json']);
    expect(await desk.troubles()).toEqual([]);
  });

  it('of what belongs to all include the timestamping authorities, and nothing else from a folder', async () => {
    desk = await founded();
    for (const file of ['federation.json', 'catalogue.json'])
      desk.write(`common/${file}`, await readFile(join('trust-store', file), 'utf8'));
    desk.write('common/timestampers/all.json', '{"issuers":[]}');
    desk.write('common/timestampers/old/all.json', '{"issuers":[]}');
    desk.write('common/regions/310000/region.json', '{}');
    const args = ['publish', 'federation', join(desk.folder, 'common'), '--apply'];
    expect((await desk.run(args, 'desk', 'news')).exit).toBe(0);
    const files = [...(await desk.published()).roles.get('federation')!.body.targets.keys()];
    expect(files.sort()).toEqual(['catalogue.json', 'federation.json', 'timestampers/all.json']);
    expect(await desk.troubles()).toEqual([]);
  });

  it('of guests stand beside each other', async () => {
    desk = await founded('EdDSA', { guests: true });
    for (const id of ['x-one', 'x-two']) {
      const at = join(desk.folder, id);
      const names = ['--name-zh', '客', '--name-en', 'Guest', '--contact', 'office'];
      await inside(['region', 'new', id, '--out', at, ...names, '--apply']);
      expect((await desk.run(['publish', id, at, '--apply'], 'guests', 'news')).exit).toBe(0);
    }
    const files = [...(await desk.published()).roles.get('guests')!.body.targets.keys()];
    expect(files).toEqual(expect.arrayContaining(['regions/x-one/region.json', 'regions/x-two/region.json']));
  });

  it('with keys in use keep their region from leaving', async () => {
    desk = await founded();
    await admit('310000');
    const at = await pack();
    // What its systems call with leaves with it, and holds nothing up.
    const { entry } = publicPartsOf(newSystemKeys({ name: '310000/gateway', algorithm: 'EdDSA' }));
    const gateway = { id: 'gateway', name: { zh: '网关', en: 'Gateway' }, may: ['verify'], perMinute: 60, ...entry };
    await writeFile(join(at, 'systems.json'), JSON.stringify({ systems: [gateway] }));
    expect(await publish(at)).toMatchObject({ exit: 0 });
    const retire = () => desk.run(['retire', '310000', '--apply'], ...QUORUM);
    expect(await retire()).toMatchObject({
      exit: 1,
      err: expect.stringContaining('still signs documents with p310000-1'),
    });
    await inside(['region', 'mark', at, 'p310000-1', 'retired', '--apply'], { now: desk.now });
    expect((await publish(at)).exit).toBe(0);
    expect((await retire()).exit).toBe(0);
    expect(await members()).toEqual(['federation']);
    expect(await retire()).toMatchObject({ exit: 0, out: expect.stringContaining('removed already') });
  });

  it('with keys in use keep what stands above them from leaving', async () => {
    desk = await founded('EdDSA', { guests: true });
    await admit('330000');
    await admit('330200', '330000', 'news');
    await desk.run(['publish', '330200', await pack('330200'), '--apply'], '330200', 'news');
    await desk.run(['publish', 'x-one', await pack('x-one'), '--apply'], 'guests', 'news');
    for (const [role, region] of [
      ['330000', '330200'],
      ['guests', 'x-one'],
    ] as const)
      expect(await desk.run(['retire', role, '--apply'], ...QUORUM)).toMatchObject({
        exit: 1,
        err: expect.stringContaining(`${region} still signs documents with`),
      });
    expect(await members()).toEqual(['330000', '330200', 'federation', 'guests']);
  });
});

describe('keys', () => {
  it('of a region are replaced at once if the old ones agree', async () => {
    desk = await founded();
    await admit('310000');
    const seen = await desk.repository();
    const consent = join(desk.folder, 'consent.json');
    const given = await desk.run(['consent', '310000', '--to', desk.key('new'), '--out', consent, '--apply'], '310000');
    expect(given.out).toContain('1 of 1');
    const rotate = (...more: string[]) =>
      desk.run(['rotate', '310000', '--to', desk.key('new'), '--apply', ...more], 'new', ...QUORUM);
    expect(await rotate()).toMatchObject({ exit: 1 });
    expect((await rotate('--consent', consent)).exit).toBe(0);
    expect(await desk.troubles(seen)).toEqual([]);
    // A second time so soon would keep out whoever missed the first.
    await desk.run(['consent', '310000', '--to', desk.key('third'), '--out', consent, '--apply'], 'new');
    const again = () =>
      desk.run(['rotate', '310000', '--to', desk.key('third'), '--consent', consent, '--apply'], 'third', ...QUORUM);
    expect(await again()).toMatchObject({ exit: 1, err: expect.stringContaining('a short time ago') });
    const announced = await desk.run(
      ['rotate', '310000', '--to', desk.key('third'), '--announce', '--apply'],
      ...QUORUM,
    );
    expect(announced).toMatchObject({ exit: 1, err: expect.stringContaining('a short time ago') });
    desk.now += 169 * HOUR;
    expect((await again()).exit).toBe(0);
    // Whoever was away all that time finds his way.
    expect(await desk.troubles(seen)).toEqual([]);
  });

  it('are not replaced by a consent to other keys, or of other keys', async () => {
    desk = await founded();
    await admit('310000');
    await admit('340000');
    const consent = join(desk.folder, 'consent.json');
    await desk.run(['consent', '310000', '--to', desk.key('other'), '--out', consent, '--apply'], '310000');
    const rotate = (id: string) =>
      desk.run(['rotate', id, '--to', desk.key('new'), '--consent', consent, '--apply'], 'new', ...QUORUM);
    for (const id of ['310000', '340000'])
      expect(await rotate(id)).toMatchObject({ exit: 1, err: expect.stringContaining('not that of the old keys') });
  });

  it('of the members are replaced with the signatures of the old ones and of the new ones', async () => {
    desk = await founded();
    await admit('310000');
    const seen = await desk.repository();
    const to = ['anhui', 'jiangsu', 'shanghai', 'henan'].map((name) => desk.key(name));
    const rotate = (...keys: string[]) =>
      desk.run(['rotate', 'root', 'targets', '--to', ...to, '--threshold', '3', '--apply'], ...keys);
    expect((await rotate('henan', 'jiangsu', 'shanghai', 'news')).out).toContain('signatures missing');
    expect((await rotate(...QUORUM)).exit).toBe(0);
    expect(await desk.troubles(seen)).toEqual([]);
    expect((await desk.published()).root!.version).toBe(2);
    // Who has left has no say any more.
    const { out } = await desk.run(['suspend', '310000'], 'zhejiang', 'anhui', 'jiangsu', 'news');
    expect(out).toContain('2 of 3 have signed');
  });

  it('on line are replaced, with the old one at hand or lost', async () => {
    desk = await founded();
    const seen = await desk.repository();
    const rotate = (name: string, ...more: string[]) =>
      desk.run(
        ['rotate', 'snapshot', 'timestamp', '--to', desk.key(name), '--apply', ...more],
        'anhui',
        'jiangsu',
        'shanghai',
        name,
      );
    expect(await rotate('news-2')).toMatchObject({ exit: 1, err: expect.stringContaining('gateways would refuse') });
    expect((await rotate('news-2', '--key', desk.secret('news'))).exit).toBe(0);
    expect(await desk.troubles(seen)).toEqual([]);
    expect((await rotate('news-3', '--old-keys-lost')).exit).toBe(0);
    expect(await desk.troubles(seen)).toEqual([]);
  });

  it('are made once, and never written over', async () => {
    desk = deskStage();
    const name = join(desk.folder, 'mine');
    expect((await inside(['federation', 'key', name, '--apply'])).exit).toBe(0);
    expect(await inside(['federation', 'key', name, '--apply'])).toMatchObject({ exit: 64 });
    expect((await inside(['federation', 'key', `${name}2`, '--algorithm', 'PS256', '--apply'])).exit).toBe(64);
  });
});

describe('time', () => {
  it('lets a member expire without stopping the others', async () => {
    desk = await founded();
    await admit('310000');
    await admit('330000');
    await admit('330200', '330000', 'news');
    desk.now += 80 * HOUR;
    expect((await desk.run(['renew', '--apply'], 'news')).exit).toBe(0);
    expect(await desk.troubles()).toEqual(['310000 EXPIRED', '330000 EXPIRED']);
    expect((await desk.run(['renew', '330000', '--apply'], '330000', 'news')).exit).toBe(0);
    expect(await desk.troubles()).toEqual(['310000 EXPIRED', '330200 EXPIRED']);
    const { out } = await desk.run(['status']);
    expect(out).toContain('EXPIRED');
  });

  it('asks for the root and for targets once a year', async () => {
    desk = await founded();
    desk.now += 366 * 24 * HOUR;
    for (const role of ['root', 'targets', 'federation'])
      expect((await desk.run(['renew', role, '--apply'], ...QUORUM, 'desk')).exit).toBe(0);
    expect(await desk.troubles()).toEqual([]);
  });
});

describe('status', () => {
  it('says who holds what, what is announced and what is under way', async () => {
    desk = await founded();
    await admit('310000');
    await desk.run(['rotate', '310000', '--to', desk.key('new'), '--announce', '--apply'], ...QUORUM);
    await desk.run(['suspend', '310000', '--apply'], 'anhui');
    const { out, exit } = await desk.run(['status']);
    expect(exit).toBe(0);
    expect(out).toMatch(/root .*3 of 4: anhui, jiangsu, shanghai, zhejiang/);
    expect(out).toContain('new keys announced: 310000');
    expect(out).toContain('1 proposals under way');
    expect(out).toContain(join(desk.dir, 'proposals', '0001-suspend-310000.json'));
    const { out: json } = await desk.run(['status', '--json']);
    expect(JSON.parse(json)).toMatchObject({ federation: 'test-federation', environment: 'rehearsal', troubles: [] });
  });
});

describe('after a bad pack', () => {
  const pack = (name: string) => join(desk.folder, name);
  const region = (...args: string[]) => inside(['region', ...args], { now: desk.now });
  const publish = async (name: string) =>
    expect(await desk.run(['publish', '310000', pack(name), '--apply'], '310000', 'news')).toMatchObject({ exit: 0 });
  const restore = (out: string, ...more: string[]) =>
    region('restore', '310000', '--store', desk.dir, '--out', pack(out), ...more);
  const textOf = (name: string, file: string) => readFile(join(pack(name), file), 'utf8');
  /** A federation with a member, and its pack, not published yet. */
  const withPack = async () => {
    desk = await founded();
    await admit('310000');
    const named = ['--name-zh', '上海', '--name-en', 'SH', '--contact', 'x'];
    await region('new', '310000', '--out', pack('one'), ...named, '--apply');
  };

  it('the one from before comes out of the store, renewals or not; what was revoked since stays revoked', async () => {
    await withPack();
    const agreements = JSON.stringify({
      agreements: [
        {
          issuingRegion: '320000',
          documentTypes: ['vehicle-pass'],
          purposes: ['checkpoint'],
          basis: { title: { zh: '演练', en: 'Rehearsal' } },
        },
      ],
    });
    await writeFile(join(pack('one'), 'agreements.json'), agreements);
    await publish('one');
    await writeFile(join(pack('one'), 'agreements.json'), '{"agreements": []}');
    await publish('one');
    const bad = await desk.repository();
    await region('revoke', pack('one'), '310000-a-revocation-id', '--apply');
    await publish('one');
    await desk.run(['renew', '310000', '--apply'], '310000', 'news');

    expect(await restore('two')).toMatchObject({ exit: 0, err: expect.stringContaining('nothing was written') });
    expect(await restore('two', '--apply')).toMatchObject({ exit: 0, err: expect.stringContaining('publish 310000') });
    expect(await textOf('two', 'agreements.json')).toBe(agreements);
    expect(await textOf('two', 'revocations/by-hand.json')).toContain('310000-a-revocation-id');
    await publish('two');
    // Gateways that have the bad one take it.
    expect(await desk.troubles(bad)).toEqual([]);
    expect((await restore('two', '--apply')).err).toContain('it exists already');

    // Any version that is asked for; the same goes for none.
    expect(await restore('three', '--number', '3', '--json')).toMatchObject({ exit: 0 });
    expect(await restore('three', '--number', '3', '--apply')).toMatchObject({ exit: 0 });
    expect(JSON.parse(await textOf('three', 'agreements.json'))).toEqual({ agreements: [] });
    expect((await restore('four', '--number', '99')).err).toContain('there is no version 99');
    const other = await region('restore', '320000', '--store', desk.dir, '--out', pack('four'));
    expect(other).toMatchObject({ exit: 1, err: expect.stringContaining('the store has no 320000') });
    expect((await region('restore', '310000', '--store', pack('one'), '--out', pack('four'))).exit).toBe(64);
  });

  it('publishing a folder from before tells what it would no longer revoke', async () => {
    await withPack();
    await cp(pack('one'), pack('before'), { recursive: true });
    await region('revoke', pack('one'), '310000-a-revocation-id', '--apply');
    await publish('one');
    const { err } = await desk.run(['publish', '310000', pack('before')], '310000', 'news');
    expect(err).toContain('310000-a-revocation-id: no longer revoked');
  });
});
