import { sha384 as digest384, sha512 as digest512 } from '@noble/hashes/sha2.js';

/** SHA-384 and SHA-512 (FIPS 180-4), in a file of their own: a page loads what does not come often when it comes. */
export const sha384 = (data: Uint8Array): Uint8Array => digest384(data);
export const sha512 = (data: Uint8Array): Uint8Array => digest512(data);
