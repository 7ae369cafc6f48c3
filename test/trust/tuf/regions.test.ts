import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../../src/crypto/platform.node.ts';
import type { MintedKey } from '../../../src/federation/signer.node.ts';
import { consentTo, targetsSigned } from '../../../src/federation/tuf-write.ts';
import { readMetadata } from '../../../src/trust/tuf/metadata.ts';
import { keyholdersOf } from '../../../src/trust/tuf/profile.ts';
import { isBelow, mayList, patternsOf, roleFor } from '../../../src/trust/tuf/regions.ts';
import { type RekeyEntry, rekeyStatement } from '../../../src/trust/tuf/rekey.ts';
import { TUF_LIMITS } from '../../../src/trust/tuf/state.ts';
import {
  codes,
  DAY,
  OWN_ROOT,
  packOf,
  read,
  refused,
  type Stage,
  seen,
  stage,
  text,
  versions,
} from '../../support/tuf.ts';

describe('who stands below whom', () => {
  it.each([
    ['330200', '330000', true],
    ['330421', '330000', true],
    ['330421', '330400', true],
    ['330000', '330000', false],
    ['330000', '330200', false],
    ['330421', '330200', false],
    ['310115', '330000', false],
    ['330000', '000000', false],
    ['x-guest', '330000', false],
    ['3302', '330000', false],
  ])('%s below %s: %s', (code, above, expected) => {
    expect(isBelow(code, above)).toBe(expected);
  });

  it('gives each role its patterns, one for each depth', () => {
    expect(patternsOf('330000')).toEqual(['regions/33????/*', 'regions/33????/*/*', 'regions/33????/*/*/*']);
    expect(patternsOf('330400')?.[0]).toBe('regions/3304??/*');
    expect(patternsOf('330421')?.[0]).toBe('regions/330421/*');
    expect(patternsOf('000000')?.[0]).toBe('regions/000000/*');
    expect(patternsOf('guests')?.[0]).toBe('regions/x-*/*');
    for (const no of ['x-guest', '33', 'targets', '../x', '3300001']) expect(patternsOf(no)).toBeUndefined();
  });

  it.each([
    ['regions/330200/region.json', '330200'],
    ['regions/x-eu-dcc/formats/a.json', 'guests'],
    ['catalogue.json', 'federation'],
    ['regions/330200', undefined],
    ['regions/x-/a', undefined],
    ['other.json', 'federation'],
    ['other/catalogue.json', undefined],
    ['', undefined],
    ['regions/33020/a', undefined],
  ])('%s is for %s to list', (path, role) => {
    expect(roleFor(path)).toBe(role);
    if (role !== undefined) expect(mayList(role, path)).toBe(true);
  });
});

