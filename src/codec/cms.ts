import { Broken, unlessBroken } from '../document/broken.ts';
import { sameBytes } from './bytes.ts';
import { type Digest, type DigestName, digestOfOid, namedSignature } from './cms-algorithms.ts';
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
  integerBytesOf,
  nextTag,
  oidOf,
  rawOf,
  read,
  readOptional,
  TAG,
  timeOf,
} from './der.ts';
import { element } from './der-writer.ts';
import type { Limits } from './limits.ts';
import type { Proof } from './proof.ts';

/**
 * Signed data: RFC 5652 §5, and GB/T 35275 (formerly GM/T 0010), which is the same structure under identifiers of its
 * own. DER only: what BER allows besides is refused. `cms-writer.ts` writes.
 */

/** Identifiers that mean the same in the two standards. */
export const CONTENT_TYPES = {
  signedData: new Set(['1.2.156.10197.6.1.4.2.2', '1.2.840.113549.1.7.2']),
  data: new Set(['1.2.156.10197.6.1.4.2.1', '1.2.840.113549.1.7.1']),
} as const;
export const ATTRIBUTE = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  timestampToken: '1.2.840.113549.1.9.16.2.14',
} as const;

const MAX_CERTIFICATES = 32;
const MAX_ANSWERS = 8;
/** id-ri-ocsp-response. */
const OCSP_RESPONSE = '1.3.6.1.5.5.7.16.2';
const MAX_SIGNERS = 16;
const MAX_ATTRIBUTES = 64;
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';

export interface SignedData {
  /** OID of what was signed. */
  readonly contentType: string;
  /** What was signed, if it came along (attached). */
  readonly content: Uint8Array | undefined;
  /** All certificates that came along, DER. */
  readonly certificates: readonly Uint8Array[];
  /** At least one. */
  readonly signers: readonly CmsSigner[];
}

export interface CmsSigner {
  /** The certificate that the signer names, DER; undefined if it did not come along. */
  readonly certificate: Uint8Array | undefined;
  /** The other certificates that came along, and OCSP answers, DER. */
  readonly others: readonly Uint8Array[];
  readonly answers: readonly Uint8Array[];
  /** As a proof names it. */
  readonly algorithm: string;
  /** Raw. */
  readonly signature: Uint8Array;
  /** What is signed in place of the content, if anything is. */
  readonly attributes: SignedAttributes | undefined;
  /** The signature as it stands, and the timestamp tokens over it. */
  readonly value: Uint8Array;
  readonly timestamps: readonly Uint8Array[];
}

export interface SignedAttributes {
  /** The attributes as they are signed: a SET OF instead of the `[0]` that stands in the structure (RFC 5652 §5.4). */
  readonly signed: Uint8Array;
  readonly messageDigest: Uint8Array;
  readonly digest: DigestName;
  /** Epoch ms, as the signer says. */
  readonly signingTime: number | undefined;
}

const broken = (detail: string): Broken => new Broken('cms', detail);
const limit = (detail: string): Broken => new Broken('cms', detail, 'LIMIT_EXCEEDED');

/**
 * Reads a ContentInfo with SignedData.
 *
 * @throws Broken part `cms`, `der` or `signature`: MALFORMED, or LIMIT_EXCEEDED
 */
export function readSignedData(der: Uint8Array, limits: Pick<Limits, 'input'>): SignedData {
  if (der.length > limits.input) throw limit('signed data are too long');
  const info = inside(derOf(der, TAG.sequence));
  if (!CONTENT_TYPES.signedData.has(oidOf(read(info, TAG.oid)))) throw broken('not signed data');
  const wrapper = enter(info, contextTag(0));
  finish(info);
  const data = enter(wrapper);
  finish(wrapper);

  read(data, TAG.integer);
  // The digests announced for readers in one pass: each signer names its own again.
  read(data, TAG.set);
  const { contentType, content } = readContent(data);
  const certificates = readCertificates(data);
  const along = { certificates, answers: readAnswers(readOptional(data, contextTag(1))) };
  const signers: CmsSigner[] = [];
  for (const list = enter(data, TAG.set); !atEnd(list); ) {
    if (signers.length >= MAX_SIGNERS) throw limit('too many signers');
    signers.push(readSigner(enter(list), contentType, along));
  }
  finish(data);
  if (signers.length === 0) throw broken('nobody has signed');
  return { contentType, content, certificates: certificates.map(({ der }) => der), signers };
}

