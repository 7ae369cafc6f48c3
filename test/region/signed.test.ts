import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Federation } from '../../src/region/federation.ts';
import type { Files } from '../../src/region/pack.ts';
import { PackError } from '../../src/region/pack.ts';
import { beginStore, type KeptStore, loadSigned, storeContext, updateFrom } from '../../src/region/signed.ts';
import {
  codesOf,
  DAY,
  fileOf,
  HOUR,
  NOW,
  sampleNamed,
  samples,
  sampleVerdict,
  shortOf,
  standpointOf,
  store,
  storeWith,
  verdictOf,
} from '../support/federation.ts';
import { type StoreStage, storeStage } from '../support/signed.ts';

/** A client of a staged store: what it has, and what comes of the next update. */
async function client(files: Files = store) {
  const fed = await storeStage(files, NOW);
  let kept: KeptStore = beginStore(fed.repository.get('metadata/1.root.json')!, nodePlatform);
  const update = (now = fed.now) => {
    const context = storeContext(nodePlatform, now);
    const updated = updateFrom(kept, fed.repository, context);
    const loaded = loadSigned(updated, kept, context);
    kept = loaded.kept;
    return { ...updated, ...loaded };
  };
  return { fed, update, kept: () => kept, first: update() };
}

const pass = sampleNamed('pass');
const passOf = (of: string) =>
  samples.find(({ region, name, expect: e }) => region === of && name === 'pass' && e.outcome === 'accept')!;
const ofZhejiang = passOf('330000');
const at = (federation: Federation, now: number, sample = ofZhejiang) =>
  verdictOf(sample, {
    standpoint: standpointOf(sample.expect.for ?? '310000', federation, now),
    purpose: sample.expect.purpose ?? 'checkpoint',
  });

describe('a signed store', () => {
  it('gives every document of the reference federation its verdict', async () => {
    const { first } = await client();
    expect([first.troubles, first.federation.rejected, [...first.federation.faulty]]).toEqual([[], [], []]);
    for (const sample of samples) {
      const verdict = sampleVerdict(sample, first.federation);
      expect([sample.name, verdict.outcome]).toEqual([sample.name, sample.expect.outcome]);
      expect(verdict.reasons).toEqual(expect.arrayContaining([...(sample.expect.reasons ?? [])]));
    }
  });

  it('takes its ages from the signatures, and a verdict rests on the verifying region’s own word too', async () => {
    const { first } = await client();
    const restsOn = at(first.federation, NOW).restsOn;
    expect(restsOn.map(({ part }) => part)).toContain('regions/310000/agreements.json');
    for (const { issued } of restsOn) expect(issued).toBe('2026-11-23T04:00:00Z');
  });

  it.each([
    [0, 'accept', []],
    [25, 'accept', ['TRUST_AGEING']],
    [71.9, 'accept', ['TRUST_AGEING']],
    [72, 'undetermined', ['TRUST_STALE']],
  ])('alone for %d hours gives %s', async (hours, outcome, codes) => {
    const { first } = await client();
    const verdict = at(first.federation, NOW + hours * HOUR);
    expect(verdict.outcome).toBe(outcome);
    expect(codesOf(verdict)).toEqual(expect.arrayContaining(codes));
  });

  it('holds a stale region against its own documents alone', async () => {
    const { fed, update } = await client();
    fed.now = NOW + 71 * HOUR;
    await fed.targets({
      delegations: fed.delegations(['federation', '000000', '310000', '320000', '330000', '340000', 'guests']),
    });
    await fed.publish(store, [
      'federation',
      '310000',
      '310116',
      '310118',
      '320000',
      '320509',
      '340000',
      'guests',
      '000000',
    ]);
    const { federation, troubles } = update();
    expect(troubles).toEqual([]);
    const later = NOW + 73 * HOUR;
    expect(codesOf(at(federation, later))).toContain('TRUST_STALE');
    expect(codesOf(at(federation, later, passOf('320000')))).not.toContain('TRUST_STALE');
  });

  it('is not loaded where its own files call it something else than its root', async () => {
    const manifest = fileOf<object>('federation.json');
    for (const change of [{ environment: 'production' }, { federation: 'another-one' }])
      await expect(client(storeWith({ 'federation.json': { ...manifest, ...change } }))).rejects.toThrow(PackError);
  });

  it('drops a region that was removed, at once and whole', async () => {
    const { fed, update } = await client();
    fed.now += 60_000;
    await fed.remove('330000');
    const { federation } = update();
    expect(federation.regions.has('330000')).toBe(false);
    expect(shortOf(at(federation, fed.now))).toMatch(/^undetermined/);
  });
});

