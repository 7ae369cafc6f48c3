import { webcrypto } from 'node:crypto';
import {
  bitString,
  context,
  contextPrimitive,
  element,
  generalizedTime,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
} from '../../src/codec/der-writer.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { sha1 } from '../../src/crypto/sha1.ts';
import { type Certificate, readCertificate } from '../../src/trust/certificate.ts';
import { keyBitsOf } from '../../src/trust/ocsp.ts';
import { DAY, NOW } from '../support/federation.ts';
import { extension, type Party, type Wishes } from './authorities.ts';

/** OCSP answers, written here. */

export const ECDSA = sequence(oid('1.2.840.10045.4.3.2'));
const SHA_1 = '1.3.14.3.2.26';
export const SIGNING = ['1.3.6.1.5.5.7.3.9'];
export const of = (party: Party): Certificate => readCertificate(party.der);
export const enumerated = (value: number): Uint8Array => element(0x0a, Uint8Array.of(value));
/** A responder whose own certificate is not asked about. */
export const RESPONDER: Wishes = {
  purposes: SIGNING,
  more: [extension('1.3.6.1.5.5.7.48.1.5', false, nullValue())],
};

export async function signedBy(party: Party, data: Uint8Array): Promise<Uint8Array> {
  const { privateKey } = party.keys;
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  return derFromRaw(
    new Uint8Array(await webcrypto.subtle.sign(algorithm, privateKey, data as Uint8Array<ArrayBuffer>)),
  );
}

export interface AnswerWishes {
  readonly by?: Party;
  /** Who it says made it. */
  readonly named?: 'name' | 'key' | Uint8Array;
  readonly about?: Party;
  readonly issuer?: Party;
  readonly digest?: string;
  readonly state?: Uint8Array;
  readonly from?: number;
  readonly until?: number | undefined;
  readonly nonce?: Uint8Array;
  readonly certificates?: readonly Party[];
  readonly more?: Uint8Array;
}

const GOOD = contextPrimitive(0, new Uint8Array());
export const UNKNOWN = contextPrimitive(2, new Uint8Array());
export const revokedAt = (since: number, reason?: number) =>
  context(1, generalizedTime(since), ...(reason === undefined ? [] : [context(0, enumerated(reason))]));

export async function answerOf(ca: Party, leaf: Party, wishes: AnswerWishes = {}): Promise<Uint8Array> {
  const { by = ca, named = 'key', about = leaf, issuer = ca, digest = SHA_1, state = GOOD } = wishes;
  const { from = NOW - DAY, certificates = by === ca ? [] : [by] } = wishes;
  const until = 'until' in wishes ? wishes.until : NOW + DAY;
  const hash = (data: Uint8Array) => (digest === SHA_1 ? sha1(data) : nodePlatform.digest('SHA-256', data));
  const id = sequence(
    sequence(oid(digest), nullValue()),
    octetString(hash(of(issuer).subject.raw)),
    octetString(hash(keyBitsOf(of(issuer)))),
    integer(BigInt(`0x${of(about).serial}`)),
  );
  const single = sequence(
    id,
    state,
    generalizedTime(from),
    ...(until === undefined ? [] : [context(0, generalizedTime(until))]),
  );
  const who =
    named === 'name'
      ? context(1, of(by).subject.raw)
      : context(2, octetString(named === 'key' ? sha1(keyBitsOf(of(by))) : named));
  const extensions = [
    ...(wishes.nonce ? [sequence(oid('1.3.6.1.5.5.7.48.1.2'), octetString(octetString(wishes.nonce)))] : []),
    ...(wishes.more ? [wishes.more] : []),
  ];
  const data = sequence(
    who,
    generalizedTime(from),
    sequence(single),
    ...(extensions.length ? [context(1, sequence(...extensions))] : []),
  );
  const along = certificates.length ? [context(0, sequence(...certificates.map(({ der }) => der)))] : [];
  const basic = sequence(data, ECDSA, bitString(await signedBy(by, data)), ...along);
  return sequence(enumerated(0), context(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic))));
}
