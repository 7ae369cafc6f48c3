import { beforeAll, describe, expect, it } from 'vitest';
import {
  context,
  contextPrimitive,
  element,
  nullValue,
  octetString,
  oid,
  sequence,
} from '../../src/codec/der-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { sha1 } from '../../src/crypto/sha1.ts';
import { Broken } from '../../src/document/broken.ts';
import { signatureCheck } from '../../src/trust/certificate.ts';
import { keyBitsOf, readOcspAnswer, writeOcspQuestion } from '../../src/trust/ocsp.ts';
import { type OcspQuestion, ocspStatus } from '../../src/trust/ocsp-status.ts';
import { DAY, NOW } from '../support/federation.ts';
import { type AnswerWishes, answerOf, enumerated, of, RESPONDER, revokedAt, SIGNING, UNKNOWN } from './answers.ts';
import { authority, extension, issued, type Party } from './authorities.ts';

const SHA_256 = '2.16.840.1.101.3.4.2.1';
const signed = signatureCheck(nodePlatform);
const answer = (wishes: AnswerWishes = {}): Promise<Uint8Array> => answerOf(ca, leaf, wishes);

let ca: Party;
let leaf: Party;
let responder: Party;
beforeAll(async () => {
  ca = await authority('CA');
  leaf = await issued(ca, 'Leaf');
  responder = await issued(ca, 'Responder', RESPONDER);
});

const judge = (der: Uint8Array, change: Partial<OcspQuestion> = {}) =>
  ocspStatus(readOcspAnswer(der), {
    certificate: of(leaf),
    issuer: of(ca),
    digester: nodePlatform,
    signed,
    now: NOW,
    ...change,
  });
const why = (der: Uint8Array, change: Partial<OcspQuestion> = {}): string => {
  const status = judge(der, change);
  return status.state === 'unknown' ? status.why : status.state;
};

describe('an answer of the authority itself', () => {
  it.each<[string, AnswerWishes, string]>([
    ['good, its key named', {}, 'good'],
    ['good, its name named', { named: 'name' }, 'good'],
    ['good, by SHA-256', { digest: SHA_256 }, 'good'],
    ['revoked', { state: revokedAt(NOW - DAY) }, 'revoked'],
    ['revoked with a reason', { state: revokedAt(NOW - DAY, 1) }, 'revoked'],
    ['on hold', { state: revokedAt(NOW - DAY, 6) }, 'revoked'],
    ['revoked from tomorrow on', { state: revokedAt(NOW + DAY) }, 'good'],
    ['unknown to it', { state: UNKNOWN }, 'the responder does not know the certificate'],
    ['out of date', { until: NOW - 1 }, 'the answer is out of date'],
    ['out of date, and revoked: that stays', { until: NOW - 1, state: revokedAt(NOW - 2 * DAY) }, 'revoked'],
    [
      'out of date, on hold: that may be over',
      { until: NOW - 1, state: revokedAt(NOW - 2 * DAY, 6) },
      'the answer is out of date',
    ],
    ['from the future', { from: NOW + DAY, until: NOW + 2 * DAY }, 'the answer is from the future'],
    ['without an end', { until: undefined }, 'the answer is out of date'],
    ['of another who says so', { named: new Uint8Array(20) }, 'nobody who may answer signed the answer'],
  ])('%s', async (_, wishes, wanted) => {
    expect(why(await answer(wishes))).toBe(wanted);
  });

  it('about another certificate, or one of another authority, says nothing', async () => {
    const other = await issued(ca, 'Other');
    expect(why(await answer({ about: other }))).toContain('another certificate');
    expect(why(await answer({ issuer: await authority('CA') }))).toContain('another certificate');
  });

  it('altered anywhere is no answer', async () => {
    const der = await answer();
    const one = readOcspAnswer(der);
    const tbs = one.tbs.map((byte, i) => (i === one.tbs.length - 1 ? byte ^ 1 : byte));
    const status = ocspStatus(
      { ...one, tbs },
      { certificate: of(leaf), issuer: of(ca), digester: nodePlatform, signed, now: NOW },
    );
    expect(status).toMatchObject({ state: 'unknown' });
  });

  it('to another question is refused; without a nonce its times bound it; without times only a nonce does', async () => {
    const nonce = new Uint8Array(32).fill(7);
    expect(why(await answer({ nonce }), { nonce })).toBe('good');
    expect(why(await answer({ nonce }), { nonce: new Uint8Array(32) })).toBe('the answer is to another question');
    expect(why(await answer(), { nonce })).toBe('good');
    expect(why(await answer({ nonce, until: undefined }), { nonce })).toBe('good');
    expect(why(await answer({ until: undefined }), { nonce })).toBe('the answer is out of date');
  });
});

