import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  time,
  utf8String,
} from '../../src/codec/der-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { readCertificate, signatureCheck } from '../../src/trust/certificate.ts';
import { madeBy, readCrl } from '../../src/trust/crl.ts';
import { DAY, NOW } from '../support/federation.ts';
import { answerOf, RESPONDER, revokedAt, SIGNING } from './answers.ts';
import {
  anchorOf,
  authority,
  codesOf,
  issued,
  judged,
  listOf,
  type Party,
  proofOf,
  REGION,
  regionOf,
  viewOf,
  x509,
} from './authorities.ts';

const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
const name = sequence();
const entry = (serial: number, ...more: Uint8Array[]) => sequence(integer(serial), time(NOW), ...more);
const extension = (id: string, value: Uint8Array, critical = false) =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
const reason = (code: number) => sequence(extension('2.5.29.21', Uint8Array.of(0x0a, 1, code)));
/** A list with these fields, unsigned. */
const crl = (...fields: Uint8Array[]) => sequence(sequence(...fields), algorithm, bitString(Uint8Array.of(0)));
const usual = [integer(1), algorithm, name, time(NOW), time(NOW + DAY)];

describe('reading', () => {
  let ca: Party;
  let revoked: Party;
  beforeAll(async () => {
    ca = await authority('CA');
    revoked = await issued(ca, 'Revoked');
  });

  it('what another library wrote', async () => {
    const held = { party: revoked, since: NOW - 3 * DAY, reason: x509.X509CrlReason.certificateHold };
    const list = readCrl(await listOf(ca, { revoked: [held] }));
    expect(list.thisUpdate).toBe(NOW - DAY);
    expect(list.nextUpdate).toBe(NOW + 10 * DAY);
    const { serial, subject, subjectKeyIdentifier } = readCertificate(revoked.der);
    expect([...list.revoked]).toEqual([[serial, { since: NOW - 3 * DAY, onHold: true }]]);
    expect(list.issuer).not.toEqual(subject.raw);
    expect(list.issuerKeyIdentifier).not.toEqual(subjectKeyIdentifier);
    expect(list.issuerKeyIdentifier).toEqual(readCertificate(ca.der).subjectKeyIdentifier);
  });

  it.each([
    ['no entries', crl(...usual)],
    ['an empty list of entries', crl(...usual, sequence())],
    ['entries with and without a reason', crl(...usual, sequence(entry(1), entry(2, reason(1))))],
    ['an extension that is not critical', crl(...usual, context(0, sequence(extension('1.2.3', nullValue()))))],
    ['version 1', crl(...usual.slice(1))],
  ])('%s', (_, der) => expect(() => readCrl(der)).not.toThrow());

  it.each([
    ['another version', crl(integer(2), ...usual.slice(1))],
    ['no time of the next list: it would be good for ever', crl(...usual.slice(0, 4))],
    ['a name in the place of a time', crl(...usual.slice(0, 4), utf8String('never'))],
    ['a certificate twice: which of the two times counts?', crl(...usual, sequence(entry(1), entry(1)))],
    ['an entry with more in it', crl(...usual, sequence(entry(1, nullValue())))],
    [
      'a reason of two octets',
      crl(...usual, sequence(entry(1, sequence(extension('2.5.29.21', Uint8Array.of(0x0a, 2, 0, 6)))))),
    ],
    [
      'a list limited to nothing that it names',
      crl(...usual, context(0, sequence(extension('2.5.29.28', sequence(), true)))),
    ],
    [
      'a list for authorities only and for others only',
      crl(
        ...usual,
        context(
          0,
          sequence(
            extension(
              '2.5.29.28',
              sequence(contextPrimitive(1, Uint8Array.of(0xff)), contextPrimitive(2, Uint8Array.of(0xff))),
              true,
            ),
          ),
        ),
      ),
    ],
    ['a number below zero', crl(...usual, context(0, sequence(extension('2.5.29.20', integer(-1)))))],
    [
      'an entry of another issuer',
      crl(...usual, sequence(entry(1, sequence(extension('2.5.29.29', sequence(), true))))),
    ],
    [
      'a critical extension that nobody here knows',
      crl(...usual, context(0, sequence(extension('1.2.3', nullValue(), true)))),
    ],
    [
      'an extension twice',
      crl(...usual, context(0, sequence(extension('1.2.3', nullValue()), extension('1.2.3', nullValue())))),
    ],
    [
      'another algorithm outside, which is not signed',
      sequence(sequence(...usual), sequence(oid('1.2.840.10045.4.3.3')), bitString(Uint8Array.of(0))),
    ],
    ['something after the list', sequence(sequence(...usual), algorithm, bitString(Uint8Array.of(0)), nullValue())],
    ['something after the fields', crl(...usual, sequence(), context(0, sequence()), nullValue())],
    ['bytes after the end', Uint8Array.from([...crl(...usual), 0])],
    ['a certificate', sequence()],
    ['nothing', new Uint8Array(0)],
  ])('refuses %s', (_, der) => {
    expect(() => readCrl(der)).toThrow(Broken);
  });

  it('refuses a longer list than any authority has, before it looks at it', () => {
    expect(() => readCrl(new Uint8Array((16 << 20) + 1))).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });
});

