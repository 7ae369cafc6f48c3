import zlib from 'node:zlib';
import { decodeBase45, encodeBase45 } from '../../src/codec/base45.ts';
import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '../../src/codec/base64url.ts';
import {
  cborReader,
  decodeCbor,
  encodeCbor,
  encodeTagged,
  readArrayHead,
  readBreak,
  readBytes,
  readTag,
  readValue,
} from '../../src/codec/cbor.ts';
import { deflate } from '../../src/codec/deflate.ts';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { readIdSet } from '../../src/codec/id-set.ts';
import { writeIdSet } from '../../src/codec/id-set-writer.ts';
import { type Container, inflate } from '../../src/codec/inflate.ts';
import { canonicalJson, parseJson, writeJson } from '../../src/codec/json.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { readStatusList, writeStatusList } from '../../src/codec/status-list.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import type { Value } from '../../src/codec/value.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { main, must, type Target } from './driver.ts';

// Run with: npx node test/fuzz/codecs.ts --seconds 60 [--target NAME] [--seed N]

const SAMPLES: readonly Value[] = [
  { ver: '1.0', nam: { fn: '示例', gn: 'Ex-Ample' }, v: [{ dn: 1, sd: 2, dt: '2024-01-02', ok: true, none: null }] },
  { 1: 'x-guest', 4: 1_700_000_000, 6: 1_690_000_000, '-260': { 1: { list: [1.5, -7, 65_536, 2 ** 40] } } },
  [0, 23, 24, 255, 256, -1, -24, -25, 0.1, 1e300, '', 'a', 'é', '😀', '\n"\\', [], {}, [[[[]]]]],
  'a text of more than twenty-three characters, and then some more to go past forty-eight',
];
const TAGS = [24, 1004];
const LIMITS = { ...CODE_LIMITS, items: 500, inflated: 1 << 16 };

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const cborSamples = SAMPLES.map(encodeCbor);

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/** A codec whose every accepted text must be the one that its encoder writes. */
function textual(name: string, decode: (text: string) => Uint8Array, encode: (bytes: Uint8Array) => string): Target {
  return {
    name,
    seeds: cborSamples.map((bytes) => ascii(encode(bytes))),
    run(bytes) {
      const text = latin1(bytes);
      const data = decode(text);
      must('there is one text', () => encode(data) === text);
    },
  };
}

/** Inflate beside zlib: both read the same bytes from the same part of the input, or both refuse. */
function inflating(
  container: Container,
  pack: (bytes: Uint8Array) => Uint8Array,
  theirs: (bytes: Uint8Array) => Uint8Array,
): Target {
  const texts = SAMPLES.map((sample) => encodeUtf8(canonicalJson(sample).repeat(8)));
  return {
    name: `inflate-${container}`,
    seeds: texts.map(pack).concat(deflatedLike(container, texts)),
    run(bytes) {
      let ours: { bytes: Uint8Array; used: number };
      try {
        ours = inflate(bytes, LIMITS, container, { allowTrailing: true });
      } catch (error) {
        if (error instanceof Broken && error.code === 'MALFORMED')
          must('zlib refuses it too', () => refuses(theirs, bytes));
        throw error;
      }
      must('zlib reads the same', () => same(ours.bytes, theirs(bytes.subarray(0, ours.used))));
      must('the last byte is needed', () => refuses(theirs, bytes.subarray(0, ours.used - 1)));
    },
  };
}

function deflatedLike(container: Container, texts: readonly Uint8Array[]): Uint8Array[] {
  return container === 'gzip' ? [] : texts.map((text) => deflate(text, container));
}

function refuses(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  try {
    read(bytes);
    return false;
  } catch {
    return true;
  }
}

