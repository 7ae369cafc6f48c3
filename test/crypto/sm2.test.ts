import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { rawFromDer } from '../../src/codec/signature.ts';
import { keyFromSpki, type PublicKey } from '../../src/crypto/keys.ts';
import { prepareSm2, SM2_USER_ID, sm2PrivateKey, sm2PublicKey, sm2Sign, sm2Verify } from '../../src/crypto/sm2.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const VECTORS = '../shared/data/sm2/sm2-vectors.json';
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const keyOf = (point: string): PublicKey => ({
  kind: 'SM2',
  x: decodeHex(point.slice(2, 66)),
  y: decodeHex(point.slice(66, 130)),
});

/** GM/T 0003.5 Annex A: example of a signature. */
const EXAMPLE = {
  d: '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8',
  point:
    '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
  k: 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n,
  message: 'message digest',
  signature:
    'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
    'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
};

describe('GM/T 0003.5 Annex A', () => {
  const d = decodeHex(EXAMPLE.d);
  const key = keyOf(EXAMPLE.point);
  const signature = decodeHex(EXAMPLE.signature);

  it('gives the public key', () => {
    expect(sm2PublicKey(d)).toEqual(key);
  });

  it('gives the signature', () => {
    expect(encodeHex(sm2Sign(d, ascii(EXAMPLE.message), { k: EXAMPLE.k }))).toBe(EXAMPLE.signature);
  });

  it('verifies, before and after the key has its table, and nothing else does', () => {
    const verifier = prepareSm2(key)!;
    for (let i = 0; i < 5; i++) {
      expect(verifier(ascii(EXAMPLE.message), signature)).toBe(true);
      expect(verifier(ascii('message digesT'), signature)).toBe(false);
      expect(verifier(ascii(EXAMPLE.message), signature.with(63, 0xab))).toBe(false);
    }
  });

  it('does not verify under another user id', () => {
    for (const userId of ['', 'ALICE123@YAHOO.COM', `${SM2_USER_ID}0`]) {
      expect(sm2Verify(key, ascii(EXAMPLE.message), signature, userId)).toBe(false);
    }
  });
});

describe.skipIf(!existsSync(VECTORS))('vectors of other projects (../shared/data/sm2)', () => {
  interface Vector {
    id: string;
    curve?: string;
    d?: string;
    pub?: string;
    uid?: string;
    msg_utf8?: string;
    r?: string;
    s?: string;
    sig_der?: string;
    valid: boolean;
  }
  const vectors = existsSync(VECTORS) ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as Vector[]) : [];
  const applicable = vectors.filter(({ id }) => id !== 'gbt32918.2-A.2-sample-curve');

  it('are all of our curve but one, the old sample curve', () => {
    expect(applicable.length).toBe(vectors.length - 1);
    expect(applicable.length).toBeGreaterThan(3);
  });

  it.each(applicable.filter(({ msg_utf8: text }) => text !== undefined))('$id', (vector) => {
    const key = vector.pub ? keyOf(vector.pub) : sm2PublicKey(decodeHex(vector.d!));
    const signature = vector.sig_der ? rawFromDer(decodeHex(vector.sig_der), 32)! : decodeHex(vector.r! + vector.s!);
    expect(sm2Verify(key, ascii(vector.msg_utf8!), signature, vector.uid)).toBe(vector.valid);
    expect(sm2Verify(key, ascii(`${vector.msg_utf8!} `), signature, vector.uid)).toBe(false);
  });

  it.each(applicable.filter(({ msg_utf8: text }) => text === undefined))('$id is no key', ({ pub, valid }) => {
    expect(valid).toBe(false);
    const bytes = decodeHex(pub!);
    const key: PublicKey = { kind: 'SM2', x: bytes.subarray(-64, -32), y: bytes.subarray(-32) };
    const wellFormed = bytes.length === 65 && bytes[0] === 4;
    expect(wellFormed && prepareSm2(key) !== undefined).toBe(false);
  });
});

