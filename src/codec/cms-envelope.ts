import { Broken } from '../document/broken.ts';
import { sameBytes } from './bytes.ts';
import { proofOfSigner, readSignedData } from './cms.ts';
import { writeSignedData } from './cms-writer.ts';
import { TAG } from './der.ts';
import type { EnvelopeTools } from './envelopes.ts';
import type { Limits } from './limits.ts';
import { derFromPem } from './pem.ts';
import type { Attestation, EnvelopeOptions, EnvelopeSigner, Sealed, WrittenEnvelope } from './proof.ts';
import { decodeUtf8 } from './utf8.ts';

/** Where findings about the signature file point. */
const AT = 'signature';
const PEM = '-----BEGIN';

/**
 * A file with signed data (GB/T 35275, RFC 5652): the content inside, or, where a signature file came beside it, the
 * content itself, byte for byte.
 */
export function openCms(
  input: string | Uint8Array,
  limits: Limits,
  { detached }: EnvelopeOptions,
  { digest, beside }: EnvelopeTools,
): Sealed {
  if (detached && beside === undefined && (typeof input === 'string' || !isSignedData(input)))
    throw new Broken('cms', 'the signature file (.p7s) is missing', 'PARTS_MISSING');
  if (typeof input === 'string') throw new Broken('cms', 'expected bytes, found text');
  const { content, signers } = readSignedData(derOrPem(beside ?? input), limits);
  const payload = beside === undefined ? content : input;
  if (payload === undefined) throw new Broken('cms', 'what was signed is in another file', 'PARTS_MISSING');
  // A signature file may hold the content once more: then it is that content which was signed.
  const isThis = content === undefined || sameBytes(content, payload);
  const attestations = signers.map((signer): Attestation => {
    const { proof, contentMatches } = proofOfSigner(signer, content ?? payload, digest);
    const { signingTime } = signer.attributes ?? {};
    return {
      at: AT,
      proof,
      contentMatches: isThis && contentMatches,
      altered: [],
      ...(signingTime === undefined ? {} : { signedAt: signingTime }),
    };
  });
  return { proof: attestations[0]!.proof, payload, header: {}, attestations, unsigned: [] };
}

/** Is it a signature file by itself: signed data whose content is elsewhere? */
export function isSignatureFile(bytes: Uint8Array, limits: Pick<Limits, 'input'>): boolean {
  if (!isSignedData(bytes)) return false;
  try {
    return readSignedData(derOrPem(bytes), limits).content === undefined;
  } catch (error) {
    if (error instanceof Broken) return false;
    throw error;
  }
}

const isSignedData = (bytes: Uint8Array): boolean => bytes[0] === TAG.sequence || bytes[0] === PEM.charCodeAt(0);

function derOrPem(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== PEM.charCodeAt(0)) return bytes;
  const [block, ...others] = derFromPem(decodeUtf8(bytes));
  if (block === undefined || others.length > 0) throw new Broken('cms', 'not one block of PEM');
  return block;
}

/** Writes one file with the content inside, or two where the format says so. Throws Broken FIELD_INVALID for a signer without a certificate. */
export function writeCms(
  content: Uint8Array,
  { detached = false }: EnvelopeOptions,
  signer: EnvelopeSigner,
  { digest }: EnvelopeTools,
): WrittenEnvelope {
  const signers = [signer, ...(signer.further ?? [])].map(({ certificates, stamp, sign }) => {
    const [certificate] = certificates ?? [];
    if (certificate === undefined) throw new Broken('cms', 'signed by holders of certificates only', 'FIELD_INVALID');
    return { certificate, sign, ...(stamp === undefined ? {} : { signingTime: stamp.signedAt }) };
  });
  const signed = writeSignedData({ profile: 'gm', content, detached, signers, digest });
  return detached ? { content, beside: signed } : signed;
}
