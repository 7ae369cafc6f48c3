import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { BundleError, joinBundle, makeBundle, missingParts, readBundle } from '../../src/region/bundle.ts';
import { type Lane, laneWants } from '../../src/region/lane.ts';
import {
  beginStore,
  contentsOf,
  type KeptStore,
  loadSigned,
  storeContext,
  updateFrom,
} from '../../src/region/signed.ts';
import {
  HOUR,
  NOW,
  samples,
  sampleVerdict,
  shortOf,
  standpointOf,
  store,
  storeWith,
  verdictOf,
} from '../support/federation.ts';
import { type StoreStage, storeStage } from '../support/signed.ts';

const LANE: Lane = { region: '310000', purposes: ['checkpoint'] };

let fed: StoreStage;
let pinned: KeptStore;
/** What a gateway that is up to date hands out. */
function bundleOf(from = fed, lane: Lane = LANE, omit: (path: string) => boolean = () => false): Uint8Array {
  const begin = beginStore(from.repository.get('metadata/1.root.json')!, nodePlatform);
  const { kept, view } = updateFrom(begin, from.repository, storeContext(nodePlatform, from.now));
  const files = new Map([...view.files].filter(([path]) => !omit(path)));
  const { index, parts } = makeBundle(kept, { ...view, files }, lane, nodePlatform);
  return joinBundle(index, (digest) => parts.get(digest));
}
const codes = ({ troubles }: { troubles: readonly { role: string; code: string }[] }): string[] =>
  troubles.map(({ role, code }) => `${role} ${code}`);

/** A page: what it has, and what comes of a bundle. */
function page(platform = nodePlatform) {
  let kept = pinned;
  return (bytes: Uint8Array, now = fed.now, lane = LANE) => {
    const updated = readBundle(bytes, lane, kept, now, platform);
    const loaded = loadSigned(updated, kept, storeContext(platform, now));
    kept = loaded.kept;
    return { ...updated, ...loaded };
  };
}
const pass = samples.find(({ region, name }) => region === '330000' && name === 'pass')!;
const passed = (read: ReturnType<ReturnType<typeof page>>, now = fed.now): string =>
  shortOf(verdictOf(pass, { standpoint: standpointOf('310000', read.federation, now) }));

beforeAll(async () => {
  fed = await storeStage(store, NOW);
  pinned = beginStore(fed.repository.get('metadata/1.root.json')!, nodePlatform);
});

