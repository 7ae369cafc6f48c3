import { createHash } from 'node:crypto';
import { sha256 as library } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHex } from '../../src/codec/hex.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { sha256 } from '../../src/crypto/sha256.ts';

describe('SHA-256', () => {
  it.each([
    // FIPS 180-4's examples, as published by NIST (SHA256.pdf), and the empty message (SHA256ShortMsg.rsp).
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ])('of %s is that of the standard', (message, digest) => {
    expect(encodeHex(sha256(encodeUtf8(message)))).toBe(digest);
  });

  it('is that of OpenSSL and of the library, for every length about a block, and wherever the message lies', () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 1000 }),
      fc.integer({ min: 50, max: 140 }).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    );
    fc.assert(
      fc.property(message, fc.nat(9), (data, offset) => {
        const within = new Uint8Array(data.length + offset + 3);
        within.set(data, offset);
        const digest = encodeHex(sha256(within.subarray(offset, offset + data.length)));
        expect(digest).toBe(createHash('sha256').update(data).digest('hex'));
        expect(digest).toBe(encodeHex(library(data)));
      }),
      { numRuns: 2000 },
    );
  });
});