function readContent(data: Cursor): { contentType: string; content: Uint8Array | undefined } {
  const info = enter(data);
  const contentType = oidOf(read(info, TAG.oid));
  const wrapper = readOptional(info, contextTag(0));
  finish(info);
  if (wrapper === undefined) return { contentType, content: undefined };
  const inner = inside(wrapper);
  const content = contentOf(read(inner, TAG.octetString));
  finish(inner);
  return { contentType, content };
}

/** A certificate by what signers call it. */
interface Known {
  readonly der: Uint8Array;
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly keyIdentifier: Uint8Array | undefined;
}

function readCertificates(data: Cursor): readonly Known[] {
  const field = readOptional(data, contextTag(0));
  if (field === undefined) return [];
  const known: Known[] = [];
  for (const list = inside(field); !atEnd(list); ) {
    if (known.length >= MAX_CERTIFICATES) throw limit('too many certificates');
    // Attribute certificates and the like (RFC 5652 §10.2.2) are tagged; nobody here could judge them.
    if (nextTag(list) !== TAG.sequence) throw broken('certificate of another kind than X.509');
    known.push(identityOf(read(list)));
  }
  return known;
}

/** As much of RFC 5280 §4.1 as is needed to find a certificate by its names. */
function identityOf(certificate: Element): Known {
  const tbs = enter(inside(certificate));
  readOptional(tbs, contextTag(0));
  const serial = integerBytesOf(read(tbs, TAG.integer));
  read(tbs, TAG.sequence);
  const issuer = rawOf(read(tbs, TAG.sequence));
  for (const _ of ['validity', 'subject', 'key']) read(tbs, TAG.sequence);
  readOptional(tbs, contextTag(1, false));
  readOptional(tbs, contextTag(2, false));
  const field = readOptional(tbs, contextTag(3));
  let keyIdentifier: Uint8Array | undefined;
  if (field !== undefined) {
    for (const list = enter(inside(field)); !atEnd(list); ) {
      const extension = enter(list);
      if (oidOf(read(extension, TAG.oid)) !== SUBJECT_KEY_IDENTIFIER) continue;
      readOptional(extension, TAG.boolean);
      keyIdentifier = contentOf(read(inside(read(extension, TAG.octetString)), TAG.octetString));
    }
  }
  return { der: rawOf(certificate), issuer, serial, keyIdentifier };
}

/** What came along with the signatures. */
interface Along {
  readonly certificates: readonly Known[];
  readonly answers: readonly Uint8Array[];
}

/**
 * OCSP answers among the RevocationInfoChoices (RFC 5652 §10.2.1, RFC 5940 §2): each is about one certificate and soon
 * over. Lists that came along are not taken: whoever hands in a document does not choose what it is checked against.
 */
function readAnswers(field: Element | undefined): readonly Uint8Array[] {
  const answers: Uint8Array[] = [];
  if (field === undefined) return answers;
  for (const list = inside(field); !atEnd(list) && answers.length < MAX_ANSWERS; ) {
    const choice = read(list);
    if (choice.tag !== contextTag(1)) continue;
    const other = inside(choice);
    if (oidOf(read(other, TAG.oid)) === OCSP_RESPONSE) answers.push(rawOf(read(other)));
  }
  return answers;
}

function readSigner(signer: Cursor, contentType: string, { certificates, answers }: Along): CmsSigner {
  read(signer, TAG.integer);
  const certificate = namedCertificate(signer, certificates);
  const digest = digestOfOid(readAlgorithm(signer));
  const attributes = readOptional(signer, contextTag(0));
  const algorithm = readAlgorithm(signer);
  const value = contentOf(read(signer, TAG.octetString));
  // Not signed: anybody can have put it in, so what cannot be read there is passed over.
  const unsigned = readOptional(signer, contextTag(1));
  finish(signer);
  // RFC 5652 §5.3: only plain data may be signed without attributes, or data could be taken for attributes.
  if (attributes === undefined && !CONTENT_TYPES.data.has(contentType)) throw broken('signed attributes are missing');
  if (digest === undefined) throw broken('digest is not in use');
  return {
    certificate,
    others: certificates.flatMap(({ der }) => (certificate && sameBytes(der, certificate) ? [] : [der])),
    answers,
    ...namedSignature(algorithm, digest, value),
    attributes: attributes && readAttributes(attributes, contentType, digest),
    value,
    timestamps: (unsigned && unlessBroken(() => readTimestamps(unsigned))) ?? [],
  };
}

