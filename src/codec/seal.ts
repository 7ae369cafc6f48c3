import { Broken, unlessBroken } from '../document/broken.ts';
import { sameBytes } from './bytes.ts';
import { type Digest, type DigestName, namedSignature, SM3_OID } from './cms-algorithms.ts';
import {
  atEnd,
  booleanOf,
  type Cursor,
  contentOf,
  contextTag,
  derOf,
  type Element,
  enter,
  finish,
  inside,
  isString,
  nextTag,
  oidOf,
  rawOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
  textOf,
  timeOf,
  wholeBitStringOf,
} from './der.ts';
import { sequence } from './der-writer.ts';
import type { Limits } from './limits.ts';
import type { AttestedSeal, Proof } from './proof.ts';
import { momentOf } from './seal-time.ts';

/**
 * Electronic seals and what they stamp: GB/T 38540-2020 ("V4"), GM/T 0031-2014 ("V1"), and the form with header version
 * 5 that some software writes, which adds optional timestamps to V4. `seal-writer.ts` writes V4.
 *
 * A seal (SESeal) is made once by a seal maker, who signs its picture and who may use it; a signature with it
 * (SES_Signature) carries the seal whole. So each document holds two signatures by two certificates, and both count.
 */
export interface Seal {
  /** From the header; 1 has a structure of its own. */
  readonly version: number;
  /** The seal whole, as `Seal.esl` holds it. */
  readonly der: Uint8Array;
  /** esID: the seal's own number. */
  readonly id: string;
  readonly vendor: string;
  readonly name: string;
  /** Kind of seal: 1 of an office, 3 of a company (GB/T 38540 leaves the numbers to the user). */
  readonly type: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly validFrom: number;
  readonly validUntil: number;
  /** Who may use it. */
  readonly signers: readonly ListedSigner[];
  /** Never decoded here: size in millimetres. */
  readonly picture: {
    readonly type: string;
    readonly data: Uint8Array;
    readonly width: number;
    readonly height: number;
  };
  /** The maker's signature. */
  readonly maker: Proof;
}

/** A certificate that may use a seal: itself, or its digest. */
export type ListedSigner =
  | { readonly certificate: Uint8Array }
  | { readonly digest: Uint8Array; readonly algorithm: DigestName };

export interface SealSignature {
  readonly seal: Seal;
  /** When it was stamped, epoch ms, as the signer says; undefined where only a timestamp or an unknown form tells. */
  readonly signedAt: number | undefined;
  /** SM3 of what was stamped. */
  readonly dataHash: Uint8Array;
  /** What was stamped, in the signer's words: the path of Signature.xml in an OFD. */
  readonly property: string;
  readonly proof: Proof;
}

const MAX_PICTURE = 2 << 20;
const MAX_TEXT = 4096;
const MAX_SIGNERS = 256;
const MAX_EXTENSIONS = 64;

const broken = (detail: string): Broken => new Broken('seal', detail);
const limit = (detail: string): Broken => new Broken('seal', detail, 'LIMIT_EXCEEDED');

/**
 * Reads a seal (SESeal).
 *
 * @throws Broken part `seal`, `der` or `signature`: MALFORMED, or LIMIT_EXCEEDED
 */
export function readSeal(der: Uint8Array, limits: Pick<Limits, 'input'>): Seal {
  if (der.length > limits.input) throw limit('seal is too long');
  return sealOf(derOf(der, TAG.sequence));
}

/**
 * Reads a signature made with a seal (SES_Signature).
 *
 * @throws Broken part `seal`, `der` or `signature`: MALFORMED, or LIMIT_EXCEEDED
 */
export function readSealSignature(der: Uint8Array, limits: Pick<Limits, 'input'>): SealSignature {
  if (der.length > limits.input) throw limit('signature with a seal is too long');
  const whole = inside(derOf(der, TAG.sequence));
  const toSign = read(whole, TAG.sequence);
  // V1 keeps certificate and algorithm inside what is signed; since V4 they stand beside it.
  const isV1 = nextTag(whole) === TAG.bitString;
  const outer = isV1 ? undefined : readVoucher(whole);
  const fields = inside(toSign);
  smallIntegerOf(read(fields, TAG.integer));
  const seal = sealOf(read(fields, TAG.sequence));
  if (seal.version < 4 !== isV1) throw broken('seal and signature are of different versions');
  const time = read(fields);
  const dataHash = octetsOf(read(fields));
  const property = shortText(read(fields));
  const inner = isV1 ? readVoucher(fields) : undefined;
  const demands = isV1 ? undefined : readExtensions(readOptional(fields, contextTag(0)));
  finish(fields);
  if (dataHash.length !== 32) throw broken('digest of another length than SM3');
  const { certificate, algorithm } = (outer ?? inner)!;
  const value = wholeBitStringOf(read(whole, TAG.bitString));
  const timestamp = isV1 ? undefined : readOptional(whole, contextTag(0));
  finish(whole);
  return {
    seal,
    signedAt: isV1 ? timeOfV1(time) : timeOf(time, true),
    dataHash,
    property,
    proof: {
      ...proofOf(certificate, algorithm, rawOf(toSign), value, demands),
      ...(timestamp === undefined ? {} : { timestamps: tokensOf(timestamp), stamped: value }),
    },
  };
}