const { digest } = nodePlatform;
const someIds = (count: number): string[] => Array.from({ length: count }, (_, i) => `an-id-of-a-document-${i}`);
const ROOM = { maxOutputLength: 1 << 20 };
const platform = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const targets: readonly Target[] = [
  textual('base45', decodeBase45, encodeBase45),
  textual('base64url', decodeBase64url, encodeBase64url),
  textual('base64', decodeBase64, encodeBase64),
  {
    name: 'hex',
    seeds: cborSamples.map((bytes) => ascii(encodeHex(bytes))),
    run(bytes) {
      const text = latin1(bytes);
      const data = decodeHex(text);
      must('there is one text but for its case', () => encodeHex(data) === text.toLowerCase());
    },
  },
  {
    name: 'utf8',
    seeds: SAMPLES.map((sample) => encodeUtf8(canonicalJson(sample))),
    run(bytes) {
      let text: string;
      try {
        text = decodeUtf8(bytes);
      } catch (error) {
        must('the platform refuses it too', () => refuses((b) => platform.decode(b), bytes));
        throw error;
      }
      must('the platform reads the same', () => platform.decode(bytes) === text);
      must('there is one encoding', () => same(encodeUtf8(text), bytes));
    },
  },
  inflating('zlib', zlib.deflateSync, (bytes) => zlib.inflateSync(bytes, ROOM)),
  inflating('raw', zlib.deflateRawSync, (bytes) => zlib.inflateRawSync(bytes, ROOM)),
  inflating('gzip', zlib.gzipSync, (bytes) => zlib.gunzipSync(bytes, ROOM)),
  {
    name: 'deflate',
    seeds: cborSamples,
    run(bytes) {
      must('zlib reads it', () => same(zlib.inflateSync(deflate(bytes)), bytes));
      must('inflate reads it', () => same(inflate(deflate(bytes, 'raw'), LIMITS, 'raw'), bytes));
    },
  },
  {
    name: 'json',
    seeds: SAMPLES.flatMap((sample) => [encodeUtf8(writeJson(sample)), encodeUtf8(JSON.stringify(sample, null, 1))]),
    run(bytes) {
      const value = parseJson(decodeUtf8(bytes), LIMITS);
      const text = writeJson(value);
      must('the engine reads the same', () => JSON.stringify(JSON.parse(decodeUtf8(bytes))) === JSON.stringify(value));
      must('it is read back', () => writeJson(parseJson(text, LIMITS)) === text);
      must('the canonical form is JSON', () => JSON.stringify(JSON.parse(canonicalJson(value))).length > 0);
    },
  },
  {
    name: 'cbor',
    seeds: [...cborSamples, ...cborSamples.map((bytes) => Uint8Array.of(0x9f, ...bytes, 0xff)), encodeTagged(24, 'x')],
    run(bytes) {
      const value = decodeCbor(bytes, LIMITS, 0, bytes.length, TAGS);
      must('it is written and read back', () => {
        const written = encodeCbor(value);
        return same(encodeCbor(decodeCbor(written, CODE_LIMITS)), written);
      });
    },
  },
  {
    name: 'cbor-items',
    seeds: cborSamples.map((bytes) => encodeTagged(61, [bytes, {}, bytes, new Uint8Array(64)])),
    run(bytes) {
      const r = cborReader(bytes, LIMITS);
      while (readTag(r) !== undefined);
      const count = readArrayHead(r);
      for (let i = 0; i < count; i++) {
        if (count === Number.POSITIVE_INFINITY && readBreak(r)) break;
        const from = r.at;
        if (i % 2 === 0) readBytes(r);
        else readValue(r);
        must('it moves on, within the input', () => r.at > from && r.at <= bytes.length);
      }
    },
  },
  {
    name: 'id-set',
    seeds: [0, 1, 90, 401].map((count) => writeIdSet(someIds(count), count === 90 ? undefined : digest).set),
    run(bytes) {
      const set = readIdSet(bytes);
      let held = 0;
      for (const id of someIds(401)) {
        const places = set.places(id);
        must('a place is an entry', () => places.every((place) => place < set.count));
        must('both ways of asking agree', () => set.mayHold(id) === places.length > 0);
        held += places.length;
      }
      must('no more is held than there is', () => set.count > 0 || held === 0);
    },
  },
  {
    name: 'status-list',
    // Its text as it stands in a region's file, or, behind a tilde, the bits themselves, of which every text is sound.
    seeds: [
      ...[8, 1024, 40_000].map((size) => ascii(writeStatusList(size, [0, 7, size - 1]))),
      Uint8Array.of(0x7e, 0x81, 0, 0xff, 0x40),
    ],
    run(bytes) {
      const bits = bytes[0] === 0x7e ? bytes.subarray(1) : undefined;
      const list = readStatusList(bits === undefined ? latin1(bytes) : encodeBase64url(deflate(bits)));
      must('its bits are those that were written', () => {
        const all = [...(bits ?? [])].flatMap((octet) => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ((octet >> i) & 1) === 1));
        return all.every((bit, index) => list.has(index) === bit);
      });
      let set = 0;
      for (let index = 0; index < Math.min(list.size, 4096); index++) if (list.has(index)) set += 1;
      must('it speaks of whole octets, and of nothing outside', () => {
        const outside = [-1, 0.5, list.size, 2 ** 53, Number.NaN].every((index) => list.has(index) === undefined);
        return list.size % 8 === 0 && outside;
      });
      must('no more are revoked than it says', () => set <= list.count && list.count <= list.size);
    },
  },
];

if (import.meta.main) await main(targets);
