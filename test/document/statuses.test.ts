import { describe, expect, it } from 'vitest';
import { statusTable } from '../../src/document/statuses.ts';
import { judgeStatus } from '../../src/judge/status.ts';
import { federation } from '../support/federation.ts';

const { catalogue } = federation;
const statuses = statusTable(catalogue.statusSchemes);
const objection = { zh: '向签发机关提出异议', en: 'Object to the issuing authority' };
const state = (canonical: string, extra: object = { reasonCode: 'R-1', authority: 'A' }) =>
  judgeStatus({ canonical, raw: 'x', rawScheme: 'y', ...extra }, statuses, objection);

describe('the words that documents have for their own state', () => {
  it('each belong to one scheme', () => {
    const word = (code: string) => ({ word: code, name: { zh: '词', en: 'word' }, standing: 'clear' as const });
    const scheme = (code: string, ...words: string[]) => ({
      scheme: code,
      name: { zh: '类', en: 'scheme' },
      words: words.map(word),
    });
    expect(() => statusTable([scheme('one', 'green'), scheme('two', 'green')])).toThrow(
      '/statusSchemes/1/words/0/word: "green" is a word of one already',
    );
    expect(() => statusTable([scheme('one', 'green', 'green')])).toThrow('/words/1/word');
    expect(() => statusTable([scheme('one', 'green'), scheme('one', 'red')])).toThrow('/statusSchemes/1/scheme');
  });

  it.each([
    ['green', []],
    ['valid', []],
    ['in-force', []],
    ['normal', []],
    ['yellow', ['note']],
    ['red', ['note']],
    ['pending', ['note']],
    ['superseded', ['fail']],
    ['expired', ['fail']],
    ['cancelled', ['fail']],
    ['withdrawn', ['fail']],
    ['revoked', ['fail']],
    ['lapsed', ['fail']],
    ['void', ['fail']],
    ['transferred', ['unknown']],
    ['other', ['unknown']],
    ['unclear', ['unknown']],
    ['abnormal', ['unknown']],
    // Words of no scheme: grey and blue are none, so that nobody can mean them.
    ['grey', ['unknown']],
    ['blue', ['unknown']],
    ['toString', ['unknown']],
  ])('%s', (canonical, results) => {
    expect(state(canonical).map(({ result }) => result)).toEqual(results);
  });

  it('a state that is not clear says how to object, and whether it lacks reason or authority', () => {
    expect(state('red').map(({ code, next }) => [code, next])).toEqual([['STATUS_NOT_CLEAR', objection]]);
    expect(state('red', {}).map(({ code, detail }) => [code, detail])).toEqual([
      ['STATUS_NOT_CLEAR', undefined],
      ['STATUS_UNEXPLAINED', 'no reason, no authority'],
    ]);
    expect(state('revoked', { reasonCode: 'R' })[1]?.detail).toBe('no authority');
    expect(state('green', {})).toEqual([]);
  });

  it('types of documents name schemes that the catalogue has', () => {
    const stating = catalogue.documentTypes.filter((type) => type.statusSchemes !== undefined);
    expect(stating.length).toBeGreaterThan(20);
    for (const { code, statusSchemes } of stating)
      for (const scheme of statusSchemes!) expect(statuses.has(scheme), `${code} ${scheme}`).toBe(true);
    // A person's tier is no property of a document.
    expect(stating.filter(({ statusSchemes }) => statusSchemes!.includes('police-tier'))).toEqual([]);
  });
});