describe('what is refused', () => {
  const attacks: readonly [string, string, (fed: StoreStage, before: StoreStage['repository']) => Promise<void>][] = [
    [
      'an older timestamp',
      'STORE_ROLLED_BACK',
      async (fed, before) => fed.put('metadata/timestamp.json', before.get('metadata/timestamp.json')),
    ],
    [
      'a timestamp that has run out',
      'STORE_FROZEN',
      async (fed) => {
        fed.now += 25 * HOUR;
      },
    ],
    [
      'another region’s file than the snapshot names',
      'STORE_MIXED',
      async (fed) => {
        const name = 'metadata/3.330000.json';
        await fed.publish(store, ['330000']);
        fed.put(name, fed.repository.get('metadata/3.310000.json'));
      },
    ],
    [
      'a timestamp of a stranger',
      'STORE_SIGNED_BY_OTHERS',
      async (fed) =>
        fed.forge(
          'metadata/timestamp.json',
          (signed) => {
            signed['version'] = 99;
          },
          [fed.key()],
        ),
    ],
    [
      'an altered file',
      'STORE_ALTERED',
      async (fed) => {
        const changed = storeWith({
          'regions/330000/issuers/more.json': { issued: '2026-11-23T04:00:00Z', issuers: [] },
        });
        await fed.publish(changed, ['330000']);
        const name = [...fed.repository.keys()].find((file) => file.endsWith('.more.json'))!;
        const bytes = new Uint8Array(fed.repository.get(name)!);
        bytes[0]! ^= 1;
        fed.put(name, bytes);
      },
    ],
    [
      'a region’s file that breaks the rules',
      'STORE_REFUSED',
      async (fed) => {
        fed.lifetimes['330000'] = 30 * DAY;
        await fed.publish(store, ['330000']);
      },
    ],
  ];

  it.each(attacks)('%s: the last good store stays, and the verdict says %s', async (_, code, attack) => {
    const { fed, update } = await client();
    const before = fed.repository;
    fed.now += 60_000;
    await fed.publish(store, ['310000']);
    update();
    await attack(fed, before);
    const { federation, troubles } = update();
    expect(troubles.length).toBeGreaterThan(0);
    const verdict = at(federation, fed.now);
    expect([verdict.outcome, ...codesOf(verdict).filter((each) => each.startsWith('STORE_'))]).toEqual([
      'accept',
      code,
    ]);
    expect(federation.rejected.map(({ reason }) => reason).join('\n')).toContain(troubles[0]!.code);
  });

  it('of a region is told only where that region is concerned', async () => {
    const { fed, update } = await client();
    fed.lifetimes['330000'] = 30 * DAY;
    await fed.publish(store, ['330000']);
    const { federation } = update();
    expect(codesOf(at(federation, fed.now, passOf('320000')))).not.toContain('STORE_REFUSED');
  });
});

