import { describe, expect, it } from 'vitest';
import { decodeCbor, encodeCbor } from '../../src/codec/cbor.ts';
import { deflate } from '../../src/codec/deflate.ts';
import { ENVELOPES } from '../../src/codec/envelopes.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { TRANSPORTS } from '../../src/codec/transports.ts';
import type { Value } from '../../src/codec/value.ts';
import { PACKAGE_LIMITS, readZip } from '../../src/codec/zip.ts';
import { writeZip } from '../../src/codec/zip-writer.ts';
import { Broken } from '../../src/document/broken.ts';
import type { MintedSample } from '../../src/federation/mint.node.ts';
import type { Format } from '../../src/format/compile.ts';
import { federation, formatOf, samples, standpointOf, walk } from '../support/federation.ts';

/**
 * A document is what its signature covers. Every byte of every format's good samples is altered, at the wire and at
 * every layer below it: what is then still accepted must be the same document of the same issuer, and a format that has
 * such bytes must say so.
 */
type Wire = string | Uint8Array;
const isFile = (format: Format): boolean => ENVELOPES[format.declaration.envelope.type]!.file !== undefined;
const good = samples.filter(({ expect: { outcome } }) => outcome === 'accept' || outcome === 'conditional');

/** The wire as each transport step leaves it, and how to put a layer back on the wire. */
function layersOf(format: Format, wire: Wire): { name: string; content: Wire; wrap(content: Wire): Wire }[] {
  const { recognise, transport } = format.declaration;
  const { prefix = '', suffix = '' } = recognise;
  const rewrap = (content: Wire): Wire => (typeof content === 'string' ? `${prefix}${content}${suffix}` : content);
  let current: Wire =
    typeof wire === 'string' && prefix + suffix !== '' ? wire.slice(prefix.length, wire.length - suffix.length) : wire;
  const layers = [{ name: 'wire', content: wire, wrap: (content: Wire): Wire => content }];
  if (transport.length === 0 && current !== wire)
    layers.push({ name: 'inside the prefix', content: current, wrap: rewrap });
  transport.forEach((step, i) => {
    const outer = transport.slice(0, i + 1).toReversed();
    current = TRANSPORTS[step]!.decode(current, { ...CODE_LIMITS, ...format.declaration.limits });
    const wrap = (content: Wire): Wire =>
      rewrap(outer.reduce((inner, name) => TRANSPORTS[name]!.encode(inner), content));
    layers.push({ name: `inside ${step}`, content: current, wrap });
  });
  return layers;
}

/** Another content at one place: each bit in turn as the place moves, so that all kinds of changes come up. */
function alteredAt(content: Wire, at: number): Wire {
  if (typeof content !== 'string') return content.map((byte, i) => (i === at ? byte ^ (1 << (at & 7)) : byte));
  const other = String.fromCharCode(content.charCodeAt(at) ^ (1 << (at % 5)));
  return content.slice(0, at) + other + content.slice(at + 1);
}

const halves = (signature: Uint8Array): [Uint8Array, Uint8Array] => [signature.slice(0, 32), signature.slice(32)];
const N256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** r‖(n − s): for ECDSA as good a signature as the other (P-256 here). */
function mirrored(signature: Uint8Array): Uint8Array {
  const [r, s] = halves(signature);
  const other = (N256 - BigInt(`0x${hex(s)}`)).toString(16).padStart(64, '0');
  return Uint8Array.from(Buffer.from(hex(r) + other, 'hex'));
}

