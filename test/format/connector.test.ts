import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import type { ConnectorDeclaration } from '../../src/document/generated/types.ts';
import { compileConnector, Missing } from '../../src/format/connector.ts';
import { federationWith } from '../support/federation.ts';

const DECLARED: ConnectorDeclaration = {
  connector: 'js-query/1',
  title: { zh: '查询', en: 'Query' },
  path: '/query',
  asks: ['plate'],
  documentTypes: ['health-code'],
  request: { plate: '{plate}', fixed: 'a {plate}', call: { org: '{orgName}' } },
  answer: { document: '/d', as: 'text', good: { at: '/ok', is: [true] }, absent: { at: '/code', is: [404] } },
};
const compiled = (change: Partial<ConnectorDeclaration> = {}) => compileConnector({ ...DECLARED, ...change }, '320000');
const USE = { orgName: '甲"}\n', username: 'd1', itemName: '乙丙', itemCode: 'X', businessCode: 'B' };
const question = { reference: { plate: '苏E1&x=1' }, asker: '310000', purpose: 'checkpoint', nonce: 'n', use: USE };

describe('a question', () => {
  it('fills in words, and nothing else: what is said cannot become structure', () => {
    expect(JSON.parse(decodeUtf8(compiled().write(question)))).toEqual({
      plate: '苏E1&x=1',
      fixed: 'a {plate}',
      call: { org: '甲"}\n' },
    });
    const form = compiled({ encoding: 'form', request: { plate: '{plate}' } }).write(question);
    expect(Object.fromEntries(new URLSearchParams(decodeUtf8(form)))).toEqual({ plate: '苏E1&x=1' });
  });

  it('is not asked while a word is missing', () => {
    expect(() => compiled().write({ ...question, use: undefined })).toThrow(Missing);
  });
});

describe('an answer', () => {
  const read = (text: string, change?: Partial<ConnectorDeclaration>) => compiled(change).read(encodeUtf8(text));

  it.each([
    ['{"ok":true,"d":"x"}', { presented: { text: 'x' } }],
    ["{'ok':true,'d':'x'}", undefined],
    ['{"code":404,"ok":true,"d":"x"}', { absent: true }],
  ])('%s', (text, said) => {
    if (said === undefined) expect(() => read(text)).not.toThrow();
    else expect(read(text)).toEqual(said);
  });

  it.each([
    '{"ok":false,"d":"x"}',
    '{"d":"x"}',
    '{"ok":"true","d":"x"}',
    '{"ok":true}',
    '{"ok":true,"d":1}',
    '<html>',
    '',
  ])('%s has no document', (text) => expect(() => read(text)).toThrow());
});

describe('a declaration', () => {
  it.each<[Partial<ConnectorDeclaration>, RegExp]>([
    [{ path: '/../x' }, /\/path/],
    [{ request: { a: '{password}' } }, /no word "password"/],
    [{ encoding: 'form' }, /\/request/],
  ])('%j is refused', (change, why) => expect(() => compiled(change)).toThrow(why));

  it.each<[string, object, RegExp]>([
    ['without an endpoint', { endpoint: undefined }, /no endpoint/],
    ['at an address', { endpoint: '127.0.0.1' }, /pattern/],
    ['at another member’s host', { endpoint: 's31.example' }, /allotted/],
  ])('%s is at fault', (_, change, why) => {
    const base = { region: 'x-test', name: DECLARED.title, issues: ['health-code'], endpoint: 'x.example', ...change };
    const { rejected } = federationWith({
      'regions/x-test/region.json': JSON.parse(JSON.stringify(base)) as object,
      'regions/x-test/connectors/q.json': DECLARED,
    });
    expect(rejected.map(({ reason }) => reason).join()).toMatch(why);
  });
});
