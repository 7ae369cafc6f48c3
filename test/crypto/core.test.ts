import { createHash, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derFromRaw } from '../../src/codec/signature.ts';
import { type CoreKey, createCore, instantiate, MOST_MESSAGE } from '../../src/crypto/core/core.ts';
import { coreModule } from '../../src/crypto/core/module.ts';
import { keyFromSpki } from '../../src/crypto/keys.ts';
import { prepareSm2, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import { sm3 } from '../../src/crypto/sm3.ts';
import { generator } from '../fuzz/driver.ts';

const core = createCore();
const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', data, 'buffer'));

interface Pair {
  readonly key: CoreKey;
  readonly spki: import('node:crypto').KeyObject;
  sign(data: Uint8Array): Uint8Array;
}

function p256(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = keyFromSpki(publicKey.export({ type: 'spki', format: 'der' })) as { x: Uint8Array; y: Uint8Array };
  const how = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return {
    key: core.key('P-256', x, y)!,
    spki: publicKey,
    sign: (data) => new Uint8Array(sign('sha256', data, how)),
  };
}

describe('the core beside OpenSSL and the library', () => {
  it('answers 5,000 random P-256 signatures as OpenSSL does, good ones and changed ones, alone and together', () => {
    const random = generator(20_261_126);
    const pairs = Array.from({ length: 5 }, p256);
    let wrong = 0;
    for (let batch = 0; batch < 5_000; batch += 50) {
      const checks = Array.from({ length: 50 }, (_, i) => {
        const pair = pairs[(batch + i) % pairs.length]!;
        const data = new Uint8Array(Uint32Array.of(random(), random(), batch + i).buffer);
        const signature = pair.sign(data);
        // Half of them changed in one bit, anywhere.
        if (i % 2 === 1) signature[random() & 63]! ^= 1 << (random() & 7);
        return { pair, data, signature, key: pair.key, digested: sha256(data) };
      });
      const together = core.many('P-256', checks);
      checks.forEach(({ pair, data, signature, key, digested }, i) => {
        const good = verify('sha256', data, pair.spki, derFromRaw(signature));
        if (good !== (i % 2 === 0) || key.check(digested, signature) !== good || together[i] !== good) wrong += 1;
      });
    }
    expect(wrong).toBe(0);
  });

  it('answers SM2 signatures as the portable arithmetic does, whatever the length of the message', () => {
    const secret = sm2PrivateKey();
    const key = sm2PublicKey(secret);
    const portable = prepareSm2(key)!;
    const fast = prepareSm2(key, undefined, core)!;
    const other = prepareSm2(sm2PublicKey(sm2PrivateKey()), undefined, core)!;
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(55, 56, 63, 64, 119, 120, MOST_MESSAGE - 32, MOST_MESSAGE - 31).map((n) => new Uint8Array(n)),
    );
    fc.assert(
      fc.property(message, fc.nat(63), fc.nat(7), (data, at, bit) => {
        const signature = sm2Sign(secret, data);
        const changed = signature.slice();
        changed[at]! ^= 1 << bit;
        expect([fast(data, signature), other(data, signature), fast(data, changed)]).toEqual([true, false, false]);
        expect(portable(data, changed)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

it('keeps nothing of what a document says', () => {
  const exports = instantiate(coreModule());
  const secret = sm2PrivateKey();
  const text = Buffer.from('a name that nobody else has');
  const data = new Uint8Array([...new Uint8Array(200).fill(7), ...text, ...text]);
  const verifier = prepareSm2(sm2PublicKey(secret), undefined, createCore({ exports }))!;
  expect(verifier(data, sm2Sign(secret, data))).toBe(true);
  const memory = Buffer.from(exports.memory.buffer);
  expect(memory.includes(text)).toBe(false);
  // Nor as SM3 takes it, word by word the other way round.
  expect(memory.includes(Buffer.from(text.subarray(0, 24)).swap32())).toBe(false);
});

describe('SM3 in the core', () => {
  it('is that of the portable implementation, seen through a signature', () => {
    const secret = sm2PrivateKey();
    const key = sm2PublicKey(secret);
    const data = new Uint8Array(1000).map((_, i) => i);
    const signature = sm2Sign(secret, data);
    const coreKey = core.key('SM2', key.x, key.y)!;
    const za = new Uint8Array(32).fill(7);
    const answer = coreKey.check({ prefix: za, data }, signature);
    expect(answer).toBe(coreKey.check(sm3(za, data), signature));
    expect(createHash('sm3').update(za).update(data).digest().equals(sm3(za, data))).toBe(true);
  });
});
