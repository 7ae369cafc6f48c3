import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, ID_SET, lookUp, type ReadPart, readIdSet } from '../../src/codec/id-set.ts';
import { writeIdSet } from '../../src/codec/id-set-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';

const { digest } = nodePlatform;
const partsOf =
  (bytes: Uint8Array): ReadPart =>
  (offset, length) =>
    bytes.subarray(offset, offset + length);
/** As random as an id, and the same in every run. */
const idOf = (n: number): string => createHash('sha256').update(String(n)).digest('base64url').slice(0, 22);
const ids = Array.from({ length: 20_000 }, (_, i) => idOf(i));
const written = writeIdSet(ids, digest);
const confirm = partsOf(written.confirm);

describe('a packed set', () => {
  it('and a plain Set agree on every id, whatever the ids are', () => {
    const id = fc.oneof(fc.string({ minLength: 16, maxLength: 40, unit: 'binary' }), fc.nat().map(idOf));
    fc.assert(
      fc.property(fc.array(id, { maxLength: 300 }), fc.array(id, { maxLength: 100 }), (inside, others) => {
        const { set, confirm: second, count } = writeIdSet(inside, digest);
        const packed = readIdSet(set);
        const plain = new Set(inside);
        expect(count).toBe(plain.size);
        for (const each of [...inside, ...others]) {
          expect(lookUp(packed, each, partsOf(second), digest)).toBe(plain.has(each) ? 'in' : 'out');
          if (plain.has(each)) expect(packed.mayHold(each)).toBe(true);
        }
        const all = [...others, ...inside];
        expect(packed.sift(all)).toEqual(all.flatMap((each, i) => (packed.mayHold(each) ? [i] : [])));
      }),
    );
  });

  it('forgets none of its ids, and takes few others for its own', () => {
    const set = readIdSet(written.set);
    expect(ids.every((id) => set.mayHold(id))).toBe(true);
    const others = Array.from({ length: 100_000 }, (_, i) => idOf(-1 - i));
    const hits = others.filter((id) => set.mayHold(id));
    // Seven in a hundred thousand are to be expected.
    expect(hits.length).toBeLessThan(40);
    expect(hits.filter((id) => lookUp(set, id, confirm, digest) !== 'out')).toEqual([]);
    expect(set.sift(others).map((i) => others[i])).toEqual(hits);
    expect(set.sift(ids)).toHaveLength(ids.length);
  });

  it('is the same file for the same ids in any order, named any number of times', () => {
    expect(writeIdSet([...ids, ...ids].reverse(), digest)).toEqual(written);
  });

  it('takes less than 2.5 bytes of memory an id', () => {
    expect(written.set.length / ids.length).toBeLessThan(2.5);
  });

  it('is read where it lies, at whatever place of a buffer', () => {
    const buffer = new Uint8Array(written.set.length + 3);
    buffer.set(written.set, 3);
    expect(readIdSet(buffer.subarray(3)).mayHold(ids[7]!)).toBe(true);
  });

  // MurmurHash3 x86_32 as published, seeds 0 and 1.
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['Hello, world!', 0, 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
  ] as const)('hashes %j with the seed %i as everybody can', (text, seed, wanted) => {
    expect(hashOf(text)[seed]).toBe(wanted);
  });
});

describe('what would confirm a hit', () => {
  const set = readIdSet(written.set);
  const held = ids[77]!;

  it.each<[string, ReadPart | undefined]>([
    ['is not there', undefined],
    ['cannot be read', () => undefined],
    ['was altered', partsOf(written.confirm.map((byte, i) => (i % 1000 === 0 ? byte ^ 1 : byte)))],
    ['is cut short', (offset, length) => written.confirm.subarray(offset, offset + length - 1)],
    ['is another set’s', partsOf(writeIdSet(ids.slice(1), digest).confirm)],
  ])('%s: it stays unknown, and what is surely not in the set stays out', (_name, read) => {
    expect(lookUp(set, held, read, digest)).toBe('unknown');
    const other = Array.from({ length: 100 }, (_, i) => idOf(-1 - i)).find((id) => !set.mayHold(id))!;
    expect(lookUp(set, other, read, digest)).toBe('out');
  });

  it('was never made: every hit stays unknown', () => {
    const { set: bare, confirm: none } = writeIdSet(ids, undefined);
    expect(none).toHaveLength(0);
    expect(readIdSet(bare).confirmable).toBe(false);
    expect(lookUp(readIdSet(bare), held, confirm, digest)).toBe('unknown');
  });
});

describe('a hostile file', () => {
  const { set: good } = writeIdSet(ids.slice(0, 401), digest);
  const read = (change: (bytes: Uint8Array, view: DataView) => Uint8Array | undefined): string => {
    const bytes = good.slice();
    const changed = change(bytes, new DataView(bytes.buffer)) ?? bytes;
    try {
      readIdSet(changed);
      return 'read';
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return `${error.code} ${error.part}: ${error.message}`;
    }
  };
  const word = (at: number, value: number) => (_: Uint8Array, view: DataView) =>
    view.setUint32(at, value, true) as undefined;

  it.each<[string, (bytes: Uint8Array, view: DataView) => Uint8Array | undefined, string]>([
    ['nothing', () => new Uint8Array(0), 'MALFORMED id-set: cut short'],
    ['half a head', (bytes) => bytes.slice(0, 20), 'MALFORMED id-set: cut short'],
    ['another beginning', (bytes) => bytes.fill(0, 0, 1), 'MALFORMED id-set: does not begin as a set does'],
    ['more ids than fit', word(8, 403), 'MALFORMED id-set: another length than its head says'],
    ['ids beyond any memory', word(8, 0xffffffff), 'LIMIT_EXCEEDED id-set: too many ids'],
    ['buckets beyond any memory', word(12, 31), 'MALFORMED id-set: number of buckets out of range'],
    ['no buckets', word(12, 0), 'MALFORMED id-set: number of buckets out of range'],
    ['other blocks', word(16, 7), 'MALFORMED id-set: number of blocks is not that of its ids'],
    ['words in the head that nobody knows', word(24, 1), 'MALFORMED id-set: something stands where nothing should'],
    ['one byte less', (bytes) => bytes.slice(0, -1), 'MALFORMED id-set: another length than its head says'],
    ['one byte more', (bytes) => Uint8Array.from([...bytes, 0]), 'MALFORMED id-set: another length than its head says'],
    [
      'a group that hides entries',
      word(ID_SET.head + ID_SET.group, 1),
      'MALFORMED id-set: a group does not begin where the last one ends',
    ],
    [
      'a bucket that ends before it begins',
      (bytes) => bytes.fill(0, ID_SET.head + 19, ID_SET.head + 20),
      'MALFORMED id-set: a bucket ends before it begins',
    ],
    [
      'a last bucket that holds more',
      (bytes) => bytes.fill(255, ID_SET.head + (128 / 16) * 20 - 1, ID_SET.head + (128 / 16) * 20),
      'MALFORMED id-set: the buckets do not hold all ids',
    ],
  ])('with %s is refused', (_name, change, said) => {
    expect(read(change)).toBe(said);
  });

  it('with any byte altered is read or refused, and never a fault', () => {
    fc.assert(
      fc.property(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const said = read((bytes) => {
          bytes[at]! ^= flip;
          return bytes;
        });
        expect(said).toMatch(/^(read|MALFORMED id-set|LIMIT_EXCEEDED id-set)/);
      }),
    );
  });
});

it('one id named a thousand times is one id', () => {
  expect(writeIdSet(Array(1000).fill('the same id of nobody'), digest).count).toBe(1);
});
