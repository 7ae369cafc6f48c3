import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { encodeHex } from '../src/codec/hex.ts';
import { keyFromSpki, type PublicKey } from '../src/crypto/keys.ts';
import { forgetfulPlatform } from '../src/crypto/platform.node.ts';
import type { Verifier } from '../src/crypto/platform.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../src/crypto/sm2.ts';
import { R, type Row } from './bench.ts';
import { measure } from './measure.ts';
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
  const rows = await measure([
    {
      name: R,
      size: SIZE,
      run: () => messages.forEach((data, i) => void mustHold(verify('sha256', data, p256.publicKey, der[i]!))),
    },
    { name: 'ES256, one by one', size: SIZE, run: () => one(ours.ES256, es256) },
    { name: 'ES256, 64 at a time', size: SIZE, run: () => many(ours.ES256, es256) },
    { name: 'SM2, one by one', size: SIZE, run: () => one(ours['SM2-SM3'], sm2) },
    { name: 'SM2, 64 at a time', size: SIZE, run: () => many(ours['SM2-SM3'], sm2) },
    {
      name: 'OpenSSL’s SM2 (with an empty user id: for speed only)',
      size: 8,
      run: () => openssl.forEach(({ data, signature, key }) => void mustHold(verify('sm3', data, key, signature))),
    },
    ...(v2 === undefined
      ? []
      : [
          {
            name: 'sm-crypto-v2',
            size: 2,
            run: () =>
              sm2
                .slice(0, 2)
                .forEach(
                  ({ data, signature }) =>
                    void mustHold(v2.sm2.doVerifySignature(data, encodeHex(signature), hexKey, { hash: true })),
                ),
          },
        ]),
  ]);
  const micros = (name: string): number => rows.find((row) => row.name.startsWith(name))!.micros;
  const against = (name: string, other: string, micro: number): Row => ({
    name,
    ratio: micros(other) / micro,
    micros: micro,
    spread: 0,
    said: `${micros(other).toFixed(0)} µs : ${micro.toFixed(1)} µs`,
  });
  return {
    source: `messages of 320 bytes${absent({ 'sm-crypto-v2': v2 })}`,
    rows: [
      ...rows.map((row) => ({ ...row, ratio: rows[0]!.micros / row.micros })),
      against('SM2, against OpenSSL’s', 'OpenSSL', micros('SM2, one by one')),
      against('SM2, 64 at a time, against OpenSSL’s', 'OpenSSL', micros('SM2, 64 at a time')),
      ...(v2 === undefined ? [] : [against('SM2, against sm-crypto-v2', 'sm-crypto-v2', micros('SM2, one by one'))]),
    ],
  };
}

function mustHold(good: boolean): void {
  if (!good) throw new Error('a good signature was not taken');
}

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
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Larger tables are built a piece in each turn.
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
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
