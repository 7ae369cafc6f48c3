import { describe, expect, it } from 'vitest';
import { encodeBase45 } from '../../src/codec/base45.ts';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { encodeCbor } from '../../src/codec/cbor.ts';
import type { IssuerEntry, KeyStatus, SharedDocument } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import {
  codesOf,
  DAY,
  issuersOf,
  NOW,
  ownKey,
  shortOf,
  type TestPack,
  testBed,
  testDocument,
  verdictOf,
} from '../support/federation.ts';

const at = (days: number): string => instantOf(NOW + days * DAY);
const issued = (days: number): SharedDocument => testDocument({ validity: { issuedAt: at(days), until: at(30) } });

/** The verdict on a document that one key signed, with this said of the key in the list. */
function saidOf(entry: Partial<IssuerEntry>, document: SharedDocument = issued(-1), pack: TestPack = {}): string {
  const key = ownKey('ES256', entry);
  const bed = testBed(pack, key);
  return shortOf(verdictOf(bed.sign(document), { standpoint: bed.standpoint }));
}

describe('the status of a key', () => {
  const status = (...states: [KeyStatus['state'], number][]): Partial<IssuerEntry> => ({
    status: states.map(([state, days]) => ({ state, since: at(days) })),
  });

  it.each<[string, [KeyStatus['state'], number][], number, string]>([
    ['active', [['active', -50]], -1, 'accept'],
    ['retiring: still good', [['retiring', -5]], -1, 'accept'],
    ['retired, signed before', [['retired', -5]], -10, 'accept'],
    ['retired, signed after', [['retired', -5]], -1, 'refuse KEY_NOT_VALID_WHEN_SIGNED'],
    ['to be retired tomorrow', [['retired', 1]], -1, 'accept'],
    ['removed: at once, whatever it signed', [['removed', -1]], -100, 'refuse KEY_REMOVED'],
    ['to be removed tomorrow', [['removed', 1]], -1, 'accept'],
    ['compromised: a thief can date back', [['compromised', -1]], -100, 'undetermined KEY_COMPROMISED'],
    ['compromised tomorrow', [['compromised', 1]], -1, 'accept'],
    [
      'removed, and active again: once removed, always removed',
      [
        ['removed', -5],
        ['active', -4],
      ],
      -1,
      'refuse KEY_REMOVED',
    ],
    [
      'retired and then compromised: neither hides the other',
      [
        ['retired', -20],
        ['compromised', -10],
      ],
      -1,
      'undetermined KEY_COMPROMISED',
    ],
    [
      'compromised and then removed',
      [
        ['compromised', -20],
        ['removed', -10],
      ],
      -1,
      'undetermined KEY_COMPROMISED',
    ],
    [
      'removed and then compromised: the order does not matter',
      [
        ['removed', -20],
        ['compromised', -10],
      ],
      -1,
      'undetermined KEY_COMPROMISED',
    ],
  ])('%s', (_name, states, signed, wanted) => {
    expect(saidOf(status(...states), issued(signed))).toBe(wanted);
  });

  it('all of it is listed', () => {
    const key = ownKey('ES256', status(['retired', -20], ['compromised', -10], ['removed', -5]));
    const bed = testBed({}, key);
    expect(codesOf(verdictOf(bed.sign(issued(-1)), { standpoint: bed.standpoint }))).toEqual(
      expect.arrayContaining(['SIGNATURE_VALID', 'KEY_NOT_VALID_WHEN_SIGNED', 'KEY_COMPROMISED', 'KEY_REMOVED']),
    );
  });
});