/**
 * The timestamp over the signature (GB/T 38540: timeStamp, the last member). Whether the token stands there as it is or in a
 * string could not be checked against the standard's text: both are read. It is not signed, so anything else is passed over.
 */
function tokensOf(field: Element): Uint8Array[] {
  const token = unlessBroken(() => {
    const inner = inside(field);
    const element = read(inner);
    finish(inner);
    return element.tag === TAG.sequence ? rawOf(element) : octetsOf(element);
  });
  return token === undefined ? [] : [token];
}

/** Whose signature: certificate and algorithm. */
interface Voucher {
  readonly certificate: Uint8Array;
  readonly algorithm: string;
  readonly raw: readonly Uint8Array[];
}

function readVoucher(cursor: Cursor): Voucher {
  const certificate = read(cursor, TAG.octetString);
  const algorithm = read(cursor, TAG.oid);
  return {
    certificate: contentOf(certificate),
    algorithm: oidOf(algorithm),
    raw: [rawOf(certificate), rawOf(algorithm)],
  };
}

function proofOf(
  certificate: Uint8Array,
  algorithm: string,
  signed: Uint8Array,
  value: Uint8Array,
  demands: string | undefined,
): Proof {
  return {
    ...namedSignature(algorithm, undefined, value),
    signed,
    keyIds: [],
    certificates: [certificate],
    ...(demands === undefined ? {} : { demands }),
  };
}

function sealOf(element: Element): Seal {
  const whole = inside(element);
  const info = read(whole, TAG.sequence);
  const isV1 = nextTag(whole) === TAG.sequence;
  const { demands, ...fields } = readInfo(info, isV1);
  const signing = isV1 ? enter(whole) : whole;
  const voucher = readVoucher(signing);
  const value = wholeBitStringOf(read(signing, TAG.bitString));
  if (isV1) finish(signing);
  else readOptional(whole, contextTag(0));
  finish(whole);
  // The maker of a V1 seal signs his certificate and the algorithm too; since V4 only the information.
  const signed = isV1 ? sequence(rawOf(info), ...voucher.raw) : rawOf(info);
  const maker = proofOf(voucher.certificate, voucher.algorithm, signed, value, demands);
  return { ...fields, der: rawOf(element), maker };
}

function readInfo(
  info: Element,
  isV1: boolean,
): Omit<Seal, 'der' | 'maker'> & { readonly demands: string | undefined } {
  const fields = inside(info);
  const header = enter(fields);
  if (shortText(read(header)) !== 'ES') throw broken('not the header of a seal');
  const version = smallIntegerOf(read(header, TAG.integer));
  const vendor = shortText(read(header));
  finish(header);
  if (version < 1 || version > 5 || version < 4 !== isV1) throw broken('version of the seal is not known');
  const id = shortText(read(fields));

  const property = enter(fields);
  const type = smallIntegerOf(read(property, TAG.integer));
  const name = shortText(read(property));
  // V1 lists certificates only, and does not say so.
  const listType = isV1 ? 1 : smallIntegerOf(read(property, TAG.integer));
  const signers = readSigners(enter(property), listType);
  const createdAt = timeOf(read(property), true);
  const validFrom = timeOf(read(property), true);
  const validUntil = timeOf(read(property), true);
  finish(property);

  const picture = enter(fields);
  const pictureType = shortText(read(picture));
  const data = contentOf(read(picture, TAG.octetString));
  if (data.length > MAX_PICTURE) throw limit('picture of the seal is too large');
  const width = smallIntegerOf(read(picture, TAG.integer));
  const height = smallIntegerOf(read(picture, TAG.integer));
  finish(picture);
  const demands = readExtensions(readOptional(fields, TAG.sequence));
  finish(fields);
  return {
    version,
    id,
    vendor,
    name,
    type,
    createdAt,
    validFrom,
    validUntil,
    signers,
    picture: { type: pictureType, data, width, height },
    demands,
  };
}