describe('a region whose newest files are at fault', () => {
  const format = [...store.keys()].find((file) => file.startsWith('regions/330000/formats/'))!;
  const issuers = 'regions/330000/issuers/reference.json';

  it.each([
    ['a format that breaks its schema', { [format]: '{"format":1}' }],
    ['a list of issuers that is no JSON', { [issuers]: '{' }],
    ['no manifest', { 'regions/330000/region.json': undefined }],
    ['a code list twice', { 'regions/330000/codes/again.json': firstCodes() }],
  ])('%s: goes on with what was last good, listed, and nobody else is touched', async (_, change) => {
    const { fed, update } = await client();
    await fed.publish(storeWith(change), ['330000']);
    for (let i = 0; i < 2; i++) {
      const { federation, kept } = update();
      expect(shortOf(at(federation, fed.now))).toBe('accept');
      expect([...federation.faulty]).toEqual(['330000']);
      expect(federation.rejected).toEqual([expect.objectContaining({ lastGood: true })]);
      expect([...kept.good.keys()]).toEqual(['330000']);
    }
    await fed.publish(store, ['330000']);
    const { federation, kept } = update();
    expect([federation.rejected, kept.good.size]).toEqual([[], 0]);
  });

  it('still loses a key that it removes beside the fault', async () => {
    const { fed, update } = await client();
    const list = fileOf<{ issuers: object[] }>(issuers);
    await fed.publish(storeWith({ [format]: '{', [issuers]: { ...list, issuers: [] } }), ['330000']);
    expect(at(update().federation, fed.now).reasons).toEqual(['UNKNOWN_ISSUER']);
  });

  it('still loses a key that it removes beside a manifest that cannot be read', async () => {
    const { fed, update } = await client();
    const list = fileOf<{ issuers: object[] }>(issuers);
    await fed.publish(storeWith({ 'regions/330000/region.json': '{', [issuers]: { ...list, issuers: [] } }), [
      '330000',
    ]);
    const { federation } = update();
    expect(federation.regions.has('330000')).toBe(true);
    expect(at(federation, fed.now).reasons).toEqual(['UNKNOWN_ISSUER']);
  });

  it('is told of no document that it is not revoked, where its newest list of them cannot be read', async () => {
    const { fed, update } = await client();
    const list = [...store.keys()].find((file) => /^regions\/330000\/revocations\/[^/]+\.json$/.test(file))!;
    await fed.publish(storeWith({ [list]: '{' }), ['330000']);
    const { federation } = update();
    expect(shortOf(at(federation, fed.now))).toBe('undetermined REVOCATION_UNCONFIRMED');
    const revoked = samples.find(({ region, expect: e }) => region === '330000' && e.reasons?.includes('REVOKED'))!;
    expect(shortOf(at(federation, fed.now, revoked))).toMatch(/^refuse .*REVOKED/);
  });

  it('brings no key back by being larger than it may be: nothing of it is accepted then', async () => {
    const quotas = { bytes: 300_000, keys: 100, formats: 50, revocations: 100_000 };
    const bounded = (files: Files): Files =>
      storeWith(
        { 'allotments.json': { allotments: [{ region: '330000', quotas }], quotas: { ...quotas, bytes: 1e8 } } },
        files,
      );
    const { fed, update, first } = await client(bounded(store));
    expect(first.federation.rejected.filter(({ file }) => file.startsWith('regions/330000/'))).toEqual([]);
    const list = fileOf<{ issuers: object[] }>(issuers);
    const large = storeWith({
      [issuers]: { ...list, issuers: [] },
      'regions/330000/areas/large.json': ' '.repeat(quotas.bytes),
    });
    await fed.publish(bounded(large), ['330000']);
    const { federation } = update();
    expect([...federation.faulty]).toEqual(['330000']);
    expect(at(federation, fed.now).outcome).toBe('undetermined');
  });

  it('has no last good version once it was removed, or its keys were replaced', async () => {
    const { fed, update } = await client();
    await fed.publish(storeWith({ [format]: '{' }), ['330000']);
    update();
    await fed.remove('330000');
    expect(update().federation.regions.has('330000')).toBe(false);
  });

  it('with nothing good before loses the file alone', async () => {
    const { first } = await client(storeWith({ [format]: '{' }));
    expect(first.federation.rejected).toEqual([expect.not.objectContaining({ lastGood: true })]);
    expect(first.federation.regions.has('330000')).toBe(true);
  });

  it('loses an authority for timestamps that is taken out beside a broken catalogue', async () => {
    const stamper = 'timestampers/one.json';
    const { fed, update, first } = await client(
      storeWith({ [stamper]: { issued: '2026-11-23T03:00:00Z', issuers: [{}] } }),
    );
    const rejected = (federation: Federation) => federation.rejected.filter(({ file }) => file === stamper).length;
    expect(rejected(first.federation)).toBe(1);
    await fed.publish(storeWith({ 'catalogue.json': '{}' }), ['federation']);
    expect(rejected(update().federation)).toBe(0);
  });

  it('goes on with the last good catalogue too', async () => {
    const { fed, update } = await client();
    await fed.publish(storeWith({ 'catalogue.json': '{}' }), ['federation']);
    const { federation } = update();
    expect([...federation.faulty]).toEqual(['federation']);
    expect(shortOf(at(federation, fed.now))).toBe('accept');
  });
});

function firstCodes(): object {
  const file = [...store.keys()].find((name) => name.startsWith('regions/330000/codes/'))!;
  return fileOf<object>(file);
}

describe('a store that nobody signed', () => {
  it('is never production, whatever it calls itself', async () => {
    const { federationOf } = await import('../support/federation.ts');
    const manifest = fileOf<object>('federation.json');
    const claimed = (environment: string) =>
      federationOf(storeWith({ 'federation.json': { ...manifest, environment } }));
    expect(claimed('production').manifest.environment).toBe('reference');
    expect(claimed('production').rejected).toEqual([
      expect.objectContaining({ file: 'federation.json', at: '/environment' }),
    ]);
    expect(claimed('rehearsal').manifest.environment).toBe('rehearsal');
    expect(verdictOf(pass, { standpoint: standpointOf('310000', claimed('production')) }).environment).toBe(
      'reference',
    );
  });
});
