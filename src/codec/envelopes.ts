import { Broken } from '../document/broken.ts';
import {
  frameOptions,
  openSignedFrame,
  openSignedText,
  textOptions,
  writeSignedFrame,
  writeSignedText,
} from './bare.ts';
import { openCoseSign1, writeCoseSign1 } from './cose.ts';
import { openJws, writeJws } from './jws.ts';
import type { Limits } from './limits.ts';
import type { EnvelopeOptions, EnvelopeSigner, Sealed } from './proof.ts';
import { openSignedJson, signedJsonPlaces, writeSignedJson } from './signed-json.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

export interface EnvelopeCodec {
  /** Throws Error for options that it cannot work with. */
  check?(options: EnvelopeOptions): void;
  open(input: string | Uint8Array, limits: Limits, options: EnvelopeOptions): Sealed;
  write(payload: Uint8Array, options: EnvelopeOptions, signer: EnvelopeSigner): string | Uint8Array;
  /** Bytes that its signature does not cover. */
  readonly uncovered: readonly string[];
}

/** The envelope table: how a payload is signed and packed. A new envelope is a new row. */
export const ENVELOPES: Readonly<Record<string, EnvelopeCodec>> = {
  'cose-sign1': {
    open: (input, limits) => openCoseSign1(typeof input === 'string' ? encodeUtf8(input) : input, limits),
    write: writeCoseSign1,
    uncovered: [
      'COSE: tags before the array, the way lengths of the four parts are written',
      'COSE: the unprotected header (its key id is used only if the protected header has none)',
    ],
  },
  jws: {
    open: (input, limits, options) =>
      openJws(typeof input === 'string' ? input : ascii(input), limits, options.header?.['zip']),
    write: (payload, options, signer) => writeJws(payload, options.header ?? {}, signer),
    uncovered: [],
  },
  /** Fields and a signature behind the last separator. */
  'signed-text': { check: textOptions, open: openSignedText, write: writeSignedText, uncovered: [] },
  /** A signature and the frame behind it. */
  'signed-frame': { check: frameOptions, open: openSignedFrame, write: writeSignedFrame, uncovered: [] },
  'signed-json': {
    check: signedJsonPlaces,
    open: openSignedJson,
    write: writeSignedJson,
    uncovered: [
      'signed JSON: everything outside the signed member (the name of the algorithm, certificates)',
      'signed JSON: spaces, the order of members, and how numbers and signs are written',
    ],
  },
};

function ascii(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text.length !== bytes.length) throw new Broken('jws', 'not ASCII');
  return text;
}