function readSigners(list: Cursor, listType: number): ListedSigner[] {
  const reader = SIGNER_READERS.get(listType);
  if (reader === undefined) throw broken('list of signers of an unknown type');
  const signers: ListedSigner[] = [];
  while (!atEnd(list)) {
    if (signers.length >= MAX_SIGNERS) throw limit('too many signers');
    signers.push(reader(list));
  }
  return signers;
}

/** certListType: what the list of signers holds. */
const SIGNER_READERS = new Map<number, (list: Cursor) => ListedSigner>([
  [1, (list) => ({ certificate: contentOf(read(list, TAG.octetString)) })],
  [
    2,
    (list) => {
      const item = enter(list);
      const algorithm = digestNamed(shortText(read(item)));
      const digest = contentOf(read(item, TAG.octetString));
      finish(item);
      return { digest, algorithm };
    },
  ],
]);

const SHA_256: ReadonlySet<string> = new Set(['SHA256', 'SHA-256', '2.16.840.1.101.3.4.2.1']);
/** How the type of a digest is written is left open; seals are an SM2 matter, so what is not known is taken for SM3. */
const digestNamed = (type: string): DigestName =>
  type !== SM3_OID && SHA_256.has(type.toUpperCase()) ? 'SHA-256' : 'SM3';

/** Whether the seal's maker allowed this certificate to use it. */
export const listsSigner = (seal: Seal, certificate: Uint8Array, digest: Digest): boolean =>
  seal.signers.some((signer) =>
    'certificate' in signer
      ? sameBytes(signer.certificate, certificate)
      : sameBytes(signer.digest, digest(signer.algorithm, certificate)),
  );

/** The seal as an attestation tells of it; `copy` is the seal that lies beside the signature, if one should. */
export const attestedSeal = (
  seal: Seal,
  { certificates }: Proof,
  digest: Digest,
  copy: { readonly bytes: Uint8Array | undefined } | undefined,
): AttestedSeal => ({
  maker: seal.maker,
  madeAt: seal.createdAt,
  validFrom: seal.validFrom,
  validUntil: seal.validUntil,
  listsSigner: listsSigner(seal, certificates![0]!, digest),
  copyMatches: copy === undefined || (copy.bytes !== undefined && sameBytes(copy.bytes, seal.der)),
});

/** Extensions: none is in use here. A critical one must not be passed over: it becomes a demand. */
function readExtensions(field: Element | undefined): string | undefined {
  if (field === undefined) return undefined;
  let list = inside(field);
  // Under the tag [0] stands the list, or its items at once.
  if (field.tag !== TAG.sequence && !atEnd(list)) {
    const inner = inside(read({ ...list }, TAG.sequence));
    if (nextTag(inner) === TAG.sequence) {
      read(list);
      finish(list);
      list = inner;
    }
  }
  let demands: string | undefined;
  for (let count = 0; !atEnd(list); count++) {
    if (count >= MAX_EXTENSIONS) throw limit('too many extensions');
    const extension = enter(list);
    const id = oidOf(read(extension, TAG.oid));
    const critical = readOptional(extension, TAG.boolean);
    read(extension, TAG.octetString);
    finish(extension);
    if (critical !== undefined && booleanOf(critical)) demands ??= `critical extension ${id}`;
  }
  return demands;
}

function shortText(element: Element): string {
  if (!isString(element)) throw broken('text is expected');
  if (element.end - element.content > MAX_TEXT) throw limit('text is too long');
  return textOf(element);
}

/** V1 writers use an OCTET STRING where the standard has a BIT STRING. */
const octetsOf = (element: Element): Uint8Array =>
  element.tag === TAG.octetString ? contentOf(element) : wholeBitStringOf(typed(element, TAG.bitString));

function typed(element: Element, tag: number): Element {
  if (element.tag !== tag) throw broken('element of another type than expected');
  return element;
}

/** V1: a time of any form, or a timestamp, inside a BIT STRING. */
function timeOfV1(element: Element): number | undefined {
  const octets = octetsOf(element);
  if (octets[0] === TAG.utcTime || octets[0] === TAG.generalizedTime) return timeOf(derOf(octets), true);
  if (octets.length > 40 || octets[0] === TAG.sequence) return undefined;
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return momentOf(text);
}
