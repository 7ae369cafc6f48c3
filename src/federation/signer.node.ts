import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { EnvelopeSigner } from '../codec/proof.ts';
import { algorithmNamed, type EnvelopeAlgorithm, type EnvelopeAlgorithmName } from '../crypto/algorithms.ts';
import { keyFromJwk, type PublicKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../crypto/sm2.ts';
import { certificateId } from '../trust/certificate.ts';

/** A key pair of the reference federation. The private half lives in this process only and is never written. */
export interface MintedKey {
  readonly algorithm: EnvelopeAlgorithm;
  readonly publicKey: PublicKey;
  sign(data: Uint8Array): Uint8Array;
}

type Generator = (algorithm: EnvelopeAlgorithm) => MintedKey;

const ecdsa = (namedCurve: string, hash: string): Generator => {
  return (algorithm) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    return minted(algorithm, publicKey, (data) => sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
  };
};

/** How a key of each algorithm is made and signs, one row each. */
const GENERATORS: Readonly<Partial<Record<EnvelopeAlgorithmName, Generator>>> = {
  ES256: ecdsa('P-256', 'sha256'),
  ES384: ecdsa('P-384', 'sha384'),
  ES512: ecdsa('P-521', 'sha512'),
  EdDSA: (algorithm) => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    return minted(algorithm, publicKey, (data) => sign(null, data, privateKey));
  },
  'SM2-SM3': (algorithm) => {
    const secret = sm2PrivateKey();
    return { algorithm, publicKey: sm2PublicKey(secret), sign: (data) => sm2Sign(secret, data) };
  },
};

const minted = (
  algorithm: EnvelopeAlgorithm,
  key: KeyObject,
  signData: (data: Uint8Array) => Uint8Array,
): MintedKey => ({
  algorithm,
  publicKey: keyFromJwk(key.export({ format: 'jwk' })),
  sign: (data) => new Uint8Array(signData(data)),
});

/** A fresh key. Errors: RangeError for an algorithm that the reference federation does not mint. */
export function mintKey(name: EnvelopeAlgorithmName): MintedKey {
  const generate = GENERATORS[name];
  if (generate === undefined) throw new RangeError(`no keys are minted for ${name}`);
  return generate(algorithmNamed(name));
}

/** The key as signer of an envelope, under a key id; with the certificates (DER, its own first) that it brings along. */
export const signerOf = (key: MintedKey, keyId: string, ...certificates: Uint8Array[]): EnvelopeSigner => ({
  cose: key.algorithm.cose,
  jose: key.algorithm.jose,
  keyId,
  ...(certificates.length === 0 ? {} : { certificates }),
  sign: key.sign,
});

/** The key id of the EU's certificates and of ours: the first eight bytes of the certificate's SHA-256, base64url. */
export const certificateKeyId = (der: Uint8Array): string => certificateId(der, nodePlatform);
