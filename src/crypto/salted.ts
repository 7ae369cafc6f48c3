import { decodeBase64, decodeBase64url } from '../codec/base64url.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { unlessBroken } from '../document/broken.ts';
import type { Digester } from './algorithms.ts';

/** Digests in documents, in whichever of the usual encodings a region writes them, as one comparable text. */
export interface Digests {
  /** A digest of 32 octets as it stands in a document. Undefined if it is none: an opaque pseudonym, say. */
  read(text: string): string | undefined;
  /** SM3(salt ‖ idType ‖ id), as offline passes carry it. Undefined if the salt cannot be read. */
  salted(salt: string, idType: string, id: string): string | undefined;
  /** SM3 of a document as it was handed in. */
  of(handed: Uint8Array): string;
}

const OCTETS = 32;
const MOST_TEXT = 200;

export function digestsOf(platform: Digester): Digests {
  const sm3 = (data: Uint8Array): string => encodeHex(platform.digest('SM3', data));
  return {
    read(text) {
      const bytes = octets(text);
      return bytes?.length === OCTETS ? encodeHex(bytes) : undefined;
    },
    salted(salt, idType, id) {
      const bytes = octets(salt);
      if (bytes === undefined || bytes.length === 0) return undefined;
      const rest = encodeUtf8(idType + id);
      const data = new Uint8Array(bytes.length + rest.length);
      data.set(bytes);
      data.set(rest, bytes.length);
      return sm3(data);
    },
    of: sm3,
  };
}

/** 16 and 32 octets in hexadecimal are 32 and 64 digits; everything else is base64url, or base64 with its padding. */
function octets(text: string): Uint8Array | undefined {
  if (text.length > MOST_TEXT) return undefined;
  if (/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(text)) return decodeHex(text);
  return unlessBroken(() => decodeBase64url(text)) ?? unlessBroken(() => decodeBase64(text));
}
