import { generateKeyPairSync } from 'node:crypto';
import { openSignedText, writeSignedText } from '../../src/codec/bare.ts';
import { openCoseSign1, writeCoseSign1 } from '../../src/codec/cose.ts';
import { readDelimited, writeDelimited } from '../../src/codec/delimited.ts';
import { readFixed, writeFixed } from '../../src/codec/fixed.ts';
import { decodeGb18030 } from '../../src/codec/gb18030.ts';
import { parseJson } from '../../src/codec/json.ts';
import { openJws, writeJws } from '../../src/codec/jws.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { derFromPem, pemFromDer } from '../../src/codec/pem.ts';
import { pictureSize, requirePicture } from '../../src/codec/picture.ts';
import { pngGreys, pngHeader, pngParts } from '../../src/codec/png.ts';
import type { EnvelopeOptions, EnvelopeSigner } from '../../src/codec/proof.ts';
import { derFromRaw, rawFromDer } from '../../src/codec/signature.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { keyFromJwk, keyFromSpki, keyThumbprint, keyToJwk, spkiFromKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { anyPng, chunk, drawn, jpeg } from '../codec/picture.make.ts';
import { main, must, type Target } from './driver.ts';

// What regions' codes are made of, and what keys and pictures come in: each alone, and what it gives compared with its inverse.
// Run with: npx node test/fuzz/envelopes.ts --seconds 60 [--target NAME] [--seed N]

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
const raw = (fill: number): Uint8Array => new Uint8Array(64).fill(fill);
const signer = { keyId: 'a2V5LTE', jose: 'SM2SM3', cose: -65601, sign: () => raw(0x51) } as unknown as EnvelopeSigner;
const keys = [
  ...(['ES256', 'ES384', 'SM2-SM3', 'EdDSA'] as const).map((name) => mintKey(name).publicKey),
  keyFromSpki(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'der', type: 'spki' })),
];
/** A small picture of each kind of PNG: grey, colours, palette, both with opacity. */
const pngOf = (colour: number): Uint8Array =>
  anyPng(
    { width: 5, height: 6, depth: 8, colour, interlaced: colour === 6 },
    (x, y) => [x, y, 7, 200].slice(0, { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour]),
    colour === 3 ? [chunk('PLTE', new Uint8Array(24).fill(9))] : [],
  );
const LINE = { separator: '$', fields: ['prefix', 'number', 'kind', 'name', 'until'] };
const lines = ['JSTX1$320583000123$01$张三$20261222', '$$$$', 'a$b$$d$e'].map(encodeUtf8);
const FRAME = {
  fields: [
    { name: 'id', bytes: 4, as: 'hex' },
    { name: 'flags', bytes: 2, as: 'uint' },
    { name: 'until', bytes: 14, as: 'text' },
    { name: 'rest', bytes: 3, as: 'bytes' },
  ],
  tagged: [
    { tag: 1, name: 'state', as: 'text' },
    { tag: 2, name: 'holder', as: 'bytes' },
  ],
} as const;
const frame = { id: '0a0b0c0d', flags: 0x4000, until: '20261126120000', rest: Uint8Array.of(1, 2, 3) };
const bare = (form: 'der' | 'raw'): EnvelopeOptions =>
  ({ bare: { separator: '$', form, bytes: 64 } }) as EnvelopeOptions;

