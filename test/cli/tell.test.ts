import { describe, expect, it } from 'vitest';
import { inBoth } from '../../src/cli/tell.ts';
import { thereAre } from '../../src/cli/usage.ts';
import { say } from '../../src/document/say.ts';
import { englishAlone } from '../support/words.ts';

describe('a sentence', () => {
  it('stands on one line, Chinese first', () => {
    expect(inBoth(say('未签名', 'not signed'))).toEqual(['未签名 · not signed']);
  });

  it('takes a line for each language where one would be too long for a terminal', () => {
    const [zh, en] = ['一'.repeat(25), 'a'.repeat(30)];
    expect(inBoth(say(zh, en))).toEqual([zh, en]);
    expect(inBoth(say(zh, en.slice(3)))).toEqual([`${zh} · ${en.slice(3)}`]);
    expect(inBoth(say(zh, en.slice(3)), '  ')).toEqual([`  ${zh}`, `  ${en.slice(3)}`]);
  });

  it('stands once where both languages say the same', () => {
    expect(inBoth(say('regions/310000', 'regions/310000'))).toEqual(['regions/310000']);
  });

  it('begins no line with what came from elsewhere', () => {
    expect(inBoth(say('名称 a\n● 认可', 'name a\n● 认可'))).toEqual(['名称 a\\u000a● 认可 · name a\\u000a● 认可']);
  });
});

it('does not end in a colon where nothing could have been named', () => {
  expect(thereAre([])).toEqual(say('其中一个也没有', 'there are none'));
  expect(thereAre(['a', 'b'])).toEqual(say('可用：a、b', 'there are: a, b'));
});

describe('English with no Chinese before it', () => {
  it.each([
    'nothing was written; --apply does it',
    'nothing was written (未写入); --apply does it',
    '3 proposals under way (待签)',
    '未写入 · nothing was written\nbut this stands alone',
    '  not used: regions/310000/issuers/a.json',
  ])('is found: %j', (text) => expect(englishAlone(text)).toHaveLength(1));

  it.each([
    '未写入 nothing was written; --apply does it',
    '未写入；加 --apply 才执行\nnothing was written; --apply does it',
    '下一步 next: npx tongren federation publish 360000 var/packs --dir <desk> --key <key> --apply',
    'npx tongren region check var/packs/360000',
    '{"title": "no legal document"}',
    'regions/310000/issuers/reference.json  2026-11-23T04:00:00Z',
    'refuse REVOKED',
  ])('is not: %j', (text) => expect(englishAlone(text)).toEqual([]));
});