/** id-aa-timeStampToken (RFC 3161 appendix A): tokens over the signature, as they are. */
function readTimestamps(field: Element): Uint8Array[] {
  const tokens: Uint8Array[] = [];
  for (const list = inside(field); !atEnd(list); ) {
    const attribute = enter(list);
    const id = oidOf(read(attribute, TAG.oid));
    const values = enter(attribute, TAG.set);
    finish(attribute);
    while (id === ATTRIBUTE.timestampToken && !atEnd(values)) {
      if (tokens.length >= MAX_SIGNERS) throw limit('too many timestamps');
      tokens.push(rawOf(read(values, TAG.sequence)));
    }
  }
  return tokens;
}

/** The OID of an AlgorithmIdentifier. Parameters are absent or NULL: anything else would be a demand that is not heard. */
export function readAlgorithm(fields: Cursor): string {
  const algorithm = enter(fields);
  const oid = oidOf(read(algorithm, TAG.oid));
  readOptional(algorithm, TAG.null);
  finish(algorithm);
  return oid;
}

/** The certificate that a signer names, by issuer and serial number or by key identifier (RFC 5652 §5.3). */
function namedCertificate(signer: Cursor, certificates: readonly Known[]): Uint8Array | undefined {
  const byKey = readOptional(signer, contextTag(0, false));
  let found: Known[];
  if (byKey !== undefined) {
    found = certificates.filter(({ keyIdentifier }) => keyIdentifier && sameBytes(keyIdentifier, contentOf(byKey)));
  } else {
    const name = enter(signer);
    const issuer = rawOf(read(name, TAG.sequence));
    const serial = integerBytesOf(read(name, TAG.integer));
    finish(name);
    found = certificates.filter((known) => sameBytes(known.issuer, issuer) && sameBytes(known.serial, serial));
  }
  const [first, ...others] = found;
  // Of two certificates under one name, one reader would believe the first and another the last.
  if (others.some(({ der }) => !sameBytes(der, first!.der))) throw broken('two certificates of one name');
  return first?.der;
}

function readAttributes(field: Element, contentType: string, digest: DigestName): SignedAttributes {
  const values = new Map<string, Element>();
  for (const list = inside(field); !atEnd(list); ) {
    if (values.size >= MAX_ATTRIBUTES) throw limit('too many attributes');
    const attribute = enter(list);
    const id = oidOf(read(attribute, TAG.oid));
    const set = enter(attribute, TAG.set);
    finish(attribute);
    const value = read(set);
    const single = id === ATTRIBUTE.contentType || id === ATTRIBUTE.messageDigest || id === ATTRIBUTE.signingTime;
    // RFC 5652 §11: each of these has one value, and stands once.
    if (values.has(id) || (single && !atEnd(set))) throw broken('attribute comes twice');
    values.set(id, value);
  }
  const type = values.get(ATTRIBUTE.contentType);
  const message = values.get(ATTRIBUTE.messageDigest);
  const time = values.get(ATTRIBUTE.signingTime);
  if (type === undefined || message === undefined) throw broken('signed attributes are incomplete');
  if (!sameType(oidOf(typed(type, TAG.oid)), contentType)) throw broken('signed as another type of content');
  return {
    signed: element(TAG.set, contentOf(field)),
    messageDigest: contentOf(typed(message, TAG.octetString)),
    digest,
    signingTime: time && timeOf(time, true),
  };
}

function typed(value: Element, tag: number): Element {
  if (value.tag !== tag) throw broken('attribute of another type than its identifier says');
  return value;
}

/** Writers mix the identifiers of the two standards within one structure. */
const sameType = (one: string, other: string): boolean =>
  one === other || (CONTENT_TYPES.data.has(one) && CONTENT_TYPES.data.has(other));

/**
 * What a signer vouches for, given the content.
 *
 * @returns the proof, and whether the content is the one whose digest was signed (without attributes the signature
 *   itself tells)
 */
export function proofOfSigner(
  signer: CmsSigner,
  content: Uint8Array,
  digest: Digest,
): { readonly proof: Proof; readonly contentMatches: boolean } {
  const { algorithm, signature, certificate, others, answers, attributes, value, timestamps } = signer;
  const signed = attributes?.signed ?? content;
  return {
    proof: {
      algorithm,
      signed,
      signature,
      keyIds: [],
      ...(certificate === undefined ? {} : { certificates: [certificate, ...others] }),
      ...(answers.length === 0 ? {} : { answers }),
      ...(timestamps.length === 0 ? {} : { timestamps, stamped: value }),
    },
    contentMatches: attributes === undefined || sameBytes(digest(attributes.digest, content), attributes.messageDigest),
  };
}
