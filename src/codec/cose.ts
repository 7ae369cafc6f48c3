import { Broken } from '../document/broken.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { sharedRoom } from './bytes.ts';
import { cborReader, decodeCbor, encodeCbor, readArrayHead, readBytes, readEnd, readTag, readValue } from './cbor.ts';
import type { Limits } from './limits.ts';
import type { EnvelopeOptions, EnvelopeSigner, Sealed } from './proof.ts';
import { isObject, type Value, type ValueObject } from './value.ts';

/** Header labels, RFC 9052 §3.1. */
const LABEL = { alg: '1', crit: '2', kid: '4' } as const;
/** RFC 8392 §6: a CWT may carry its own tag outside the COSE one. */
const TAG = { cwt: 61, sign1: 18 } as const;
const NONE = new Uint8Array(0);

/**
 * Opens a COSE_Sign1, RFC 9052 §4.2, tagged 18, 61 and 18, or not tagged. In: the bytes, limits, and the external data
 * that is signed with it (none as a rule). Out: the proof over the Sig_structure (§4.4), the payload and the protected
 * header's plain members. Errors: Broken MALFORMED or LIMIT_EXCEEDED.
 */
export function openCoseSign1(bytes: Uint8Array, limits: Limits, external: Uint8Array = NONE): Sealed {
  const reader = cborReader(bytes, limits);
  const outer = readTag(reader);
  const tag = outer === TAG.cwt ? readTag(reader) : outer;
  if (tag !== undefined && tag !== TAG.sign1) throw new Broken('cose', 'tagged as something else than COSE_Sign1');
  if (readArrayHead(reader) !== 4) throw new Broken('cose', 'not an array of four');
  const protectedBytes = readBytes(reader);
  const unprotectedHeader = headerOf(readValue(reader));
  const payload = readBytes(reader);
  const signature = readBytes(reader);
  readEnd(reader);

  const header = protectedBytes.length === 0 ? EMPTY : headerOf(decodeCbor(protectedBytes, limits));
  // Whoever changes the unprotected header changes no signature: what is protected goes first, and alone.
  const kid = header[LABEL.kid] ?? unprotectedHeader[LABEL.kid];
  if (kid !== undefined && !(kid instanceof Uint8Array)) throw new Broken('cose', 'the key id is no byte string');
  const proof = {
    algorithm: `cose:${algorithmOf(header[LABEL.alg])}`,
    signed: sigStructure(protectedBytes, external, payload),
    signature,
    keyIds: kid === undefined ? [] : [encodeBase64url(kid)],
  };
  const demanding = header[LABEL.crit] !== undefined || unprotectedHeader[LABEL.crit] !== undefined;
  return { proof: demanding ? { ...proof, demands: 'crit' } : proof, payload, header };
}

const EMPTY: ValueObject = Object.freeze(Object.create(null));

function headerOf(value: Value): ValueObject {
  if (!isObject(value)) throw new Broken('cose', 'a header is no map');
  return value;
}

function algorithmOf(alg: Value | undefined): string {
  if (typeof alg === 'number' || typeof alg === 'string') return String(alg);
  return alg === undefined ? 'none' : 'unreadable';
}

/** `["Signature1", protected, external, payload]` as CBOR, written straight into one buffer: this is the hot path. */
function sigStructure(protectedBytes: Uint8Array, external: Uint8Array, payload: Uint8Array): Uint8Array {
  const parts = headed(protectedBytes.length) + headed(external.length) + headed(payload.length);
  const out = sharedRoom(CONTEXT.length + parts);
  out.set(CONTEXT);
  let at = CONTEXT.length;
  at = putBytes(out, at, protectedBytes);
  at = putBytes(out, at, external);
  putBytes(out, at, payload);
  return out;
}

/** A byte string's length with its head. */
const headed = (length: number): number => length + (length < 24 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5);

/** Array of four, and the text "Signature1". */
const CONTEXT = Uint8Array.of(0x84, 0x6a, ...[...'Signature1'].map((sign) => sign.charCodeAt(0)));

function putBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  const { length } = bytes;
  let next = at;
  if (length < 24) out[next++] = 0x40 | length;
  else if (length < 0x100) {
    out[next++] = 0x58;
    out[next++] = length;
  } else if (length < 0x10000) {
    out[next++] = 0x59;
    out[next++] = length >> 8;
    out[next++] = length & 0xff;
  } else {
    out[next++] = 0x5a;
    for (let shift = 24; shift >= 0; shift -= 8) out[next++] = (length >> shift) & 0xff;
  }
  out.set(bytes, next);
  return next + length;
}

/** Writes a COSE_Sign1: algorithm, key id and the declared members in the protected header, the unprotected one empty. */
export function writeCoseSign1(payload: Uint8Array, options: EnvelopeOptions, signer: EnvelopeSigner): Uint8Array {
  const kid = decodeBase64url(signer.keyId);
  const protectedBytes = encodeCbor({ ...options.header, [LABEL.alg]: signer.cose, [LABEL.kid]: kid });
  const signature = signer.sign(sigStructure(protectedBytes, NONE, payload));
  const message = encodeCbor([protectedBytes, {}, payload, signature]);
  return options.tagged ? Uint8Array.of(0xd2, ...message) : message;
}
