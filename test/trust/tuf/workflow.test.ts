import { describe, expect, it } from 'vitest';
import { browserPlatform } from '../../../src/crypto/platform.browser.ts';
import { nodePlatform } from '../../../src/crypto/platform.node.ts';
import { answerBy, type Want } from '../../../src/trust/tuf/asking.ts';
import { refresh } from '../../../src/trust/tuf/refresh.ts';
import { beginWith } from '../../../src/trust/tuf/root.ts';
import { TUF_LIMITS } from '../../../src/trust/tuf/state.ts';
import { viewOf } from '../../../src/trust/tuf/view.ts';
import { codes, DAY, HOUR, packOf, read, stage, T0, versions } from '../../support/tuf.ts';

/** The detailed client workflow, TUF 1.0 §5, step by step. */

describe('an update', () => {
  it('takes a client from its first root to every file of every region', async () => {
    const fed = await stage();
    const done = fed.refresh(fed.begin());
    expect(codes(done)).toEqual([]);
    expect([...done.view.files.keys()].sort()).toEqual([
      'catalogue.json',
      'regions/310000/formats/pass.json',
      'regions/310000/region.json',
      'regions/330000/formats/pass.json',
      'regions/330000/region.json',
      'regions/330200/formats/pass.json',
      'regions/330200/region.json',
      'regions/x-guest/formats/pass.json',
      'regions/x-guest/region.json',
    ]);
    expect(done.view.files.get('regions/330200/region.json')?.role).toBe('330200');
    expect(done.view.roles.get('310000')).toEqual({
      name: '310000',
      version: 1,
      issued: T0,
      expires: T0 + 72 * HOUR,
      good: T0 + 72 * HOUR,
    });
  });

  it('gives the same with SM2 keys and portable arithmetic, where the federation asks for SM2', async () => {
    const kinds = { root: [['SM2']], targets: [['SM2']], regions: [['SM2']] } as const;
    const fed = await stage('SM2-SM3', {
      federation: 'sm2-federation',
      environment: 'rehearsal',
      kinds,
      waitingHours: 0,
    });
    const done = fed.refresh(fed.begin(), { platform: browserPlatform });
    expect(codes(done)).toEqual([]);
    expect(done.view.files.size).toBe(9);
  });

  it('asks for each file by name and bound, and for none twice', async () => {
    const fed = await stage();
    const wants: Want[] = [];
    const wanted = (path: string): boolean => path.startsWith('regions/310000/');
    await answerBy(refresh(fed.begin(), fed.context({ wanted })), async (want) => {
      wants.push(want);
      return fed.repository.get(want.name);
    });
    const names = wants.map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual([
      'metadata/2.root.json',
      'metadata/timestamp.json',
      'metadata/1.snapshot.json',
      'metadata/1.targets.json',
    ]);
    expect(names.filter((name) => name.startsWith('targets/'))).toHaveLength(2);
    expect(new Set(names).size).toBe(names.length);
    const { length } = fed.repository.get('metadata/1.snapshot.json')!;
    expect(wants[2]!.limit).toBe(length);
  });

  it('fetches nothing but the timestamp when there is no news', async () => {
    const fed = await stage();
    const { state } = fed.refresh(fed.begin());
    const names: string[] = [];
    const again = await answerBy(refresh(state, fed.context()), async ({ name }) => {
      names.push(name);
      return fed.repository.get(name);
    });
    expect(names).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
    expect(again.state).toEqual(state);
  });

  it('leaves everything as it is when there is no network', async () => {
    const fed = await stage();
    const { state } = fed.refresh(fed.begin());
    const offline = answerBy(refresh(state, fed.context()), () => Promise.reject(new Error('no network')));
    await expect(offline).rejects.toThrow('no network');
    expect(viewOf(state, fed.context()).files.size).toBe(9);
  });

  it('brings the new version of one region and leaves the others', async () => {
    const fed = await stage();
    const first = fed.refresh(fed.begin());
    fed.now += HOUR;
    await fed.region('310000', { files: packOf('310000', 'second') });
    await fed.news();
    const second = fed.refresh(first.state);
    expect(codes(second)).toEqual([]);
    expect(versions(second)).toEqual({ ...versions(first), 310000: 2, snapshot: 2, timestamp: 2 });
    expect(read(second, 'regions/310000/region.json')).toContain('second');
    expect(second.view.files.get('regions/330000/region.json')).toEqual(
      first.view.files.get('regions/330000/region.json'),
    );
  });

  it('forgets the files of a region as soon as it is removed', async () => {
    const fed = await stage();
    const { state } = fed.refresh(fed.begin());
    await fed.targets({ delegations: fed.delegations(['federation', '330000', 'guests']) });
    await fed.news();
    const after = fed.refresh(state);
    expect(codes(after)).toEqual([]);
    expect(after.view.files.has('regions/310000/region.json')).toBe(false);
    expect(after.view.files.has('regions/330000/region.json')).toBe(true);
  });

  it('is read again from its state, as plain data, with everything verified', async () => {
    const fed = await stage();
    const { state, view } = fed.refresh(fed.begin());
    const stored = structuredClone(state);
    const again = viewOf(stored, fed.context());
    expect([...again.files.keys()]).toEqual([...view.files.keys()]);
    const damaged = structuredClone(state);
    damaged.files.get('regions/310000/region.json')![0]! ^= 1;
    damaged.roles.get('330000')![40]! ^= 1;
    const rest = viewOf(damaged, fed.context());
    expect(rest.files.has('regions/310000/region.json')).toBe(false);
    expect(rest.files.has('regions/330000/region.json')).toBe(false);
    expect(rest.troubles.map(({ role }) => role)).toEqual(['330000']);
    expect(rest.files.has('regions/x-guest/region.json')).toBe(true);
  });
});

