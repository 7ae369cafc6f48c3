import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import type { ConversionIssuer } from '../convert.ts';
import { type AlgorithmName, algorithmNamed } from '../crypto/algorithms.ts';
import { type Jwk, keyFromJwk, keyThumbprint, keyToJwk, type PublicKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../crypto/sm2.ts';

interface KeyFile {
  readonly ES256: { readonly pkcs8: string };
  readonly 'SM2-SM3': { readonly secret: string };
}

/** A public conversion key, RFC 7517. */
export type ConversionJwk = Jwk & { readonly kid: string; readonly alg: string; readonly use: 'sig' };

export interface ConversionKeys {
  readonly issuer: ConversionIssuer;
  /** By these whoever gets a conversion checks it. */
  readonly jwks: readonly ConversionJwk[];
}

/**
 * The gateway's own conversion keys, one for each kind of format it writes. Made when there are none yet, readable by
 * this user alone. They sign conversions only: no list of issuers holds them, so nothing they sign is an original.
 */
export async function conversionKeys(file: string): Promise<ConversionKeys> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const keys = text === undefined ? await create(file) : (JSON.parse(text) as KeyFile);
  const pairs = [ecdsaPair(keys.ES256.pkcs8), sm2Pair(keys['SM2-SM3'].secret)];
  return {
    issuer: new Map(pairs.map(({ name, signer }) => [name, signer])),
    jwks: pairs.map(({ signer, publicKey }) => ({
      ...keyToJwk(publicKey),
      kid: signer.keyId,
      alg: signer.jose,
      use: 'sig',
    })),
  };
}

export const conversionIssuer = async (file: string): Promise<ConversionIssuer> => (await conversionKeys(file)).issuer;

async function create(file: string): Promise<KeyFile> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys: KeyFile = {
    ES256: { pkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') },
    'SM2-SM3': { secret: encodeHex(sm2PrivateKey()) },
  };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, JSON.stringify(keys), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return keys;
}

interface Pair {
  readonly name: AlgorithmName;
  readonly publicKey: PublicKey;
  readonly signer: EnvelopeSigner;
}

function pairOf(name: AlgorithmName, publicKey: PublicKey, sign: EnvelopeSigner['sign']): Pair {
  const { cose, jose } = algorithmNamed(name)!;
  return { name, publicKey, signer: { cose, jose, keyId: keyThumbprint(nodePlatform, publicKey), sign } };
}

function ecdsaPair(pkcs8: string): Pair {
  const key = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
  const { d: _secret, ...jwk } = key.export({ format: 'jwk' });
  return pairOf(
    'ES256',
    keyFromJwk(jwk),
    (data) => new Uint8Array(sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })),
  );
}

function sm2Pair(secret: string): Pair {
  const key = decodeHex(secret);
  return pairOf('SM2-SM3', sm2PublicKey(key), (data) => sm2Sign(key, data));
}
