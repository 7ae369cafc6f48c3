import { SM2_WITH_SM3 } from './cms-algorithms.ts';
import {
  bitString,
  context,
  generalizedTime,
  ia5String,
  integer,
  octetString,
  oid,
  printableString,
  sequence,
  utf8String,
} from './der-writer.ts';
import type { ListedSigner, Seal } from './seal.ts';
import { derFromRaw } from './signature.ts';

/** Whoever signs with SM2 and SM3: a certificate (DER) and a function that gives r‖s. */
export interface SealWriterSigner {
  readonly certificate: Uint8Array;
  sign(data: Uint8Array): Uint8Array;
}

/** Times are written to whole seconds, `id` and `vendor` in ASCII. Listed signers: all by certificate, or all by digest. */
export type SealFields = Omit<Seal, 'version' | 'der' | 'maker'>;

const VERSION = 4;

/** Writes a seal (SESeal, GB/T 38540-2020), signed by its maker. */
export function writeSeal(fields: SealFields, maker: SealWriterSigner): Uint8Array {
  const { picture, signers } = fields;
  const byDigest = signers.some((signer) => 'digest' in signer);
  const info = sequence(
    sequence(ia5String('ES'), integer(VERSION), ia5String(fields.vendor)),
    ia5String(fields.id),
    sequence(
      integer(fields.type),
      utf8String(fields.name),
      integer(byDigest ? 2 : 1),
      sequence(...signers.map(listed)),
      generalizedTime(fields.createdAt),
      generalizedTime(fields.validFrom),
      generalizedTime(fields.validUntil),
    ),
    sequence(ia5String(picture.type), octetString(picture.data), integer(picture.width), integer(picture.height)),
  );
  return sequence(info, ...signedWith(maker, derFromRaw(maker.sign(info))));
}

const listed = (signer: ListedSigner): Uint8Array =>
  'certificate' in signer
    ? octetString(signer.certificate)
    : sequence(printableString(signer.algorithm), octetString(signer.digest));

/** Certificate, algorithm and signature, as they follow what is signed. */
const signedWith = ({ certificate }: SealWriterSigner, signature: Uint8Array): Uint8Array[] => [
  octetString(certificate),
  oid(SM2_WITH_SM3),
  bitString(signature),
];

export interface StampFields {
  /** The seal (SESeal), DER. */
  readonly seal: Uint8Array;
  /** Epoch ms, whole seconds. */
  readonly signedAt: number;
  /** SM3 of what is stamped. */
  readonly dataHash: Uint8Array;
  /** Where that is: the path of Signature.xml in an OFD. ASCII. */
  readonly property: string;
  /** Gives a timestamp token over the signature (as it stands), which then travels with it. */
  timestamp?(signature: Uint8Array): Uint8Array;
}

/** Stamps with a seal: a signature (SES_Signature, GB/T 38540-2020) by one of those who may use it. */
export function writeSealSignature(fields: StampFields, signer: SealWriterSigner): Uint8Array {
  const toSign = sequence(
    integer(VERSION),
    fields.seal,
    generalizedTime(fields.signedAt),
    bitString(fields.dataHash),
    ia5String(fields.property),
  );
  const signature = derFromRaw(signer.sign(toSign));
  return sequence(
    toSign,
    ...signedWith(signer, signature),
    ...(fields.timestamp === undefined ? [] : [context(0, fields.timestamp(signature))]),
  );
}