describe('who made it', () => {
  it('is the authority of its name whose key signed it, and who may', async () => {
    const ca = await authority('CA');
    const of = (party: Party) => readCertificate(party.der);
    const list = readCrl(await listOf(ca));
    expect(madeBy(list, of(ca), signatureCheck(nodePlatform))).toBe(true);
    expect(madeBy(list, of(await authority('CA')), signatureCheck(nodePlatform))).toBe(false);
    expect(madeBy(list, of(await authority('CB', { keys: ca.keys })), signatureCheck(nodePlatform))).toBe(false);
    const mayNot = await authority('CA', { keys: ca.keys, usage: x509.KeyUsageFlags.keyCertSign });
    expect(madeBy(list, of(mayNot), signatureCheck(nodePlatform))).toBe(false);
    const altered = { ...list, tbs: list.tbs.map((byte, i) => (i === list.tbs.length - 1 ? byte ^ 1 : byte)) };
    expect(madeBy(altered, of(ca), signatureCheck(nodePlatform))).toBe(false);
  });
});

let csca: Party;
let signer: Party;
let list: Uint8Array;
beforeAll(async () => {
  csca = await authority('CSCA');
  signer = await issued(csca, 'Signer');
  list = await listOf(csca);
});

describe('what they say of a signer', () => {
  const under = (...crls: Uint8Array[]) => viewOf(regionOf([anchorOf(csca)], crls));
  const standing = async (...crls: Uint8Array[]) => codesOf(judged(await proofOf(signer), under(...crls)));

  it('name it, or do not', async () => {
    expect(await standing(await listOf(csca, { revoked: [{ party: signer }] }))).toEqual(['CERTIFICATE_REVOKED']);
    const other = await issued(csca, 'Other');
    expect(await standing(await listOf(csca, { revoked: [{ party: other }] }))).toEqual([]);
  });

  it('a revocation acts from its time on', async () => {
    const trust = under(await listOf(csca, { revoked: [{ party: signer, since: NOW + DAY }] }));
    expect(codesOf(judged(await proofOf(signer), trust))).toEqual([]);
    expect(codesOf(judged(await proofOf(signer), trust, { now: NOW + 2 * DAY }))).toEqual(['CERTIFICATE_REVOKED']);
  });

  it('none, or none that is current, is never a good word', async () => {
    expect(await standing()).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
    expect(await standing(await listOf(csca, { from: NOW - 30 * DAY, until: NOW - DAY }))).toEqual([
      'CERTIFICATE_STATUS_UNKNOWN',
    ]);
    expect(await standing(await listOf(csca, { from: NOW + DAY, until: NOW + 5 * DAY }))).toEqual([
      'CERTIFICATE_STATUS_UNKNOWN',
    ]);
  });

  it('one that is out of date still says what it said', async () => {
    const old = await listOf(csca, {
      from: NOW - 30 * DAY,
      until: NOW - DAY,
      revoked: [{ party: signer, since: NOW - 40 * DAY }],
    });
    expect(await standing(old)).toEqual(['CERTIFICATE_REVOKED']);
    // Once revoked, always revoked: that a newer list leaves it out takes nothing back …
    expect(await standing(old, list)).toEqual(['CERTIFICATE_REVOKED']);
  });

  it('… except a certificate that was only put on hold', async () => {
    const held = { revoked: [{ party: signer, since: NOW - 40 * DAY, reason: x509.X509CrlReason.certificateHold }] };
    const old = await listOf(csca, { ...held, from: NOW - 30 * DAY, until: NOW - DAY });
    expect(await standing(old)).toEqual(['CERTIFICATE_REVOKED']);
    expect(await standing(old, list)).toEqual([]);
    expect(await standing(await listOf(csca, held))).toEqual(['CERTIFICATE_REVOKED']);
  });

  it('of somebody else are rejected, whatever name they bear', async () => {
    const impostor = await authority('CSCA');
    const forged = await listOf(csca, { forger: impostor });
    const trust = under(forged);
    expect(trust.rejected.map(({ file }) => file)).toEqual([`regions/${REGION}/crls/0.crl`]);
    expect(codesOf(judged(await proofOf(signer), trust))).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
  });

  it('of an authority that may not sign lists are rejected', async () => {
    const plain = await authority('Plain', { usage: x509.KeyUsageFlags.keyCertSign });
    const trust = viewOf(regionOf([anchorOf(plain)], [await listOf(plain)]));
    expect(trust.rejected).toHaveLength(1);
  });

  it('that cannot be read are rejected by name, and the rest goes on', async () => {
    const trust = under(Uint8Array.of(0x30, 0x00), list);
    expect(trust.rejected).toMatchObject([{ file: `regions/${REGION}/crls/0.crl` }]);
    expect(codesOf(judged(await proofOf(signer), trust))).toEqual([]);
  });
});

