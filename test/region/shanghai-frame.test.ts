import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../src/codec/base64url.ts';
import { encodeHex } from '../../src/codec/hex.ts';
import { decodeUtf8 } from '../../src/codec/utf8.ts';
import type { SharedDocument } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import {
  codesOf,
  federationWith,
  fileOf,
  formatOf,
  HOUR,
  issuersOf,
  NOW,
  type OwnKey,
  ownKey,
  shortOf,
  standpointOf,
  verdictOf,
} from '../support/federation.ts';

/**
 * The offline frame of a metro gate, and the traps in how gates were seen to read it: a length that the words beside it
 * get wrong, an expiry compared with the time of making instead of the clock, a field left out of what is signed.
 */
const PREFIX = 'https://s31.example/';
const key = ownKey('SM2-SM3', { keyId: '4000.70.9' });
const off = ownKey('SM2-SM3', { keyId: '0000.70.9' });
const next = ownKey('SM2-SM3', { keyId: '4000.71.9' });
const list = 'regions/310000/issuers/reference.json';
const own = federationWith({
  [list]: issuersOf([...fileOf<{ issuers: [] }>(list).issuers, key.entry, off.entry, next.entry]),
});
const format = formatOf(own, 'ssm-frame/1');

const UUID = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const document: SharedDocument = {
  docType: { code: 'health-code', family: 'code' },
  docId: UUID,
  revocationId: UUID,
  issuer: { region: '310000' },
  holder: { kind: 'person', idRef: 'sh-p-77Qe1', nameMasked: '陈*' },
  validity: { issuedAt: instantOf(NOW - 20_000), until: instantOf(NOW + 40_000) },
  status: { canonical: 'green', raw: '00', rawScheme: 'sh-status' },
  presentation: { onceId: UUID },
};
/** The same frame with a pass in it, which lives longer than a code. */
const pass: Partial<SharedDocument> = {
  docType: { code: 'commuter-pass', family: 'pass' },
  docId: '310116000045',
  route: { from: '310116', to: '330482' },
};
const without = ['status', 'presentation'] as const;
/** A code is good once its one-time number is looked up, which a single look cannot do. */
const GOOD = 'conditional REPLAY_UNCHECKED';
const frame = (by: Pick<OwnKey, 'signer'> = key, change: Partial<SharedDocument> = {}): string => {
  const whole = { ...document, ...change };
  if (whole.docType.code === 'commuter-pass') for (const member of without) delete whole[member];
  return format.write(whole, by.signer).wire as string;
};
const passFrom = (from: number, until: number): string =>
  frame(key, { ...pass, validity: { issuedAt: instantOf(NOW + from), until: instantOf(NOW + until) } });
const verdict = (text: string, at = NOW) => verdictOf(text, { standpoint: standpointOf('330000', own), at });
const said = (text: string, at = NOW): string => shortOf(verdict(text, at));

/** The bytes behind the prefix and the length, and a text made of bytes. */
const bodyOf = (text: string): Uint8Array => decodeBase64url(text.slice(PREFIX.length + 4, -2));
const textOf = (body: Uint8Array): string => {
  const encoded = encodeBase64url(body);
  return `${PREFIX}${String(encoded.length).padStart(4, '0')}${encoded}##`;
};

describe('the frame', () => {
  const text = frame();
  const body = bodyOf(text);

  it('has a prefix of 20 signs, as the real one', () => {
    expect(PREFIX).toHaveLength(20);
    expect(text.startsWith(PREFIX)).toBe(true);
  });

  it('has the length that its four digits say: 64 of signature, 51 of fields, then tags', () => {
    expect(text.slice(20, 24)).toBe('0208');
    expect(text).toHaveLength(20 + 4 + 208 + 2);
    expect(body).toHaveLength(64 + 51 + 41);
    const fields = body.subarray(64, 64 + 51);
    expect(decodeUtf8(fields.subarray(0, 32))).toBe(UUID);
    expect(encodeHex(fields.subarray(32, 34))).toBe('4000');
    expect(decodeUtf8(fields.subarray(34, 36))).toBe('06');
    expect(decodeUtf8(fields.subarray(36, 50))).toBe('20261123120040');
    expect(fields[50]).toBe(9);
    // The first tag: status.
    expect([...body.subarray(115, 119)]).toEqual([1, 2, 0x30, 0x30]);
  });

  it.each([
    ['one more', (digits: number) => digits + 1],
    ['one less', (digits: number) => digits - 1],
    ['none', () => 0],
  ])('whose digits say %s is broken', (_name, change) => {
    const digits = String(change(Number(text.slice(20, 24)))).padStart(4, '0');
    expect(said(`${PREFIX}${digits}${text.slice(24)}`)).toBe('refuse MALFORMED');
  });

  it('signs every byte behind the signature, the domain too', () => {
    for (let at = 64; at < body.length; at++) {
      const altered = body.slice();
      altered[at]! ^= 0x01;
      const { outcome, reasons } = verdict(textOf(altered));
      expect([at, outcome]).not.toEqual([at, 'accept']);
      expect([at, outcome]).not.toEqual([at, 'conditional']);
      // A domain, version or index that was altered names another key; what else was altered is proven.
      expect(['SIGNATURE_INVALID', 'UNKNOWN_ISSUER', 'MALFORMED']).toContain(reasons[0]);
    }
  });
});

describe('expiry is judged by the clock', () => {
  it('and not by the time of making: a pass of ten minutes ago has expired, although it was made before its end', () => {
    const text = passFrom(-600_000, -540_000);
    expect(said(text, NOW - 590_000)).toBe('accept');
    expect(said(text)).toBe('refuse EXPIRED');
  });

  it('nor by eight hours added to it: a pass made two hours ago for a day is good', () => {
    const text = passFrom(-2 * HOUR, 22 * HOUR);
    expect(said(text)).toBe('accept');
    expect(said(text, NOW + 23 * HOUR)).toBe('refuse EXPIRED');
  });

  it('in Beijing time: the fourteen digits are no UTC', () => {
    const text = passFrom(0, HOUR);
    expect(said(text, NOW + HOUR)).toBe('accept');
    expect(said(text, NOW + HOUR + 61_000)).toBe('refuse EXPIRED');
  });
});

describe('each trouble has a finding of its own', () => {
  const stranger = { signer: { ...ownKey('SM2-SM3').signer, keyId: '4000.70.9' } };
  it.each<[string, string, string]>([
    ['no key', frame({ signer: { ...key.signer, keyId: '4000.70.8' } }), 'undetermined UNKNOWN_ISSUER'],
    ['a bad signature', frame(stranger), 'refuse SIGNATURE_INVALID'],
    ['not enabled', frame(off), 'refuse NOT_ENABLED'],
    [
      'expired',
      frame(key, { validity: { issuedAt: instantOf(NOW - 90_000), until: instantOf(NOW - 30_000) } }),
      'refuse EXPIRED',
    ],
    ['another version', frame(next), 'undetermined UNSUPPORTED_VERSION'],
    ['nothing', frame(), GOOD],
  ])('%s', (_name, text, wanted) => {
    expect(said(text)).toBe(wanted);
  });

  it('a version that has no key yet is told as well, beside the key that is missing', () => {
    const found = codesOf(verdict(frame({ signer: { ...key.signer, keyId: '4000.72.9' } })));
    expect(found).toContain('UNKNOWN_ISSUER');
    expect(found).toContain('UNSUPPORTED_VERSION');
  });
});
