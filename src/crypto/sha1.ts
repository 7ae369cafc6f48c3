import { sha1 as digest } from '@noble/hashes/legacy.js';

/**
 * SHA-1, to find things by, never to sign: RFC 6960 names responders by it, and certificates in questions that every
 * responder understands. Whoever makes two names of one digest gains nothing, for answers are signed by another.
 */
export const sha1 = (data: Uint8Array): Uint8Array => digest(data);