const SEALS = '../shared/data/vds-nc/dfat-australia';
describe.skipIf(!existsSync(SEALS))('a real list (data made by others)', () => {
  it('is of the authority beside it, RSA with 4096 bits', () => {
    const bytes = (file: string) => new Uint8Array(readFileSync(`${SEALS}/${file}`));
    const list = readCrl(bytes('crl-AUS-2021-08-19.crl'));
    expect(list).toMatchObject({
      thisUpdate: Date.parse('2021-08-19T03:56:55Z'),
      nextUpdate: Date.parse('2021-11-17T03:56:55Z'),
    });
    expect(list.revoked.size).toBe(0);
    expect(madeBy(list, readCertificate(bytes('csca-AUS.der')), signatureCheck(nodePlatform))).toBe(true);
  });
});

describe('answers about single certificates', () => {
  const under = (...crls: Uint8Array[]) => viewOf(regionOf([anchorOf(csca)], crls));
  const said = async (answers: Uint8Array[], ...crls: Uint8Array[]) =>
    codesOf(judged({ ...(await proofOf(signer)), answers }, under(...crls)));

  it('stand in where no list speaks of the certificate', async () => {
    expect(await said([])).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
    expect(await said([await answerOf(csca, signer)])).toEqual([]);
    expect(await said([await answerOf(csca, signer, { state: revokedAt(NOW - DAY) })])).toEqual([
      'CERTIFICATE_REVOKED',
    ]);
  });

  it('take nothing back that a list says, nor does a list what they say', async () => {
    const good = await answerOf(csca, signer);
    expect(await said([good], await listOf(csca, { revoked: [{ party: signer }] }))).toEqual(['CERTIFICATE_REVOKED']);
    const revoked = await answerOf(csca, signer, { state: revokedAt(NOW - DAY) });
    expect(await said([revoked, good], list)).toEqual(['CERTIFICATE_REVOKED']);
  });

  it('that prove nothing leave it as it is', async () => {
    const impostor = await authority('CSCA');
    const forged = await answerOf(csca, signer, { by: impostor, certificates: [impostor] });
    expect(await said([forged, Uint8Array.of(0x30, 0)])).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
    expect(await said([forged], list)).toEqual([]);
  });

  it('of a delegate count if a list says that he still stands', async () => {
    const delegate = await issued(csca, 'Responder', { purposes: SIGNING });
    const answer = await answerOf(csca, signer, { by: delegate });
    expect(await said([answer])).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
    const free = await issued(csca, 'Responder', RESPONDER);
    expect(await said([await answerOf(csca, signer, { by: free })])).toEqual([]);
  });

  it('are few: the ninth is not looked at', async () => {
    const good = await answerOf(csca, signer);
    const noise = Array.from({ length: 8 }, (_, i) => Uint8Array.of(0x30, i));
    expect(await said([...noise, good])).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
  });
});
