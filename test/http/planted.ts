import { encodeBase64, encodeBase64url } from '../../src/codec/base64url.ts';
import { encodeHex } from '../../src/codec/hex.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';

/** What must never be in a log, wherever a caller puts it. No person has these. */
export const IDENTITIES = {
  name: '某某某·示例',
  latin: 'MUSTER<<EVA',
  lowerCase: 'mustereva',
  birth: '1990-05',
  id: '310000199005000000',
  upperCase: 'MUSTEREVA',
  passNumber: 'REF-PASS-0001',
  plate: '沪A·REF01',
};

/** A text as it would look if something had copied, escaped or encoded it. Base64 in each of the three ways it can fall. */
export function formsOf(text: string): string[] {
  const bytes = encodeUtf8(text);
  const hex = encodeHex(bytes);
  const shifted = [0, 1, 2].flatMap((shift) => {
    const padded = new Uint8Array([...new Uint8Array(shift), ...bytes]);
    const inner = (encoded: string) => encoded.replace(/=+$/, '').slice(shift === 0 ? 0 : shift + 1, -2);
    return [inner(encodeBase64(padded)), inner(encodeBase64url(padded))];
  });
  const escapes = [...text].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  const forms = [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    hex,
    hex.toUpperCase(),
    escapes,
    Buffer.from(bytes).toString('latin1'),
    ...shifted,
  ];
  const codes = bytes.join(',');
  return [...new Set([...forms, codes, text.toLowerCase(), text.slice(0, 40)])];
}
