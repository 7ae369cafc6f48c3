import { DIGEST_LENGTHS, DIGEST_OIDS, digestOfOid } from '../codec/cms-algorithms.ts';
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
const MGF1 = '1.2.840.113549.1.1.8';
const DEFAULT_SALT = 20;

export type PssDigest = 'SHA-256' | 'SHA-384' | 'SHA-512';

export interface PssParameters {
  /** Of the message and of MGF1. */
  readonly digest: PssDigest;
  /** Octets: in a key the least allowed, in a signature algorithm the exact number. */
  readonly salt: number;
}

/** The algorithm with this digest, whose salt is as long as the digest (RFC 7518 §3.5). */
export const PSS_NAMES = { 'SHA-256': 'PS256', 'SHA-384': 'PS384', 'SHA-512': 'PS512' } as const;

/**
 * The algorithm that a signature with these parameters is made with; undefined if none of ours has that salt.
 *
 * @param exactly whether the salt has that length, or at least that length (as the parameters of a key say)
 */
export function pssAlgorithmOf(parameters: PssParameters | undefined, exactly: boolean) {
  if (parameters === undefined) return undefined;
  const { digest, salt } = parameters;
  const ours = DIGEST_LENGTHS[digest];
  return salt === ours || (!exactly && salt < ours) ? PSS_NAMES[digest] : undefined;
}

/**
 * Reads the parameters. Undefined if the digest is none of ours, or the mask is not MGF1 with the same.
 *
 * @throws Broken part `der`
 */
export function readPssParameters(parameters: Cursor): PssParameters | undefined {
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
  const digest = readDigest(hashField);
  finish(hashField);
  const maskAlgorithm = enter(maskField);
  finish(maskField);
  const sameInMask = oidOf(read(maskAlgorithm, TAG.oid)) === MGF1 && readDigest(maskAlgorithm) === digest;
  if (digest === undefined || !sameInMask) return undefined;
  if (salt === undefined) return { digest, salt: DEFAULT_SALT };
  const saltField = inside(salt);
  const length = smallIntegerOf(read(saltField, TAG.integer));
  finish(saltField);
  return { digest, salt: length };
}

/** An AlgorithmIdentifier of a digest; its parameters may be NULL or absent (RFC 4055 §2.1). */
function readDigest(cursor: Cursor): PssDigest | undefined {
  const algorithm = enter(cursor);
  const digest = digestOfOid(oidOf(read(algorithm, TAG.oid)));
  if (digest === undefined || digest === 'SM3') return undefined;
  if (!atEnd(algorithm)) nullOf(read(algorithm, TAG.null));
  finish(algorithm);
  return digest;
}

/** AlgorithmIdentifier of RSASSA-PSS with this digest, MGF1 with the same and a salt of its length. */
export function pssAlgorithm(digest: PssDigest): Uint8Array {
  const hash = sequence(oid(DIGEST_OIDS[digest]), nullValue());
  const mgf1 = sequence(oid(MGF1), hash);
  return sequence(
    oid(RSASSA_PSS),
    sequence(context(0, hash), context(1, mgf1), context(2, integer(DIGEST_LENGTHS[digest]))),
  );
}
