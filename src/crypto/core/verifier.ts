import type { Check } from '../batch.ts';
import type { Verifier } from '../platform.ts';
import { type Core, type CoreKey, type CoreKind, type Digested, MOST_LANES } from './core.ts';

/** A key of the core, and how it digests what is signed; undefined for what is too long for it. */
export interface Fast {
  readonly kind: CoreKind;
  readonly key: CoreKey;
  digested(data: Uint8Array): Digested | undefined;
}

const FAST = new WeakMap<Verifier, Fast & { readonly complete: Verifier }>();
const RAW_BYTES = 64;

/**
 * A verifier that asks the core, and whoever has complete arithmetic where the core cannot tell. The first `patience` checks
 * are left to the latter: building a table costs as much as some checks without.
 */
export function fastVerifier(fast: Fast, complete: Verifier, patience = 0): Verifier {
  const { key, digested } = fast;
  let left = patience;
  const verifier: Verifier = (data, signature) => {
    if (signature.length !== RAW_BYTES) return false;
    if (left > 0) {
      left -= 1;
      return complete(data, signature);
    }
    const digest = digested(data);
    return (digest && key.check(digest, signature)) ?? complete(data, signature);
  };
  FAST.set(verifier, { ...fast, complete });
  return verifier;
}

/** Checks many signatures, those that the core can take side by side; one answer for each, in order. */
export function verifyTogether(core: Core | undefined, checks: readonly Check[]): boolean[] {
  const answers = new Array<boolean>(checks.length);
  const groups = new Map<CoreKind, { at: number; key: CoreKey; digested: Digested; signature: Uint8Array }[]>();
  checks.forEach(({ verifier, data, signature }, at) => {
    const known = FAST.get(verifier);
    const fast = known?.key.core === core ? known : undefined;
    const digested = signature.length === RAW_BYTES ? fast?.digested(data) : undefined;
    if (fast === undefined || digested === undefined) {
      answers[at] = verifier(data, signature);
      return;
    }
    const group = groups.get(fast.kind);
    const lane = { at, key: fast.key, digested, signature };
    if (group === undefined) groups.set(fast.kind, [lane]);
    else group.push(lane);
  });
  for (const [kind, lanes] of groups) {
    for (let from = 0; from < lanes.length; from += MOST_LANES) {
      const some = lanes.slice(from, from + MOST_LANES);
      core!.many(kind, some).forEach((answer, i) => {
        const { at } = some[i]!;
        const { verifier, data, signature } = checks[at]!;
        answers[at] = answer ?? FAST.get(verifier)!.complete(data, signature);
      });
    }
  }
  return answers;
}