describe('an answer of somebody whom the authority lets answer', () => {
  it('is good if the authority itself issued his certificate for that', async () => {
    expect(why(await answer({ by: responder }))).toBe('good');
    expect(why(await answer({ by: responder, named: 'name' }))).toBe('good');
    expect(why(await answer({ by: responder, certificates: [leaf, responder] }))).toBe('good');
    expect(why(await answer({ by: responder, certificates: [] }))).toContain('nobody');
  });

  it('proves nothing if his certificate is for something else: else every signer could speak of every other', async () => {
    expect(why(await answer({ by: leaf }))).toContain('not for answering');
    const any = await issued(ca, 'Any', { purposes: ['2.5.29.37.0'] });
    expect(why(await answer({ by: any }))).toContain('not for answering');
    const mute = await issued(ca, 'Mute', { purposes: SIGNING, usage: 1 << 3 });
    expect(why(await answer({ by: mute }))).toContain('does not allow signing');
  });

  it('proves nothing if another authority issued his certificate, of the same name or not', async () => {
    for (const name of ['CA', 'CB']) {
      const stranger = await issued(await authority(name), 'Responder', { purposes: SIGNING });
      expect(why(await answer({ by: stranger }))).toContain('not of the authority');
    }
    const middle = await issued(ca, 'Middle', { ca: true });
    expect(why(await answer({ by: await issued(middle, 'Low', { purposes: SIGNING }) }))).toContain(
      'not of the authority',
    );
  });

  it('proves nothing before or after his certificate', async () => {
    const no = [extension('1.3.6.1.5.5.7.48.1.5', false, nullValue())];
    const old = await issued(ca, 'Old', { purposes: SIGNING, until: NOW - 1, more: no });
    expect(why(await answer({ by: old }))).toContain('expired');
    const odd = await issued(ca, 'Odd', { purposes: SIGNING, more: [...no, extension('1.2.3.4', true, nullValue())] });
    expect(why(await answer({ by: odd }))).toContain('not understood');
  });

  it('depends on his own standing, unless the authority says that it is not to be asked', async () => {
    const asked = await issued(ca, 'Asked', { purposes: SIGNING });
    const der = await answer({ by: asked });
    expect(why(der)).toContain('responder’s own certificate');
    expect(why(der, { responderIsGood: () => false })).toContain('responder’s own certificate');
    expect(why(der, { responderIsGood: ({ serial }) => serial === of(asked).serial })).toBe('good');
  });
});

describe('reading an answer', () => {
  const whole = (...parts: Uint8Array[]) =>
    sequence(enumerated(0), context(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(sequence(...parts)))));
  it.each<[string, Uint8Array | (() => Promise<Uint8Array>)]>([
    ['nothing', new Uint8Array()],
    ['a refusal', sequence(enumerated(3))],
    ['a status that does not exist', sequence(enumerated(4))],
    ['a good status without an answer', sequence(enumerated(0))],
    ['another type', sequence(enumerated(0), context(0, sequence(oid('1.2.3'), octetString(sequence()))))],
    ['no fields', whole()],
    [
      'a critical extension that nobody here knows',
      () => answer({ more: sequence(oid('1.2.3'), element(1, Uint8Array.of(0xff)), octetString(nullValue())) }),
    ],
    ['an end before the beginning', () => answer({ until: NOW - 3 * DAY })],
    ['bytes behind', async () => Uint8Array.from([...(await answer()), 0])],
    ['too many certificates', () => answer({ certificates: Array.from({ length: 9 }, () => leaf) })],
    ['a state that does not exist', () => answer({ state: contextPrimitive(3, new Uint8Array()) })],
    ['more than any answer needs', new Uint8Array(64 * 1024 + 1)],
  ])('refuses %s', async (_, given) => {
    const der = typeof given === 'function' ? await given() : given;
    expect(() => readOcspAnswer(der)).toThrow(Broken);
  });

  it('of every length cut short is Broken, never our fault', async () => {
    const der = await answer({ by: responder });
    for (let length = 0; length < der.length; length += 7)
      expect(() => readOcspAnswer(der.subarray(0, length))).toThrow(Broken);
  });
});

describe('a question', () => {
  it('names the certificate by SHA-1 and holds the nonce', () => {
    const nonce = new Uint8Array(32).fill(9);
    const der = writeOcspQuestion(of(leaf), of(ca), nonce);
    const text = Buffer.from(der).toString('hex');
    expect(text).toContain(Buffer.from(sha1(keyBitsOf(of(ca)))).toString('hex'));
    expect(text).toContain('09'.repeat(32));
    expect(text).toContain(of(leaf).serial);
  });
});
