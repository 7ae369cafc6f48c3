import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  generatePrimeSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { integer } from '../../src/codec/der-writer.ts';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { keyFromSpki, type PublicKey } from '../../src/crypto/keys.ts';
import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Verifier } from '../../src/crypto/platform.ts';
import type { RsaKey } from '../../src/crypto/rsa.ts';

const platforms = [nodePlatform, browserPlatform];
const publicKey = (key: KeyObject): RsaKey => keyFromSpki(key.export({ type: 'spki', format: 'der' })) as RsaKey;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = publicKey(pair.publicKey);
const data = new TextEncoder().encode('one document');
const number = (bytes: Uint8Array): bigint => BigInt(`0x${encodeHex(bytes)}`);
const octets = (value: bigint, length: number): Uint8Array => decodeHex(value.toString(16).padStart(2 * length, '0'));
const sha256 = nodePlatform.digest('SHA-256', data);
/** OpenSSL makes even lengths only; a modulus of any length is two primes. */
function pairOf(bits: number): { privateKey: KeyObject; publicKey: KeyObject } {
  const p = generatePrimeSync(1024, { bigint: true });
  const q = generatePrimeSync(bits - 1024, { bigint: true });
  const e = 65537n;
  const inverse = (value: bigint, modulus: bigint): bigint => {
    let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
    while (a !== 0n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
    return ((y % modulus) + modulus) % modulus;
  };
  const d = inverse(e, (p - 1n) * (q - 1n));
  const text = (value: bigint): string => encodeBase64url(octets(value, Math.ceil(value.toString(16).length / 2)));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, text(value)]));
  const privateKey = createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
  expect(numbers.n.toString(2)).toHaveLength(bits);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

const DIGEST_INFO = '3031300d060960864801650304020105000420';

/** The same answer on both platforms, or the test fails. */
function ask(algorithm: 'RS256' | 'PS256', of: PublicKey, signature: Uint8Array): boolean | undefined {
  const [first, second] = platforms.map((platform) => platform.prepare(algorithm, of)?.(data, signature));
  expect(second).toBe(first);
  return first;
}

