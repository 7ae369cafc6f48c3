import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type { IssuerEntry, RevokedDocument } from '../document/generated/types.ts';

export interface ImportInput {
  /** Files by name: one for a list, many for a folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** PEM of the public key that must have signed the list, where the list is signed. */
  readonly key: string | undefined;
  readonly platform: Platform;
}

/** What was left out, and why. Never silent. */
export interface Left {
  readonly what: string;
  readonly why: string;
}

export interface Imported {
  readonly issuers: IssuerEntry[];
  readonly left: Left[];
  /** Documents that the list's issuers have revoked, where it says so. */
  readonly revoked?: RevokedDocument[];
  /** Lists of revoked certificates, DER. */
  readonly crls?: Uint8Array[];
}

/** Runs; what is broken is left out by name, and the rest goes on. Out: whether it was whole. */
export function orLeft(left: Left[], what: string, run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    left.push({ what, why: `${error.part}: ${error.message}` });
    return false;
  }
}
