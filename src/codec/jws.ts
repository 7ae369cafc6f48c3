import { Broken } from '../document/broken.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { parseJson, writeJson } from './json.ts';
import type { Limits } from './limits.ts';
import type { EnvelopeSigner, Sealed } from './proof.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import type { Value, ValueObject } from './value.ts';

/**
 * Opens a JWS in compact serialisation, RFC 7515 §7.1. In: the text, its limits. Out: the proof over `header.payload`,
 * the payload's bytes and the header's plain members. Errors: Broken MALFORMED or LIMIT_EXCEEDED.
 */
export function openJws(text: string, limits: Limits): Sealed {
  if (text.length > limits.input) throw new Broken('jws', 'longer than the format allows', 'LIMIT_EXCEEDED');
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 1 || second < 0 || text.indexOf('.', second + 1) >= 0) throw new Broken('jws', 'not three segments');
  const header = headerOf(parseJson(decodeUtf8(decodeBase64url(text, 0, first)), limits));
  const { alg, kid, crit } = header;
  if (typeof alg !== 'string') throw new Broken('jws', 'the header names no algorithm');
  if (kid !== undefined && typeof kid !== 'string') throw new Broken('jws', 'kid is no text');
  return {
    proof: {
      algorithm: `jose:${alg}`,
      signed: encodeUtf8(text.slice(0, second)),
      signature: decodeBase64url(text, second + 1),
      keyIds: kid === undefined ? [] : [kid],
      // An extension that must be understood is never skipped: `b64: false` would change what was signed.
      ...(crit === undefined ? {} : { demands: 'crit' }),
    },
    payload: decodeBase64url(text, first + 1, second),
    header: plainMembers(header),
  };
}

function headerOf(value: Value): ValueObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new Broken('jws', 'the header is no object');
  }
  return value as ValueObject;
}

function plainMembers(header: ValueObject): Record<string, string | number> {
  const members: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(header)) {
    if (typeof value === 'string' || typeof value === 'number') members[name] = value;
  }
  return members;
}

/** Writes a JWS. In: payload bytes, further protected header members, the signer. */
export function writeJws(
  payload: Uint8Array,
  header: Readonly<Record<string, string | number>>,
  signer: EnvelopeSigner,
): string {
  const head = encodeBase64url(encodeUtf8(writeJson({ alg: signer.jose, ...header, kid: signer.keyId })));
  const signed = `${head}.${encodeBase64url(payload)}`;
  return `${signed}.${encodeBase64url(signer.sign(encodeUtf8(signed)))}`;
}
