import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHex } from '../../src/codec/hex.ts';
import { ALGORITHMS, type AlgorithmName, algorithmNamed, type DigestName } from '../../src/crypto/algorithms.ts';
import { CURVES } from '../../src/crypto/curves.ts';
import { keyFromSpki, type PublicKey } from '../../src/crypto/keys.ts';
import { browserPlatform } from '../../src/crypto/platform.browser.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Verifier } from '../../src/crypto/platform.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';

const platforms = [nodePlatform, browserPlatform];
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
const publicKey = (key: KeyObject): PublicKey => keyFromSpki(key.export({ type: 'spki', format: 'der' }));

interface Signer {
  readonly algorithm: AlgorithmName;
  readonly key: PublicKey;
  sign(data: Uint8Array): Uint8Array;
}

function signers(): Signer[] {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const ed = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sm2 = sm2PrivateKey();
  const dsaEncoding = 'ieee-p1363';
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
  const hash = (name: DigestName): string => name.replace('-', '').toLowerCase();
  const ecdsa = (algorithm: AlgorithmName, pair: typeof p256): Signer =>
    of(algorithm, publicKey(pair.publicKey), (data) =>
      sign(hash(algorithmNamed(algorithm)!.digest), data, { key: pair.privateKey, dsaEncoding }),
    );
  const of = (algorithm: AlgorithmName, key: PublicKey, make: (data: Uint8Array) => Uint8Array): Signer => ({
    algorithm,
    key,
    sign: (data) => plain(make(data)),
  });
  return [
    ...(['ES256', 'P-256-SHA-384', 'P-256-SHA-512'] as const).map((name) => ecdsa(name, p256)),
    ...(['ES384', 'P-384-SHA-256', 'P-384-SHA-512'] as const).map((name) => ecdsa(name, p384)),
    ...(['ES512', 'P-521-SHA-256', 'P-521-SHA-384'] as const).map((name) => ecdsa(name, p521)),
    ...([256, 384, 512] as const).flatMap((bits) => [
      of(`PS${bits}`, publicKey(rsa.publicKey), (data) =>
        sign(`sha${bits}`, data, { key: rsa.privateKey, padding, saltLength: bits / 8 }),
      ),
      of(`RS${bits}`, publicKey(rsa.publicKey), (data) => sign(`sha${bits}`, data, rsa.privateKey)),
    ]),
    of('EdDSA', publicKey(ed.publicKey), (data) => sign(null, data, ed.privateKey)),
    of('SM2-SM3', sm2PublicKey(sm2), (data) => sm2Sign(sm2, data)),
  ];
}

const all = signers();
it('there is a signer here for every row of the table', () => {
  expect(all.map(({ algorithm }) => algorithm).sort()).toEqual(ALGORITHMS.map(({ name }) => name).sort());
});
const others = signers();

describe.each(all.map((signer, i) => ({ signer, other: others[i]!, name: signer.algorithm })))('$name', (row) => {
  const { signer, other } = row;
  const verifiers = platforms.map((platform) => platform.prepare(signer.algorithm, signer.key)!);
  const ofOther = platforms.map((platform) => platform.prepare(other.algorithm, other.key)!);

  it('is answered alike by both platforms: true for what was signed, false for anything else', () => {
    // More runs than it takes the portable arithmetic to go over to its tables.
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (data, at, change) => {
        const signature = signer.sign(data);
        const flip = (bytes: Uint8Array): Uint8Array =>
          bytes.map((octet, i) => (i === at % bytes.length ? octet ^ change : octet));
        for (const verifier of verifiers) {
          expect(verifier(data, signature)).toBe(true);
          expect(verifier(data, flip(signature))).toBe(false);
          expect(verifier(Uint8Array.of(...data, 0), signature)).toBe(false);
          if (data.length > 0) expect(verifier(flip(data), signature)).toBe(false);
        }
        for (const verifier of ofOther) expect(verifier(data, signature)).toBe(false);
      }),
      { numRuns: 12 },
    );
  });

  it('is false, without an error, for signatures of any other length or content', () => {
    const data = Uint8Array.of(1, 2, 3);
    const good = signer.sign(data);
    const bad = [
      new Uint8Array(),
      good.subarray(1),
      good.subarray(0, -1),
      Uint8Array.of(...good, 0),
      Uint8Array.of(0, ...good),
      Uint8Array.of(...good, ...good),
      new Uint8Array(good.length),
      new Uint8Array(good.length).fill(0xff),
      new Uint8Array(good.length).fill(1),
    ];
    for (const verifier of verifiers) {
      for (const signature of bad) expect(verifier(data, signature)).toBe(false);
      expect(verifier(data, good)).toBe(true);
    }
  });

  it('does not depend on what lies around the data and the signature in memory', () => {
    const data = Uint8Array.of(7, 7, 7);
    const padded = Uint8Array.of(9, ...data, 9, ...signer.sign(data), 9);
    for (const verifier of verifiers) expect(verifier(padded.subarray(1, 4), padded.subarray(5, -1))).toBe(true);
  });

  it('is not prepared with a key of any other kind', () => {
    for (const platform of platforms) {
      for (const { name, key } of ALGORITHMS) {
        expect(platform.prepare(name, signer.key) !== undefined, name).toBe(key === signer.key.kind);
      }
    }
  });
});

