import { Broken } from '../document/broken.ts';
import { decodeBase64, encodeBase64 } from './base64url.ts';

/** Characters of a PEM file: the largest list of certificates in use has under 2 MB. */
const MAX_TEXT = 16 * 1024 * 1024;
const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

/**
 * The blocks of a PEM text (RFC 7468), in order. Text around the blocks is explanation and is passed over; headers
 * inside a block (RFC 1421) are refused.
 *
 * @param label only blocks of this label, `CERTIFICATE` for example
 * @throws Broken MALFORMED for a block that does not end or is not base64, LIMIT_EXCEEDED over 16 MiB
 */
export function derFromPem(text: string, label?: string): Uint8Array[] {
  if (text.length > MAX_TEXT) throw new Broken('pem', 'text is too long', 'LIMIT_EXCEEDED');
  const blocks: Uint8Array[] = [];
  for (let begin = text.indexOf(BEGIN); begin >= 0; ) {
    const nameEnd = text.indexOf(DASHES, begin + BEGIN.length);
    if (nameEnd < 0) throw new Broken('pem', 'block without an end');
    const name = text.slice(begin + BEGIN.length, nameEnd);
    const bodyStart = nameEnd + DASHES.length;
    const bodyEnd = text.indexOf(END, bodyStart);
    const endLine = `${END}${name}${DASHES}`;
    if (bodyEnd < 0 || !text.startsWith(endLine, bodyEnd)) throw new Broken('pem', 'block without its end');
    if (label === undefined || name === label) blocks.push(decodeBase64(withoutWhiteSpace(text, bodyStart, bodyEnd)));
    begin = text.indexOf(BEGIN, bodyEnd + endLine.length);
  }
  return blocks;
}

const withoutWhiteSpace = (text: string, from: number, to: number): string =>
  text.slice(from, to).replace(/[ \t\r\n]+/g, '');

/** One PEM block with lines of 64 characters (RFC 7468 §2). */
export function pemFromDer(der: Uint8Array, label: string): string {
  const base64 = encodeBase64(der);
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += 64) lines.push(base64.slice(at, at + 64));
  return `${BEGIN}${label}${DASHES}\n${lines.join('\n')}\n${END}${label}${DASHES}\n`;
}
