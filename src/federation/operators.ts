import type { PublicKey } from '../crypto/keys.ts';
import type { TufSigner } from './tuf-write.ts';

/** A key that people know by a name: its file's, without endings. The id is that of signed metadata. */
export interface NamedKey {
  readonly publicKey: PublicKey;
  readonly keyId: string;
  readonly name: string;
}

export interface NamedSigner extends NamedKey, TufSigner {}
