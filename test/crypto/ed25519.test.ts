import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { describe, expect, it } from 'vitest';
import { decodeHex } from '../../src/codec/hex.ts';
import type { PublicKey } from '../../src/crypto/keys.ts';
import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';

const platforms = [nodePlatform, browserPlatform];
const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;

function ask(x: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const key: PublicKey = { kind: 'Ed25519', x };
  const answers = platforms.flatMap((platform) => {
    const verifier = platform.prepare('EdDSA', key)!;
    return [1, 2, 3, 4].map(() => verifier(data, signature));
  });
  expect(new Set(answers).size).toBe(1);
  return answers[0]!;
}

describe('Ed25519', () => {
  it('verifies RFC 8032 §7.1 test 1', () => {
    const x = decodeHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    const signature = decodeHex(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
    expect(ask(x, new Uint8Array(), signature)).toBe(true);
    expect(ask(x, new Uint8Array(1), signature)).toBe(false);
    const s = bytesToNumberLE(signature.subarray(32)) + ORDER;
    expect(ask(x, new Uint8Array(), Uint8Array.of(...signature.subarray(0, 32), ...numberToBytesLE(s, 32)))).toBe(
      false,
    );
  });

  it('gives the same answers on both platforms under a key with a part of small order', () => {
    // With the cofactor multiplied in, every one of these would verify; without, about one in eight does.
    const torsion = [...Array(64).keys()]
      .map((i) => {
        try {
          return Point.fromBytes(numberToBytesLE(BigInt(i + 2), 32)).multiplyUnsafe(ORDER - 1n);
        } catch {
          return Point.ZERO;
        }
      })
      .map((point, i) => (point.is0() ? point : point.add(Point.fromBytes(numberToBytesLE(BigInt(i + 2), 32)))))
      .find((point) => !point.multiplyUnsafe(4n).is0())!;
    expect(torsion.multiplyUnsafe(8n).is0()).toBe(true);
    const a = 0x1234567890abcdef1234567890abcdefn;
    const x = Point.BASE.multiply(a).add(torsion).toBytes();
    const answers: boolean[] = [];
    for (let i = 0; i < 40; i++) {
      const k = BigInt(i + 1);
      const r = Point.BASE.multiply(k).toBytes();
      const data = Uint8Array.of(i);
      const digest = nodePlatform.digest('SHA-512', Uint8Array.of(...r, ...x, ...data));
      const h = bytesToNumberLE(digest) % ORDER;
      const s = (k + h * a) % ORDER;
      const verified = ask(x, data, Uint8Array.of(...r, ...numberToBytesLE(s, 32)));
      expect(verified).toBe(h % 8n === 0n);
      answers.push(verified);
    }
    expect(new Set(answers)).toEqual(new Set([true, false]));
  });
});
