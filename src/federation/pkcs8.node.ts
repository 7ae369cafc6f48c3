import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  contentOf,
  contextTag,
  derOf,
  enter,
  finish,
  inside,
  nextTag,
  oidOf,
  read,
  smallIntegerOf,
  TAG,
} from '../codec/der.ts';
import { bitString, context, integer, octetString, oid, sequence } from '../codec/der-writer.ts';
import { derFromPem, pemFromDer } from '../codec/pem.ts';
import { algorithmNamed, type EnvelopeAlgorithmName } from '../crypto/algorithms.ts';
import { CURVES } from '../crypto/curves.ts';
import { keyFromSpki } from '../crypto/keys.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../crypto/sm2.ts';
import { Broken, unlessBroken } from '../document/broken.ts';
import type { MintedKey } from './signer.node.ts';

/**
 * Private keys as PKCS#8 (RFC 5958): Ed25519, P-256, P-384 and RSA through OpenSSL, SM2 by ourselves, because OpenSSL as
 * Node reaches it signs SM2 with an empty user id.
 */

const EC = '1.2.840.10045.2.1';
const PRIVATE_KEY = 'PRIVATE KEY';
const ENCRYPTED = 'ENCRYPTED PRIVATE KEY';

/** The kinds that a new key can have. */
export const NEW_KEYS: readonly EnvelopeAlgorithmName[] = ['SM2-SM3', 'EdDSA', 'ES256'];

/**
 * Reads a key. `passphrase` is looked at only where the block is encrypted.
 *
 * @throws Broken for what is no private key of a kind in use, or not to be decrypted
 */
export function keyFromPem(text: string, passphrase?: string): MintedKey {
  const [clear] = derFromPem(text, PRIVATE_KEY);
  if (clear !== undefined) return keyFromPkcs8(clear);
  const [encrypted] = derFromPem(text, ENCRYPTED);
  if (encrypted === undefined) throw new Broken('key', 'no PKCS#8 private key in this file');
  if (passphrase === undefined) throw new Broken('key', 'the key is encrypted, and no passphrase was given');
  return keyFromPkcs8(decrypted(encrypted, passphrase));
}

function decrypted(der: Uint8Array, passphrase: string): Uint8Array {
  const options = { key: Buffer.from(der), format: 'der', type: 'pkcs8', passphrase } as const;
  try {
    return new Uint8Array(createPrivateKey(options).export({ format: 'der', type: 'pkcs8' }));
  } catch {
    // OpenSSL does not tell a wrong passphrase from a damaged file.
    throw new Broken('key', 'the key cannot be decrypted with this passphrase');
  }
}

/** Reads a PrivateKeyInfo. @throws Broken */
export function keyFromPkcs8(der: Uint8Array): MintedKey {
  const secret = unlessBroken(() => sm2SecretOf(der));
  if (secret !== undefined) return sm2Key(secret);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  } catch {
    throw new Broken('key', 'no private key that can be read');
  }
  return keyOf(key);
}

/** ECPrivateKey (RFC 5915) inside a PrivateKeyInfo; undefined if the curve is another. */
function sm2SecretOf(der: Uint8Array): Uint8Array | undefined {
  const info = inside(derOf(der, TAG.sequence));
  if (smallIntegerOf(read(info, TAG.integer)) > 1) return undefined;
  const algorithm = enter(info);
  if (oidOf(read(algorithm, TAG.oid)) !== EC || oidOf(read(algorithm, TAG.oid)) !== CURVES.SM2.oid) return undefined;
  const key = inside(derOf(contentOf(read(info, TAG.octetString)), TAG.sequence));
  if (smallIntegerOf(read(key, TAG.integer)) !== 1) return undefined;
  const secret = contentOf(read(key, TAG.octetString)).slice();
  for (const tag of [contextTag(0), contextTag(1)]) if (nextTag(key) === tag) read(key, tag);
  finish(key);
  return secret;
}

function sm2Key(secret: Uint8Array): MintedKey {
  const algorithm = algorithmNamed('SM2-SM3')!;
  try {
    return { algorithm, publicKey: sm2PublicKey(secret), sign: (data) => sm2Sign(secret, data) };
  } catch (error) {
    if (error instanceof RangeError) throw new Broken('key', error.message);
    throw error;
  }
}

/** How OpenSSL signs with each kind, one row each. */
const WAYS: Readonly<
  Record<string, { readonly algorithm: EnvelopeAlgorithmName; sign(data: Uint8Array, key: KeyObject): Uint8Array }>
> = {
  'P-256': { algorithm: 'ES256', sign: (data, key) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }) },
  'P-384': { algorithm: 'ES384', sign: (data, key) => sign('sha384', data, { key, dsaEncoding: 'ieee-p1363' }) },
  Ed25519: { algorithm: 'EdDSA', sign: (data, key) => sign(null, data, key) },
  RSA: {
    algorithm: 'PS256',
    sign: (data, key) => sign('sha256', data, { key, padding: 6, saltLength: 32 }),
  },
};

function keyOf(key: KeyObject): MintedKey {
  const publicKey = keyFromSpki(new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' })));
  const way = WAYS[publicKey.kind];
  if (way === undefined) throw new Broken('key', `no signatures are made with ${publicKey.kind}`);
  const algorithm = algorithmNamed(way.algorithm)!;
  return { algorithm, publicKey, sign: (data) => new Uint8Array(way.sign(data, key)) };
}

/** A fresh private key as PEM. Errors: RangeError for an algorithm that is not in NEW_KEYS. */
export function newKeyPem(name: EnvelopeAlgorithmName): string {
  if (name === 'SM2-SM3') return pemFromDer(sm2Pkcs8(sm2PrivateKey()), PRIVATE_KEY);
  const { privateKey } = GENERATE[name]?.() ?? {};
  if (privateKey === undefined) throw new RangeError(`no keys are made for ${name}`);
  return pemFromDer(new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })), PRIVATE_KEY);
}

const GENERATE: Readonly<Partial<Record<EnvelopeAlgorithmName, () => { readonly privateKey: KeyObject }>>> = {
  EdDSA: () => generateKeyPairSync('ed25519'),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

function sm2Pkcs8(secret: Uint8Array): Uint8Array {
  const { x, y } = sm2PublicKey(secret);
  const point = Uint8Array.of(4, ...x, ...y);
  const key = sequence(integer(1), octetString(secret), context(1, bitString(point)));
  return sequence(integer(0), sequence(oid(EC), oid(CURVES.SM2.oid)), octetString(key));
}
