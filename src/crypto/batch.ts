import type { Verifier } from './platform.ts';

/** One signature to check with a prepared key. */
export interface Check {
  readonly verifier: Verifier;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}
