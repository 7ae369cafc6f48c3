import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from './base64url.ts';
import { decodeHex, encodeHex } from './hex.ts';

export interface Encoding {
  /** Throws Broken. */
  decode(text: string): Uint8Array;
  encode(bytes: Uint8Array): string;
}

/** How bytes stand in the text of a JSON document, one row each. Padding, which some writers leave out, may be there or not. */
export const ENCODINGS: Readonly<Record<string, Encoding>> = {
  base64url: { decode: (text) => decodeBase64url(unpadded(text)), encode: encodeBase64url },
  base64: { decode: decodeBase64, encode: encodeBase64 },
  hex: { decode: decodeHex, encode: encodeHex },
};

function unpadded(text: string): string {
  let end = text.length;
  while (end > 0 && text.length - end < 2 && text[end - 1] === '=') end--;
  return end < text.length && (text.length & 3) !== 0 ? text : text.slice(0, end);
}
