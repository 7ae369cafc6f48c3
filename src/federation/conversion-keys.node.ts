import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import type { ConversionIssuer } from '../convert.ts';
import { algorithmNamed } from '../crypto/algorithms.ts';
import { keyFromJwk, keyThumbprint } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../crypto/sm2.ts';

interface KeyFile {
  readonly ES256: { readonly pkcs8: string };
  readonly 'SM2-SM3': { readonly secret: string };
}

/**
 * The gateway's own conversion keys, one for each kind of format it writes. Made when there are none yet, readable by
 * this user alone. They sign conversions only: no list of issuers holds them, so nothing they sign is an original.
 */
export async function conversionIssuer(file: string): Promise<ConversionIssuer> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const keys = text === undefined ? await create(file) : (JSON.parse(text) as KeyFile);
  return new Map([
    ['ES256', ecdsaSigner(keys.ES256.pkcs8)],
    ['SM2-SM3', sm2Signer(keys['SM2-SM3'].secret)],
  ]);
}

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

function ecdsaSigner(pkcs8: string): EnvelopeSigner {
  const key = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
  const { d: _secret, ...jwk } = key.export({ format: 'jwk' });
  const { cose, jose } = algorithmNamed('ES256')!;
  const keyId = keyThumbprint(nodePlatform, keyFromJwk(jwk));
  return {
    cose,
    jose,
    keyId,
    sign: (data) => new Uint8Array(sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })),
  };
}

function sm2Signer(secret: string): EnvelopeSigner {
  const key = decodeHex(secret);
  const { cose, jose } = algorithmNamed('SM2-SM3')!;
  return { cose, jose, keyId: keyThumbprint(nodePlatform, sm2PublicKey(key)), sign: (data) => sm2Sign(key, data) };
}
