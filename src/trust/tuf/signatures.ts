import type { KeyKind } from '../../crypto/algorithms.ts';
import type { Platform } from '../../crypto/platform.ts';
import { readTufKey } from './keys.ts';
import type { Keys, Metadata, RoleKeys } from './metadata.ts';
import { TufRefusal, unlessRefused } from './troubles.ts';

/** Groups of kinds of keys, each of which must meet the threshold by itself; none: any key will do. */
export type KindGroups = readonly (readonly KeyKind[])[];

/** Who must have signed, and what the role is called. */
export interface Signers {
  readonly role: string;
  readonly of: RoleKeys;
  readonly keys: Keys;
  readonly kinds?: KindGroups;
}

export interface Signed {
  /** Thumbprint of each key that signed well → its kind. */
  readonly good: ReadonlyMap<string, KeyKind>;
  /** Key ids of the role that signed well; of those that did not, and of those whose signature does not verify. */
  readonly by: readonly string[];
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
}

/**
 * Who of a role's keys has signed. Keys are told apart by themselves, not by their ids: one key under two ids, or
 * written in two ways, counts once. Otherwise whoever holds one key of several could meet a threshold alone.
 */
export function signaturesBy(
  file: Pick<Metadata, 'signatures' | 'signedBytes'>,
  { of, keys }: Pick<Signers, 'of' | 'keys'>,
  platform: Platform,
): Signed {
  const good = new Map<string, KeyKind>();
  const by: string[] = [];
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const keyId of of.keyIds) {
    const signature = file.signatures.get(keyId) ?? '';
    const entry = keys.get(keyId);
    const key = signature === '' ? undefined : entry && readTufKey(entry, platform);
    if (signature === '') missing.push(keyId);
    else if (key?.verify(file.signedBytes, signature)) {
      good.set(key.thumbprint, key.kind);
      by.push(keyId);
    } else wrong.push(keyId);
  }
  return { good, by, missing, wrong };
}

/**
 * Checks that enough of a role's keys have signed (TUF 1.0 §5).
 *
 * @throws TufRefusal UNSIGNED, SIGNATURE_FOREIGN, SIGNATURE_INVALID, THRESHOLD_NOT_MET or KEY_KIND_NOT_MET
 */
export function checkSignatures(
  file: Pick<Metadata, 'signatures' | 'signedBytes'>,
  signers: Signers,
  platform: Platform,
): void {
  const { role, of, kinds = [] } = signers;
  const { good, by, wrong } = signaturesBy(file, signers, platform);
  const { threshold } = of;
  if (good.size < threshold) {
    const told = `${good.size} of ${threshold} needed`;
    if (wrong.length > 0) throw new TufRefusal('SIGNATURE_INVALID', role, `a signature does not verify; ${told}`);
    if (by.length > 0) throw new TufRefusal('THRESHOLD_NOT_MET', role, told);
    const any = [...file.signatures.values()].some((signature) => signature !== '');
    if (any) throw new TufRefusal('SIGNATURE_FOREIGN', role, 'signed by none of the keys of the role');
    throw new TufRefusal('UNSIGNED', role, 'nobody has signed');
  }
  for (const group of kinds) {
    const count = [...good.values()].filter((kind) => group.includes(kind)).length;
    if (count < threshold)
      throw new TufRefusal('KEY_KIND_NOT_MET', role, `${count} of ${threshold} needed by ${group.join(' or ')}`);
  }
}

/** Whether it would pass `checkSignatures`. */
export const isSignedBy = (...check: Parameters<typeof checkSignatures>): boolean =>
  unlessRefused(() => {
    checkSignatures(...check);
    return true;
  }) ?? false;
