import { Broken } from '../document/broken.ts';
import { openCoseSign1, writeCoseSign1 } from './cose.ts';
import { openJws, writeJws } from './jws.ts';
import type { Limits } from './limits.ts';
import type { EnvelopeOptions, EnvelopeSigner, Sealed } from './proof.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

export interface EnvelopeCodec {
  open(input: string | Uint8Array, limits: Limits): Sealed;
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
      'ECDSA: s may be replaced by n − s',
    ],
  },
  jws: {
    open: (input, limits) => openJws(typeof input === 'string' ? input : ascii(input), limits),
    write: (payload, options, signer) => writeJws(payload, options.header ?? {}, signer),
    uncovered: ['ECDSA: s may be replaced by n − s'],
  },
};

function ascii(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text.length !== bytes.length) throw new Broken('jws', 'not ASCII');
  return text;
}
