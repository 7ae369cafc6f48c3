import {
  atEnd,
  type Cursor,
  contentOf,
  contextTag,
  derOf,
  type Element,
  enter,
  finish,
  inside,
  nextTag,
  nullOf,
  oidOf,
  rawOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
  timeOf,
  wholeBitStringOf,
} from '../codec/der.ts';
import { context, integer, nullValue, octetString, oid, sequence } from '../codec/der-writer.ts';
import { sha1 } from '../crypto/sha1.ts';
import { Broken } from '../document/broken.ts';
import { type Certificate, readCertificate, type Signed } from './certificate.ts';
import { EXTENSION, type Extensions, extensionOf, readExtensions, serialOf } from './extensions.ts';
import { type Name, readName } from './names.ts';
import { readOctets } from './path-extensions.ts';

/** OCSP (RFC 6960): questions about certificates, and answers as they read. `ocsp-status.ts` judges them. */

/** How an answer names a certificate: by digests of its issuer's name and key, and its serial number. */
export interface CertificateId {
  /** OID of the digest. */
  readonly digest: string;
  readonly issuerName: Uint8Array;
  readonly issuerKey: Uint8Array;
  /** As `Certificate.serial`. */
  readonly serial: string;
}

export interface SingleAnswer {
  readonly id: CertificateId;
  readonly state: 'good' | 'revoked' | 'unknown';
  /** Revoked: since when (epoch ms), and whether only on hold. */
  readonly since: number;
  readonly onHold: boolean;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
}

/** A signed answer (BasicOCSPResponse); nothing about it is believed. */
export interface OcspAnswer extends Signed {
  /** Who says that he signed it: a name, or the SHA-1 of his key. */
  readonly responder: { readonly name: Name } | { readonly key: Uint8Array };
  readonly producedAt: number;
  readonly answers: readonly SingleAnswer[];
  readonly nonce: Uint8Array | undefined;
  readonly certificates: readonly Certificate[];
}

const MAX_ANSWER = 64 * 1024;
const MAX_ANSWERS = 64;
const MAX_CERTIFICATES = 8;
const ON_HOLD = 6;
const BASIC = '1.3.6.1.5.5.7.48.1.1';
const SHA_1 = '1.3.14.3.2.26';

const broken = (detail: string): Broken => new Broken('ocsp', detail);
const tooMany = (what: string): Broken => new Broken('ocsp', `too many ${what}`, 'LIMIT_EXCEEDED');

/** Why a responder gave no answer (§4.2.1); such refusals are not signed. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'the responder calls the question malformed',
  2: 'the responder has a fault of its own',
  3: 'the responder asks to come again later',
  5: 'the responder asks for a signed question',
  6: 'the responder does not answer to this caller',
};

/**
 * Reads an OCSPResponse from DER.
 *
 * @throws Broken part `ocsp`, `certificate` or `der`; part `ocsp` for a responder that gives no answer
 */
export function readOcspAnswer(der: Uint8Array): OcspAnswer {
  if (der.length > MAX_ANSWER) throw new Broken('ocsp', 'answer is too long', 'LIMIT_EXCEEDED');
  const response = inside(derOf(der, TAG.sequence));
  const status = contentOf(read(response, TAG.enumerated));
  if (status.length !== 1) throw broken('status is not one octet');
  if (status[0] !== 0) throw broken(REFUSALS[status[0]!] ?? 'a status that does not exist');
  const field = enter(response, contextTag(0));
  finish(response);
  const bytes = enter(field);
  finish(field);
  if (oidOf(read(bytes, TAG.oid)) !== BASIC) throw broken('an answer of another type');
  const basic = inside(derOf(contentOf(read(bytes, TAG.octetString)), TAG.sequence));
  finish(bytes);
  return readBasic(basic);
}

function readBasic(basic: Cursor): OcspAnswer {
  const tbs = read(basic, TAG.sequence);
  const algorithm = read(basic, TAG.sequence);
  const signature = wholeBitStringOf(read(basic, TAG.bitString));
  const along = readOptional(basic, contextTag(0));
  finish(basic);

  const data = inside(tbs);
  const version = readOptional(data, contextTag(0));
  // Version 1 (0) is the default, which DER leaves out; some write it.
  if (version !== undefined && smallIntegerOf(read(inside(version), TAG.integer)) !== 0)
    throw broken('version is not 1');
  const responder = readResponder(read(data));
  const producedAt = timeOf(read(data, TAG.generalizedTime));
  const answers: SingleAnswer[] = [];
  for (const list = enter(data); !atEnd(list); ) {
    if (answers.length >= MAX_ANSWERS) throw tooMany('certificates in one answer');
    answers.push(readSingle(enter(list)));
  }
  const extensions = readTagged(data, KNOWN);
  finish(data);
  return {
    responder,
    producedAt,
    answers,
    nonce: extensionOf({ extensions }, EXTENSION.ocspNonce, readOctets),
    certificates: along === undefined ? [] : readCertificates(along),
    tbs: rawOf(tbs),
    signatureAlgorithm: oidOf(read(inside(algorithm), TAG.oid)),
    signatureAlgorithmRaw: rawOf(algorithm),
    signature,
  };
}

