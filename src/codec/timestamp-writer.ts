import { ATTRIBUTE, CONTENT_TYPES } from './cms.ts';
import { DIGEST_OIDS, type Digest, type DigestName } from './cms-algorithms.ts';
import { attribute, issuerAndSerial, retagged } from './cms-writer.ts';
import { context, generalizedTime, integer, nullValue, octetString, oid, sequence, setOf } from './der-writer.ts';
import { TST_INFO } from './timestamp.ts';

/** Whoever makes timestamps. */
export interface TimestampSigner {
  /** DER. */
  readonly certificate: Uint8Array;
  /** OID of the signature algorithm, and the digest that goes with it. */
  readonly algorithm: string;
  readonly digest: 'SHA-256' | 'SM3';
  /** Gives the signature as CMS writes it: for ECDSA and SM2 the DER pair. */
  sign(data: Uint8Array): Uint8Array;
}

export interface TimestampFields {
  /** OID. */
  readonly policy: string;
  /** What is to be shown to have existed. */
  readonly data: Uint8Array;
  readonly imprint?: DigestName;
  readonly serial: number;
  /** Epoch ms, whole seconds. */
  readonly time: number;
  /** Seconds. */
  readonly accuracy?: number;
}

/** id-aa-signingCertificateV2, RFC 5035 §3. */
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.47';
const [, SIGNED_DATA] = [...CONTENT_TYPES.signedData] as [string, string];

/** Writes a timestamp token (RFC 3161 §2.4.2), its authority's certificate included. */
export function writeTimestamp(fields: TimestampFields, signer: TimestampSigner, digest: Digest): Uint8Array {
  const { imprint = signer.digest, accuracy } = fields;
  const algorithm = (name: DigestName): Uint8Array => sequence(oid(DIGEST_OIDS[name]), nullValue());
  const info = sequence(
    integer(1),
    oid(fields.policy),
    sequence(algorithm(imprint), octetString(digest(imprint, fields.data))),
    integer(fields.serial),
    generalizedTime(fields.time),
    ...(accuracy === undefined ? [] : [sequence(integer(accuracy))]),
  );
  // The certificate's own digest: SHA-256 is the default and then not written (RFC 5035 §4).
  const certificateId =
    signer.digest === 'SHA-256'
      ? sequence(octetString(digest('SHA-256', signer.certificate)))
      : sequence(sequence(oid(DIGEST_OIDS[signer.digest])), octetString(digest(signer.digest, signer.certificate)));
  const attributes = setOf(
    attribute(ATTRIBUTE.contentType, oid(TST_INFO)),
    attribute(ATTRIBUTE.messageDigest, octetString(digest(signer.digest, info))),
    attribute(SIGNING_CERTIFICATE, sequence(sequence(certificateId))),
  );
  const signerInfo = sequence(
    integer(1),
    issuerAndSerial(signer.certificate),
    algorithm(signer.digest),
    retagged(attributes),
    sequence(oid(signer.algorithm)),
    octetString(signer.sign(attributes)),
  );
  const signedData = sequence(
    integer(3),
    setOf(algorithm(signer.digest)),
    sequence(oid(TST_INFO), context(0, octetString(info))),
    context(0, signer.certificate),
    setOf(signerInfo),
  );
  return sequence(oid(SIGNED_DATA), context(0, signedData));
}
