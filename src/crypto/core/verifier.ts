import type { Check } from '../batch.ts';
import type { Verifier } from '../platform.ts';
import type { Seen } from '../seen.ts';
import { type Core, type CoreCheck, type CoreKey, type Digested, MOST_LANES } from './core.ts';
import { CORE_KINDS, type CoreKind, coreChoice } from './use.ts';

/** A key of the core, and how it digests what is signed. */
export interface Fast {
  readonly kind: CoreKind;
  readonly key: CoreKey;
  digested(data: Uint8Array): Digested;
}

/** What is remembered of good signatures, and how one is named; undefined for what is too long to be worth it. */
export interface Remembering {
  readonly seen: Seen;
  /** SHA-256 of octets, as a text. */
  name(octets: Uint8Array): string;
}

export interface FastOptions {
  readonly remembering?: Remembering | undefined;
  /**
   * True where complete arithmetic is fast as well: it decides until the key has come often enough to be worth a table, and until
   * that was built between two requests. Portable arithmetic takes twice as long for one check as it takes to build a table.
   */
  readonly patient?: boolean;
}

interface Known extends Fast, FastOptions {
  readonly complete: Verifier;
  /** Tells verifiers apart: what one has found good is nothing to another. */
  readonly number: number;
  checks: number;
}

/** A check that the core is to be asked about. */
interface Asked extends CoreCheck {
  readonly known: Known;
  readonly data: Uint8Array;
  readonly name: string | undefined;
  /** Its place among those that were asked about together. */
  readonly at: number;
}

const FAST = new WeakMap<Verifier, Known>();
let verifiers = 0;
const RAW_BYTES = 64;
/** Building a table costs what it saves in so many checks: a key that is seldom seen never needs one. */
const CHECKS_BEFORE_TABLE = 20;
/** Where so many came and no table was built, the caller may never come to the end of a turn. */
const CHECKS_BEFORE_AT_ONCE = 100;

/** A verifier that asks the core, and whoever has complete arithmetic where the core cannot tell. */
export function fastVerifier(fast: Fast, complete: Verifier, options: FastOptions = {}): Verifier {
  verifiers += 1;
  const known: Known = { ...fast, ...options, complete, number: verifiers, checks: 0 };
  const verifier: Verifier = (data, signature) => {
    const asked = askedOf(known, data, signature);
    return typeof asked === 'boolean' ? asked : settled(asked, fast.key.check(asked.digested, signature));
  };
  FAST.set(verifier, known);
  return verifier;
}

/** What the core is to be asked, or the answer where it need not be. */
function askedOf(known: Known, data: Uint8Array, signature: Uint8Array, at = 0): Asked | boolean {
  if (signature.length !== RAW_BYTES) return false;
  const digested = known.digested(data);
  const name = nameOf(known, digested, signature);
  if (name !== undefined && known.remembering!.seen.has(name)) return true;
  const asked = { known, key: known.key, data, digested, signature, name, at };
  return waits(known) ? settled(asked, undefined) : asked;
}

function waits(known: Known): boolean {
  if (!known.patient) return false;
  if (known.key.ready()) {
    known.checks = 0;
    return false;
  }
  known.checks += 1;
  if (known.checks % CHECKS_BEFORE_TABLE === 0) known.key.prepare(known.checks % CHECKS_BEFORE_AT_ONCE === 0);
  return !known.key.ready();
}

/**
 * What holds: the core's answer, if whoever judges it says the same; complete arithmetic's where the core does not tell. What is
 * good is remembered.
 */
function settled({ known, data, signature, name }: Asked, told: boolean | undefined): boolean {
  let good = told ?? known.complete(data, signature);
  if (told !== undefined && coreChoice().use === 'judged' && known.complete(data, signature) !== told) {
    coreChoice().differed({ curve: known.kind, core: told ? 'good' : 'bad' });
    good = false;
  }
  if (good && name !== undefined) known.remembering!.seen.add(name);
  return good;
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
  const lanes: Asked[] = [];
  checks.forEach(({ verifier, data, signature }, at) => {
    const known = FAST.get(verifier);
    const isItsOwn = known !== undefined && known.key.core === core;
    const asked = isItsOwn ? askedOf(known, data, signature, at) : verifier(data, signature);
    if (typeof asked === 'boolean') answers[at] = asked;
    else lanes.push(asked);
  });
  for (const kind of CORE_KINDS) {
    const those = lanes.filter(({ known }) => known.kind === kind);
    for (let from = 0; from < those.length; from += MOST_LANES) {
      const some = those.slice(from, from + MOST_LANES);
      const told =
        some.length < FEWEST_LANES
          ? some.map(({ key, digested, signature }) => key.check(digested, signature))
          : core!.many(kind, some);
      for (const [i, asked] of some.entries()) answers[asked.at] = settled(asked, told[i]);
    }
  }
  return answers;
}