describe('keys that cannot be used', () => {
  const change = (bytes: Uint8Array): Uint8Array =>
    bytes.map((octet, i) => (i === bytes.length - 1 ? octet ^ 1 : octet));
  const cases: [string, AlgorithmName, PublicKey][] = [];
  for (const { algorithm, key } of all) {
    if (key.kind === 'Ed25519' || key.kind === 'RSA') continue;
    const { p, size } = CURVES[key.kind];
    const modulus = Uint8Array.from(
      p
        .toString(16)
        .padStart(2 * size, '0')
        .match(/../g)!,
      (pair) => Number.parseInt(pair, 16),
    );
    cases.push(
      [`${key.kind} off the curve`, algorithm, { ...key, y: change(key.y) }],
      [
        `${key.kind} at (0, 0), how some write infinity`,
        algorithm,
        { ...key, x: new Uint8Array(size), y: new Uint8Array(size) },
      ],
      [`${key.kind} with x = p`, algorithm, { ...key, x: modulus }],
      [`${key.kind} with a short x`, algorithm, { ...key, x: key.x.subarray(1) }],
      [`${key.kind} with a long y`, algorithm, { ...key, y: Uint8Array.of(0, ...key.y) }],
    );
  }
  const ed = (first: number, rest: number, last: number): PublicKey => {
    const x = new Uint8Array(32).fill(rest);
    x[0] = first;
    x[31] = last;
    return { kind: 'Ed25519', x };
  };
  cases.push(
    ['Ed25519, the neutral point', 'EdDSA', ed(1, 0, 0)],
    ['Ed25519, the point of order 2', 'EdDSA', ed(0xec, 0xff, 0x7f)],
    ['Ed25519, a point of order 4', 'EdDSA', ed(0, 0, 0)],
    ['Ed25519, y = p + 1 for 1', 'EdDSA', ed(0xee, 0xff, 0x7f)],
    ['Ed25519, −0', 'EdDSA', ed(1, 0, 0x80)],
    ['Ed25519, no point', 'EdDSA', ed(2, 0, 0)],
    ['Ed25519, too short', 'EdDSA', { kind: 'Ed25519', x: new Uint8Array(31).fill(3) }],
  );

  it.each(cases)('%s', (_, algorithm, key) => {
    for (const platform of platforms) expect(platform.prepare(algorithm, key)).toBeUndefined();
  });
});

describe('digests', () => {
  it.each([
    // FIPS 180-4 examples for "abc"; GB/T 32905 annex A for SM3.
    ['SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['SHA-384', 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7'],
    [
      'SHA-512',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    ],
    ['SM3', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
  ] as [DigestName, string][])('%s of "abc" on both platforms, as a plain Uint8Array', (name, expected) => {
    for (const platform of platforms) {
      const digest = platform.digest(name, new TextEncoder().encode('abc'));
      expect(encodeHex(digest)).toBe(expected);
      expect(digest.constructor).toBe(Uint8Array);
    }
  });
});

describe.each(platforms)('verifyMany on $name', (platform) => {
  it('answers each check in its place, however many keys and algorithms are mixed', () => {
    const verifiers = all.map(({ algorithm, key }): Verifier => platform.prepare(algorithm, key)!);
    const wanted: boolean[] = [];
    // More checks of one curve than the core takes together, and signatures of wrong lengths among them.
    const checks = Array.from({ length: 420 }, (_, i) => {
      const signer = all[i % all.length]!;
      const data = Uint8Array.of(i >> 2);
      const signature = signer.sign(data);
      const good = i % 5 !== 0 && i % 7 !== 0;
      wanted.push(good);
      const cut = i % 7 === 0 ? signature.subarray(1) : signature;
      return { verifier: verifiers[i % all.length]!, data: i % 5 === 0 ? Uint8Array.of(255) : data, signature: cut };
    });
    expect(platform.verifyMany(checks)).toEqual(wanted);
    expect(platform.verifyMany([])).toEqual([]);
  });
});