describe('a bundle', () => {
  it('gives every verdict at its desk that the whole store gives', () => {
    const read = page()(bundleOf());
    expect(codes(read)).toEqual([]);
    for (const sample of samples) {
      const { for: region = '310000', purpose = 'checkpoint' } = sample.expect;
      if (region !== LANE.region || purpose !== 'checkpoint') continue;
      const verdict = sampleVerdict(sample, read.federation);
      const whole = sampleVerdict(sample);
      // Who is not recognised here has no lists here: "not accepted" may become "cannot tell", never the other way.
      // Nor does it hold what confirms a packed set.
      const weaker = whole.reasons.includes('NO_AGREEMENT') || verdict.reasons.includes('REVOCATION_UNCONFIRMED');
      const expected = weaker ? ['refuse', 'undetermined'] : [whole.outcome];
      expect(expected, `${sample.region}/${sample.name}: ${verdict.reasons}`).toContain(verdict.outcome);
    }
  });

  it('is read the same without Node', () => {
    const bytes = bundleOf();
    const read = page(browserPlatform)(bytes);
    expect([codes(read), [...read.view.files.keys()].sort()]).toEqual([
      [],
      [...page()(bytes).view.files.keys()].sort(),
    ]);
  });

  it('holds what a desk needs and no more', () => {
    const wants = laneWants(LANE, store);
    const needless = [...store.keys()].filter((path) => /samples|connectors|\.confirm$/.test(path));
    expect(new Set(needless.map((path) => path.split('/')[2]))).toEqual(new Set(['connectors', 'revocations']));
    expect(needless.filter(wants)).toEqual([]);
    for (const region of ['310000', '330000', '330200', '320000'])
      expect(wants(`regions/${region}/issuers/any.json`)).toBe(true);
    // Nobody has an agreement with this guest; its documents are named all the same.
    expect([wants('regions/x-guangdong/issuers/any.json'), wants('regions/x-guangdong/formats/any.json')]).toEqual([
      false,
      true,
    ]);
    expect(bundleOf().length).toBeLessThan([...fed.repository.values()].reduce((sum, each) => sum + each.length, 0));
  });

  it('holds what stands below its own region: a desk of the province knows the signers of its counties', () => {
    const wants = laneWants({ region: '330000', purposes: [] }, store);
    expect(wants('regions/330421/issuers/any.json')).toBe(true);
    expect(laneWants({ region: '330421', purposes: [] }, store)('regions/330200/issuers/any.json')).toBe(false);
  });

  it('holds everybody where the agreements cannot be read', () => {
    const broken = storeWith({ 'regions/310000/agreements.json': '{' });
    expect(laneWants(LANE, broken)('regions/x-guangdong/issuers/any.json')).toBe(true);
  });

  it('leads a page that pinned the first root over those that came after it', async () => {
    const own = await storeStage(store, NOW);
    pinned = beginStore(own.repository.get('metadata/1.root.json')!, nodePlatform);
    await own.root();
    await own.root();
    const read = page()(bundleOf(own), own.now);
    expect([codes(read), read.view.root.version, read.kept.roots.length]).toEqual([[], 3, 3]);
    pinned = beginStore(fed.repository.get('metadata/1.root.json')!, nodePlatform);
  });

  it('need not be fetched whole: who has most of it asks for the rest, and has the very same file', async () => {
    const own = await storeStage(store, NOW);
    const before = bundleOf(own);
    await own.publish(storeWith({ 'regions/330000/codes/new.json': '{' }), ['330000']);
    const after = bundleOf(own);
    const indexOf = (bytes: Uint8Array) =>
      bytes.slice(21, 21 + new DataView(bytes.buffer, bytes.byteOffset + 17).getUint32(0));
    const parts = new Map<string, Uint8Array>();
    const take = (bytes: Uint8Array): void => {
      const rows = (
        JSON.parse(new TextDecoder().decode(indexOf(bytes))) as { parts: { sha256: string; length: number }[] }
      ).parts;
      let at = 21 + indexOf(bytes).length;
      for (const { sha256, length } of rows) {
        parts.set(sha256, bytes.slice(at, at + length));
        at += length;
      }
    };
    take(before);
    const missing = missingParts(indexOf(after), (digest) => parts.has(digest));
    // The region's role, what it added, snapshot and timestamp.
    expect(missing).toHaveLength(4);
    expect(() => joinBundle(indexOf(after), (digest) => parts.get(digest))).toThrow(BundleError);
    take(after);
    expect(
      Buffer.compare(
        joinBundle(indexOf(after), (digest) => parts.get(digest)),
        after,
      ),
    ).toBe(0);
  });
});

