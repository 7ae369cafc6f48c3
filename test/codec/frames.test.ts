import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSignedFrame, openSignedText, writeSignedFrame, writeSignedText } from '../../src/codec/bare.ts';
import { readDelimited, writeDelimited } from '../../src/codec/delimited.ts';
import { type FixedOptions, readFixed, writeFixed } from '../../src/codec/fixed.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { Broken } from '../../src/document/broken.ts';

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof Broken) return error.code;
    throw error;
  }
  return 'nothing thrown';
};

describe('a line of fields', () => {
  const options = { separator: '$', fields: ['kind', 'number', 'plate'] };

  it('is read by position, and an empty field is absent', () => {
    expect(readDelimited(encodeUtf8('JS1$$苏E12345'), options)).toEqual({ kind: 'JS1', plate: '苏E12345' });
  });

  it.each(['JS1$1', 'JS1$1$2$3', ''])('%j has another number of fields: nobody knows which is which', (text) => {
    expect(code(() => readDelimited(encodeUtf8(text), options))).toBe('MALFORMED');
  });

  it('a value with the separator in it would move the fields behind it', () => {
    expect(code(() => writeDelimited({ kind: 'a$b' }, options))).toBe('FIELD_INVALID');
    expect(code(() => writeDelimited({ colour: 'x' }, options))).toBe('FIELD_INVALID');
  });

  it('what is written is read back', () => {
    const part = fc.string().filter((text) => text.isWellFormed() && !text.includes('$') && text !== '');
    fc.assert(
      fc.property(fc.record({ kind: part, number: part, plate: part }), (object) => {
        expect({ ...readDelimited(writeDelimited(object, options), options) }).toEqual(object);
      }),
    );
  });
});

describe('a binary frame', () => {
  const options: FixedOptions = {
    fields: [
      { name: 'uuid', bytes: 4, as: 'hex' },
      { name: 'until', bytes: 14, as: 'text' },
      { name: 'key', bytes: 1, as: 'uint' },
    ],
    tagged: [
      { tag: 1, name: 'status', as: 'text' },
      { tag: 2, name: 'holder', as: 'bytes' },
    ],
  };
  const frame = { uuid: '00ff0102', until: '20261122120000', key: 7, status: '01' };
  const bytes = writeFixed(frame, options);

  it('has the bytes of its fields one behind the other, then tag, length, value', () => {
    expect(bytes).toEqual(Uint8Array.of(0, 255, 1, 2, ...encodeUtf8('20261122120000'), 7, 1, 2, 0x30, 0x31));
    expect({ ...readFixed(bytes, options) }).toEqual(frame);
  });

  it('keeps a tag that it does not know', () => {
    expect(readFixed(Uint8Array.of(...bytes, 9, 1, 0xab), options)['tag-9']).toBe('ab');
  });

  it('every shorter frame is refused, unless it ends before the tagged fields', () => {
    for (let length = 0; length < bytes.length; length++) {
      if (length === 19) continue;
      expect(code(() => readFixed(bytes.subarray(0, length), options))).toBe('MALFORMED');
    }
  });

  it('a tag twice, or bytes left over, is refused', () => {
    expect(code(() => readFixed(Uint8Array.of(...bytes, 1, 1, 0x30), options))).toBe('MALFORMED');
    expect(code(() => readFixed(bytes, { fields: options.fields }))).toBe('MALFORMED');
  });

  it('a value that does not fit its field is refused', () => {
    expect(code(() => writeFixed({ ...frame, key: 256 }, options))).toBe('FIELD_INVALID');
    expect(code(() => writeFixed({ ...frame, until: '2026' }, options))).toBe('FIELD_INVALID');
    expect(code(() => writeFixed({ ...frame, status: 'x'.repeat(256) }, options))).toBe('FIELD_INVALID');
  });
});

describe('a signature without any header', () => {
  const signed: Uint8Array[] = [];
  const raw = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
  const signer = {
    cose: -65601,
    jose: 'SM2SM3',
    keyId: 'k',
    sign: (data: Uint8Array) => {
      signed.push(data);
      return raw;
    },
  };

  it.each(['raw', 'der'] as const)('behind a text (%s) is over all up to and including the last separator', (form) => {
    const options = { bare: { separator: '$', form, bytes: 64 } };
    const text = writeSignedText(encodeUtf8('a$b'), options, signer);
    expect(text.startsWith('a$b$')).toBe(true);
    expect(signed.at(-1)).toEqual(encodeUtf8('a$b$'));
    const { proof, payload } = openSignedText(text, CODE_LIMITS, options);
    expect([proof.signed, proof.signature, payload]).toEqual([encodeUtf8('a$b$'), raw, encodeUtf8('a$b')]);
  });

  it.each(['', 'no separator', 'a$b$', 'a$b$AQID', 'a$b$!'])('%j has none', (text) => {
    const options = { bare: { separator: '$', form: 'raw', bytes: 64 } as const };
    expect(code(() => openSignedText(text, CODE_LIMITS, options))).toBe('MALFORMED');
  });

  it('before a frame is over all that follows', () => {
    const options = { bare: { form: 'raw', bytes: 64 } as const };
    const frame = writeSignedFrame(Uint8Array.of(1, 2, 3), options, signer);
    expect(frame).toEqual(Uint8Array.of(...raw, 1, 2, 3));
    const { proof, payload } = openSignedFrame(frame, CODE_LIMITS, options);
    expect([proof.signed, proof.signature, payload]).toEqual([Uint8Array.of(1, 2, 3), raw, Uint8Array.of(1, 2, 3)]);
    expect(code(() => openSignedFrame(raw, CODE_LIMITS, options))).toBe('MALFORMED');
  });
});
