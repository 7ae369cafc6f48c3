import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { pairSigner, writeCertificate, writeCrl } from '../../src/codec/certificate-writer.ts';
import { bitString, integer, oid, printableString, sequence, setOf, time } from '../../src/codec/der-writer.ts';
import { spkiFromKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { type Certificate, readCertificate, signatureCheck } from '../../src/trust/certificate.ts';
import { readCrl } from '../../src/trust/crl.ts';
import { validatePath } from '../../src/trust/path.ts';
import { linksOf, statusOf } from '../../src/trust/revocation.ts';
import { DAY, NOW } from '../support/federation.ts';
import {
  anchorOf,
  authority,
  codesOf,
  extension,
  issued,
  judged,
  listOf,
  type Party,
  proofOf,
  regionOf,
  viewOf,
} from '../trust/authorities.ts';

/** Certificates and lists of somebody who wants them to be misread, or to keep a gateway busy. */

const ECDSA = '1.2.840.10045.4.3.2';
const name = { organization: 'Hostile', commonName: 'Authority' };
const own = mintKey('ES256');
const signer = pairSigner(ECDSA, own.sign);
const fields = {
  issuer: name,
  subject: name,
  notBefore: NOW - DAY,
  notAfter: NOW + DAY,
  spki: spkiFromKey(own.publicKey),
  ca: true,
  keyUsage: 0x60,
};

/** The bytes with the one place where `from` stands replaced. A signature over them is then good for nothing. */
function patched(der: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const at = Buffer.from(der).indexOf(Uint8Array.from(from));
  expect(at).toBeGreaterThan(0);
  const copy = der.slice();
  copy.set(to, at);
  return copy;
}
const digits = (text: string): number[] => [...Buffer.from(text, 'latin1')];

describe('serial numbers', () => {
  const SERIAL = [2, 3, 0x71, 0x22, 0x33];
  const NEGATIVE = [2, 3, 0xf1, 0x22, 0x33];
  const good = writeCertificate({ ...fields, serial: 0x71_22_33 }, signer);
  const list = (serial: string) =>
    writeCrl(
      {
        issuer: name,
        thisUpdate: NOW - DAY,
        nextUpdate: NOW + DAY,
        authorityKeyIdentifier: Uint8Array.of(1),
        revoked: [{ serial, since: NOW - DAY }],
      },
      signer,
    );
  const stateOf = (der: Uint8Array, crl: Uint8Array): string => {
    const [certificate, anchor, read] = [readCertificate(der), readCertificate(good), readCrl(crl)];
    const lists = { byIssuer: new Map([[read.issuer.key, [read]]]), signers: [], anchor, signed: () => true };
    return linksOf([certificate], lists)
      .map((link) => statusOf(link, NOW).state)
      .join();
  };

  it('that are negative are other numbers than positive ones of the same octets, in certificates and in lists', () => {
    const negative = patched(good, SERIAL, NEGATIVE);
    expect(readCertificate(negative).serial).not.toBe(readCertificate(good).serial);
    const naming = list('712233');
    const namingNegative = patched(naming, SERIAL, NEGATIVE);
    expect(stateOf(good, naming)).toBe('revoked');
    expect(stateOf(negative, namingNegative)).toBe('revoked');
    expect(stateOf(good, namingNegative)).toBe('good');
    // The same octets as a positive number have a sign octet before them.
    expect(stateOf(negative, list('f12233'))).toBe('good');
    expect(stateOf(negative, naming)).toBe('good');
  });
});

describe('times at the ends of what can be written', () => {
  const valid = (certificate: Certificate) =>
    validatePath([certificate], certificate, { at: NOW }, signatureCheck(nodePlatform));
  const of = (change: Partial<typeof fields>) => writeCertificate({ ...fields, serial: 1, ...change }, signer);
  const FOREVER = Date.UTC(9999, 11, 31, 23, 59, 59);

  it('are read as they are: RFC 5280’s "no end", and years before 1970', () => {
    expect(valid(readCertificate(of({ notAfter: FOREVER })))).toHaveProperty('policies');
    expect(readCertificate(of({ notAfter: FOREVER })).notAfter).toBe(FOREVER);
    expect(valid(readCertificate(of({ notBefore: Date.UTC(1950, 0, 1) })))).toHaveProperty('policies');
    expect(readCertificate(of({ notBefore: Date.UTC(1950, 0, 1) })).notBefore).toBeLessThan(0);
  });

  it.each([
    ['the year 0', '00001231235959Z', 'expired'],
    ['month 13', '99991331235959Z', 'Broken'],
    ['second 60', '99991231235960Z', 'Broken'],
    ['a year of signs', '+9991231235959Z', 'Broken'],
  ])('%s is %s', (_, text, wanted) => {
    const der = patched(of({ notAfter: FOREVER }), digits('99991231235959Z'), digits(text));
    const said = (): string => {
      const certificate = readCertificate(der);
      const result = validatePath([certificate], certificate, { at: NOW }, () => true);
      return result.fault ?? 'good';
    };
    if (wanted === 'Broken') expect(said).toThrow(Broken);
    else expect(said()).toContain(wanted);
  });
});

describe('very many', () => {
  let root: Party;
  let leaf: Party;
  beforeAll(async () => {
    root = await authority('Root');
    leaf = await issued(root, 'Leaf');
  });

  it('certificates that come with a document: the first ones are looked at', async () => {
    const view = viewOf(regionOf([anchorOf(root)], [await listOf(root)]));
    const stranger = await authority('Root', { anonymous: true });
    expect(codesOf(judged(await proofOf(leaf, ...Array<Party>(1000).fill(stranger)), view))).toEqual([]);
  });

  it('entries of a list are read up to its limit, and found', { timeout: 60_000 }, () => {
    const entries = (count: number): Uint8Array => {
      const one = sequence(integer(0x11_22_33_44), time(NOW - DAY));
      const all = new Uint8Array(count * one.length);
      const numbers = new DataView(all.buffer);
      for (let i = 0; i < count; i++) {
        all.set(one, i * one.length);
        numbers.setUint32(i * one.length + 4, 0x40_00_00_00 + i);
      }
      return all;
    };
    const algorithm = sequence(oid(ECDSA));
    const issuer = sequence(setOf(sequence(oid('2.5.4.3'), printableString('Root'))));
    const listWith = (content: Uint8Array): Uint8Array =>
      sequence(
        sequence(integer(1), algorithm, issuer, time(NOW - DAY), time(NOW + DAY), sequence(content)),
        algorithm,
        bitString(sequence(integer(1), integer(1))),
      );
    const { revoked } = readCrl(listWith(entries(500_000)));
    expect([revoked.size, revoked.has('4007a11f'), revoked.has('4007a120')]).toEqual([500_000, true, false]);
    expect(() => readCrl(listWith(entries(500_001)))).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
    const twice = new Uint8Array([...entries(1), ...entries(1)]);
    expect(() => readCrl(listWith(twice))).toThrow('comes twice');
  });
});

it('an anchor with a critical extension that nobody understands is no anchor, and is named', async () => {
  const odd = await authority('Odd', { more: [extension('1.2.3.4', true, integer(1))] });
  const entry = { keyId: 'odd', certificate: encodeBase64(odd.der) };
  const view = viewOf(regionOf([entry], []));
  expect(view.rejected).toEqual([
    expect.objectContaining({ at: '/issuers/0', reason: expect.stringContaining('1.2.3.4') }),
  ]);
  expect(codesOf(judged(await proofOf(await issued(odd, 'Leaf')), view))).toEqual(['UNKNOWN_ISSUER']);
});