const concat = (...parts: (Uint8Array | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Other ways to write one COSE message: what a forger would try who cannot sign. */
function coseSpellings(message: Uint8Array): Uint8Array[] {
  const array = message[0] === 0xd2 ? message.subarray(1) : message;
  const [head, unprotectedHeader, payload, signature] = decodeCbor(array, CODE_LIMITS) as [
    Uint8Array,
    Value,
    Uint8Array,
    Uint8Array,
  ];
  const again = (...parts: Value[]): Uint8Array => encodeCbor(parts);
  const { length } = payload;
  const long = encodeCbor(payload).subarray(length < 24 ? 1 : length < 256 ? 2 : 3);
  return [
    concat([0xd2], array),
    array,
    concat([0xd8, 61, 0xd2], array),
    again(head, { ...(unprotectedHeader as object), '99': 'x' }, payload, signature),
    again(head, { '4': Uint8Array.of(1, 2, 3) }, payload, signature),
    again(head, unprotectedHeader, payload, mirrored(signature)),
    concat(
      [0x84],
      encodeCbor(head),
      encodeCbor(unprotectedHeader),
      [0x5a, 0, 0, length >> 8, length & 255],
      long,
      encodeCbor(signature),
    ),
    concat([0x9f], array.subarray(1), [0xff]),
  ];
}

function jwsSpellings(text: string): string[] {
  const [head, body, signature] = text.split('.') as [string, string, string];
  const other = Buffer.from(mirrored(Buffer.from(signature, 'base64url'))).toString('base64url');
  return [
    `${head}.${body}.${other}`,
    `${head}.${body}.${signature}=`,
    `${head}=.${body}.${signature}`,
    `${text}.`,
    `${head}.${body}.${signature}AA`,
  ];
}

/** RFC 8785 makes one text of all of these; and members that stand beside the signed one. */
function signedJsonSpellings(text: string): string[] {
  const whole = JSON.parse(text) as Record<string, unknown>;
  return [
    JSON.stringify(whole, null, 2),
    JSON.stringify(Object.fromEntries(Object.entries(whole).toReversed())),
    JSON.stringify({ ...whole, more: 'x' }),
    text.replace(/"([a-z])/, (_, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`),
  ];
}

/** The same files in another order. */
const packageSpellings = (bytes: Uint8Array): Uint8Array[] => [
  writeZip([...readZip(bytes, PACKAGE_LIMITS)].toReversed()),
];

const SPELLINGS: Readonly<Record<string, (content: Wire) => Wire[]>> = {
  'cose-sign1': (content) => coseSpellings(content as Uint8Array),
  jws: (content) => jwsSpellings(content as string),
  'signed-json': (content) =>
    signedJsonSpellings(typeof content === 'string' ? content : new TextDecoder().decode(content)),
  'sealed-json': (content) => signedJsonSpellings(content as string),
  'signed-params': (content) => signedJsonSpellings(content as string),
  ofd: (content) => packageSpellings(content as Uint8Array),
};

/** What no text of the outer layer can carry is no attack. */
function wrapped(wrap: (content: Wire) => Wire, content: Wire): Wire | undefined {
  try {
    return wrap(content);
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}

/** Everything that is tried on one document, with the layer it is tried at. */
function* attempts(format: Format, wire: Wire): Generator<{ what: string; wire: Wire }> {
  const layers = layersOf(format, wire);
  for (const { name, content, wrap } of layers) {
    // A file takes several signatures to check, and each bit of its seal is altered elsewhere (codec/seal.test.ts).
    const stride = isFile(format) ? Math.ceil(content.length / 500) : 1;
    for (let at = 0; at < content.length; at += stride) {
      const altered = wrapped(wrap, alteredAt(content, at));
      if (altered !== undefined) yield { what: `${name}, ${at}`, wire: altered };
    }
    yield { what: `${name}, cut`, wire: wrap(content.slice(0, -1)) };
    yield {
      what: `${name}, doubled`,
      wire: wrap(typeof content === 'string' ? content + content : concat(content, content)),
    };
  }
  const inner = layers[layers.length - 1]!;
  for (const spelling of SPELLINGS[format.declaration.envelope.type]?.(inner.content) ?? [])
    yield { what: 'spelt otherwise', wire: inner.wrap(spelling) };
  const zlib = format.declaration.transport.indexOf('zlib');
  if (zlib >= 0) {
    const compressed = deflate(inner.content as Uint8Array, 'zlib');
    // RFC 1950 §2.2: another window size in the header, with its check bits made right again.
    compressed[0] = 0x48;
    compressed[1] = 31 - ((0x48 * 256) % 31);
    yield { what: 'compressed otherwise', wire: layers[zlib]!.wrap(compressed) };
  }
}

/** Alters everything; gives the attempts that were accepted. Fails if one of them is another document or issuer. */
function acceptedOf(sample: MintedSample): string[] {
  const { wire, format: id } = sample;
  const { for: region, purpose } = sample.expect;
  const format = formatOf(federation, id);
  // As it is meant to be shown: an answer to a question is none to anybody else.
  const { challenge } = sample.shown;
  const asked = {
    standpoint: standpointOf(region),
    ...(purpose === undefined ? {} : { purpose }),
    ...(challenge === undefined ? {} : { challenge }),
  };
  const original = walk(sample, asked);
  expect(original.verdict.outcome).toMatch(/accept|conditional/);
  const accepted: string[] = [];
  for (const attempt of attempts(format, wire)) {
    if (
      attempt.wire === wire ||
      (attempt.wire instanceof Uint8Array && Buffer.compare(attempt.wire, wire as Uint8Array) === 0)
    )
      continue;
    const { verdict, converted, evidence } = walk({ ...sample, wire: attempt.wire }, asked);
    if (verdict.outcome !== 'accept' && verdict.outcome !== 'conditional') continue;
    accepted.push(attempt.what);
    expect(converted!.document, attempt.what).toEqual(original.converted!.document);
    expect(evidence!.key, attempt.what).toBe(original.evidence!.key);
  }
  return accepted;
}

describe.each(federation.formats.map((format) => [format.id, format] as const))('%s', (id, format) => {
  const own = good.filter((sample) => sample.format === id);

  it('has a good sample to alter', () => {
    expect(own.length).toBeGreaterThan(0);
  });

  it('accepts nothing altered but the same document, and names the bytes that nothing covers', () => {
    const accepted = acceptedOf(own[0]!);
    // What may change in a signature file is not in the file that is altered here.
    const uncovered = own[0]!.beside === undefined ? accepted.length > 0 : true;
    expect({ uncovered: format.uncovered.length > 0, accepted }).toEqual({ uncovered, accepted });
  });
});
