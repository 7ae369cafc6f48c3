/**
 * What an envelope says about who vouches for its payload, in neutral words. Nothing in it is believed yet.
 */
export interface Proof {
  /** The algorithm as the envelope names it: `cose:-7`, `jose:ES256`, `oid:1.2.156.10197.1.501`. */
  readonly algorithm: string;
  /** Exactly the bytes that were signed. */
  readonly signed: Uint8Array;
  /** Raw signature (r‖s for ECDSA and SM2). */
  readonly signature: Uint8Array;
  /** Key identifiers, the protected one alone if there is one. Text as it is, bytes in base64url. Only hints. */
  readonly keyIds: readonly string[];
  /** Protected header demands that nobody here understands (RFC 7515 §4.1.11, RFC 9052 §3.1): the signature must not be accepted. */
  readonly demands?: string;
}

/** What opening an envelope gives. */
export interface Sealed {
  readonly proof: Proof;
  readonly payload: Uint8Array;
  /** Members of the protected header that a declaration may ask for (`typ`, content type …). */
  readonly header: Readonly<Record<string, string | number>>;
}

/** Whoever signs what is written. `sign` gives a raw signature. */
export interface EnvelopeSigner {
  readonly cose: number;
  readonly jose: string;
  readonly keyId: string;
  sign(data: Uint8Array): Uint8Array;
}

/** What a declaration may say about writing its envelope. */
export interface EnvelopeOptions {
  readonly header?: Readonly<Record<string, string | number>>;
  readonly tagged?: boolean;
}
