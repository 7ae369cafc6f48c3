import { sha256 as digest } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4), in a file of its own: the checkpoint page needs it before it needs anything else of SHA-2. */
export const sha256 = (data: Uint8Array): Uint8Array => digest(data);
