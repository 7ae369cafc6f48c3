import { describe, expect, it } from 'vitest';
import { decodeGb18030 } from '../../src/codec/gb18030.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { codesOf, sampleNamed, samples, shortOf, verdictOf } from '../support/federation.ts';

/** Every sign of GBK's two bytes, from the platform's decoder: the tests write with it, the gateway never does. */
const GBK = new Map<string, readonly number[]>();
const decoder = new TextDecoder('gb18030', { fatal: true });
for (let lead = 0x81; lead <= 0xfe; lead++)
  for (let trail = 0x40; trail <= 0xfe; trail++)
    if (trail !== 0x7f) GBK.set(decoder.decode(Uint8Array.of(lead, trail)), [lead, trail]);

const gbk = (text: string): Uint8Array =>
  Uint8Array.from([...text].flatMap((sign) => (sign < '\u0080' ? [sign.charCodeAt(0)] : (GBK.get(sign) ?? [0xff]))));
const said = (bytes: Uint8Array): string => shortOf(verdictOf(bytes));

const line = samples.find(({ format, expect: { outcome } }) => format === 'js-pass/1' && outcome === 'accept')!
  .wire as string;
const altered = line.replace(/\p{Script=Han}/u, '某');

describe('a line of fields that a scanner hands on in GBK', () => {
  it('holds Chinese, and is no UTF-8 any more', () => {
    expect(line).toMatch(/\p{Script=Han}/u);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(gbk(line))).toThrow();
  });

  it('is read, verified over its UTF-8, and told to be repaired', () => {
    const verdict = verdictOf(gbk(line));
    expect(shortOf(verdict)).toBe(shortOf(verdictOf(encodeUtf8(line))));
    expect(verdict.outcome).toBe('accept');
    expect(verdict.findings.filter(({ code }) => code === 'REPAIRED').map(({ detail }) => detail)).toEqual([
      'GB 18030 was read as UTF-8',
    ]);
    expect(codesOf(verdictOf(encodeUtf8(line)))).not.toContain('REPAIRED');
  });

  it('with a line end behind it as well', () => {
    expect(said(gbk(`${line}\r\n`))).toBe('accept');
  });

  it('is not forgiven an alteration', () => {
    expect(altered).not.toBe(line);
    expect(said(gbk(altered))).toBe('refuse SIGNATURE_INVALID');
    expect(said(gbk(line.replace(/\$3205/, '$3206')))).toContain('SIGNATURE_INVALID');
  });
});

describe('what is not repaired', () => {
  const utf8 = encodeUtf8(line);

  it.each([
    ['one byte that is in neither', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0xff)],
    ['a letter cut in half', (bytes: Uint8Array) => bytes.subarray(0, bytes.findIndex((byte) => byte > 0x7f) + 1)],
    ['a zero byte among the letters', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
    ['a control character among the letters', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0x1b)],
  ])('%s', (_, change) => {
    expect(said(change(gbk(line)))).toBe('undetermined NOT_RECOGNISED');
  });

  it('UTF-8 read as GBK and written again (mojibake) is a text that nobody signed', () => {
    const doubled = new TextDecoder('gb18030').decode(utf8);
    expect(doubled).not.toBe(line);
    // As UTF-8 it is strict, so nothing is guessed; signs that the first reader replaced are damage.
    expect(said(encodeUtf8(doubled))).toMatch(/^refuse (SIGNATURE_INVALID|MALFORMED)$/);
  });

  it('GBK read as UTF-8 has lost its letters: damaged, not forged', () => {
    const lost = new TextDecoder().decode(gbk(line));
    expect(lost).toContain('\ufffd');
    expect(shortOf(verdictOf(lost))).toBe('refuse MALFORMED');
  });

  it('GBK taken for Latin letters, and these written in UTF-8', () => {
    expect(said(encodeUtf8(String.fromCharCode(...gbk(line))))).toBe('refuse SIGNATURE_INVALID');
  });

  it('GBK twice over', () => {
    const once = String.fromCharCode(...gbk(line));
    expect(said(gbk(once))).not.toBe('accept');
  });

  it('bytes that can be read both ways are UTF-8', () => {
    // 摹 in GBK is C4 A1, which is ġ in UTF-8.
    expect(gbk('摹')).toEqual(encodeUtf8('ġ'));
    expect(verdictOf(gbk(`JSTX1$摹$x`)).findings.map(({ code }) => code)).not.toContain('REPAIRED');
  });

  it('XML says itself how it is written', () => {
    expect(said(gbk('<?xml version="1.0" encoding="GBK"?><XMI 名="值"/>'))).toContain('NOT_RECOGNISED');
  });

  it('other files that hold bytes of all kinds', () => {
    for (const { wire } of samples) {
      if (typeof wire === 'string') continue;
      expect(codesOf(verdictOf(wire))).not.toContain('REPAIRED');
    }
  });

  it('a code in ASCII needs no repair', () => {
    const { wire } = sampleNamed('vaccination');
    expect(codesOf(verdictOf(encodeUtf8(wire as string)))).not.toContain('REPAIRED');
  });
});

describe('GB 18030', () => {
  it.each([
    ['two bytes', [0xd5, 0xc5, 0xc8, 0xfd], '张三'],
    ['four bytes', [0x95, 0x32, 0x82, 0x36], '𠀀'],
    ['ASCII', [0x41, 0x0d, 0x0a], 'A\r\n'],
    ['nothing', [], ''],
  ])('%s', (_, bytes, text) => expect(decodeGb18030(Uint8Array.from(bytes))).toBe(text));

  it.each([
    [[0xff]],
    [[0xd5]],
    [[0x81, 0x30, 0x81]],
    [[0xfe, 0x39, 0xfe, 0x39]],
    [[0x84, 0x31, 0xa4, 0x37]],
    [[0x00]],
    [[0x84, 0x31, 0x95, 0x33]],
  ])('%o is refused', (bytes) => expect(() => decodeGb18030(Uint8Array.from(bytes))).toThrow('GB 18030'));
});
