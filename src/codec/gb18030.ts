import { Broken } from '../document/broken.ts';

const decoder = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });

/** What no text of a code or file holds: such bytes are something else that happens to decode. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd\ufeff]/;

/**
 * GB 18030 (and GBK, which it contains) to text, strict: what does not decode whole, or decodes to control characters or
 * replaced ones, is refused. Errors: Broken MALFORMED.
 */
export function decodeGb18030(bytes: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new Broken('text', 'not GB 18030');
  }
  if (CONTROLS.test(text)) throw new Broken('text', 'not GB 18030 text');
  return text;
}
