import type { CoreUse, Difference } from '../crypto/core/use.ts';
import type { Verdict } from '../document/generated/types.ts';
import type { Octets } from '../document/octets.node.ts';
import type { Presented } from '../format/open.ts';
import type { Question } from '../journey.ts';
import type { OneTime } from '../record/settle.ts';
import type { FederationSource } from '../region/store.node.ts';

/** A document, and what is asked about it; the question was found in order by whoever asks. */
export interface ThreadAsked {
  readonly presented: Presented;
  /** The verifying region. */
  readonly region: string;
  readonly question: Question;
}

/** A verdict from another thread. Written already: whoever only passes it on need not put it together again. */
export interface ThreadTold {
  /** The verdict as JSON. */
  readonly json: Octets;
  readonly outcome: Verdict['outcome'];
  readonly format: string | undefined;
  /** The issuing region. */
  readonly issuer: string | undefined;
  /** What a memory is asked about it (record/settle.ts); undefined where nothing is open. */
  readonly shown: OneTime | undefined;
}

/** What a thread is made with. */
export interface ThreadData {
  /** Whether good signatures are remembered. */
  readonly remembers: boolean;
  /** How the main one uses the WebAssembly core. */
  readonly core: CoreUse;
}

/** What a thread is told. A number names what the federation is made of; what came before it is forgotten. */
export type ToThread =
  | { readonly federation: number; readonly source: FederationSource }
  | { readonly ask: number; readonly now: number; readonly asked: readonly ThreadAsked[] };

/**
 * What a thread tells. Undefined: this document needs somebody else to be asked, which is for the main thread to do. A difference is
 * told before the verdict that it concerns.
 */
export type FromThread =
  | { readonly ready: number }
  | { readonly differed: Difference }
  | { readonly ask: number; readonly told: readonly (ThreadTold | undefined)[] };
