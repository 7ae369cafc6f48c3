import type { Attestation, Claims } from '../codec/proof.ts';
import { beginOf, endOf, exists } from '../document/time.ts';

/** When a document was signed, and what that rests on. */
export interface SignedTime {
  /** Epoch ms. */
  readonly at: number;
  /** seal: the time that the signer put into its signature. document: the day or time of issue that the document states. */
  readonly source: 'seal' | 'document';
}

/**
 * The time as of which an archived copy can be judged. Of several signatures the last one: before it, the document was not
 * what it is. Either source is the signer's own word (what a key signs it can date back). Trusted timestamps are asked only
 * about keys that were stolen (status.ts), not here yet. Undefined without a time, or with one in the future, where no document has been signed.
 */
export function signedTime(
  { claims, attestations = [] }: { readonly claims: Claims; readonly attestations?: readonly Attestation[] },
  now: number,
): SignedTime | undefined {
  const sealed = attestations.flatMap(({ signedAt }) => signedAt ?? []);
  const { issuedAt } = claims;
  if (sealed.length > 0) return upTo(now, Math.max(...sealed), 'seal');
  // Of an offset that is none, NaN: that is no time either.
  if (issuedAt === undefined || !exists(issuedAt) || !(beginOf(issuedAt) <= now)) return undefined;
  // Where only the day is known it was signed at some time of it: at its end, but not after now.
  return upTo(now, Math.min(endOf(issuedAt), now), 'document');
}

const upTo = (now: number, at: number, source: SignedTime['source']): SignedTime | undefined =>
  at > now ? undefined : { at, source };