const KNOWN: ReadonlySet<string> = new Set([EXTENSION.ocspNonce]);
const NONE: ReadonlySet<string> = new Set();

function readTagged(fields: Cursor, known: ReadonlySet<string>): Extensions {
  if (nextTag(fields) !== contextTag(1)) return new Map();
  const field = enter(fields, contextTag(1));
  const extensions = readExtensions(enter(field));
  finish(field);
  for (const [id, { critical }] of extensions)
    if (critical && !known.has(id)) throw broken(`critical extension ${id} is not understood`);
  return extensions;
}

function readResponder(choice: Element): OcspAnswer['responder'] {
  const content = inside(choice);
  const value = read(content);
  finish(content);
  if (choice.tag === contextTag(1)) return { name: readName(value) };
  if (choice.tag !== contextTag(2) || value.tag !== TAG.octetString) throw broken('responder without name or key');
  return { key: contentOf(value) };
}

function readSingle(fields: Cursor): SingleAnswer {
  const id = readId(enter(fields));
  const choice = read(fields);
  const thisUpdate = timeOf(read(fields, TAG.generalizedTime));
  const next = readOptional(fields, contextTag(0));
  readTagged(fields, NONE);
  finish(fields);
  const content = next && inside(next);
  const nextUpdate = content && timeOf(read(content, TAG.generalizedTime));
  if (content !== undefined) finish(content);
  if (nextUpdate !== undefined && nextUpdate < thisUpdate) throw broken('an answer that ended before it began');
  return { id, ...readState(choice), thisUpdate, nextUpdate };
}

function readId(fields: Cursor): CertificateId {
  const algorithm = enter(fields);
  const digest = oidOf(read(algorithm, TAG.oid));
  if (!atEnd(algorithm)) nullOf(read(algorithm));
  finish(algorithm);
  const issuerName = contentOf(read(fields, TAG.octetString));
  const issuerKey = contentOf(read(fields, TAG.octetString));
  const serial = serialOf(read(fields, TAG.integer));
  finish(fields);
  return { digest, issuerName, issuerKey, serial };
}

function readState(choice: Element): Pick<SingleAnswer, 'state' | 'since' | 'onHold'> {
  if (choice.tag === contextTag(0, false)) return { state: 'good', since: 0, onHold: false };
  if (choice.tag === contextTag(2, false)) return { state: 'unknown', since: 0, onHold: false };
  if (choice.tag !== contextTag(1)) throw broken('a state that does not exist');
  const fields = inside(choice);
  const since = timeOf(read(fields, TAG.generalizedTime));
  const reason = readOptional(fields, contextTag(0));
  finish(fields);
  const code = reason && contentOf(read(inside(reason), TAG.enumerated));
  return { state: 'revoked', since, onHold: code?.length === 1 && code[0] === ON_HOLD };
}

function readCertificates(field: Element): Certificate[] {
  const certificates: Certificate[] = [];
  const content = inside(field);
  for (const list = enter(content); !atEnd(list); ) {
    if (certificates.length >= MAX_CERTIFICATES) throw tooMany('certificates beside the answer');
    certificates.push(readCertificate(rawOf(read(list, TAG.sequence))));
  }
  finish(content);
  return certificates;
}

/** The bits of a SubjectPublicKeyInfo that hold the key: what §4.1.1 has digested, without algorithm and tag. */
export function keyBitsOf(certificate: Certificate): Uint8Array {
  const spki = inside(derOf(certificate.spki, TAG.sequence));
  read(spki, TAG.sequence);
  return wholeBitStringOf(read(spki, TAG.bitString));
}

/**
 * A question (OCSPRequest, §4.1) about one certificate. SHA-1, for every responder understands it (RFC 5019 §2.1.1).
 *
 * @param nonce random octets, 32 of them (RFC 9654 §2.1), so that an old answer cannot be played back
 */
export function writeOcspQuestion(certificate: Certificate, issuer: Certificate, nonce?: Uint8Array): Uint8Array {
  const id = sequence(
    sequence(oid(SHA_1), nullValue()),
    octetString(sha1(issuer.subject.raw)),
    octetString(sha1(keyBitsOf(issuer))),
    serialElement(certificate),
  );
  const extension = nonce && sequence(oid(EXTENSION.ocspNonce), octetString(octetString(nonce)));
  return sequence(
    sequence(sequence(sequence(id)), ...(extension === undefined ? [] : [context(2, sequence(extension))])),
  );
}

function serialElement({ serial }: Certificate): Uint8Array {
  return integer(serial.startsWith('-') ? -BigInt(`0x${serial.slice(1)}`) : BigInt(`0x${serial}`));
}
