import { Broken } from '../document/broken.ts';
import { sameBytes } from './bytes.ts';
import { proofOfSigner, readSignedData } from './cms.ts';
import { writeSignedData } from './cms-writer.ts';
import type { EnvelopeTools } from './envelopes.ts';
import type { Limits } from './limits.ts';
import { derFromPem } from './pem.ts';
import type { Attestation, EnvelopeOptions, EnvelopeSigner, Sealed } from './proof.ts';
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
  _: EnvelopeOptions,
  { digest, beside }: EnvelopeTools,
): Sealed {
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

function derOrPem(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== PEM.charCodeAt(0)) return bytes;
  const [block, ...others] = derFromPem(decodeUtf8(bytes));
  if (block === undefined || others.length > 0) throw new Broken('cms', 'not one block of PEM');
  return block;
}

/** Writes one file, the content inside. Throws Broken FIELD_INVALID if the signer has no certificate. */
export function writeCms(
  content: Uint8Array,
  _: EnvelopeOptions,
  { certificates, stamp, sign }: EnvelopeSigner,
  { digest }: EnvelopeTools,
): Uint8Array {
  const [certificate] = certificates ?? [];
  if (certificate === undefined) throw new Broken('cms', 'signed by holders of certificates only', 'FIELD_INVALID');
  const time = stamp === undefined ? {} : { signingTime: stamp.signedAt };
  return writeSignedData({
    profile: 'gm',
    content,
    detached: false,
    signers: [{ certificate, sign, ...time }],
    digest,
  });
}
