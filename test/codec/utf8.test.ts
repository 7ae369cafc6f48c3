import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { malformed } from '../support/broken.ts';

describe('the examples of RFC 3629 §7', () => {
  it.each([
    ['A≢Α.', '41e289a2ce912e'],
    ['한국어', 'ed959ceab5adec96b4'],
    ['日本語', 'e697a5e69cace8aa9e'],
    ['\u{feff}\u{233b4}', 'efbbbff0a38eb4'],
  ])('%j', (text, hex) => {
    expect(Buffer.from(encodeUtf8(text)).toString('hex')).toBe(hex);
    expect(decodeUtf8(Buffer.from(hex, 'hex'))).toBe(text);
  });
});

describe('what is refused', () => {
  it.each([
    ['an overlong slash in two bytes', 'c0af', 'RFC 3629 §10: it passes filters that look for the slash'],
    ['an overlong zero', 'c080', 'the same for the end of a text'],
    ['an overlong slash in three bytes', 'e080af', 'RFC 3629 §3'],
    ['an overlong slash in four bytes', 'f08080af', 'RFC 3629 §3'],
    ['a surrogate', 'eda080', 'RFC 3629 §3: half a character'],
    ['a pair of surrogates (CESU-8)', 'eda081edb080', 'a second spelling of one character'],
    ['a code point above U+10FFFF', 'f4908080', 'RFC 3629 §3'],
    ['a lead byte of five', 'f888808080', 'RFC 3629 §3 ended them'],
    ['a byte that never occurs', 'ff', 'RFC 3629 §3'],
    ['a continuation alone', '80', 'it continues nothing'],
    ['a character cut short at the end', 'e697', 'the rest may have been cut off a signed text'],
    ['a character cut short inside', 'e69741', 'the same'],
    ['text in GB 18030', 'cda8c8cf', 'other encodings are declared, never guessed'],
  ])('%s, because %s', (_name, hex) => {
    expect(() => decodeUtf8(Buffer.from(hex, 'hex'))).toThrow(malformed);
    // The same at the end of a text that is too long for the fast path.
    expect(() => decodeUtf8(Buffer.from('41'.repeat(100) + hex, 'hex'))).toThrow(malformed);
  });

  it('a lone surrogate has no UTF-8 form', () => {
    expect(() => encodeUtf8('a\ud800')).toThrow(malformed);
  });
});

it('keeps a byte order mark', () => {
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA');
});

it('reads ASCII of every length around the fast path, from the middle of a buffer', () => {
  const text = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i)).join('');
  const bytes = encodeUtf8(`é${text}é`);
  for (let length = 0; length <= 128; length++) {
    expect(decodeUtf8(bytes, 2, 2 + length)).toBe(text.slice(0, length));
    expect(decodeUtf8(bytes, 130 - length, 130)).toBe(text.slice(128 - length));
  }
});

it('agrees with the platform on every byte sequence', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const interesting = fc.constantFrom(
    0x41,
    0x80,
    0xbf,
    0xc2,
    0xe0,
    0xa0,
    0xed,
    0x9f,
    0xef,
    0xf0,
    0x90,
    0xf4,
    0x8f,
    0xff,
  );
  const sequences = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.array(interesting, { maxLength: 8 }));
  fc.assert(
    fc.property(sequences, (sequence) => {
      const bytes = Uint8Array.from(sequence);
      let expected: string | undefined;
      try {
        expected = strict.decode(bytes);
      } catch {
        expect(() => decodeUtf8(bytes)).toThrow(malformed);
        return;
      }
      expect(decodeUtf8(bytes)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
