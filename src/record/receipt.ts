import { encodeBase64url } from '../codec/base64url.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { sm3 } from '../crypto/sm3.ts';
import type { DocumentDigest, Receipt, Verdict } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { DigestKey } from '../store/digest-keys.ts';
import { timeOf } from '../store/ids.ts';
import { hmacSm3 } from './digest.ts';

/** Who asked for the verdict, and for which business. Codes only: schemas/receipt.schema.json says what they may be. */
export interface RecordContext {
  /** The checkpoint's code. */
  readonly checkpoint?: string | undefined;
  /** The officer's number. */
  readonly officer?: string | undefined;
  readonly businessCode?: string | undefined;
  /** An id (store/ids.ts) that the receipts of one case share. */
  readonly group?: string | undefined;
  /** Who asks, where no checkpoint is named: for the key of the digest alone, it does not stand in the receipt. */
  readonly caller?: string | undefined;
  /** The device that gave the verdict by itself. */
  readonly device?: string | undefined;
}

export interface ReceiptContext extends RecordContext {
  /** A new id (store/ids.ts); the time in it becomes the receipt's. */
  readonly id: string;
  readonly digest: DocumentDigest;
}

/**
 * The receipt of a verdict. What identifies a person cannot get in, because nothing is copied but codes, versions and
 * digests: no field of the document except its type (and that only as a trusted issuer states it), and of findings not the
 * place or detail. Not checked here: `context`. Errors: RangeError if the id is none.
 */
export function receiptOf(verdict: Verdict, context: ReceiptContext): Receipt {
  const { id, checkpoint, officer, businessCode, group, device, digest } = context;
  const { authentic, document, format, issuer } = verdict;
  return {
    id,
    at: instantOf(timeOf(id)),
    federation: verdict.federation,
    environment: verdict.environment,
    region: verdict.region,
    purpose: verdict.purpose,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(officer === undefined ? {} : { officer }),
    ...(businessCode === undefined ? {} : { businessCode }),
    ...(group === undefined ? {} : { group }),
    ...(device === undefined ? {} : { device }),
    clock: { at: verdict.clock.at, source: verdict.clock.source },
    outcome: verdict.outcome,
    reasons: [...verdict.reasons],
    findings: [...new Set(verdict.findings.map(({ code }) => code))],
    ...(authentic === true && document !== undefined ? { documentType: document.docType.code } : {}),
    ...(format === undefined ? {} : { format: format.id }),
    ...(issuer === undefined ? {} : { issuingRegion: issuer.region, keyId: issuer.keyId }),
    documentDigest: digest,
    restsOn: verdict.restsOn.map(({ part, version, issued, state }) => ({
      part,
      ...(version === undefined ? {} : { version }),
      issued,
      state,
    })),
  };
}

/**
 * The keyed digest of what was handed in: of the SM3 of the bytes as they came, before anything was decoded or repaired. So a
 * device that judged by itself sends the plain digest, and never the document.
 */
export const keyedDigest = ({ id, key }: DigestKey, digest: Uint8Array): DocumentDigest => ({
  algorithm: 'HMAC-SM3',
  keyId: id,
  value: encodeBase64url(hmacSm3(key, digest)),
});

/** The same of the input itself; text counts as its UTF-8. */
export const digestOf = (key: DigestKey, input: Uint8Array | string): DocumentDigest =>
  keyedDigest(key, sm3(typeof input === 'string' ? encodeUtf8(input) : input));