describe('RS256', () => {
  /** Signs any encoded message, as only the owner of the key can. */
  const raw = (message: Uint8Array): Uint8Array =>
    privateEncrypt({ key: pair.privateKey, padding: constants.RSA_NO_PADDING }, message);
  const encoded = (digestInfo: string, fill = 'ff'): Uint8Array => {
    const tail = `00${digestInfo}`;
    return decodeHex(`0001${fill.repeat(254 - tail.length / 2)}${tail}`);
  };
  const hash = encodeHex(sha256);

  it('takes the one right encoding', () => {
    expect(ask('RS256', key, raw(encoded(DIGEST_INFO + hash)))).toBe(true);
    expect(ask('RS256', key, sign('sha256', data, pair.privateKey))).toBe(true);
  });

  it.each([
    ['a DigestInfo without NULL', encoded(`302f300b0609608648016503040201${'0420'}${hash}`)],
    ['a DigestInfo in BER', encoded(`308131300d060960864801650304020105000420${hash}`)],
    ['the digest without DigestInfo', encoded(hash)],
    ['another digest’s name', encoded(`3031300d060960864801650304020305000420${hash}`)],
    ['padding of other octets', encoded(DIGEST_INFO + hash, 'fe')],
    ['block type 2', encoded(DIGEST_INFO + hash).with(1, 2)],
    [
      'a first octet of 1',
      encoded(DIGEST_INFO + hash)
        .with(0, 1)
        .with(1, 0),
    ],
    ['something behind the digest', decodeHex(`0001${'ff'.repeat(201)}00${DIGEST_INFO}${hash}00`)],
    ['short padding and rubbish behind', decodeHex(`0001${'ff'.repeat(8)}00${DIGEST_INFO}${hash}${'00'.repeat(194)}`)],
  ])('refuses %s, signed by the right key', (_, message) => {
    expect(message).toHaveLength(256);
    expect(ask('RS256', key, raw(message))).toBe(false);
  });

  it('refuses a forgery for e = 3 made without the private key (Bleichenbacher 2006)', () => {
    const small = publicKey(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey);
    const wanted = `0001${'ff'.repeat(8)}00${DIGEST_INFO}${hash}`;
    const target = BigInt(`0x${wanted.padEnd(512, '0')}`);
    let root = 1n << 680n;
    for (let next = root; ; root = next) {
      next = (2n * root + target / (root * root)) / 3n;
      if (next >= root) break;
    }
    root += 1n;
    // A verifier that stops reading after the digest would be satisfied with its cube.
    expect((root ** 3n).toString(16).padStart(512, '0').startsWith(wanted)).toBe(true);
    expect(ask('RS256', small, octets(root, 256))).toBe(false);
  });

  it('refuses a second number for the same signature', () => {
    const signature = sign('sha256', data, pair.privateKey);
    const n = number(key.n);
    const plusN = number(signature) + n;
    if (plusN < 1n << 2048n) expect(ask('RS256', key, octets(plusN, 256))).toBe(false);
    expect(ask('RS256', key, octets(n - number(signature), 256))).toBe(false);
    expect(ask('RS256', key, octets(plusN, 257))).toBe(false);
    expect(ask('RS256', key, key.n)).toBe(false);
    expect(ask('RS256', key, octets(n - 1n, 256))).toBe(false);
  });

  it('refuses the other padding and other digests', () => {
    const pss = { key: pair.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    expect(ask('RS256', key, sign('sha256', data, pss))).toBe(false);
    expect(ask('RS256', key, sign('sha512', data, pair.privateKey))).toBe(false);
    expect(ask('RS256', key, sign('sha1', data, pair.privateKey))).toBe(false);
  });
});

describe('PS256', () => {
  const pss = (saltLength: number, of: KeyObject = pair.privateKey, digest = 'sha256'): Uint8Array =>
    sign(digest, data, { key: of, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });

  it('takes a salt of exactly 32 octets', () => {
    expect(ask('PS256', key, pss(32))).toBe(true);
    for (const salt of [0, 20, 31, 33, 222]) expect(ask('PS256', key, pss(salt)), `${salt}`).toBe(false);
  });

  it('refuses the other padding and other digests', () => {
    expect(ask('PS256', key, sign('sha256', data, pair.privateKey))).toBe(false);
    expect(ask('PS256', key, pss(32, pair.privateKey, 'sha384'))).toBe(false);
    expect(ask('PS256', key, pss(32, pair.privateKey, 'sha1'))).toBe(false);
  });

  it('handles moduli whose encoded message has an octet less, or bits to spare', () => {
    for (const modulusLength of [2049, 2050, 2055, 2056]) {
      const odd = pairOf(modulusLength);
      const oddKey = publicKey(odd.publicKey);
      const signature = new Uint8Array(pss(32, odd.privateKey));
      expect(signature).toHaveLength(Math.ceil(modulusLength / 8));
      expect(ask('PS256', oddKey, signature), `${modulusLength}`).toBe(true);
      expect(ask('PS256', oddKey, signature.with(signature.length - 1, signature.at(-1)! ^ 1))).toBe(false);
      expect(ask('RS256', oddKey, sign('sha256', data, odd.privateKey))).toBe(true);
    }
  });

  it.each([
    ['a wrong last octet', 255, 0xbc ^ 0xbb],
    ['a bit set above the encoded message', 0, 0x80],
    ['a changed mask', 5, 1],
    ['a changed salt', 200, 1],
    ['a changed hash', 240, 1],
    ['a changed end of the padding', 190, 1],
    ['a changed padding', 100, 1],
  ])('refuses %s in what the right key signed', (_, at, change) => {
    const n = number(key.n);
    let changed: Uint8Array;
    do {
      let base = number(pss(32));
      let message = 1n;
      for (let e = 65537; e > 0; e = Math.floor(e / 2)) {
        if (e % 2 === 1) message = (message * base) % n;
        base = (base * base) % n;
      }
      changed = octets(message, 256);
      changed[at] = changed[at]! ^ change;
      // What is not below the modulus cannot be signed; another salt gives another number.
    } while (number(changed) >= n);
    const again = privateEncrypt({ key: pair.privateKey, padding: constants.RSA_NO_PADDING }, changed);
    expect(ask('PS256', key, again)).toBe(false);
  });
});

describe('RSA keys', () => {
  const prepared = (of: RsaKey): (Verifier | undefined)[] =>
    platforms.flatMap((platform) => [platform.prepare('RS256', of), platform.prepare('PS256', of)]);
  const withExponent = (e: number): RsaKey => ({ ...key, e: integer(e).subarray(2) });
  const withModulus = (n: bigint): RsaKey => ({ ...key, n: octets(n, Math.ceil(n.toString(2).length / 8)) });

  it.each([3, 17, 65537, 2 ** 32 - 1])('with the exponent %i are usable', (e) => {
    expect(prepared(withExponent(e)).every((verifier) => verifier !== undefined)).toBe(true);
  });

  it.each([0, 1, 2, 65536, 2 ** 32, 2 ** 32 + 1])('with the exponent %i are not', (e) => {
    expect(prepared(withExponent(e)).every((verifier) => verifier === undefined)).toBe(true);
  });

  it.each([
    ['2047 bits', (1n << 2047n) - 1n, false],
    ['2048 bits', (1n << 2048n) - 1n, true],
    ['8192 bits', (1n << 8192n) - 1n, true],
    ['8193 bits', (1n << 8192n) + 1n, false],
    ['1024 bits', (1n << 1024n) - 1n, false],
    ['16384 bits', (1n << 16384n) - 1n, false],
    ['an even modulus', (1n << 2048n) - 2n, false],
    ['zero', 0n, false],
  ])('with %s', (_, n, usable) => {
    for (const verifier of prepared(withModulus(n))) expect(verifier !== undefined).toBe(usable);
  });

  it('with the fingerprint of the Infineon library (ROCA) are refused', () => {
    let product = 1n;
    for (let candidate = 2n; candidate <= 167n; candidate++) {
      let divisor = 2n;
      while (candidate % divisor !== 0n) divisor++;
      if (divisor === candidate) product *= candidate;
    }
    let residue = 1n;
    for (let i = 0; i < 12_345; i++) residue = (residue * 65537n) % product;
    const n = ((1n << 2047n) / product) * product + product + residue;
    expect(n.toString(2)).toHaveLength(2048);
    for (const verifier of prepared(withModulus(n))) expect(verifier).toBeUndefined();
    // Its neighbour has another residue.
    for (const verifier of prepared(withModulus(n + 2n))) expect(verifier).toBeDefined();
  });
});