describe('a province', () => {
  const province = (fed: Stage, delegated: readonly string[], files = packOf('330000')): Promise<void> =>
    fed.region('330000', { files, delegations: fed.delegations(delegated) });

  it('that delegates a region of another province is refused, and keeps its last good state', async () => {
    const { fed, state } = await seen();
    fed.regions.set('320500', fed.key());
    await province(fed, ['330200', '320500']);
    await fed.region('320500');
    await fed.news();
    refused(fed, state, '330000 DELEGATION_OUT_OF_BOUNDS');
  });

  it.each(['guests', 'federation', '330000', '310000'])('that delegates %s is refused', async (role) => {
    const { fed, state } = await seen();
    await province(fed, [role]);
    await fed.news();
    refused(fed, state, '330000 DELEGATION_OUT_OF_BOUNDS');
  });

  it.each([
    ['every folder', ['regions/*/*']],
    ['its own folder', ['regions/330000/*']],
    ['one depth only', ['regions/330200/*']],
    ['what is covered and more', [...patternsOf('330200')!, 'regions/310000/*']],
    ['nothing', []],
  ])('that gives a city %s is refused', async (_, paths) => {
    const { fed, state } = await seen();
    await province(fed, ['330200']);
    await fed.forge(
      'metadata/2.330000.json',
      (signed) => {
        (signed['delegations'] as { roles: { paths: string[] }[] }).roles[0]!.paths = paths;
      },
      [fed.regions.get('330000')!],
    );
    await fed.news();
    refused(fed, state, '330000 DELEGATION_OUT_OF_BOUNDS');
  });

  it('that delegates by digests of paths, or without terminating, is refused', async () => {
    for (const change of [{ terminating: false }, { paths: undefined, path_hash_prefixes: ['0'] }]) {
      const { fed, state } = await seen();
      await province(fed, ['330200']);
      await fed.forge(
        'metadata/2.330000.json',
        (signed) => {
          const { roles } = signed['delegations'] as { roles: object[] };
          roles[0] = JSON.parse(JSON.stringify({ ...roles[0], ...change })) as object;
        },
        [fed.regions.get('330000')!],
      );
      await fed.news();
      refused(fed, state, '330000 DELEGATION_OUT_OF_BOUNDS');
    }
  });

  it('that delegates more than is followed is told so, and nobody behind it goes short', async () => {
    const { fed, state } = await seen();
    const districts = ['310101', '310104', '310105', '310106', '310107', '310109', '310110', '310112'];
    for (const each of districts) fed.regions.set(each, fed.key());
    await fed.region('310000', { files: packOf('310000'), delegations: fed.delegations(districts) });
    await fed.region('330000', { files: packOf('330000', 'news'), delegations: fed.delegations(['330200']) });
    await fed.news();
    const after = fed.refresh(state, { limits: { ...TUF_LIMITS, roles: 8, below: 3 } });
    expect(codes(after).filter((code) => code === '310000 TOO_MANY_ROLES')).toHaveLength(5);
    expect(codes(after).filter((code) => !code.startsWith('310'))).toEqual([]);
    expect(read(after, 'regions/330000/region.json')).toContain('news');
  });

  it('that lists a file in its city’s folder does not get it, and the city’s stays', async () => {
    const { fed, state } = await seen();
    await province(fed, ['330200'], new Map([...packOf('330000'), ...packOf('330200', 'from the province')]));
    await fed.news();
    const after = fed.refresh(state);
    expect(new Set(codes(after))).toEqual(new Set(['330000 PATH_OUTSIDE_DELEGATION']));
    expect(read(after, 'regions/330200/region.json')).toContain('first');
    expect(after.view.files.get('regions/330200/region.json')?.role).toBe('330200');
  });

  it('may delegate a prefecture, and that its county', async () => {
    const { fed, state } = await seen();
    for (const role of ['330400', '330421']) fed.regions.set(role, fed.key());
    await province(fed, ['330200', '330400']);
    await fed.region('330400', { files: packOf('330400'), delegations: fed.delegations(['330421']) });
    await fed.region('330421');
    await fed.news();
    const after = fed.refresh(state);
    expect(codes(after)).toEqual([]);
    expect(after.view.files.get('regions/330421/region.json')?.role).toBe('330421');
  });

  it('is the only one to delegate its cities: targets may not do it beside', async () => {
    const { fed, state } = await seen();
    await fed.targets({ delegations: fed.delegations(['federation', '310000', '330000', '330200', 'guests']) });
    await fed.news();
    refused(fed, state, 'targets DELEGATION_OUT_OF_BOUNDS');
  });

  it('that is no member leaves its city to targets', async () => {
    const fed = await stage();
    await fed.targets({ delegations: fed.delegations(['330200']) });
    await fed.news();
    const done = fed.refresh(fed.begin());
    expect(codes(done)).toEqual([]);
    expect([...done.view.files.keys()].every((path) => path.startsWith('regions/330200/'))).toBe(true);
  });
});

describe('guests', () => {
  it.each(['regions/310000/formats/x.json', 'catalogue.json', 'regions/x-/a', 'regions/x-Ä/a'])(
    'that list %s do not get it',
    async (path) => {
      const { fed, state } = await seen();
      await fed.region('guests', { files: new Map([...packOf('x-guest'), [path, text('{}')]]) });
      await fed.news();
      const after = fed.refresh(state);
      expect(codes(after)).toEqual(['guests PATH_OUTSIDE_DELEGATION']);
      expect(after.view.files.get(path)?.role).not.toBe('guests');
      expect(after.view.files.has('regions/x-guest/region.json')).toBe(true);
    },
  );

  it('that delegate anything are refused', async () => {
    const { fed, state } = await seen();
    await fed.region('guests', { files: packOf('x-guest'), delegations: fed.delegations(['330200']) });
    await fed.news();
    refused(fed, state, 'guests DELEGATION_OUT_OF_BOUNDS');
  });
});

