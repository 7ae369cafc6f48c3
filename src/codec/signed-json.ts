import { Broken } from '../document/broken.ts';
import { setAt, stepsOf, valueAt } from '../document/pointer.ts';
import { ENCODINGS } from './encodings.ts';
import { CANONICAL, signedJsonPlaces } from './envelope-options.ts';
import { parseJson, writeJson } from './json.ts';
import type { Limits } from './limits.ts';
import type { EnvelopeOptions, EnvelopeSigner, Sealed } from './proof.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { emptyObject, type Value } from './value.ts';

/**
 * A JSON object in which one member is signed and others say by whom: where they stand is the declaration's to say
 * (ICAO VDS-NC: `/data` is signed, `/sig/sigvl` is the signature). What is signed is the member's canonical form, so
 * spaces and the order of members do not matter.
 */

const MAX_CERTIFICATES = 4;

/**
 * Opens it. Out: the proof over the canonical form of the signed member, which is also the payload.
 *
 * @throws Broken MALFORMED or LIMIT_EXCEEDED
 */
export function openSignedJson(input: string | Uint8Array, limits: Limits, options: EnvelopeOptions): Sealed {
  const places = options.json ?? signedJsonPlaces(options);
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text.length > limits.input) throw new Broken('signed-json', 'longer than the format allows', 'LIMIT_EXCEEDED');
  const whole = parseJson(text, limits);
  const member = valueAt(whole, stepsOf(places.signed)) as Value | undefined;
  if (member === undefined) throw new Broken('signed-json', `nothing at ${places.signed}`);
  const { decode } = ENCODINGS[places.encoding]!;
  const algorithm = textAt(whole, places.algorithm);
  const signature = decode(textAt(whole, places.signature));
  const keyId = places.keyId === undefined ? undefined : textAt(whole, places.keyId);
  const certificates = places.certificate === undefined ? [] : textsAt(whole, places.certificate).map(decode);
  const signed = encodeUtf8(CANONICAL[places.canonical]!(member));
  return {
    proof: {
      algorithm: `jose:${algorithm}`,
      signed,
      signature,
      keyIds: keyId === undefined ? [] : [keyId],
      ...(certificates.length === 0 ? {} : { certificates }),
    },
    payload: signed,
    header: {},
  };
}

function textAt(whole: Value, pointer: string): string {
  const value = valueAt(whole, stepsOf(pointer));
  if (typeof value !== 'string') throw new Broken('signed-json', `no text at ${pointer}`);
  return value;
}

function textsAt(whole: Value, pointer: string): readonly string[] {
  const value = valueAt(whole, stepsOf(pointer));
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every((item) => typeof item === 'string'))
    throw new Broken('signed-json', `no text at ${pointer}`);
  if (list.length > MAX_CERTIFICATES)
    throw new Broken('signed-json', `too many certificates at ${pointer}`, 'LIMIT_EXCEEDED');
  return list;
}

/** Writes it: the payload, JSON, at the signed place, and around it who signed. */
export function writeSignedJson(payload: Uint8Array, options: EnvelopeOptions, signer: EnvelopeSigner): string {
  const places = options.json ?? signedJsonPlaces(options);
  const { encode } = ENCODINGS[places.encoding]!;
  const member = parseJson(decodeUtf8(payload), { depth: 64, items: 100_000 });
  const whole = emptyObject();
  const put = (pointer: string, value: Value): void => setAt(whole, stepsOf(pointer), value);
  put(places.signed, member);
  put(places.algorithm, signer.jose);
  if (places.keyId !== undefined) put(places.keyId, signer.keyId);
  if (places.certificate !== undefined) {
    const certificates = (signer.certificates ?? []).map(encode);
    if (certificates.length === 0)
      throw new Broken('signed-json', 'the format carries its signer’s certificate, and this signer has none');
    put(places.certificate, certificates.length === 1 ? certificates[0]! : certificates);
  }
  put(places.signature, encode(signer.sign(encodeUtf8(CANONICAL[places.canonical]!(member)))));
  return writeJson(whole);
}
