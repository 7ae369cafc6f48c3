import { Broken } from '../document/broken.ts';
import {
  frameOptions,
  openSignedFrame,
  openSignedText,
  textOptions,
  writeSignedFrame,
  writeSignedText,
} from './bare.ts';
import type { Digest } from './cms-algorithms.ts';
import { openCms, writeCms } from './cms-envelope.ts';
import { openCoseSign1, writeCoseSign1 } from './cose.ts';
import { paramsOptions, signedJsonPlaces } from './envelope-options.ts';
import { openJws, writeJws } from './jws.ts';
import { CODE_LIMITS, type Limits } from './limits.ts';
import { openSealedOfd, writeSealedOfd } from './ofd.ts';
import type { EnvelopeOptions, EnvelopeSigner, Sealed, WrittenEnvelope } from './proof.ts';
import { openSealedJson, writeSealedJson } from './seal-json.ts';
import { openSignedJson, writeSignedJson } from './signed-json.ts';
import { openSignedParams, writeSignedParams } from './signed-params.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { PACKAGE_LIMITS } from './zip.ts';

/** What an envelope may need besides the bytes. */
export interface EnvelopeTools {
  readonly digest: Digest;
  /** A signature file that was handed in beside the document. */
  readonly beside?: Uint8Array;
}

export interface EnvelopeCodec {
  /** It takes a whole file, byte for byte, and no transport stands before it. Bounds for such a file, unless declared. */
  readonly file?: Limits;
  /** Throws Error for options that it cannot work with. */
  check?(options: EnvelopeOptions): void;
  open(input: string | Uint8Array, limits: Limits, options: EnvelopeOptions, tools: EnvelopeTools): Sealed;
  write(payload: Uint8Array, options: EnvelopeOptions, signer: EnvelopeSigner, tools: EnvelopeTools): WrittenEnvelope;
  /** Bytes that its signature does not cover. */
  readonly uncovered: readonly string[];
}

/** A licence as XML or JSON, its seal's picture included. */
const FILE_LIMITS: Limits = { ...CODE_LIMITS, input: 4 << 20 };

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
  /** A JSON object whose members, sorted and joined, are signed. */
  'signed-params': {
    check: paramsOptions,
    open: openSignedParams,
    write: writeSignedParams,
    uncovered: [
      'signed parameters: spaces, the order of members, members that are empty',
      'signed parameters: whether a value is text, a whole number, true or false',
    ],
  },
  /** A package of pages with electronic seals. */
  ofd: {
    file: PACKAGE_LIMITS,
    open: (input, limits, _, { digest }) => openSealedOfd(file(input), limits, digest),
    write: (payload, _, signer, { digest }) => writeSealedOfd(payload, signer, digest),
    uncovered: [
      'OFD: how the package is packed (order, compression, times), and folders without files',
      'OFD: the list of signatures, as far as no signature covers it; timestamps beside signatures',
    ],
  },
  /** Signed data, with the content inside or beside. */
  cms: {
    file: FILE_LIMITS,
    open: openCms,
    write: writeCms,
    uncovered: ['CMS: which signers, certificates and lists come along, attributes not signed, announced digests'],
  },
  'sealed-json': {
    file: FILE_LIMITS,
    open: openSealedJson,
    write: writeSealedJson,
    uncovered: ['sealed JSON: spaces, the order of members, and how numbers and signs are written; timestamps'],
  },
};

function file(input: string | Uint8Array): Uint8Array {
  if (typeof input === 'string') throw new Broken('input', 'expected bytes, found text');
  return input;
}

function ascii(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text.length !== bytes.length) throw new Broken('jws', 'not ASCII');
  return text;
}
