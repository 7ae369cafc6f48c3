import { generateKeyPairSync, type KeyObject, sign, webcrypto } from 'node:crypto';
import { encodeBase64, encodeBase64url } from '../codec/base64url.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import { type Algorithm, type AlgorithmName, algorithmNamed } from '../crypto/algorithms.ts';
import { keyFromJwk, keyThumbprint, keyToJwk, type PublicKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../crypto/sm2.ts';
import type { IssuerEntry, IssuerRecipeRow } from '../document/generated/types.ts';

/** A key pair of the reference federation. The private half lives in this process only and is never written. */
export interface MintedKey {
  readonly algorithm: Algorithm;
  readonly publicKey: PublicKey;
  sign(data: Uint8Array): Uint8Array;
  /** For making a certificate; undefined for SM2, which the platform's keys do not carry. */
  readonly pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
}

type Generator = (algorithm: Algorithm) => MintedKey;

const ecdsa = (namedCurve: string, hash: string): Generator => {
  return (algorithm) => {
    const pair = generateKeyPairSync('ec', { namedCurve });
    return minted(algorithm, pair, (data) => sign(hash, data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }));
  };
};

/** How a key of each algorithm is made and signs, one row each. */
const GENERATORS: Readonly<Partial<Record<AlgorithmName, Generator>>> = {
  ES256: ecdsa('P-256', 'sha256'),
  ES384: ecdsa('P-384', 'sha384'),
  EdDSA: (algorithm) => {
    const pair = generateKeyPairSync('ed25519');
    return minted(algorithm, pair, (data) => sign(null, data, pair.privateKey));
  },
  'SM2-SM3': (algorithm) => {
    const secret = sm2PrivateKey();
    return { algorithm, publicKey: sm2PublicKey(secret), sign: (data) => sm2Sign(secret, data), pair: undefined };
  },
};

function minted(
  algorithm: Algorithm,
  pair: NonNullable<MintedKey['pair']>,
  signData: (data: Uint8Array) => Uint8Array,
): MintedKey {
  return {
    algorithm,
    publicKey: keyFromJwk(pair.publicKey.export({ format: 'jwk' })),
    sign: (data) => new Uint8Array(signData(data)),
    pair,
  };
}

/** A fresh key. Errors: RangeError for an algorithm that the reference federation does not mint. */
export function mintKey(name: AlgorithmName): MintedKey {
  const generate = GENERATORS[name];
  if (generate === undefined) throw new RangeError(`no keys are minted for ${name}`);
  return generate(algorithmNamed(name)!);
}

/** The key as signer of an envelope, under a key id; with the certificates (DER, its own first) that it brings along. */
export const signerOf = (key: MintedKey, keyId: string, ...certificates: Uint8Array[]): EnvelopeSigner => ({
  cose: key.algorithm.cose,
  jose: key.algorithm.jose,
  keyId,
  ...(certificates.length === 0 ? {} : { certificates }),
  sign: key.sign,
});

/** Makes one issuer of a recipe (times resolved): its key, and its entry in the region's list. */
export async function mintIssuer(recipe: IssuerRecipeRow): Promise<{ key: MintedKey; entry: IssuerEntry }> {
  const key = mintKey(recipe.algorithm);
  const scope = {
    name: recipe.title,
    ...(recipe.unit === undefined ? {} : { unit: recipe.unit }),
    ...(recipe.documentTypes === undefined ? {} : { documentTypes: recipe.documentTypes }),
    ...(recipe.status === undefined ? {} : { status: recipe.status }),
  };
  if (recipe.container === 'jwk') {
    const keyId = recipe.keyId ?? keyThumbprint(nodePlatform, key.publicKey);
    const { validFrom, validUntil } = recipe;
    const times = {
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validUntil === undefined ? {} : { validUntil }),
    };
    return { key, entry: { keyId, jwk: { ...keyToJwk(key.publicKey) }, ...times, ...scope } };
  }
  const der = await selfSigned(recipe, key);
  const keyId = recipe.keyId ?? certificateKeyId(der);
  return { key, entry: { keyId, certificate: encodeBase64(der), ...scope } };
}

/** The key id of the EU's certificates and of ours: the first eight bytes of the certificate's SHA-256, base64url. */
export const certificateKeyId = (der: Uint8Array): string =>
  encodeBase64url(nodePlatform.digest('SHA-256', der).subarray(0, 8));

async function selfSigned(recipe: IssuerRecipeRow, key: MintedKey): Promise<Uint8Array> {
  if (key.pair === undefined)
    throw new RangeError(`${recipe.name}: certificates with ${recipe.algorithm} keys are not minted yet; use "jwk"`);
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: key.algorithm.key, hash: key.algorithm.digest };
  const { subtle } = webcrypto;
  const keys = {
    privateKey: await subtle.importKey(
      'pkcs8',
      key.pair.privateKey.export({ format: 'der', type: 'pkcs8' }),
      algorithm,
      true,
      ['sign'],
    ),
    publicKey: await subtle.importKey(
      'spki',
      key.pair.publicKey.export({ format: 'der', type: 'spki' }),
      algorithm,
      true,
      ['verify'],
    ),
  };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${recipe.title.en}, O=Tongren reference federation`,
    notBefore: new Date(recipe.validFrom ?? 0),
    notAfter: new Date(recipe.validUntil ?? '2049-12-31T23:59:59Z'),
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(recipe.extendedKeyUsage === undefined ? [] : [new x509.ExtendedKeyUsageExtension(recipe.extendedKeyUsage)]),
    ],
  });
  return new Uint8Array(certificate.rawData);
}
