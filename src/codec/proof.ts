import type { ValueObject } from './value.ts';

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
  /** Certificates (DER) that came with the document, the signer's first. Anyone can put one in: they are only hints too. */
  readonly certificates?: readonly Uint8Array[];
  /** OCSP answers (DER) that came along: signed by authorities and bounded in time, so that it does not matter who brings them. */
  readonly answers?: readonly Uint8Array[];
  /** Timestamp tokens (RFC 3161) that came with the document, and the signature as they were made over it. Only hints. */
  readonly timestamps?: readonly Uint8Array[];
  readonly stamped?: Uint8Array;
  /** Protected header demands that nobody here understands (RFC 7515 §4.1.11, RFC 9052 §3.1): the signature must not be accepted. */
  readonly demands?: string;
}

/** What a document says of itself before anything is believed: it is asked whether the key may sign this. */
export interface Claims {
  readonly documentType?: string;
  readonly unit?: string;
  readonly issuedAt?: string;
  readonly revocationId?: string;
  /** `key`: the revocation id is unique only among the documents of one key. */
  readonly revocationScope?: 'key';
  /** Its place in a status list, where its format has one; what the document does not name is undefined. */
  readonly status?: { readonly list: string | undefined; readonly index: number | undefined };
}

/**
 * One signature of a document that may carry several, beside what was recomputed without any key. The signatures of a
 * document are all checked: one that nobody can vouch for may have brought in what it covers.
 */
export interface Attestation {
  /** The part of the document that holds it. */
  readonly at: string;
  readonly proof: Proof;
  /** Whether what was handed in is what was signed, where the signature covers it by a digest. */
  readonly contentMatches: boolean;
  /** Parts whose digests the signature lists, and that are others now, or gone. */
  readonly altered: readonly string[];
  /** Epoch ms, as the signer says. */
  readonly signedAt?: number;
  /** Set where it was made with an electronic seal. */
  readonly seal?: AttestedSeal;
}

/** The electronic seal of a signature: it says who may use it, and its maker vouches for that. */
export interface AttestedSeal {
  readonly maker: Proof;
  /** Epoch ms. When the maker signed it, as he says. */
  readonly madeAt: number;
  /** Both ends belong to it. */
  readonly validFrom: number;
  readonly validUntil: number;
  /** Whether the signer's certificate is among those that may use it. */
  readonly listsSigner: boolean;
  /** Whether the copy of the seal beside the signature, if there is one, is the same. */
  readonly copyMatches: boolean;
}

/** What opening an envelope gives. */
export interface Sealed {
  readonly proof: Proof;
  readonly payload: Uint8Array;
  /** Members of the protected header that a declaration may ask for (`typ`, content type …). */
  readonly header: ValueObject;
  /** All signatures, in the order in which they were made, where there may be several; `proof` is the first one's. */
  readonly attestations?: readonly Attestation[];
  /** Parts of the document that no signature covers. */
  readonly unsigned?: readonly string[];
}

/** Whoever signs what is written. `sign` gives a raw signature. */
export interface EnvelopeSigner {
  readonly cose: number;
  readonly jose: string;
  readonly keyId: string;
  /** DER, the signer's first: for envelopes that carry them. */
  readonly certificates?: readonly Uint8Array[];
  /** For envelopes that say when they were signed (epoch ms), and with which electronic seal (SESeal, DER). */
  readonly stamp?: {
    readonly signedAt: number;
    readonly seal?: Uint8Array;
    /** Gives a timestamp token over the signature (as it stands), which then travels with it. */
    timestamp?(signature: Uint8Array): Uint8Array;
  };
  /** Words that a format with pages shows on each of them: that this is no original. */
  readonly mark?: string;
  /** Who signs after this one, in order: for envelopes that carry several signatures. */
  readonly further?: readonly EnvelopeSigner[];
  sign(data: Uint8Array): Uint8Array;
}

/** What an envelope writes: one file or text, or with a signature file beside it. */
export type WrittenEnvelope = string | Uint8Array | { readonly content: Uint8Array; readonly beside: Uint8Array };

/** How a signature stands that has no header: see bare.ts. */
export interface BareSignature {
  /** What the text has between its fields, and before its signature. */
  readonly separator?: string;
  /** How the signature is written: r‖s, or a DER SEQUENCE of both. */
  readonly form: 'raw' | 'der';
  /** Bytes of r‖s. */
  readonly bytes: number;
}

/** Where the parts of a signed JSON object stand: see signed-json.ts. */
export interface SignedJsonPlaces {
  /** JSON Pointers. */
  readonly signed: string;
  readonly signature: string;
  readonly algorithm: string;
  /** The signer's certificate (DER), or a list that begins with it and goes on with its issuers. */
  readonly certificate?: string;
  readonly keyId?: string;
  /** Names of how the member, and bytes, become text. */
  readonly canonical: string;
  readonly encoding: string;
}

/** Where the signature of a signed answer stands, and how: see signed-params.ts. */
export interface SignedParamsPlaces {
  /** JSON Pointer of a member of the object. */
  readonly signature: string;
  readonly encoding: string;
}

/** What a declaration says of its envelope. */
export interface EnvelopeOptions {
  /** cms: the signature stands in a file of its own, beside the content. */
  readonly detached?: boolean;
  readonly header?: Readonly<Record<string, string | number>>;
  readonly tagged?: boolean;
  readonly json?: SignedJsonPlaces;
  readonly params?: SignedParamsPlaces;
  readonly bare?: BareSignature;
}
