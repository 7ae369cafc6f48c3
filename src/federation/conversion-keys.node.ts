import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pairSigner, writeCertificate, type X509Signer } from '../codec/certificate-writer.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import type { SealWriterSigner } from '../codec/seal-writer.ts';
import type { ConversionIssuer, ConversionSigner } from '../convert.ts';
import { algorithmNamed, type EnvelopeAlgorithmName } from '../crypto/algorithms.ts';
import { type Jwk, keyFromJwk, keyThumbprint, keyToJwk, type PublicKey, spkiFromKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../crypto/sm2.ts';
import { PackError } from '../region/pack.ts';
import { KEY_USAGE } from '../trust/certificate.ts';
import { makeSeal } from './seals.ts';

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
 * this user alone. They sign conversions only: no list of issuers holds them, so nothing they sign is an original. Errors:
 * PackError for a file that holds no such keys.
 */
export async function conversionKeys(file: string): Promise<ConversionKeys> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const pairs = text === undefined ? pairsOf(await create(file)) : pairsIn(file, text);
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

const pairsOf = (keys: KeyFile): Pair[] => [ecdsaPair(keys.ES256.pkcs8), sm2Pair(keys['SM2-SM3'].secret)];

function pairsIn(file: string, text: string): Pair[] {
  try {
    return pairsOf(JSON.parse(text) as KeyFile);
  } catch {
    // Whatever is wrong: the error's words could quote the file.
    throw new PackError(file, '', 'no conversion keys of a gateway, or damaged');
  }
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
  readonly name: EnvelopeAlgorithmName;
  readonly publicKey: PublicKey;
  readonly signer: ConversionSigner;
}

function pairOf(name: EnvelopeAlgorithmName, publicKey: PublicKey, sign: EnvelopeSigner['sign']): Pair {
  const { cose, jose, oid } = algorithmNamed(name);
  const certificate = certificateOf(publicKey, pairSigner(oid!, sign));
  const keyId = keyThumbprint(nodePlatform, publicKey);
  const mark = `${NOT_ORIGINAL.zh} ${NOT_ORIGINAL.en}`;
  return { name, publicKey, signer: { cose, jose, keyId, certificates: [certificate], mark, sign } };
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
  const pair = pairOf('SM2-SM3', sm2PublicKey(key), (data) => sm2Sign(key, data));
  const [certificate] = pair.signer.certificates!;
  return { ...pair, signer: { ...pair.signer, seal: sealOf({ certificate: certificate!, sign: pair.signer.sign }) } };
}

const NOT_ORIGINAL = { zh: '通认转换件，非原件', en: 'Tongren conversion, not an original' } as const;
const BEGINNING = Date.parse('2000-01-01T00:00:00Z');
const END = Date.parse('2049-12-31T23:59:59Z');

/**
 * For formats that carry a certificate: one that nobody but the key itself vouches for, and whose name says what it is.
 * Made anew at each start; the key is what stays.
 */
function certificateOf(key: PublicKey, signer: X509Signer): Uint8Array {
  const name = { organization: 'Tongren gateway', commonName: NOT_ORIGINAL.en };
  const spki = spkiFromKey(key);
  const digest = nodePlatform.digest('SHA-256', spki);
  return writeCertificate(
    {
      serial: digest.subarray(0, 16),
      issuer: name,
      subject: name,
      notBefore: BEGINNING,
      notAfter: END,
      spki,
      ca: false,
      keyUsage: KEY_USAGE.digitalSignature,
      subjectKeyIdentifier: digest.subarray(0, 20),
    },
    signer,
  );
}

/** For formats that carry a seal: its name and its picture say that this is no original. */
const sealOf = (holder: SealWriterSigner): Uint8Array =>
  makeSeal(
    {
      number: 'CONVERSION',
      name: NOT_ORIGINAL.zh,
      picture: 'conversion',
      validFrom: BEGINNING,
      validUntil: END,
      users: [holder.certificate],
    },
    holder,
  );