describe('the time of a key', () => {
  it.each<[string, Partial<IssuerEntry>, SharedDocument, string]>([
    ['signed before it began', { validFrom: at(-5) }, issued(-6), 'refuse KEY_NOT_VALID_WHEN_SIGNED'],
    ['signed as it began', { validFrom: at(-5) }, issued(-5), 'accept'],
    [
      'signed half a minute before: clocks differ',
      { validFrom: instantOf(NOW - 5 * DAY + 30_000) },
      issued(-5),
      'accept',
    ],
    [
      'signed on the day it began: a day is not its first second',
      { validFrom: '2026-11-20T03:00:00Z' },
      testDocument({ validity: { issuedAt: '2026-11-20', until: at(30) } }),
      'accept',
    ],
    [
      'signed the day before it began',
      { validFrom: '2026-11-20T16:30:00Z' },
      testDocument({ validity: { issuedAt: '2026-11-20', until: at(30) } }),
      'refuse KEY_NOT_VALID_WHEN_SIGNED',
    ],
    ['ended since', { validUntil: at(-2) }, issued(-5), 'refuse KEY_EXPIRED'],
    ['ended before it signed', { validUntil: at(-9) }, issued(-5), 'refuse KEY_NOT_VALID_WHEN_SIGNED KEY_EXPIRED'],
    [
      'not begun, and the document says nothing of its date',
      { validFrom: at(1) },
      testDocument({ validity: { until: at(30) } }),
      'refuse KEY_NOT_VALID_WHEN_SIGNED',
    ],
  ])('%s', (_name, entry, document, wanted) => {
    const as = document.validity.issuedAt?.length === 10 ? 'day' : 'epoch-seconds';
    const map = testBed().format.declaration.map.map((row) => (row.to === '/validity/issuedAt' ? { ...row, as } : row));
    expect(saidOf(entry, document, { format: { map } })).toBe(wanted);
  });
});

describe('the scope of a key', () => {
  const unit = (name: string): SharedDocument => testDocument({ issuer: { region: 'x-test', unit: name } });

  it.each<[string, Partial<IssuerEntry>, SharedDocument, Record<string, unknown>, string]>([
    ['all that its region issues', {}, issued(-1), {}, 'accept'],
    ['this type', { documentTypes: ['vehicle-pass'] }, issued(-1), {}, 'accept'],
    ['another type', { documentTypes: ['freight-pass'] }, issued(-1), {}, 'refuse KEY_USAGE_MISMATCH'],
    ['no type', { documentTypes: [] }, issued(-1), {}, 'refuse KEY_USAGE_MISMATCH'],
    [
      'a type that its region does not issue',
      { documentTypes: ['vehicle-pass'] },
      issued(-1),
      { issues: ['freight-pass'] },
      'refuse KEY_USAGE_MISMATCH',
    ],
    ['its own unit', { unit: 'GR' }, unit('GR'), {}, 'accept'],
    ['another unit', { unit: 'GR' }, unit('FR'), {}, 'refuse ISSUER_MISMATCH'],
    ['its unit under another name', { unit: 'GR' }, unit('EL'), { units: [['GR', 'EL']] }, 'accept'],
    [
      'a unit that the region groups otherwise',
      { unit: 'GR' },
      unit('EL'),
      { units: [['GR'], ['EL']] },
      'refuse ISSUER_MISMATCH',
    ],
  ])('%s', (_name, entry, document, manifest, wanted) => {
    expect(saidOf(entry, document, { manifest })).toBe(wanted);
  });

  it.each([
    ['GR', 'GR'],
    ['GR', 'EL'],
    ['EL', 'GR'],
    ['GR', undefined],
  ])('a unit on the negative list does not get round it: key %s, document %s', (keyUnit, claimed) => {
    const key = ownKey('ES256', { unit: keyUnit! });
    const excluded = [{ issuingRegion: 'x-test', unit: 'GR', basis: { title: { zh: '清单', en: 'List' } } }];
    const bed = testBed(
      {
        manifest: { units: [['GR', 'EL']] },
        files: { 'regions/x-judge/agreements.json': { agreements: [], excluded } },
      },
      key,
    );
    const document = claimed === undefined ? testDocument() : unit(claimed);
    expect(shortOf(verdictOf(bed.sign(document), { standpoint: bed.standpoint }))).toBe('refuse EXCLUDED');
  });
});