describe('targets', () => {
  it('that list a file themselves are refused', async () => {
    const { fed, state } = await seen();
    await fed.targets({ files: new Map([['catalogue.json', text('{}')]]) });
    await fed.news();
    refused(fed, state, 'targets PROFILE_VIOLATED');
  });

  it('that delegate a role the federation does not know are refused', async () => {
    const { fed, state } = await seen();
    await fed.targets();
    await fed.forge(
      'metadata/2.targets.json',
      (signed) => ((signed['delegations'] as { roles: { name: string }[] }).roles[0]!.name = 'x-guest'),
      fed.members,
    );
    await fed.news();
    refused(fed, state, 'targets DELEGATION_OUT_OF_BOUNDS');
  });

  it('are not written with one', () => {
    const head = { version: 1, issued: 0, expires: 0 };
    const nobody = new Map([['somebody', { keys: [], threshold: 1 }]]);
    expect(() => targetsSigned(head, new Map(), nobody, nodePlatform)).toThrow(RangeError);
  });
});

describe('replacing the keys of a region', () => {
  /** The region's old and new holders, and the announcement of the new ones. */
  function rekeyed(fed: Stage, role = '310000', parent = 'targets', of = OWN_ROOT) {
    const old = fed.regions.get(role)!;
    const fresh = fed.key();
    const file = fed.repository.get(`metadata/1.${parent}.json`)!;
    const { delegations, delegatedKeys } = readMetadata(file, 'targets').body;
    const before = keyholdersOf(delegations.find(({ name }) => name === role)!, delegatedKeys);
    fed.regions.set(role, fresh);
    const head = { version: 1, issued: 0, expires: 0 };
    const after = readMetadata(
      new TextEncoder().encode(
        JSON.stringify({
          signatures: [],
          signed: targetsSigned(head, new Map(), fed.delegations([role]), nodePlatform),
        }),
      ),
      'targets',
    ).body.delegations[0]!;
    const statement = rekeyStatement(role, before, after, of);
    const announcement: RekeyEntry = {
      announced: new Date(fed.now).toISOString().replace('.000', ''),
      keyids: after.keyIds,
      threshold: 1,
    };
    const consent = (by: MintedKey = old) => consentTo(statement, [by], nodePlatform);
    return { old, fresh, announcement, consent };
  }

  async function replaced(fed: Stage, entry?: RekeyEntry): Promise<void> {
    await fed.targets(entry === undefined ? {} : { rekey: { 310000: entry } });
    await fed.region('310000', { files: packOf('310000', 'by the new key') });
    await fed.news();
  }

  it('without its consent and without waiting is refused, though all members sign', async () => {
    const { fed, state } = await seen();
    rekeyed(fed);
    await replaced(fed);
    refused(fed, state, 'targets REKEY_UNFOUNDED');
  });

  it('with the consent of the old key acts at once', async () => {
    const { fed, state } = await seen();
    const { consent } = rekeyed(fed);
    await replaced(fed, { consent: await consent() });
    const after = fed.refresh(state);
    expect(codes(after)).toEqual([]);
    expect(read(after, 'regions/310000/region.json')).toContain('by the new key');
  });

  it('with somebody else’s consent is refused', async () => {
    const { fed, state } = await seen();
    const { consent, fresh } = rekeyed(fed);
    for (const key of [fresh, fed.members[0]!, fed.regions.get('330000')!]) {
      const before = fed.repository;
      await replaced(fed, { consent: await consent(key) });
      refused(fed, state, 'targets REKEY_UNFOUNDED');
      fed.repository = before;
    }
  });

  it('with a consent that was given in a rehearsal is refused', async () => {
    const { fed, state } = await seen();
    const { consent } = rekeyed(fed, '310000', 'targets', { ...OWN_ROOT, environment: 'rehearsal' });
    await replaced(fed, { consent: await consent() });
    refused(fed, state, 'targets REKEY_UNFOUNDED');
  });

  it('with a consent to other keys is refused', async () => {
    const { fed, state } = await seen();
    const { consent, old } = rekeyed(fed);
    const entry = { consent: await consent(old) };
    fed.regions.set('310000', fed.key());
    await replaced(fed, entry);
    refused(fed, state, 'targets REKEY_UNFOUNDED');
  });

  it('after an announcement and the waiting time is accepted, and not a second earlier', async () => {
    const { fed, state } = await seen();
    const { announcement, old, fresh } = rekeyed(fed);
    fed.regions.set('310000', old);
    await fed.targets({ rekey: { 310000: announcement } });
    await fed.news();
    const announced = fed.refresh(state);
    expect(codes(announced)).toEqual([]);
    fed.regions.set('310000', fresh);
    const before = fed.repository;
    for (const [time, expected] of [
      [7 * DAY - 1000, ['targets REKEY_UNFOUNDED']],
      [7 * DAY, []],
    ] as const) {
      fed.repository = before;
      fed.now = Date.parse(announcement.announced!) + time;
      await fed.targets({ rekey: { 310000: announcement } });
      for (const role of ['310000', '330200', 'guests']) await fed.region(role);
      await fed.region('guests', { files: packOf('x-guest') });
      await fed.region('330000', { files: packOf('330000'), delegations: fed.delegations(['330200']) });
      await fed.news();
      expect(codes(fed.refresh(announced.state))).toEqual(expected);
    }
  });

  it('with an announcement of other keys is refused, however long it waited', async () => {
    // A client that was away: it cannot know what was shown between, only what is said now.
    const { fed, state } = await seen();
    fed.now += 60 * 1000;
    const { announcement } = rekeyed(fed);
    fed.now += 8 * DAY;
    fed.regions.set('310000', fed.key());
    await fed.everything();
    await fed.targets({ rekey: { 310000: announcement } });
    await fed.news();
    expect(codes(fed.refresh(state))).toEqual(['targets REKEY_UNFOUNDED']);
  });

  it('with an announcement that was never shown, dated back, is refused by whoever has seen the time between', async () => {
    const { fed } = await seen();
    fed.now += 60 * 1000;
    await fed.targets();
    await fed.news();
    const { state } = fed.refresh(fed.begin());
    const { announcement } = rekeyed(fed);
    fed.now += 10 * DAY;
    await fed.everything();
    await fed.targets({ rekey: { 310000: announcement } });
    await fed.news();
    expect(codes(fed.refresh(state))).toEqual(['targets REKEY_UNFOUNDED']);
  });

  it('with an announcement dated back is refused behind new keys of targets, too', async () => {
    const { fed } = await seen();
    fed.now += 60 * 1000;
    await fed.targets();
    await fed.news();
    const { state } = fed.refresh(fed.begin());
    const { announcement } = rekeyed(fed);
    fed.now += 10 * DAY;
    const old = fed.members;
    fed.members = old.map(() => fed.key());
    await fed.root([...old, ...fed.members]);
    await fed.everything();
    await fed.targets({ rekey: { 310000: announcement } });
    await fed.news();
    expect(codes(fed.refresh(state))).toEqual(['targets REKEY_UNFOUNDED']);
  });

  it('cannot be done by removing it and letting it come back', async () => {
    const { fed, state } = await seen();
    await fed.targets({ delegations: fed.delegations(['federation', '330000', 'guests']) });
    await fed.news();
    const without = fed.refresh(state);
    expect(codes(without)).toEqual([]);
    expect(without.view.roles.has('310000')).toBe(false);
    rekeyed(fed);
    await replaced(fed);
    const after = fed.refresh(without.state);
    expect(codes(after)).toEqual(['targets REKEY_UNFOUNDED']);
    expect(versions(after)).toMatchObject({ targets: 2 });
  });

  it('holds for a city under its province alike', async () => {
    const { fed, state } = await seen();
    const { consent } = rekeyed(fed, '330200', '330000');
    const files = packOf('330000');
    await fed.region('330000', { files, delegations: fed.delegations(['330200']) });
    await fed.region('330200', { files: packOf('330200', 'by the new key') });
    await fed.news();
    refused(fed, state, '330000 REKEY_UNFOUNDED', '330200 SIGNATURE_FOREIGN');
    const rekey = { 330200: { consent: await consent() } };
    await fed.region('330000', { files, delegations: fed.delegations(['330200']), rekey });
    await fed.news();
    const after = fed.refresh(state);
    expect(codes(after)).toEqual([]);
    expect(read(after, 'regions/330200/region.json')).toContain('by the new key');
  });

  it.each([
    ['no list', 5],
    ['no signatures', [{}]],
    ['numbers', [{ keyid: 1, sig: 2 }]],
    ['far too many', Array.from({ length: 65 }, () => ({ keyid: 'a', sig: 'b' }))],
  ])('with a consent that is %s is refused', async (_, consent) => {
    const { fed, state } = await seen();
    rekeyed(fed);
    await replaced(fed, { consent } as unknown as RekeyEntry);
    refused(fed, state, 'targets REKEY_UNFOUNDED');
  });
});