export const targets: readonly Target[] = [
  {
    name: 'gb18030',
    // 姓名：张三 in GBK, and a sign of four octets.
    seeds: ['d0d5c3fba3bad5c5c8fd', '4142d5c5c8fd3230', '8130843695329330d5c5'].map(
      (hex) => new Uint8Array(Buffer.from(hex, 'hex')),
    ),
    run(bytes) {
      const text = decodeGb18030(bytes);
      must('it is a text', () => decodeUtf8(encodeUtf8(text)) === text);
      const hidden = [0, 0x1b, 0xfffd, 0xfeff].map((code) => String.fromCharCode(code));
      must('nothing was replaced or hidden in it', () => !hidden.some((sign) => text.includes(sign)));
      must('it is no longer than its bytes', () => text.length <= bytes.length);
    },
  },
  {
    name: 'pem',
    seeds: [
      ...keys.map((key) => encodeUtf8(pemFromDer(spkiFromKey(key), 'PUBLIC KEY'))),
      encodeUtf8(`before\n${pemFromDer(raw(1), 'A')}between\n${pemFromDer(raw(2), 'B')}`),
    ],
    run(bytes) {
      const blocks = derFromPem(latin1(bytes));
      const again = derFromPem(blocks.map((block) => pemFromDer(block, 'X')).join(''), 'X');
      must('blocks are written and read back', () => blocks.every((block, i) => same(block, again[i]!)));
    },
  },
  {
    name: 'png',
    seeds: [0, 2, 3, 4, 6].map(pngOf),
    async run(bytes) {
      requirePicture(bytes);
      // Pictures of another size cost what their size says; those that are read here are small.
      const { width, height } = pngHeader(bytes);
      if (width * height > 4096) throw new Broken('picture', 'not tried here');
      const { pixels } = await pngGreys(pngParts(bytes), 255);
      must('a grey for each place', () => pixels.length === width * height);
    },
  },
  {
    name: 'picture-size',
    seeds: [pngOf(0), jpeg(drawn(4, 4, (x, y) => ((x + y) % 2) * 255))],
    run(bytes) {
      const size = pictureSize(bytes);
      if (size === undefined) throw new Broken('picture', 'no size');
      must('it is one', () => Number.isInteger(size.width) && size.width >= 0 && Number.isInteger(size.height));
    },
  },
  {
    name: 'signature-der',
    seeds: [raw(1), raw(0x80), raw(0xff), Uint8Array.of(...new Uint8Array(31), 1, ...new Uint8Array(31), 1)].map(
      (each) => derFromRaw(each),
    ),
    run(bytes) {
      const signature = rawFromDer(bytes, 32);
      if (signature === undefined) throw new Broken('signature', 'none');
      must('there is one spelling', () => same(derFromRaw(signature), bytes));
    },
  },
  {
    name: 'spki',
    seeds: keys.map(spkiFromKey),
    run(bytes) {
      const key = keyFromSpki(bytes);
      must('it is written and read back', () => {
        const again = keyFromSpki(spkiFromKey(key));
        return keyThumbprint(nodePlatform, again) === keyThumbprint(nodePlatform, key);
      });
    },
  },
  {
    name: 'jwk',
    seeds: keys.map((key) => encodeUtf8(JSON.stringify(keyToJwk(key)))),
    run(bytes) {
      const key = keyFromJwk(parseJson(decodeUtf8(bytes), CODE_LIMITS));
      const again = keyFromJwk(keyToJwk(key));
      must(
        'it is written and read back',
        () => keyThumbprint(nodePlatform, again) === keyThumbprint(nodePlatform, key),
      );
    },
  },
  {
    name: 'delimited',
    seeds: lines,
    run(bytes) {
      const object = readDelimited(bytes, LINE);
      must('there is one line', () => same(writeDelimited(object, LINE), bytes));
    },
  },
  {
    name: 'fixed',
    seeds: [frame, { ...frame, state: '00', holder: raw(3) }].map((value) => writeFixed(value, FRAME)),
    run(bytes) {
      const object = readFixed(bytes, FRAME);
      const known = Object.keys(object).every((name) => !name.startsWith('tag-'));
      // Tagged fields may come in any order; they are written in one.
      must('it is written and read back', () => !known || writeFixed(object, FRAME).length === bytes.length);
    },
  },
  ...(['raw', 'der'] as const).map(
    (form): Target => ({
      name: `signed-text-${form}`,
      seeds: lines.map((line) => encodeUtf8(writeSignedText(line, bare(form), signer))),
      run(bytes) {
        const { proof, payload } = openSignedText(bytes, CODE_LIMITS, bare(form));
        must('the signature has its length', () => proof.signature.length === 64);
        must(
          'what is signed is what was there, and the payload all of it but the separator',
          () =>
            same(proof.signed, bytes.subarray(0, proof.signed.length)) &&
            same(payload, proof.signed.subarray(0, proof.signed.length - 1)),
        );
      },
    }),
  ),
  {
    name: 'cose',
    seeds: [false, true].map((tagged) =>
      writeCoseSign1(encodeUtf8('{"1":"34"}'), { algorithms: [], tagged } as unknown as EnvelopeOptions, signer),
    ),
    run(bytes) {
      const { proof, payload } = openCoseSign1(bytes, CODE_LIMITS);
      must('the payload is what is signed, to its end', () =>
        same(payload, proof.signed.subarray(proof.signed.length - payload.length)),
      );
      must('the algorithm is named', () => proof.algorithm.startsWith('cose:'));
    },
  },
  {
    name: 'jws',
    seeds: [{}, { typ: 'zlz+jws' }].map((header) => encodeUtf8(writeJws(encodeUtf8('{"iss":"33"}'), header, signer))),
    run(bytes) {
      const text = latin1(bytes);
      const { proof, payload, header } = openJws(text, CODE_LIMITS);
      must('header and payload as they stand are what is signed', () => text.startsWith(`${latin1(proof.signed)}.`));
      must('the algorithm is the header’s', () => proof.algorithm === `jose:${String(header['alg'])}`);
      must('it is bounded', () => payload.length < text.length);
    },
  },
];

if (import.meta.main) await main(targets);
