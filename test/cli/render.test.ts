import { describe, expect, it } from 'vitest';
import { oneLine, renderVerdict, table, visible, width } from '../../src/cli/render.ts';
import { encodeBase45 } from '../../src/codec/base45.ts';
import { encodeCbor } from '../../src/codec/cbor.ts';
import { writeCoseSign1 } from '../../src/codec/cose.ts';
import { ownKey, samples, testBed, testFormat, verdictOf } from '../support/federation.ts';

/** Signs that move a terminal's cursor, change its colours, turn text round or hide it. */
const HOSTILE = {
  'an escape that clears the screen': '\u001b[2J\u001b[H',
  'a colour': '\u001b[32m',
  'a title of the window': '\u001b]0;x\u0007',
  'the one-byte form of an escape': '\u009b32m',
  'a line of its own': '\n● 认可 Accepted  ',
  'a carriage return': '\r● 认可 Accepted  ',
  'a line separator': '\u2028● 认可',
  'a paragraph separator': '\u2029● 认可',
  'a next-line control': '\u0085● 认可',
  'text turned round': '\u202edetpecca\u202c',
  'an isolate': '\u2067x\u2069',
  'a mark of direction': '\u200f',
  backspaces: '\b\b\b\b',
  NUL: '\0',
  DEL: '\u007f',
  'nothing to see': '\u200b\ufeff\u00ad',
  tags: '\u{e0041}',
  'half a character': '\ud83d',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/;
const plainLine = (line: string): boolean =>
  !DANGEROUS.test(line.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, '')) && !line.includes('\u{e0041}');

describe.each(Object.entries(HOSTILE))('%s', (_name, text) => {
  const key = ownKey();
  const map = [
    { to: '/docId', from: '/id' },
    { to: '/issuer/unit', from: '/unit' },
    { to: '/issuer/orgName', from: '/org' },
    { to: '/validity/until', from: '/exp', as: 'epoch-seconds' },
    { to: '/vehicle/plateNo', from: '/plate' },
    { to: '/holder/nameMasked', from: '/name' },
  ];
  const bed = testBed({ format: { map, absent: testFormat().absent! } }, key);

  it('in a document or in a file’s name cannot draw on the terminal', () => {
    // Half a character has no UTF-8 and cannot come in by a document at all.
    const inside = text.isWellFormed() ? `A${text}B` : 'AB';
    const payload = {
      id: inside,
      unit: inside,
      org: inside,
      exp: 1_900_000_000,
      plate: inside.slice(0, 12).toWellFormed(),
      name: inside,
    };
    const wire = `XT1:${encodeBase45(writeCoseSign1(encodeCbor(payload), {}, key.signer))}`;
    const verdict = verdictOf(wire, { standpoint: bed.standpoint, purpose: 'road-police' });
    const lines = renderVerdict(`scan${text}.txt`, verdict);
    for (const line of lines) expect([line, plainLine(line)]).toEqual([line, true]);
    // What is hidden elsewhere is shown here: the reader sees that something was wrong with it.
    expect(lines[0]).toMatch(/scan.*\\u[0-9a-f]{4}/);
    expect(lines.filter((line) => /^[●▲■?]/u.test(line))).toHaveLength(1);
  });

  it('in a table stays in its cell', () => {
    const lines = table([
      ['a', 'b'],
      [text, 'c'],
    ]);
    expect(lines).toHaveLength(2);
    expect(lines.every(plainLine)).toBe(true);
  });

  it('in JSON means the same as before', () => {
    const printed = visible(JSON.stringify({ value: text }));
    expect(JSON.parse(printed)).toEqual({ value: text });
    expect(plainLine(printed)).toBe(true);
  });
});

describe('what is shown', () => {
  it('keeps Chinese, other scripts and pictures as they are', () => {
    for (const text of ['沪A·12345', '阿卜杜·热合曼', 'Ünïcödé', '😀', '𠮷野家'])
      expect([oneLine(text), visible(text)]).toEqual([text, text]);
    expect(visible('a\n\tb')).toBe('a\n\tb');
    expect(oneLine('a\n\tb')).toBe('a\\u000a\\u0009b');
  });

  it('says for every sample the outcome first, in both languages, and every finding', () => {
    for (const sample of samples) {
      const { name } = sample;
      const verdict = verdictOf(sample);
      const lines = renderVerdict(name, verdict);
      expect(lines[0]).toBe(`${lines[0]![0]} ${verdict.word.zh} ${verdict.word.en}  ${name}`);
      expect(lines[1]).toContain(verdict.sentence.zh);
      for (const { code } of verdict.findings) expect(lines.join('\n')).toContain(code);
      expect(lines.join('\n')).toContain('reference federation');
      expect(lines.some((line) => line.includes('as presented, not proven'))).toBe(
        verdict.document !== undefined && verdict.authentic === false,
      );
    }
  });

  it('lines columns up by what signs take on a terminal', () => {
    expect([width('abc'), width('认可'), width('（）'), width('')]).toEqual([3, 4, 4, 0]);
    expect(
      table([
        ['认', 'x'],
        ['ab', 'y'],
        ['c', 'z'],
      ]),
    ).toEqual(['认  x', 'ab  y', 'c   z']);
  });
});

it('times are shown as clocks on the spot show them, days as they are', () => {
  const verdict = verdictOf(samples.find(({ expect: { outcome } }) => outcome === 'accept')!);
  const document = { ...verdict.document!, validity: { from: '2026-11-27', until: '2026-11-27T16:30:00Z' } };
  const clock = { at: '2026-11-26T16:00:05Z', source: 'stated' as const };
  const shown = renderVerdict('x', { ...verdict, document, clock }).join('\n');
  expect(shown).toContain('起 from 2026-11-27, 止 until 2026-11-28 00:30');
  expect(shown).toContain('2026-11-27 00:00 北京时间 Beijing time');
});

it('an end that is the year 10000 in Beijing is shown as it came', () => {
  const verdict = verdictOf(samples.find(({ expect: { outcome } }) => outcome === 'accept')!);
  const shown = (until: string) => {
    const document = { ...verdict.document!, validity: { until } };
    return renderVerdict('x', { ...verdict, document }).find((line) => line.includes('止 until'));
  };
  expect(shown('9999-12-31T23:59:59Z')).toContain('止 until 9999-12-31T23:59:59Z');
  expect(shown('9999-12-31T15:59:59Z')).toContain('止 until 9999-12-31 23:59');
});

it('what is written on a copy for one use is shown to who has to compare it', () => {
  const verdict = verdictOf(samples.find(({ expect: { outcome } }) => outcome === 'accept')!);
  const usage = { purpose: '仅供投标', maker: '甲', expiresAt: '2026-12-01' };
  const copy = { ...verdict, document: { ...verdict.document!, usage } };
  expect(renderVerdict('x', copy).join('\n')).toMatch(/仅供投标.*甲.*2026-12-01/);
  expect(renderVerdict('x', verdict).join('\n')).not.toContain('加注件');
});
