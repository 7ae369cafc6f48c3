import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyFromSpki, type PublicKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Platform } from '../../src/crypto/platform.ts';
import { remembering } from '../../src/crypto/remembering.ts';

function counted(): { platform: Platform; checks(): number } {
  let checks = 0;
  const platform: Platform = {
    ...nodePlatform,
    prepare(algorithm, key) {
      const verify = nodePlatform.prepare(algorithm, key);
      return (
        verify &&
        ((data, signature) => {
          checks += 1;
          return verify(data, signature);
        })
      );
    },
  };
  return { platform, checks: () => checks };
}

const pair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = keyFromSpki(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })));
  return { key, signed: (data: Uint8Array) => new Uint8Array(sign(null, data, privateKey)) };
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a platform that remembers', () => {
  const [one, other] = [pair(), pair()];
  const data = bytes('a list');
  const signature = one.signed(data);

  it('checks the same signature once, whoever prepared the key', () => {
    const { platform, checks } = counted();
    const remembers = remembering(platform);
    for (let i = 0; i < 3; i++)
      expect(remembers.prepare('EdDSA', one.key)!(data.slice(), signature.slice())).toBe(true);
    expect(checks()).toBe(1);
  });

  it('takes no answer over to another key, other data or another signature, be it good or bad', () => {
    const remembers = remembering(counted().platform);
    const verify = remembers.prepare('EdDSA', one.key)!;
    const bent = signature.with(3, signature[3]! ^ 1);
    expect(verify(data, signature)).toBe(true);
    expect(verify(data, bent)).toBe(false);
    expect(verify(bytes('another list'), signature)).toBe(false);
    expect(remembers.prepare('EdDSA', other.key)!(data, signature)).toBe(false);
    expect(remembers.prepare('EdDSA', other.key)!(data, other.signed(data))).toBe(true);
    expect(verify(data, signature)).toBe(true);
    expect(verify(data, bent)).toBe(false);
  });

  it('forgets what was not asked about for long, and keeps what is asked about again and again', () => {
    const { platform, checks } = counted();
    const remembers = remembering(platform, [], 8);
    const verify = remembers.prepare('EdDSA', one.key)!;
    const texts = Array.from({ length: 40 }, (_, i) => bytes(`another list ${i}`));
    for (const text of texts) expect([verify(text, one.signed(text)), verify(data, signature)]).toEqual([true, true]);
    expect(checks()).toBe(texts.length + 1);
    verify(texts[0]!, one.signed(texts[0]!));
    expect(checks()).toBe(texts.length + 2);
    expect(remembers.takeGood().length).toBeLessThanOrEqual(8);
  });

  it('knows no key that is not for the algorithm, though it remembers one that is the same but for that', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const free = keyFromSpki(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })));
    const bound = { ...free, only: ['PS384'] } as PublicKey;
    const remembers = remembering(nodePlatform);
    const good = new Uint8Array(sign('sha256', data, privateKey));
    expect(remembers.prepare('RS256', free)!(data, good)).toBe(true);
    for (const platform of [remembers, remembering(nodePlatform, remembers.takeGood())]) {
      expect(platform.prepare('RS256', bound)).toBeUndefined();
      expect(platform.prepare('RS256', free)!(data, good)).toBe(true);
      expect(platform.prepare('ES256', one.key)).toBeUndefined();
      expect(platform.prepare('EdDSA', { ...one.key, kind: 'unheard' } as unknown as PublicKey)).toBeUndefined();
    }
  });

  it('hands on what came out good, and nothing else', () => {
    const bent = signature.with(3, signature[3]! ^ 1);
    const first = remembering(counted().platform);
    const verify = first.prepare('EdDSA', one.key)!;
    expect([verify(data, signature), verify(data, bent), verify(bytes('another list'), signature)]).toEqual([
      true,
      false,
      false,
    ]);
    const known = first.takeGood();
    // The key, and its one signature; named once, until they are asked for again.
    expect(known).toHaveLength(2);
    expect(first.takeGood()).toEqual([]);

    const { platform, checks } = counted();
    const next = remembering(platform, known);
    const again = next.prepare('EdDSA', one.key)!;
    expect(again(data, signature)).toBe(true);
    expect(checks()).toBe(0);
    expect(next.takeGood()).toEqual(known);
    expect([again(data, bent), again(bytes('another list'), signature)]).toEqual([false, false]);
    expect(next.prepare('EdDSA', other.key)!(data, signature)).toBe(false);
    expect(checks()).toBe(3);
    expect(remembering(platform, known).prepare('ES256', one.key)).toBeUndefined();
    // The same arithmetic by another name.
    const spki = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' });
    const curve = keyFromSpki(new Uint8Array(spki));
    const both = remembering(platform);
    expect(both.prepare('ES256', curve)!(data, new Uint8Array(64).fill(1))).toBe(false);
    expect(both.prepare('P-256-SHA-384', curve)).toBeDefined();
    expect(new Set(both.takeGood()).size).toBe(2);
  });
});
