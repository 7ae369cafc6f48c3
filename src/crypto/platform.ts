import type { AlgorithmName, Digester } from './algorithms.ts';
import type { Check } from './batch.ts';
import type { PublicKey } from './keys.ts';

/** Checks one signature. Signatures are raw (r‖s for ECDSA and SM2). Never throws: a signature that cannot be read is false. */
export type Verifier = (data: Uint8Array, signature: Uint8Array) => boolean;

/** A verifier that is made when it is first asked: one that has a faster one before it may never be. */
export function lazily(make: () => Verifier): Verifier {
  let made: Verifier | undefined;
  return (data, signature) => {
    made ??= make();
    return made(data, signature);
  };
}

/**
 * What the platform does better than portable code: signatures and digests. One implementation for Node
 * (`platform.node.ts`), one for browsers (`platform.browser.ts`); a certified module or HSM would be a third.
 * Everything is synchronous: WebCrypto's promises cost a third of the speed.
 */
export interface Platform extends Digester {
  readonly name: string;
  /**
   * Prepares a key for many checks. Undefined if the algorithm does not go with the key, or the key is not usable
   * (point off the curve or of small order, RSA modulus outside 2048–8192 bits or known to be weak, even exponent).
   * Every platform gives the same answer: keys are checked by the same portable code.
   */
  prepare(algorithm: AlgorithmName, key: PublicKey): Verifier | undefined;
  /** Checks many signatures; one answer for each, in order. Faster than one by one, where keys allow it. */
  verifyMany(checks: readonly Check[]): boolean[];
}
