import type { Platform } from '../../crypto/platform.ts';
import type { Keyholders, Profile } from './profile.ts';

/**
 * What a client keeps between updates: plain data (bytes, texts and numbers in maps), for IndexedDB as it is or for files
 * in a folder. Nothing in it is believed when it is read again: everything is checked from the root down.
 */
export interface TufState {
  /** The newest root file that was verified. A client begins with this alone, got by a way it trusts. */
  readonly root: Uint8Array;
  readonly timestamp: Uint8Array | undefined;
  readonly snapshot: Uint8Array | undefined;
  /** `targets` and every delegated role that is in force → its file. */
  readonly roles: ReadonlyMap<string, Uint8Array>;
  /** Target path → its content. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Delegated role → who held it last, also when it is gone. */
  readonly keyholders: ReadonlyMap<string, Keyholders>;
}

/** Bytes of a file where no signed metadata says less, and how much is followed. */
export interface TufLimits {
  readonly root: number;
  readonly timestamp: number;
  readonly snapshot: number;
  readonly targets: number;
  /** One target file. */
  readonly file: number;
  /** All target files of one role. */
  readonly filesOfRole: number;
  /** Root files in one update. */
  readonly roots: number;
  /** Delegations that are followed, in all. */
  readonly roles: number;
  /** Below each role that `targets` delegates to: one member must not use up what all have. */
  readonly below: number;
}

export const TUF_LIMITS: TufLimits = {
  root: 512 * 1024,
  timestamp: 16 * 1024,
  snapshot: 2 * 1024 * 1024,
  targets: 8 * 1024 * 1024,
  file: 64 * 1024 * 1024,
  filesOfRole: 256 * 1024 * 1024,
  roots: 256,
  roles: 16_384,
  // The largest province has some 200 cities and counties.
  below: 400,
};

/** All that the verifier stands on besides state and files. */
export interface TufContext {
  readonly platform: Platform;
  readonly profile: Profile;
  /** Epoch ms, fixed for one update (TUF 1.0 §5.1). */
  readonly now: number;
  readonly limits?: TufLimits;
  /** Which target files are to be fetched and kept: a lane needs few of them. Default: all. */
  wanted?(path: string): boolean;
}
