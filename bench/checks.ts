import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { encodeHex } from '../src/codec/hex.ts';
import { keyFromSpki, type PublicKey } from '../src/crypto/keys.ts';
import { forgetfulPlatform } from '../src/crypto/platform.node.ts';
import type { Verifier } from '../src/crypto/platform.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../src/crypto/sm2.ts';
import { R, type Row } from './bench.ts';
import { manyKeys } from './keys.ts';
import { against, type Contender, measure, mustHold, rowsOf, turn } from './measure.ts';
import { absent, peer } from './peers.ts';

const SIZE = 64;
/** As long as what is signed of a certificate. */
const messages = Array.from({ length: SIZE }, (_, i) => new Uint8Array(320).fill(i));

interface Signed {
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** One signature check: our core, with the tables of a key that comes often, beside OpenSSL and what is on npm. */
export async function benchChecks(): Promise<{ source: string; rows: Row[] }> {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = (key: KeyObject): Uint8Array => new Uint8Array(key.export({ format: 'der', type: 'spki' }));
  const der = messages.map((data) => sign('sha256', data, p256.privateKey));
  const es256 = messages.map((data) => ({
    data,
    signature: new Uint8Array(sign('sha256', data, { key: p256.privateKey, dsaEncoding: 'ieee-p1363' })),
  }));
  const secret = sm2PrivateKey();
  const key = sm2PublicKey(secret);
  const sm2 = messages.map((data) => ({ data, signature: sm2Sign(secret, data) }));
  const ours = { ES256: prepared('ES256', keyFromSpki(spki(p256.publicKey))!), 'SM2-SM3': prepared('SM2-SM3', key) };
  await warm(ours.ES256, es256);
  await warm(ours['SM2-SM3'], sm2);

  const openssl = opensslSm2();
  const v2 = await peer('sm-crypto-v2');
  const hexKey = `04${encodeHex(key.x)}${encodeHex(key.y)}`;
  const byV2 = (name: string, its: Parameters<NonNullable<typeof v2>['sm2']['doVerifySignature']>[2]): Contender => ({
    name,
    size: 2,
    run: () => {
      for (const { data, signature } of sm2.slice(0, 2))
        mustHold(v2!.sm2.doVerifySignature(data, encodeHex(signature), its, { hash: true }));
    },
  });
  const times = await measure([
    {
      name: R,
      size: SIZE,
      run: () => messages.forEach((data, i) => void mustHold(verify('sha256', data, p256.publicKey, der[i]!))),
    },
    { name: 'ES256, one by one', size: SIZE, run: () => one(ours.ES256, es256) },
    { name: 'ES256, 64 at a time', size: SIZE, run: () => many(ours.ES256, es256) },
    { name: SM2, size: SIZE, run: () => one(ours['SM2-SM3'], sm2) },
    { name: SM2_MANY, size: SIZE, run: () => many(ours['SM2-SM3'], sm2) },
    {
      name: OPENSSL,
      size: 8,
      run: () => openssl.forEach(({ data, signature, key }) => void mustHold(verify('sm3', data, key, signature))),
    },
    ...(v2 === undefined ? [] : [byV2(V2, hexKey), byV2(V2_PREPARED, v2.sm2.precomputePublicKey(hexKey))]),
  ]);
  const beside = (name: string, own: string, other: string): Row => against(name, times.get(own)!, times.get(other)!);
  return {
    source: `messages of 320 bytes${absent({ 'sm-crypto-v2': v2 })}`,
    rows: [
      ...rowsOf(times),
      beside('SM2, against OpenSSL’s', SM2, OPENSSL),
      beside('SM2, 64 at a time, against OpenSSL’s', SM2_MANY, OPENSSL),
      ...(v2 === undefined
        ? []
        : [
            beside('SM2, against sm-crypto-v2 as it is usually called', SM2, V2),
            beside('SM2, against sm-crypto-v2 with its key prepared', SM2, V2_PREPARED),
          ]),
      ...(await manyKeys(messages[0]!)),
    ],
  };
}

const SM2 = 'SM2, one by one';
const SM2_MANY = 'SM2, 64 at a time';
const OPENSSL = 'OpenSSL’s SM2 (with an empty user id: for speed only)';
const V2 = 'sm-crypto-v2, as it is usually called';
const V2_PREPARED = 'sm-crypto-v2, with its key prepared';

const prepared = (algorithm: 'ES256' | 'SM2-SM3', key: PublicKey): Verifier =>
  forgetfulPlatform.prepare(algorithm, key)!;

const one = (verifier: Verifier, checks: readonly Signed[]): void =>
  checks.forEach(({ data, signature }) => void mustHold(verifier(data, signature)));

const many = (verifier: Verifier, checks: readonly Signed[]): void =>
  mustHold(forgetfulPlatform.verifyMany(checks.map((check) => ({ verifier, ...check }))).every(Boolean));

/** Until the key has its larger table, which is built between two turns. */
async function warm(verifier: Verifier, checks: readonly Signed[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    one(verifier, checks);
    await turn();
  }
  // Larger tables are built a piece in each turn.
  for (let i = 0; i < 100; i++) await turn();
}

/** Node's keys of this curve do ECDSA until they are imported again. */
function opensslSm2(): { data: Uint8Array; signature: Uint8Array; key: KeyObject }[] {
  const pair = generateKeyPairSync('ec', { namedCurve: 'SM2' });
  const key = createPublicKey({
    key: pair.publicKey.export({ format: 'der', type: 'spki' }),
    format: 'der',
    type: 'spki',
  });
  const pkcs8 = pair.privateKey.export({ format: 'pem', type: 'pkcs8' });
  return messages.slice(0, 8).map((data) => ({ data, signature: sign('sm3', data, pkcs8), key }));
}
