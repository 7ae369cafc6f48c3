import { Broken } from '../document/broken.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { sharedRoom } from './bytes.ts';
import { deflate } from './deflate.ts';
import { inflate } from './inflate.ts';
import { parseJson, writeJson } from './json.ts';
import type { Limits } from './limits.ts';
import type { EnvelopeSigner, Sealed } from './proof.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { isObject, type Value, type ValueObject } from './value.ts';

/** JWE's name for RFC 1951 (RFC 7516 §4.1.3). RFC 7515 has no `zip`; SMART Health Cards use it in a JWS. */
const DEFLATED = 'DEF';

/**
 * Opens a JWS in compact serialisation, RFC 7515 §7.1. In: the text, its limits, and the `zip` that the declaration asks
 * for, if any: a payload is inflated only where declaration and header both say so. Out: the proof over
 * `header.payload`, the payload's bytes and the header's plain members. Errors: Broken MALFORMED or LIMIT_EXCEEDED.
 */
export function openJws(text: string, limits: Limits, zip?: string | number): Sealed {
  if (text.length > limits.input) throw new Broken('jws', 'longer than the format allows', 'LIMIT_EXCEEDED');
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 1 || second < 0 || text.indexOf('.', second + 1) >= 0) throw new Broken('jws', 'not three segments');
  // All three parts are ASCII: octets and characters have the same places, or the first that has not is refused.
  const octets = encodeUtf8(text);
  const header = headerOf(parseJson(decodeUtf8(decodeBase64url(octets, 0, first, sharedRoom)), limits));
  const { alg, kid, crit, b64 } = header;
  if (typeof alg !== 'string') throw new Broken('jws', 'the header names no algorithm');
  if (kid !== undefined && typeof kid !== 'string') throw new Broken('jws', 'kid is no text');
  const payload = decodeBase64url(octets, first + 1, second, sharedRoom);
  return {
    proof: {
      algorithm: `jose:${alg}`,
      signed: octets.subarray(0, second),
      signature: decodeBase64url(octets, second + 1),
      keyIds: kid === undefined ? [] : [kid],
      // An extension that must be understood is never skipped. RFC 7797 changes what was signed, and whoever knows it reads
      // another payload here than we do: refused also without the `crit` that its §6 asks for.
      ...(crit !== undefined ? { demands: 'crit' } : b64 !== undefined ? { demands: 'b64' } : {}),
    },
    payload:
      zip === DEFLATED && header['zip'] === DEFLATED ? inflate(payload, limits, 'raw', { room: sharedRoom }) : payload,
    header,
  };
}

function headerOf(value: Value): ValueObject {
  if (!isObject(value)) throw new Broken('jws', 'the header is no object');
  return value;
}

/** Writes a JWS. In: payload bytes, further protected header members (`zip` compresses the payload), the signer. */
export function writeJws(
  payload: Uint8Array,
  header: Readonly<Record<string, string | number>>,
  signer: EnvelopeSigner,
): string {
  // Whatever a declaration asks for, the header says who really signed, and how.
  const own = { alg: signer.jose, kid: signer.keyId };
  const head = encodeBase64url(encodeUtf8(writeJson({ ...own, ...header, ...own })));
  const body = header['zip'] === DEFLATED ? deflate(payload, 'raw') : payload;
  const signed = `${head}.${encodeBase64url(body)}`;
  return `${signed}.${encodeBase64url(signer.sign(encodeUtf8(signed)))}`;
}
