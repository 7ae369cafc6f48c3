/** What readers and writers of CBOR share. */

/** The major types of RFC 8949 §3.1. */
export const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** Whether a key has the form `-?(0|[1-9][0-9]*)`; by hand, because the text may be long and is not ours. */
export function looksLikeInteger(text: string): boolean {
  let at = text.charCodeAt(0) === 0x2d ? 1 : 0;
  const first = text.charCodeAt(at);
  if (!(first >= 0x30 && first <= 0x39)) return false;
  if (first === 0x30) return text.length === at + 1;
  for (at++; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}
