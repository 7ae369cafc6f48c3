import { Broken } from '../document/broken.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import type { Limits } from './limits.ts';
import type { BareSignature, EnvelopeOptions, EnvelopeSigner, Sealed } from './proof.ts';
import { derFromRaw, rawFromDer } from './signature.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/**
 * Documents that carry nothing but their fields and one signature: no header names an algorithm (the declaration has
 * exactly one), and the key is named by fields of the payload.
 */

/** The one algorithm that the declaration allows. */
const DECLARED = 'declared';

const sealed = (signed: Uint8Array, payload: Uint8Array, signature: Uint8Array): Sealed => ({
  proof: { algorithm: DECLARED, signed, signature, keyIds: [] },
  payload,
  header: {},
});

/** `fields$signature`: signed is everything up to and including the last separator; the signature is base64url. */
export function openSignedText(input: string | Uint8Array, limits: Limits, options: EnvelopeOptions): Sealed {
  const { separator, form, bytes } = textOptions(options);
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text.length > limits.input) throw new Broken('input', 'longer than the format allows', 'LIMIT_EXCEEDED');
  // A reader that could not read a sign puts this in its place: that is damage, and no sign of forgery.
  if (text.includes('\ufffd')) throw new Broken('text', 'the reader replaced signs that it could not read');
  const last = text.lastIndexOf(separator);
  if (last < 0) throw new Broken('signature', 'no signature behind the fields');
  const written = decodeBase64url(text, last + separator.length);
  const signature = form === 'der' ? rawFromDer(written, bytes / 2) : written;
  if (signature?.length !== bytes) throw new Broken('signature', `not a signature of ${bytes} bytes (${form})`);
  return sealed(encodeUtf8(text.slice(0, last + separator.length)), encodeUtf8(text.slice(0, last)), signature);
}

export function writeSignedText(payload: Uint8Array, options: EnvelopeOptions, signer: EnvelopeSigner): string {
  const { separator, form } = textOptions(options);
  const signed = `${decodeUtf8(payload)}${separator}`;
  const signature = signer.sign(encodeUtf8(signed));
  return signed + encodeBase64url(form === 'der' ? derFromRaw(signature) : signature);
}

/** A binary frame that begins with its signature, raw, over all that follows. */
export function openSignedFrame(input: string | Uint8Array, _: Limits, options: EnvelopeOptions): Sealed {
  const { bytes } = frameOptions(options);
  if (typeof input === 'string') throw new Broken('frame', 'expected bytes, found text');
  if (input.length <= bytes) throw new Broken('frame', 'shorter than its signature');
  const payload = input.subarray(bytes);
  return sealed(payload, payload, input.subarray(0, bytes));
}

export function writeSignedFrame(payload: Uint8Array, _: EnvelopeOptions, signer: EnvelopeSigner): Uint8Array {
  const signature = signer.sign(payload);
  const frame = new Uint8Array(signature.length + payload.length);
  frame.set(signature);
  frame.set(payload, signature.length);
  return frame;
}

/** Errors: Error, for a declaration that does not say how the signature is written. */
export function textOptions({ bare }: EnvelopeOptions): BareSignature & { separator: string } {
  if (bare?.separator === undefined) throw new Error('/envelope/bare/separator: signed-text needs one');
  return { ...bare, separator: bare.separator };
}

export function frameOptions({ bare }: EnvelopeOptions): BareSignature {
  if (bare === undefined || bare.form !== 'raw')
    throw new Error('/envelope/bare: signed-frame needs one, with "form": "raw"');
  return bare;
}