describe('§5.3, the root', () => {
  it('is followed through every version in between, also where those have expired', async () => {
    const fed = await stage();
    const old = fed.begin();
    for (let i = 0; i < 3; i++) {
      const leaving = fed.members[0]!;
      fed.members = [...fed.members.slice(1), fed.key()];
      await fed.root([leaving, ...fed.members]);
    }
    fed.now += 366 * DAY;
    await fed.root();
    await fed.everything();
    const done = fed.refresh(old);
    expect(codes(done)).toEqual([]);
    expect(versions(done)).toMatchObject({ root: 5, targets: 2 });
  });

  it('must be signed by those before', async () => {
    const fed = await stage();
    const { state } = fed.refresh(fed.begin());
    fed.members = [fed.key(), fed.key(), fed.key(), fed.key()];
    await fed.root();
    const after = fed.refresh(state);
    expect(codes(after)).toEqual(['root SIGNATURE_FOREIGN']);
    expect(after.state).toEqual(state);
  });

  it('must be signed by those it names', async () => {
    const fed = await stage();
    const before = fed.members;
    fed.members = [fed.key(), fed.key(), fed.key(), fed.key()];
    await fed.root(before);
    expect(codes(fed.refresh(fed.begin()))).toEqual(['root SIGNATURE_FOREIGN']);
  });

  it('is kept as soon as it is verified, whatever comes behind it', async () => {
    const fed = await stage();
    const { state } = fed.refresh(fed.begin());
    const stolen = fed.online.timestamp;
    fed.online.timestamp = [fed.key()];
    await fed.root();
    fed.put('metadata/timestamp.json', undefined);
    const half = fed.refresh(state);
    expect(codes(half)).toEqual(['timestamp FILE_MISSING']);
    expect(half.view.root.version).toBe(2);
    // The thief hides the new root from a client that has seen it, and signs with the key it withdrew.
    fed.put('metadata/2.root.json', undefined);
    await fed.news({ ...fed.online, timestamp: stolen });
    expect(codes(fed.refresh(half.state))).toEqual(['timestamp SIGNATURE_FOREIGN']);
    expect(half.view.files.size).toBe(9);
  });

  it('that a client begins with must be signed by its own keys', async () => {
    const fed = await stage();
    await fed.forge('metadata/1.root.json', () => {}, fed.members.slice(0, 2));
    expect(() => fed.begin()).toThrow(expect.objectContaining({ code: 'THRESHOLD_NOT_MET' }));
    const bytes = fed.repository.get('metadata/1.targets.json')!;
    expect(() => beginWith(bytes, fed.context())).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });

  it('takes so many versions in one update, and goes on in the next', async () => {
    const fed = await stage();
    for (let i = 0; i < 4; i++) await fed.root();
    const limits = { ...TUF_LIMITS, roots: 2 };
    const first = fed.refresh(fed.begin(), { limits });
    expect(codes(first)).toEqual(['root TOO_MANY_ROOTS']);
    expect(first.view.root.version).toBe(3);
    const second = fed.refresh(first.state, { limits });
    expect(codes(second)).toEqual([]);
    expect(second.view.root.version).toBe(5);
  });
});

describe('§5.4, the timestamp', () => {
  it('with the number that is known already is nothing new, whatever it says', async () => {
    const fed = await stage();
    const { state } = fed.refresh(fed.begin());
    fed.lifetimes['timestamp'] = 72 * HOUR;
    const first = fed.repository.get('metadata/timestamp.json')!;
    await fed.news();
    await fed.forge('metadata/timestamp.json', (signed) => (signed['version'] = 1), fed.online.timestamp);
    const after = fed.refresh(state);
    expect(codes(after)).toEqual([]);
    expect(after.state.timestamp).toEqual(first);
    expect(versions(after)).toMatchObject({ snapshot: 1 });
  });
});

describe('§5.4 to §5.6, expiry', () => {
  it.each(['root', 'timestamp', 'snapshot', 'targets', '310000', '330200'])(
    '%s is good until the second before it expires, and not at that second',
    async (role) => {
      const fed = await stage();
      fed.lifetimes[role] = HOUR;
      await fed.root();
      await fed.everything();
      const begin = fed.begin();
      fed.now = T0 + HOUR - 1000;
      expect(codes(fed.refresh(begin))).toEqual([]);
      fed.now = T0 + HOUR;
      expect(codes(fed.refresh(begin))).toEqual([`${role} EXPIRED`]);
    },
  );

  it('leaves what is held in force, with its time, for the verdict to call it stale', async () => {
    const fed = await stage();
    const { state } = fed.refresh(fed.begin());
    fed.now += 100 * HOUR;
    const late = fed.refresh(state);
    expect(codes(late)).toEqual(['timestamp EXPIRED']);
    expect(late.state).toEqual(state);
    expect(late.view.files.size).toBe(9);
    expect(late.view.roles.get('310000')!.good).toBeLessThan(fed.now);
  });

  it('of a city is at the latest that of its province', async () => {
    const fed = await stage();
    fed.lifetimes['330000'] = HOUR;
    await fed.everything();
    const { roles } = fed.refresh(fed.begin()).view;
    expect(roles.get('330200')).toMatchObject({ expires: T0 + 72 * HOUR, good: T0 + HOUR });
  });
});

describe('the platform', () => {
  it('decides nothing: both find the same', async () => {
    const fed = await stage('ES256');
    const [one, other] = [nodePlatform, browserPlatform].map((platform) => fed.refresh(fed.begin(), { platform }));
    expect(one!.state).toEqual(other!.state);
    expect(codes(one!)).toEqual(codes(other!));
  });
});