describe('a gateway that hands out', () => {
  const broken: readonly [string, string, (bytes: Uint8Array) => Uint8Array][] = [
    ['one with a content altered', 'altered', (bytes) => changed(bytes, bytes.length - 10)],
    ['one cut off in its contents', 'truncated', (bytes) => bytes.slice(0, -1)],
    ['one cut off in its index', 'truncated', (bytes) => bytes.slice(0, 500)],
    ['one cut off before its index', 'truncated', (bytes) => bytes.slice(0, 19)],
    ['one with something behind', 'malformed', (bytes) => new Uint8Array([...bytes, 0])],
    ['one with a damaged index', 'malformed', (bytes) => changed(bytes, 21)],
    ['something else', 'no-bundle', () => new TextEncoder().encode('<html></html>')],
    ['one of another desk', 'another-lane', () => bundleOf(fed, { region: '330000', purposes: ['checkpoint'] })],
    ['one for another purpose', 'another-lane', () => bundleOf(fed, { region: '310000', purposes: ['hotel'] })],
  ];
  it.each(broken)('%s: it is refused as %s, and nothing has changed', (_, code, spoil) => {
    const read = page();
    const good = bundleOf();
    read(good);
    let thrown: unknown;
    try {
      read(spoil(good));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(BundleError);
    expect((thrown as BundleError).code).toBe(code);
    expect(passed(read(good))).toBe('accept');
  });

  it('an older one: rollback', async () => {
    const own = await storeStage(store, NOW);
    pinned = beginStore(own.repository.get('metadata/1.root.json')!, nodePlatform);
    const read = page();
    const old = bundleOf(own);
    own.now += 60_000;
    await own.remove('330000');
    read(bundleOf(own), own.now);
    const again = read(old, own.now);
    expect([codes(again), again.federation.regions.has('330000')]).toEqual([['timestamp ROLLBACK'], false]);
    pinned = beginStore(fed.repository.get('metadata/1.root.json')!, nodePlatform);
  });

  it('one of another federation: foreign signatures', async () => {
    const read = page();
    read(bundleOf());
    const other = await storeStage(store, NOW);
    const again = read(bundleOf(other));
    expect([codes(again), passed(again)]).toEqual([['timestamp SIGNATURE_FOREIGN'], 'accept']);
  });

  it('the same one for ever: it grows old, and then nothing is accepted by it', () => {
    const read = page();
    const bytes = bundleOf();
    read(bytes);
    const later = read(bytes, NOW + 73 * HOUR);
    expect(codes(later)).toEqual(['timestamp EXPIRED']);
    expect(passed(later, NOW + 73 * HOUR)).toBe('undetermined TRUST_STALE');
  });

  it('one with a key of its own, digests and all: the verifier finds it', () => {
    const file = 'regions/330000/issuers/reference.json';
    const begin = updateFrom(pinned, fed.repository, storeContext(nodePlatform, fed.now));
    const forged = new TextEncoder().encode('{"issued":"2026-11-23T04:00:00Z","issuers":[]}');
    const files = new Map(begin.view.files).set(file, { ...begin.view.files.get(file)!, content: forged });
    const { index, parts } = makeBundle(begin.kept, { ...begin.view, files }, LANE, nodePlatform);
    const read = page()(joinBundle(index, (digest) => parts.get(digest)));
    expect(codes(read)).toEqual(['330000 FILE_ALTERED']);
    expect(read.view.files.has(file)).toBe(false);
  });

  it.each(['regions/330000/revocations/reference.json', 'regions/310000/agreements.json', 'catalogue.json'])(
    'one without %s: it is missed, though its index says nothing of it',
    (left) => {
      const read = page();
      read(bundleOf());
      const fresh = readBundle(
        bundleOf(fed, LANE, (path) => path === left),
        LANE,
        pinned,
        fed.now,
        nodePlatform,
      );
      expect(codes(fresh).join()).toMatch(/FILE_MISSING/);
      // Whoever has it already goes on with it.
      const again = read(bundleOf(fed, LANE, (path) => path === left));
      expect(passed(again)).toBe('accept');
    },
  );

  it('anything at all: a BundleError, or an update that is told from a good one', () => {
    const good = bundleOf();
    const before = contentsOf(readBundle(good, LANE, pinned, fed.now, nodePlatform).view);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, by, cut) => {
        const spoilt = cut ? good.slice(0, at) : changed(good, at, by);
        try {
          const read = contentsOf(readBundle(spoilt, LANE, pinned, fed.now, nodePlatform).view);
          for (const [path, content] of read) expect(sameBytes(content, before.get(path))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BundleError);
        }
      }),
      { numRuns: 60 },
    );
  });
});

const sameBytes = (one: Uint8Array, other: Uint8Array | undefined): boolean =>
  other !== undefined && Buffer.compare(one, other) === 0;

function changed(bytes: Uint8Array, at: number, by = 1): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= by;
  return copy;
}
