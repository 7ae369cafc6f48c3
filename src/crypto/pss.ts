import {
  atEnd,
  type Cursor,
  contextTag,
  enter,
  finish,
  inside,
  nullOf,
  oidOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
} from '../codec/der.ts';
import { context, integer, nullValue, oid, sequence } from '../codec/der-writer.ts';

/** RSASSA-PSS-params (RFC 4055 §3.1), which stand behind id-RSASSA-PSS in keys and signature algorithms. */

export const RSASSA_PSS = '1.2.840.113549.1.1.10';
const SHA_256 = '2.16.840.1.101.3.4.2.1';
const MGF1 = '1.2.840.113549.1.1.8';
const DEFAULT_SALT = 20;

/**
 * Reads the parameters and gives their salt length; undefined if hash or mask are not SHA-256 and MGF1 with SHA-256.
 * In a key the salt length is the least allowed, in a signature algorithm the exact one.
 */
export function pssSaltLength(parameters: Cursor): number | undefined {
  const fields = enter(parameters);
  finish(parameters);
  const hash = readOptional(fields, contextTag(0));
  const mask = readOptional(fields, contextTag(1));
  const salt = readOptional(fields, contextTag(2));
  // The trailer field has one value only, its default, which DER leaves out.
  finish(fields);
  if (hash === undefined || mask === undefined) return undefined;
  const hashField = inside(hash);
  const maskField = inside(mask);
  const hashIsOurs = isSha256(hashField);
  finish(hashField);
  const maskAlgorithm = enter(maskField);
  finish(maskField);
  const maskIsOurs = oidOf(read(maskAlgorithm, TAG.oid)) === MGF1 && isSha256(maskAlgorithm);
  if (!hashIsOurs || !maskIsOurs) return undefined;
  if (salt === undefined) return DEFAULT_SALT;
  const saltField = inside(salt);
  const length = smallIntegerOf(read(saltField, TAG.integer));
  finish(saltField);
  return length;
}

/** An AlgorithmIdentifier of SHA-256; its parameters may be NULL or absent (RFC 4055 §2.1). */
function isSha256(cursor: Cursor): boolean {
  const algorithm = enter(cursor);
  const name = oidOf(read(algorithm, TAG.oid));
  if (name !== SHA_256) return false;
  if (!atEnd(algorithm)) nullOf(read(algorithm, TAG.null));
  finish(algorithm);
  return true;
}

/** AlgorithmIdentifier of RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets. */
export function pssAlgorithm(): Uint8Array {
  const sha256 = sequence(oid(SHA_256), nullValue());
  const mgf1 = sequence(oid(MGF1), sha256);
  return sequence(oid(RSASSA_PSS), sequence(context(0, sha256), context(1, mgf1), context(2, integer(32))));
}
