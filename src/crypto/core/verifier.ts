import type { Check } from '../batch.ts';
import type { Verifier } from '../platform.ts';
import type { Seen } from '../seen.ts';
import { type Core, type CoreCheck, type CoreKey, type CoreKind, type Digested, MOST_LANES } from './core.ts';
import type { Judging } from './use.ts';

/** A key of the core, and how it digests what is signed; undefined for what is too long for it. */
export interface Fast {
  readonly kind: CoreKind;
  readonly key: CoreKey;
  digested(data: Uint8Array): Digested | undefined;
}

/** What is remembered of good signatures, and how one is named; undefined for what is too long to be worth it. */
export interface Remembering {
  readonly seen: Seen;
  /** SHA-256 of octets, as a text. */
  name(octets: Uint8Array): string;
}

/** What a platform's verifiers share. */
export interface Shared {
  readonly remembering?: Remembering | undefined;
  readonly judging?: Judging | undefined;
}

interface Known extends Fast {
  readonly complete: Verifier;
  /** Tells verifiers apart: what one has found good is nothing to another. */
  readonly number: number;
  readonly remembering: Remembering | undefined;
  readonly judging: Judging | undefined;
}

const FAST = new WeakMap<Verifier, Known>();
let verifiers = 0;
const RAW_BYTES = 64;

/**
 * A verifier that asks the core, and whoever has complete arithmetic where the core cannot tell. The first `patience` checks
 * are left to the latter: building a table costs as much as some checks without.
 */
export function fastVerifier(
  fast: Fast,
  complete: Verifier,
  { patience = 0, remembering, judging }: Shared & { readonly patience?: number } = {},
): Verifier {
  const { key, digested } = fast;
  let left = patience;
  verifiers += 1;
  const known = { ...fast, complete, number: verifiers, remembering, judging };
  const verifier: Verifier = (data, signature) => {
    if (signature.length !== RAW_BYTES) return false;
    if (left > 0) {
      left -= 1;
      return complete(data, signature);
    }
    const digest = digested(data);
    if (digest === undefined) return complete(data, signature);
    const name = nameOf(known, digest, signature);
    if (name !== undefined && remembering!.seen.has(name)) return true;
    const good = settled(known, key.check(digest, signature), data, signature);
    if (good && name !== undefined) remembering!.seen.add(name);
    return good;
  };
  FAST.set(verifier, known);
  return verifier;
}

/** What holds: the core's answer, if whoever judges it says the same; complete arithmetic's where the core cannot tell. */
function settled(
  { complete, kind, judging }: Known,
  told: boolean | undefined,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (told === undefined) return complete(data, signature);
  if (judging?.differed === undefined || complete(data, signature) === told) return told;
  judging.differed({ curve: kind, core: told ? 'good' : 'bad' });
  return false;
}

/** A document's worth. */
const MOST_NAMED = 8192;
const HEAD = 5;
const scratch = new Uint8Array(HEAD + RAW_BYTES + MOST_NAMED);
const scratchView = new DataView(scratch.buffer);

function nameOf({ number, remembering }: Known, digested: Digested, signature: Uint8Array): string | undefined {
  if (remembering === undefined) return undefined;
  const signed = digested instanceof Uint8Array ? digested : digested.data;
  if (signed.length > MOST_NAMED) return undefined;
  scratchView.setUint32(0, number);
  // Or a message of 32 octets could pass for one whose digest it is.
  scratch[4] = signed === digested ? 1 : 0;
  scratch.set(signature, HEAD);
  scratch.set(signed, HEAD + RAW_BYTES);
  const end = HEAD + RAW_BYTES + signed.length;
  const name = remembering.name(scratch.subarray(0, end));
  // What a document says must not outlive the call.
  scratch.fill(0, HEAD, end);
  return name;
}

/** Fewer share too little: each step of a group costs an inversion. */
const FEWEST_LANES = 8;

/** Checks many signatures, those that the core can take side by side; one answer for each, in order. */
export function verifyTogether(core: Core | undefined, checks: readonly Check[]): boolean[] {
  const answers = new Array<boolean>(checks.length);
  const groups = new Map<CoreKind, Lane[]>();
  checks.forEach(({ verifier, data, signature }, at) => {
    const known = FAST.get(verifier);
    const fast = known?.key.core === core ? known : undefined;
    const digested = signature.length === RAW_BYTES ? fast?.digested(data) : undefined;
    if (fast === undefined || digested === undefined) {
      answers[at] = verifier(data, signature);
      return;
    }
    const name = nameOf(fast, digested, signature);
    if (name !== undefined && fast.remembering!.seen.has(name)) {
      answers[at] = true;
      return;
    }
    const group = groups.get(fast.kind);
    const lane = { at, key: fast.key, digested, signature, known: fast, name };
    if (group === undefined) groups.set(fast.kind, [lane]);
    else group.push(lane);
  });
  for (const [kind, lanes] of groups) {
    for (let from = 0; from < lanes.length; from += MOST_LANES) {
      const some = lanes.slice(from, from + MOST_LANES);
      const told =
        some.length < FEWEST_LANES
          ? some.map(({ key, digested, signature }) => key.check(digested, signature))
          : core!.many(kind, some);
      told.forEach((answer, i) => {
        const { at, known, name } = some[i]!;
        const good = settled(known, answer, checks[at]!.data, checks[at]!.signature);
        answers[at] = good;
        if (good && name !== undefined) known.remembering!.seen.add(name);
      });
    }
  }
  return answers;
}

/** A check on its way through the core. */
interface Lane extends CoreCheck {
  readonly at: number;
  readonly known: Known;
  readonly name: string | undefined;
}
