import { ATTRIBUTE } from './cms.ts';
import { type Digest, SM3_OID } from './cms-algorithms.ts';
import { contextTag, derOf, enter, inside, rawOf, read, readOptional, TAG } from './der.ts';
import { context, integer, nullValue, octetString, oid, sequence, setOf, time } from './der-writer.ts';
import { derFromRaw } from './signature.ts';

/** Whoever signs with SM2 and SM3: a certificate (DER) and a function that gives r‖s. */
export interface CmsWriterSigner {
  readonly certificate: Uint8Array;
  sign(data: Uint8Array): Uint8Array;
  /** Signed attributes are written if this is given: epoch ms. */
  readonly signingTime?: number;
  /** Gives a timestamp token over the signature (as it stands), which then travels with it. */
  timestamp?(signature: Uint8Array): Uint8Array;
}

export interface SignedDataOptions {
  /** Which identifiers are written: GB/T 35275's or RFC 5652's. */
  readonly profile: 'gm' | 'cms';
  readonly content: Uint8Array;
  /** The content is left out: it travels beside the signature. */
  readonly detached: boolean;
  readonly signers: readonly CmsWriterSigner[];
  readonly digest: Digest;
}

/** The algorithm that signs on the SM2 curve, as GB/T 35275 names it beside its digest. */
const SM2_SIGNING = '1.2.156.10197.1.301.1';

const IDENTIFIERS = {
  gm: { signedData: '1.2.156.10197.6.1.4.2.2', data: '1.2.156.10197.6.1.4.2.1' },
  cms: { signedData: '1.2.840.113549.1.7.2', data: '1.2.840.113549.1.7.1' },
} as const;

/** Writes a ContentInfo with SignedData (RFC 5652 §5, GB/T 35275) of SM2 signatures, certificates included. */
export function writeSignedData({ profile, content, detached, signers, digest }: SignedDataOptions): Uint8Array {
  const ids = IDENTIFIERS[profile];
  const sm3 = sequence(oid(SM3_OID), nullValue());
  const encapsulated = detached ? sequence(oid(ids.data)) : sequence(oid(ids.data), context(0, octetString(content)));
  const signedData = sequence(
    integer(1),
    setOf(sm3),
    encapsulated,
    context(0, ...signers.map(({ certificate }) => certificate)),
    setOf(...signers.map((signer) => signerInfo(signer, ids.data, content, sm3, digest))),
  );
  return sequence(oid(ids.signedData), context(0, signedData));
}

function signerInfo(
  { certificate, sign, signingTime, timestamp }: CmsWriterSigner,
  dataType: string,
  content: Uint8Array,
  sm3: Uint8Array,
  digest: Digest,
): Uint8Array {
  const attributes =
    signingTime === undefined
      ? undefined
      : setOf(
          attribute(ATTRIBUTE.contentType, oid(dataType)),
          attribute(ATTRIBUTE.messageDigest, octetString(digest('SM3', content))),
          attribute(ATTRIBUTE.signingTime, time(signingTime)),
        );
  const value = derFromRaw(sign(attributes ?? content));
  return sequence(
    integer(1),
    issuerAndSerial(certificate),
    sm3,
    // What is signed is the SET; what is written carries the tag [0] in its place (RFC 5652 §5.4).
    ...(attributes === undefined ? [] : [retagged(attributes)]),
    sequence(oid(SM2_SIGNING), nullValue()),
    octetString(value),
    ...(timestamp === undefined ? [] : [context(1, attribute(ATTRIBUTE.timestampToken, timestamp(value)))]),
  );
}

export const attribute = (id: string, value: Uint8Array): Uint8Array => sequence(oid(id), setOf(value));

export function retagged(set: Uint8Array): Uint8Array {
  const copy = set.slice();
  copy[0] = contextTag(0);
  return copy;
}

export function issuerAndSerial(certificate: Uint8Array): Uint8Array {
  const tbs = enter(inside(derOf(certificate, TAG.sequence)));
  readOptional(tbs, contextTag(0));
  const serial = rawOf(read(tbs, TAG.integer));
  read(tbs, TAG.sequence);
  return sequence(rawOf(read(tbs, TAG.sequence)), serial);
}