describe('signing', () => {
  it('gives signatures that verify under their own key, user id and message only', () => {
    const d = sm2PrivateKey();
    const key = sm2PublicKey(d);
    const other = sm2PublicKey(sm2PrivateKey());
    const data = ascii('一份文件');
    const signature = sm2Sign(d, data);
    expect(signature).toHaveLength(64);
    expect(sm2Verify(key, data, signature)).toBe(true);
    expect(sm2Verify(other, data, signature)).toBe(false);
    expect(sm2Verify(key, ascii('两份文件'), signature)).toBe(false);
    expect(sm2Sign(d, data)).not.toEqual(signature);
    const named = sm2Sign(d, data, { userId: '通认' });
    expect(sm2Verify(key, data, named, '通认')).toBe(true);
    expect(sm2Verify(key, data, named)).toBe(false);
  });

  it('takes k from the source it is given, and only from [1, n − 1]', () => {
    const d = decodeHex(EXAMPLE.d);
    const k = decodeHex(EXAMPLE.k.toString(16));
    const answers = [new Uint8Array(32), new Uint8Array(32).fill(0xff), decodeHex(N.toString(16)), k];
    const signature = sm2Sign(d, ascii(EXAMPLE.message), { random: () => answers.shift()! });
    expect(encodeHex(signature)).toBe(EXAMPLE.signature);
    expect(answers).toHaveLength(0);
  });

  it.each([
    ['zero', new Uint8Array(32)],
    ['n − 1, for which 1 + d has no inverse', decodeHex((N - 1n).toString(16))],
    ['n', decodeHex(N.toString(16))],
    ['31 octets', new Uint8Array(31).fill(1)],
  ])('refuses a private key of %s', (_, d) => {
    expect(() => sm2Sign(d, ascii('x'))).toThrow(RangeError);
    expect(() => sm2PublicKey(d)).toThrow(RangeError);
  });

  it('makes private keys in [1, n − 2]', () => {
    const answers = [new Uint8Array(32), decodeHex((N - 1n).toString(16)), decodeHex((N - 2n).toString(16))];
    expect(encodeHex(sm2PrivateKey(() => answers.shift()!))).toBe((N - 2n).toString(16));
  });

  it('refuses a user id that does not fit into ENTL', () => {
    const d = decodeHex(EXAMPLE.d);
    expect(sm2Sign(d, ascii('x'), { userId: 'u'.repeat(8191) })).toHaveLength(64);
    expect(() => sm2Sign(d, ascii('x'), { userId: 'u'.repeat(8192) })).toThrow(RangeError);
  });
});

describe('OpenSSL’s SM2, which takes the empty user id', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'SM2' });
  // Only a key that was exported and read again does SM2; a fresh one silently does ECDSA on the curve.
  const privateKey = createPrivateKey({
    key: pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
    type: 'pkcs8',
    format: 'der',
  });
  const key = keyFromSpki(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));

  it('agrees with ours under that id, and its signatures are rejected under the right one', () => {
    const withEmptyId = prepareSm2(key, '')!;
    const verifier = prepareSm2(key)!;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        const signature = rawFromDer(new Uint8Array(sign('sm3', data, privateKey)), 32)!;
        expect(withEmptyId(data, signature)).toBe(true);
        expect(verifier(data, signature)).toBe(false);
      }),
      { numRuns: 10 },
    );
  });

  it('and ECDSA signatures on the SM2 curve are rejected', () => {
    const key = keyFromSpki(pair.publicKey.export({ type: 'spki', format: 'der' }));
    const data = ascii('x');
    const signature = rawFromDer(new Uint8Array(sign('sm3', data, pair.privateKey)), 32)!;
    expect(sm2Verify(key, data, signature)).toBe(false);
    expect(sm2Verify(key, data, signature, '')).toBe(false);
  });
});
