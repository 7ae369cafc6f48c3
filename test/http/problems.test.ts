import { describe, expect, it, test } from 'vitest';
import { PROBLEMS, type ProblemCode } from '../../src/http/problems.ts';
import { type CallOptions, useGateway } from './harness.ts';
import { bodyOf, rawCall } from './raw.ts';

interface Case {
  readonly because: string;
  readonly method?: string;
  readonly path?: string;
  readonly options?: CallOptions;
  readonly problem: ProblemCode;
  readonly also?: object;
}

const json = (body: string, headers?: CallOptions['headers']): CallOptions => ({
  type: 'application/json',
  body,
  ...(headers ? { headers } : {}),
});
const text = (body: string): CallOptions => ({ type: 'text/plain', body });

/** What is wrong with a request, and what must be said. */
const CASES: readonly Case[] = [
  {
    because: 'an empty body is no JSON',
    options: json(''),
    problem: 'invalid-json',
    also: { detail: 'ends too early' },
  },
  {
    because: 'it says where the JSON goes wrong',
    options: json('{"text": x}'),
    problem: 'invalid-json',
    also: { detail: 'unexpected character at 9' },
  },
  {
    because: 'of two values it is unclear which counts',
    options: json('{"text":"a","text":"b"}'),
    problem: 'invalid-json',
  },
  { because: 'nothing may follow the value', options: json('{"text":"a"}{'), problem: 'invalid-json' },
  {
    because: 'nesting is bounded',
    options: json('['.repeat(100_000)),
    problem: 'invalid-json',
    also: { detail: 'nested too deeply' },
  },
  {
    because: 'JSON is UTF-8',
    options: { type: 'application/json', body: new Uint8Array([0x22, 0xff, 0x22]) },
    problem: 'invalid-json',
  },
  { because: 'an Ask is an object', options: json('"text"'), problem: 'invalid-ask' },
  {
    because: 'a misspelt member is named, with those there are',
    options: json('{"text":"a","purpse":"counter"}'),
    problem: 'invalid-ask',
    also: {
      detail: 'there is no member "purpse" here',
      at: '/purpse',
      allowed: expect.arrayContaining(['text', 'purpose']),
    },
  },
  {
    because: 'so is one further down, also behind a reference to another schema',
    path: '/v1/verify/group',
    options: json('{"members":[{"text":"a"},{"reference":{"region":"340000","plat":"x"}}]}'),
    problem: 'invalid-ask',
    also: { at: '/members/1/reference/plat', allowed: expect.arrayContaining(['plate', 'region']) },
  },
  {
    because: 'a name that could be a number of a person is not said',
    options: json('{"text":"a","x330104199902300018":1}'),
    problem: 'invalid-ask',
    also: { at: '', detail: 'a member has a name that is none of those allowed here' },
  },
  {
    because: 'of several that would do, none is called the one that is missing',
    path: '/v1/verify/group',
    options: json('{"members":[{}]}'),
    problem: 'invalid-ask',
    also: { at: '/members/0', allowed: ['text', 'bytes', 'reference'] },
  },
  {
    because: 'and two of them are one too many',
    path: '/v1/verify/group',
    options: json('{"members":[{"text":"a","bytes":"MAA="}]}'),
    problem: 'invalid-ask',
    also: { detail: 'exactly one of these is expected', allowed: ['text', 'bytes', 'reference'] },
  },
  {
    because: 'a misspelt parameter is named',
    path: '/v1/verify?porpose=counter',
    options: text('a'),
    problem: 'invalid-query',
    also: { at: 'porpose', allowed: expect.arrayContaining(['purpose']) },
  },
  {
    because: 'an Ask asks about something',
    options: json('{"for":"310000"}'),
    problem: 'invalid-ask',
    also: { allowed: ['text', 'bytes', 'reference'] },
  },
  {
    because: 'an Ask asks about one thing',
    options: json('{"text":"a","reference":{"plate":"REF-001"}}'),
    problem: 'invalid-ask',
  },
  {
    because: 'unknown members are no part of it',
    options: json('{"text":"a","colour":"green"}'),
    problem: 'invalid-ask',
  },
  {
    because: 'a word of a list is one of those, which are told',
    options: json('{"text":"a","medium":"glass"}'),
    problem: 'invalid-ask',
    also: { at: '/medium', allowed: ['screen', 'paper'] },
  },
  {
    because: 'a reference refers to something',
    options: json('{"reference":{}}'),
    problem: 'invalid-ask',
    also: { at: '/reference' },
  },
  { because: 'bytes are base64', options: json('{"bytes":"a b"}'), problem: 'invalid-ask', also: { at: '/bytes' } },
  {
    because: 'bytes are base64 with the padding',
    options: json('{"bytes":"AAA"}'),
    problem: 'invalid-ask',
    also: { at: '/bytes' },
  },
  {
    because: 'a region id has its form',
    options: json('{"text":"a","for":"shanghai"}'),
    problem: 'invalid-ask',
    also: { at: '/for' },
  },
  {
    because: 'a day alone is no moment',
    options: json('{"text":"a","at":"2026-01-01"}'),
    problem: 'invalid-ask',
    also: { at: '/at' },
  },
  {
    because: 'February has no 30th',
    options: json('{"text":"a","at":"2026-02-30T00:00:00Z"}'),
    problem: 'invalid-ask',
    also: { at: '/at' },
  },
  {
    because: 'a text has its longest length',
    options: json(`{"text":"${'x'.repeat(1_000_001)}"}`),
    problem: 'too-large',
    also: { at: '/text', limit: 1_000_000 },
  },
  {
    because: 'a JSON body says in itself what it wants',
    path: '/v1/verify?for=310000',
    options: json('{"text":"a"}'),
    problem: 'invalid-query',
  },
  {
    because: 'a parameter we do not know may matter to who sent it',
    path: '/v1/verify?region=310000',
    options: text('a'),
    problem: 'invalid-query',
  },
  {
    because: 'of two values it is unclear which counts',
    path: '/v1/verify?for=310000&for=330000',
    options: text('a'),
    problem: 'invalid-query',
    also: { at: 'for' },
  },
  {
    because: 'a region id has its form',
    path: '/v1/verify?for=shanghai',
    options: text('a'),
    problem: 'invalid-query',
    also: { at: 'for' },
  },
  {
    because: 'an hour has its range',
    path: '/v1/verify?at=2026-01-01T25:00:00Z',
    options: text('a'),
    problem: 'invalid-query',
    also: { at: 'at' },
  },
  { because: 'a body has a media type', options: { body: new Uint8Array(3) }, problem: 'unsupported-media-type' },
  {
    because: 'a form is no document',
    options: { type: 'application/x-www-form-urlencoded', body: 'text=a' },
    problem: 'unsupported-media-type',
  },
  {
    because: 'a text is UTF-8',
    options: { type: 'text/plain; charset=GB18030', body: 'a' },
    problem: 'unsupported-media-type',
  },
  {
    because: 'nothing is unpacked',
    options: json('{"text":"a"}', { 'Content-Encoding': 'gzip' }),
    problem: 'unsupported-encoding',
  },
  {
    because: 'a text is at most 1 MiB',
    options: text('x'.repeat(1024 * 1024 + 1)),
    problem: 'too-large',
    also: { limit: 1024 * 1024 },
  },
  {
    because: 'a file is at most 20 MiB',
    options: { type: 'image/png', body: new Uint8Array(20 * 1024 * 1024 + 1) },
    problem: 'too-large',
  },
  { because: 'JSON is at most 15 MiB', options: json(' '.repeat(15 * 1024 * 1024 + 1)), problem: 'too-large' },
  { because: 'there is nothing', method: 'GET', path: '/v2/verify', problem: 'not-found' },
  { because: 'a path is written one way', method: 'GET', path: '/Healthz', problem: 'not-found' },
  { because: 'a path is written one way', method: 'GET', path: '/healthz/', problem: 'not-found' },
  { because: 'there is no such schema', method: 'GET', path: '/schemas/person.schema.json', problem: 'not-found' },
  { because: 'nobody signed its store', method: 'GET', path: '/v1/bundle', problem: 'no-bundle' },
  { because: 'only POST verifies', method: 'GET', path: '/v1/verify', problem: 'method-not-allowed' },
  { because: 'only GET reads', method: 'DELETE', path: '/healthz', problem: 'method-not-allowed' },
];

