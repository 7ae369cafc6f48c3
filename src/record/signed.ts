import { encodeBase64url } from '../codec/base64url.ts';
import { parseJson, writeJson } from '../codec/json.ts';
import { openJws } from '../codec/jws.ts';
import type { Limits } from '../codec/limits.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { algorithmNamed, type EnvelopeAlgorithmName } from '../crypto/algorithms.ts';
import { Broken } from '../document/broken.ts';
import type { SystemScope } from '../document/generated/types.ts';
import type { System, Systems } from '../region/systems.ts';

/** Who signs for a region: a key that its systems.json lists. Raw signatures: r‖s for ECDSA and SM2. */
export interface SystemSigner {
  /** `<region>/<id>#<RFC 7638 thumbprint>` */
  readonly keyId: string;
  readonly algorithm: EnvelopeAlgorithmName;
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** What a region's system may sign: how its JWS is called, and what its list must allow the system. */
export interface SignedKind {
  readonly typ: string;
  readonly may: SystemScope;
  readonly limits: Limits;
}

/**
 * Reads what a region's system signed (JWS, RFC 7515, compact). Only a key that the region lists for this can have made it. In: the
 * JWS, its kind, the systems of the federation, epoch ms. Undefined if it is none, or nobody can tell: it is then worth nothing.
 */
export function readSigned(
  jws: string,
  { typ, may, limits }: SignedKind,
  systems: Systems,
  now: number,
): { readonly value: Value; readonly system: System } | undefined {
  try {
    const { proof, payload, header } = openJws(jws, limits);
    const [keyId] = proof.keyIds;
    if (header['typ'] !== typ || keyId === undefined || 'demands' in proof) return undefined;
    const key = systems.key(keyId, now);
    if (key === undefined || !key.system.may.includes(may)) return undefined;
    if (proof.algorithm !== `jose:${algorithmNamed(key.algorithm).jose}`) return undefined;
    if (!key.verify(proof.signed, proof.signature)) return undefined;
    return { value: parseJson(decodeUtf8(payload), limits), system: key.system };
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}

/** Out: the JWS. */
export async function writeSigned(value: unknown, { typ }: SignedKind, signer: SystemSigner): Promise<string> {
  const header = { alg: algorithmNamed(signer.algorithm).jose, kid: signer.keyId, typ };
  const part = (each: unknown): string => encodeBase64url(encodeUtf8(writeJson(each as Value)));
  const signed = `${part(header)}.${part(value)}`;
  return `${signed}.${encodeBase64url(await signer.sign(encodeUtf8(signed)))}`;
}
