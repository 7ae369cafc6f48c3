import { Broken } from '../document/broken.ts';
import { type CmsSigner, readAlgorithm, readSignedData } from './cms.ts';
import { DIGEST_LENGTHS, type DigestName, digestOfOid } from './cms-algorithms.ts';
import {
  atEnd,
  booleanOf,
  type Cursor,
  contentOf,
  contextTag,
  derOf,
  type Element,
  enter,
  finish,
  inside,
  oidOf,
  read,
  readOptional,
  smallIntegerOf,
  TAG,
  timeOf,
  unsignedOf,
} from './der.ts';

/**
 * Timestamp tokens (RFC 3161 §2.4.2): signed data whose content says that something with this digest existed at this time.
 * `timestamp-writer.ts` writes.
 */
export interface Timestamp {
  /** OID of the policy under which it was made. */
  readonly policy: string;
  /** Of what existed. */
  readonly imprint: { readonly digest: DigestName; readonly value: Uint8Array };
  /** Epoch ms: it existed then, or at most `accuracy` ms later. */
  readonly time: number;
  readonly accuracy: number;
  /** TSTInfo, DER: what is signed, by way of the signer's attributes. */
  readonly content: Uint8Array;
  /** The one who signed. Whether he may is for others to say. */
  readonly signer: CmsSigner;
}

/** id-ct-TSTInfo, RFC 3161 §2.4.2. */
export const TST_INFO = '1.2.840.113549.1.9.16.1.4';

const MAX_TOKEN = 64 * 1024;
const MAX_SERIAL = 64;
const MAX_EXTENSIONS = 16;

const broken = (detail: string): Broken => new Broken('timestamp', detail);

/**
 * Reads a token.
 *
 * @throws Broken part `timestamp`, `cms`, `der` or `signature`: MALFORMED, or LIMIT_EXCEEDED
 */
export function readTimestamp(der: Uint8Array): Timestamp {
  if (der.length > MAX_TOKEN) throw new Broken('timestamp', 'token is too long', 'LIMIT_EXCEEDED');
  const { contentType, content, signers } = readSignedData(der, { input: MAX_TOKEN });
  if (contentType !== TST_INFO || content === undefined) throw broken('not the content of a timestamp');
  const [signer, ...others] = signers;
  // RFC 3161 §2.4.2: no other signatures than the authority's.
  if (signer === undefined || others.length > 0) throw broken('signed by others than one authority');
  return { ...readInfo(content), content, signer };
}

function readInfo(content: Uint8Array): Omit<Timestamp, 'content' | 'signer'> {
  const info = inside(derOf(content, TAG.sequence));
  if (smallIntegerOf(read(info, TAG.integer)) !== 1) throw broken('version is not 1');
  const policy = oidOf(read(info, TAG.oid));
  const imprint = readImprint(enter(info));
  if (unsignedOf(read(info, TAG.integer)).length > MAX_SERIAL)
    throw new Broken('timestamp', 'serial number is too long', 'LIMIT_EXCEEDED');
  // GeneralizedTime, with a fraction where the authority is that exact (RFC 3161 §2.4.2).
  const time = timeOf(read(info, TAG.generalizedTime), true);
  const accuracy = accuracyOf(readOptional(info, TAG.sequence));
  const ordering = readOptional(info, TAG.boolean);
  if (ordering !== undefined) booleanOf(ordering);
  readOptional(info, TAG.integer);
  readOptional(info, contextTag(0));
  refuseDemands(readOptional(info, contextTag(1)));
  finish(info);
  return { policy, imprint, time, accuracy };
}

function readImprint(imprint: Cursor): Timestamp['imprint'] {
  const digest = digestOfOid(readAlgorithm(imprint));
  const value = contentOf(read(imprint, TAG.octetString));
  finish(imprint);
  // SHA-1 and the like, of which others can be made with the same digest, are in no row.
  if (digest === undefined) throw broken('digest is not in use');
  if (value.length !== DIGEST_LENGTHS[digest]) throw broken('digest of another length than its algorithm');
  return { digest, value };
}

/** In ms, rounded up. */
function accuracyOf(field: Element | undefined): number {
  if (field === undefined) return 0;
  const parts = inside(field);
  const seconds = readOptional(parts, TAG.integer);
  const millis = readOptional(parts, contextTag(0, false));
  const micros = readOptional(parts, contextTag(1, false));
  finish(parts);
  return (
    (seconds === undefined ? 0 : smallIntegerOf(seconds) * 1000) +
    (millis === undefined ? 0 : thousandthsOf(millis)) +
    (micros === undefined ? 0 : Math.ceil(thousandthsOf(micros) / 1000))
  );
}

/** INTEGER (1..999), implicitly tagged. */
function thousandthsOf(element: Element): number {
  const value = smallIntegerOf(element);
  if (value < 1 || value > 999) throw broken('part of an accuracy out of range');
  return value;
}

/** None is in use here: a critical one would be a demand that is not heard. */
function refuseDemands(field: Element | undefined): void {
  if (field === undefined) return;
  let count = 0;
  for (const list = inside(field); !atEnd(list); ) {
    if (++count > MAX_EXTENSIONS) throw new Broken('timestamp', 'too many extensions', 'LIMIT_EXCEEDED');
    const extension = enter(list);
    oidOf(read(extension, TAG.oid));
    const critical = readOptional(extension, TAG.boolean);
    read(extension, TAG.octetString);
    finish(extension);
    if (critical !== undefined && booleanOf(critical)) throw broken('a critical extension that is not understood');
  }
}