describe('key ids are only hints', () => {
  const others = (count: number, keyId: string): IssuerEntry[] =>
    Array.from({ length: count }, () => ownKey('ES256', { keyId }).entry);
  const said = (key: ReturnType<typeof ownKey>, issuers: IssuerEntry[]): string => {
    const bed = testBed({ issuers }, key);
    return shortOf(verdictOf(bed.sign(), { standpoint: bed.standpoint }));
  };

  it('up to four keys with one id are all tried', () => {
    const key = ownKey('ES256', { keyId: 'c2FtZQ' });
    expect(said(key, [...others(3, 'c2FtZQ'), key.entry])).toBe('accept');
    expect(said(key, others(4, 'c2FtZQ'))).toBe('refuse SIGNATURE_INVALID');
  });

  it('of more, that none of four fits proves nothing: a crowd must not make a good document a forgery', () => {
    const key = ownKey('ES256', { keyId: 'c2FtZQ' });
    expect(said(key, [...others(4, 'c2FtZQ'), key.entry])).toBe('undetermined UNKNOWN_ISSUER');
    expect(said(key, [key.entry, ...others(9, 'c2FtZQ')])).toBe('accept');
  });

  it('a key of another kind under the id is passed over, and alone it means the algorithm was swapped', () => {
    const key = ownKey('ES256', { keyId: 'c2FtZQ' });
    const sm2 = ownKey('SM2-SM3', { keyId: 'c2FtZQ' }).entry;
    expect(said(key, [sm2, key.entry])).toBe('accept');
    expect(said(key, [sm2])).toBe('refuse ALGORITHM_NOT_ALLOWED');
  });

  it('one key twice: the entry that allows it counts, but not against a withdrawal in another list', () => {
    const key = ownKey();
    const expired = { ...key.entry, validUntil: at(-9) };
    const removed: IssuerEntry = { ...key.entry, status: [{ state: 'removed', since: at(-1) }] };
    expect(said(key, [expired, key.entry])).toBe('accept');
    expect(said(key, [key.entry, expired])).toBe('accept');
    const bed = testBed(
      { issuers: [key.entry], files: { 'regions/x-test/issuers/withdrawn.json': issuersOf([removed]) } },
      key,
    );
    expect(shortOf(verdictOf(bed.sign(), { standpoint: bed.standpoint }))).toBe('refuse KEY_REMOVED');
  });

  const cose = (head: object, loose: object, key: ReturnType<typeof ownKey>): string => {
    const payload = encodeCbor({ id: 'X', exp: NOW / 1000 + 999 });
    const protectedBytes = encodeCbor({ '1': -7, ...head });
    const signature = key.signer.sign(encodeCbor(['Signature1', protectedBytes, new Uint8Array(), payload]));
    return `XT1:${encodeBase45(encodeCbor([protectedBytes, loose as never, payload, signature]))}`;
  };
  const kid = (text: string) => ({ '4': Uint8Array.from(Buffer.from(text)) });

  it.each<[string, object, object, string]>([
    ['in the unprotected header alone it is used', {}, kid('mine'), 'accept'],
    ['in the protected header it wins', kid('mine'), kid('other'), 'accept'],
    [
      'a wrong one in the protected header is not mended by the other',
      kid('other'),
      kid('mine'),
      'undetermined UNKNOWN_ISSUER',
    ],
    ['in neither, all keys of a small region are tried', {}, {}, 'accept'],
  ])('%s', (_name, head, loose, wanted) => {
    const key = ownKey('ES256', { keyId: encodeBase64url(Buffer.from('mine')) });
    const bed = testBed({}, key);
    expect(shortOf(verdictOf(cose(head, loose, key), { standpoint: bed.standpoint }))).toBe(wanted);
  });

  it('in neither, a region with more than four keys cannot be asked', () => {
    const key = ownKey();
    const bed = testBed({ issuers: [key.entry, ...Array.from({ length: 4 }, () => ownKey().entry)] }, key);
    expect(shortOf(verdictOf(cose({}, {}, key), { standpoint: bed.standpoint }))).toBe('undetermined UNKNOWN_ISSUER');
  });
});
