import { type AlgorithmName, algorithmNamed } from '../crypto/algorithms.ts';
import type { PublicKey } from '../crypto/keys.ts';
import type { Platform, Verifier } from '../crypto/platform.ts';
import type { Environment, Finding, IssuerEntry, KeyStatus, Localized } from '../document/generated/types.ts';
import type { Certificate } from './certificate.ts';

/** A key that may sign a region's documents, ready to check with. */
export interface TrustedKey {
  readonly region: string;
  readonly name: Localized;
  readonly keyId: string;
  readonly unit: string | undefined;
  /** Types it may sign. */
  readonly documentTypes: ReadonlySet<string>;
  /** Epoch ms. Signatures are good from / until here; ±Infinity where nothing bounds them. */
  readonly validFrom: number;
  readonly validUntil: number;
  /** The environment it was made for; any if undefined. */
  readonly environment?: Environment | undefined;
  readonly status: readonly { readonly state: KeyStatus['state']; readonly since: number }[];
  /** Prepared on first use. Undefined if the algorithm does not go with the key. */
  verifier(algorithm: AlgorithmName): Verifier | undefined;
  /**
   * For a certificate that came with its document: what the lists of revoked certificates say at this time (epoch ms), and
   * OCSP answers (DER) that came along or were asked for.
   */
  standing?(now: number, answers?: readonly Uint8Array[]): readonly Finding[];
  /** What a responder can be asked about it. */
  readonly asks?: readonly StatusQuestion[];
}

/** A certificate whose standing may be asked for, and the authority that issued it. */
export interface StatusQuestion {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
}

/** Something in a pack that cannot be trusted, and why. Listed, never silently dropped. */
export interface Rejected {
  readonly file: string;
  readonly at: string;
  readonly reason: string;
  /** Set where the file's last good version is used in its place. */
  readonly lastGood?: true;
}

/** What a list says became of a key; times as epoch ms. */
export const statusOf = ({ status = [] }: Pick<IssuerEntry, 'status'>): TrustedKey['status'] =>
  status.map(({ state, since }) => ({ state, since: Date.parse(since) }));

/** The key's verifiers by algorithm, each prepared on first use. */
export function verifiersOf(key: PublicKey, platform: Platform): TrustedKey['verifier'] {
  const prepared = new Map<AlgorithmName, Verifier | undefined>();
  return (algorithm) => {
    if (!prepared.has(algorithm)) {
      const fits = algorithmNamed(algorithm)?.key === key.kind;
      prepared.set(algorithm, fits ? platform.prepare(algorithm, key) : undefined);
    }
    return prepared.get(algorithm);
  };
}