describe('problems of requests', () => {
  const gateway = useGateway();

  test.each(CASES)(
    '$problem: $because',
    async ({ method = 'POST', path = '/v1/verify', options = {}, problem, also = {} }) => {
      const { status, headers, json: body } = await gateway.call(method, path, options);
      expect(body).toMatchObject({ type: `urn:tongren:problem:${problem}`, status, ...also });
      expect(status).toBe(PROBLEMS[problem].status);
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body.title).toBe(PROBLEMS[problem].title.en);
      expect(body.titleZh).toMatch(/\p{Script=Han}/u);
      expect(body.next.zh).toMatch(/\p{Script=Han}/u);
      expect(body.detail).not.toBe('');
    },
  );

  it('says with 405 what is allowed, and answers OPTIONS with the same', async () => {
    const post = await gateway.call('GET', '/v1/verify');
    expect(post.headers.get('allow')).toBe('POST, OPTIONS');
    const get = await gateway.call('POST', '/schemas/ask.schema.json', { type: 'text/plain', body: 'x' });
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const options = await gateway.call('OPTIONS', '/v1/verify');
    expect([options.status, options.headers.get('allow'), options.text]).toEqual([204, 'POST, OPTIONS', '']);
  });

  it('says with 415 what is taken', async () => {
    const { headers, json: body } = await gateway.call('POST', '/v1/verify', { type: 'application/pdf', body: 'x' });
    expect(headers.get('accept')).toBe(body.allowed.join(', '));
    expect(body.allowed).toEqual([
      'application/json',
      'text/plain',
      'application/octet-stream',
      'image/png',
      'image/jpeg',
    ]);
  });

  it('stops a body in chunks where it passes the limit', async () => {
    const head =
      'POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n';
    const kibibyte = `400\r\n${'x'.repeat(1024)}\r\n`;
    const answer = await rawCall(gateway.port, head, ...Array<string>(1100).fill(kibibyte), '0\r\n\r\n');
    expect(bodyOf(answer)).toMatchObject({ type: 'urn:tongren:problem:too-large', limit: 1024 * 1024 });
  });

  it('answers HEAD as GET, without a body', async () => {
    const { status, headers, text: body } = await gateway.call('HEAD', '/healthz');
    expect([status, body]).toEqual([200, '']);
    expect(headers.get('content-type')).toBe('application/json');
  });
});
