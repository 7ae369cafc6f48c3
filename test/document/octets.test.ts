import { isStringOneByteRepresentation } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/document/generated/types.ts';
import { octetsOf, textOf, verdictOctets } from '../../src/document/octets.node.ts';
import { journey } from '../../src/journey.ts';
import { federation, NOW, samples } from '../support/federation.ts';

/** What JSON.stringify makes of it, as UTF-8. */
const wanted = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), 'utf8');
const made = (verdict: Verdict): Buffer => Buffer.from(verdictOctets(verdict), 'latin1');

describe('a verdict in octets', () => {
  it('is JSON.stringify’s for every document of the reference federation, in every region and for every purpose', () => {
    const standpoints = ['310000', '320000', '330000', '340000'].map((id) => federation.standpoint(id, () => NOW)!);
    let some = 0;
    for (const standpoint of standpoints)
      for (const purpose of standpoint.purposes.keys())
        for (const { wire } of samples) {
          const presented = typeof wire === 'string' ? { text: wire } : { bytes: wire };
          const { verdict } = journey(presented, standpoint, { purpose });
          // The second time, much of it was written before.
          for (let time = 0; time < 2; time++)
            if (!made(verdict).equals(wanted(verdict)))
              expect(textOf(verdictOctets(verdict))).toBe(JSON.stringify(verdict));
          some += 1;
        }
    expect(some).toBeGreaterThan(1000);
  });

  it('is kept with one byte for each octet, whatever it was cut out of', () => {
    const cut = '浙江: cut out of a text that has Chinese in it'.slice(4);
    expect(isStringOneByteRepresentation(cut)).toBe(false);
    const verdicts = [
      { federation: cut },
      { document: { name: cut } },
      { compare: [cut] },
      { findings: [{ detail: cut }] },
      { [cut]: 1 },
    ];
    for (const verdict of verdicts) {
      const octets = verdictOctets(verdict as unknown as Verdict);
      expect(isStringOneByteRepresentation(octets)).toBe(true);
      expect(octets).toBe(JSON.stringify(verdict));
    }
  });

  it('is JSON.stringify’s for whatever may stand in a text, a number or a member’s name', () => {
    const texts = [
      '',
      'plain',
      '"',
      '\\',
      '\n\t\u0000\u001f\u007f',
      '\u0080ÿ',
      '张三',
      '🚚',
      '\ud83d',
      '\udc00x',
      '\u2028\u2029',
      '</script>',
    ];
    const values: unknown[] = [...texts, ...[0, -0, 1.5, 1e21, -1, Number.NaN, Infinity], true, false, null, undefined];
    const things = [
      ...values,
      values,
      [],
      {},
      [[]],
      [{}],
      Object.fromEntries(texts.map((name, i) => [name, values[i]])),
    ];
    things.push(
      Object.assign(Object.create(null), { zh: '无', en: 'none' }),
      Object.freeze({ zh: '无', inner: things.slice() }),
    );
    things.push(things.map((thing) => ({ thing, message: Object.freeze({ zh: thing }) })));
    for (const thing of things) {
      const verdict = { thing, list: [thing, { thing }, Object.freeze({ thing })], after: 1 } as unknown as Verdict;
      for (let time = 0; time < 2; time++) expect(textOf(verdictOctets(verdict))).toBe(JSON.stringify(verdict));
    }
  });
});

it('octets and text are the same but for how they are held', () => {
  for (const text of ['', 'abc', '张三 🚚 é']) {
    const octets = octetsOf(text);
    expect([octets.length, textOf(octets)]).toEqual([Buffer.byteLength(text), text]);
  }
});
