import { Broken } from '../document/broken.ts';
import { decodeBase64, encodeBase64 } from './base64url.ts';
import { sameBytes } from './bytes.ts';
import type { EnvelopeTools } from './envelopes.ts';
import { canonicalJson, parseJson, writeJson } from './json.ts';
import type { Limits } from './limits.ts';
import type { Attestation, EnvelopeOptions, EnvelopeSigner, Sealed } from './proof.ts';
import { attestedSeal, readSealSignature } from './seal.ts';
import { writeSealSignature } from './seal-writer.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { emptyObject, type ValueObject } from './value.ts';

/** The member that holds the signature, base64, and the name under which the rest is stamped. */
const MEMBER = 'seal';
const PROPERTY = '/license.json';

/**
 * A JSON object with an electronic seal (GB/T 38540) in its member `seal`: the seal's digest is SM3 of the canonical form
 * (RFC 8785) of the object without that member.
 */
export function openSealedJson(
  input: string | Uint8Array,
  limits: Limits,
  _: EnvelopeOptions,
  { digest }: EnvelopeTools,
): Sealed {
  const whole = parseJson(typeof input === 'string' ? input : decodeUtf8(input), limits);
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole) || whole instanceof Uint8Array) {
    throw new Broken('json', 'not an object');
  }
  const { [MEMBER]: member, ...rest } = whole as ValueObject;
  if (typeof member !== 'string') throw new Broken(MEMBER, 'the member with the seal is missing');
  const payload = encodeUtf8(canonicalJson(Object.assign(emptyObject(), rest)));
  const { proof, seal, signedAt, dataHash } = readSealSignature(decodeBase64(member), limits);
  const attestation: Attestation = {
    at: MEMBER,
    proof,
    contentMatches: sameBytes(dataHash, digest('SM3', payload)),
    altered: [],
    ...(signedAt === undefined ? {} : { signedAt }),
    seal: attestedSeal(seal, proof, digest, undefined),
  };
  return { proof, payload, header: {}, attestations: [attestation], unsigned: [] };
}

/** Writes the object with its seal. Throws Broken FIELD_INVALID if the signer has none. */
export function writeSealedJson(
  payload: Uint8Array,
  _: EnvelopeOptions,
  { certificates, stamp, further, sign }: EnvelopeSigner,
  { digest }: EnvelopeTools,
): string {
  const [certificate] = certificates ?? [];
  if (certificate === undefined || stamp?.seal === undefined) {
    throw new Broken(MEMBER, 'sealed by holders of a seal only', 'FIELD_INVALID');
  }
  if (further !== undefined) throw new Broken(MEMBER, 'there is room for one seal', 'FIELD_INVALID');
  // Written by our own payload codec a moment ago.
  const value = parseJson(decodeUtf8(payload), { depth: 64, items: 100_000 }) as ValueObject;
  const dataHash = digest('SM3', encodeUtf8(canonicalJson(value)));
  const fields = { ...stamp, seal: stamp.seal, dataHash, property: PROPERTY };
  const signature = writeSealSignature(fields, { certificate, sign });
  return writeJson({ ...value, [MEMBER]: encodeBase64(signature) });
}
