import { encodeBase64url } from '../codec/base64url.ts';
import type { Proof } from '../codec/proof.ts';
import { finding } from '../document/findings.ts';
import type { Environment, Finding } from '../document/generated/types.ts';
import type { TrustedKey } from './key.ts';
import type { TrustView } from './view.ts';

/**
 * What became of a key, and what follows for what it signed. A key that is retired, or whose certificate ran out after
 * that, leaves good what it signed in its time. One that was stolen can sign with any date: what it signed counts as older
 * than the theft only by evidence that a thief cannot make.
 */
export interface StatusQuestion {
  readonly proof: Proof;
  /** Epoch ms, as the document says. */
  readonly signedAt: number;
  readonly now: number;
  /** Of the federation; keys of timestamping authorities may be for one only. */
  readonly environment?: Environment | undefined;
  /** When this gateway's own log first saw what was signed (its SHA-256, base64url), epoch ms; undefined if it did not. */
  readonly remembered?: ((digest: string) => number | undefined) | undefined;
}

export function statusFindings(key: TrustedKey, question: StatusQuestion, view: TrustView): Finding[] {
  const { signedAt, now } = question;
  const past = key.status.filter(({ since }) => since <= now);
  const findings: Finding[] = [];
  // Removal acts at once, on everything the key signed.
  if (past.some(({ state }) => state === 'removed')) findings.push(finding('KEY_REMOVED'));
  const stolen = past.filter(({ state }) => state === 'compromised').map(({ since }) => since);
  if (stolen.length > 0) findings.push(afterTheft(key, Math.min(...stolen), question, view));
  if (stateAt(past, signedAt) === 'retired')
    findings.push(finding('KEY_NOT_VALID_WHEN_SIGNED', { detail: 'signed after the key was retired' }));
  return findings;
}

/** Whether the key may still sign at this time: what it was said to be last before it. */
function stateAt(history: TrustedKey['status'], time: number): TrustedKey['status'][number]['state'] | undefined {
  return history
    .filter(({ state, since }) => since < time && state !== 'compromised' && state !== 'removed')
    .toSorted((one, other) => one.since - other.since)
    .at(-1)?.state;
}

/**
 * Whether the key was retired in order before its certificate ran out, and had signed before that: then the region has
 * said that what it signed stays good, and a certificate that nobody renews takes nothing back.
 */
export const retiredInOrder = (key: TrustedKey, { signedAt, now }: Pick<StatusQuestion, 'signedAt' | 'now'>): boolean =>
  key.status.some(
    ({ state, since }) => state === 'retired' && since <= now && since <= key.validUntil && signedAt <= since,
  );

function afterTheft(key: TrustedKey, since: number, question: StatusQuestion, view: TrustView): Finding {
  const { proof, environment, remembered } = question;
  const digest = encodeBase64url(view.digest('SHA-256', proof.signed));
  const ways: readonly (readonly [string, () => number | undefined])[] = [
    ['a trusted timestamp', () => view.stampedAt(key.region, proof, environment)],
    ['the issuing region’s log', () => view.loggedAt(key.region, digest)],
    ['this gateway’s own log', () => remembered?.(digest)],
  ];
  for (const [evidence, seen] of ways) {
    const at = seen();
    if (at !== undefined && at <= since) return finding('SIGNED_BEFORE_COMPROMISE', { detail: `by ${evidence}` });
  }
  return finding('KEY_COMPROMISED');
}
