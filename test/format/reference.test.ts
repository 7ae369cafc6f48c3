import { describe, expect, it } from 'vitest';
import type { ReferenceDeclaration } from '../../src/document/generated/types.ts';
import { open } from '../../src/format/open.ts';
import { compileReference } from '../../src/format/reference.ts';
import type { Federation } from '../../src/region/federation.ts';
import { codesOf, federation, federationWith, NOW, shortOf, standpointOf, verdictOf } from '../support/federation.ts';

const TOKEN = 'fedcba9876543210'.repeat(4);
const PREFIX = 'https://s32.example/jkmIndex.html?';
const link = (query: string): string => PREFIX + query;
const GOOD = link(`token=${TOKEN}&uuid=P123`);

describe('a code that only refers to a document', () => {
  it('cannot be told, and the verdict says of which format and region it is, and what to do', () => {
    const verdict = verdictOf(GOOD);
    expect(shortOf(verdict)).toBe('undetermined REFERENCE_UNRESOLVED');
    expect(verdict.format).toEqual({ id: 'js-token/1', region: '320000' });
    expect(codesOf(verdict).slice(0, 2)).toEqual(['RECOGNISED', 'REFERENCE_UNRESOLVED']);
    expect(verdict.next?.zh).toContain('联网');
  });

  it('is taken apart for whoever asks its region, and is nowhere else', () => {
    const opening = open({ text: GOOD }, federation, NOW);
    expect(opening.reference).toEqual({ token: TOKEN, region: '320000' });
    expect([opening.opened, JSON.stringify(opening.findings).includes(TOKEN)]).toEqual([undefined, false]);
  });

  it('in a picture is one too', () => {
    expect(shortOf(verdictOf({ codes: ['https://example.org', GOOD] }))).toBe('undetermined REFERENCE_UNRESOLVED');
    expect(shortOf(verdictOf({ codes: [GOOD, GOOD.replace('P123', 'P124')] }))).toBe('undetermined SEVERAL_CODES');
  });

  it.each<[string, string]>([
    ['a token that is too short', `token=${TOKEN.slice(1)}&uuid=P123`],
    ['a token that is too long', `token=${TOKEN}0&uuid=P123`],
    ['a token of other signs', `token=${TOKEN.slice(1)}g&uuid=P123`],
    ['no token', 'uuid=P123'],
    ['two tokens', `token=${TOKEN}&token=${TOKEN}&uuid=P123`],
    ['a number without its letter', `token=${TOKEN}&uuid=123`],
    ['a number with other signs', `token=${TOKEN}&uuid=P12x`],
    ['escaped signs', `token=%66${TOKEN.slice(1)}&uuid=P123`],
    ['more than a link may hold', `token=${TOKEN}&uuid=P123&x=${'y'.repeat(5000)}`],
    ['nothing', ''],
  ])('%s: refused, and no text of it is repeated', (_name, query) => {
    const verdict = verdictOf(link(query));
    expect(verdict.outcome).toBe('refuse');
    expect(JSON.stringify(verdict)).not.toContain(TOKEN.slice(1, 20));
  });

  it('with other parameters is still one', () => {
    expect(shortOf(verdictOf(link(`x=1&uuid=P1&token=${TOKEN}&y`)))).toBe('undetermined REFERENCE_UNRESOLVED');
  });

  it('of a version that is retired says so', () => {
    const file = 'regions/320000/references/js-token-1.json';
    const [declared] = federation.references.map(({ declaration }) => declaration);
    const found = federationWith({ [file]: { ...declared, sunset: '2026-01-01' } });
    expect(codesOf(verdictOf(GOOD, { standpoint: standpointOf('310000', found) }))).toContain('FORMAT_RETIRED');
  });
});

describe('a declaration', () => {
  const declared = federation.references[0]!.declaration;
  it.each<[string, Partial<ReferenceDeclaration>, string]>([
    ['whose parameter is none', { refers: { kind: 'token', parameter: 'key' } }, '/refers/parameter'],
    ['with a name twice', { parameters: [...declared.parameters, ...declared.parameters] }, '/parameters'],
    ['with less at most', { parameters: [{ name: 'token', signs: 'hex', least: 5, most: 4 }] }, '/parameters/0/most'],
  ])('%s is refused', (_name, change, message) => {
    expect(() => compileReference({ ...declared, ...change }, '320000')).toThrow(message);
  });

  it('of an id that a format of the region has is rejected, with its file', () => {
    const file = 'regions/320000/references/again.json';
    const found = federationWith({ [file]: { ...declared, format: 'js-pass/1' } });
    expect(found.rejected).toEqual([expect.objectContaining({ file, at: '/format' })]);
  });

  it('that claims what a format claims makes it ambiguous, never a guess', () => {
    const file = 'regions/310000/references/again.json';
    const again = { [file]: { ...declared, format: 'sh-token/1' } };
    const judged = (found: Federation) => shortOf(verdictOf(GOOD, { standpoint: standpointOf('310000', found) }));
    expect(judged(federationWith({ ...again, 'allotments.json': undefined }))).toBe('undetermined AMBIGUOUS_FORMAT');
    // Where beginnings are allotted, it is not another region's to claim.
    expect(judged(federationWith(again))).toBe('undetermined REFERENCE_UNRESOLVED');
  });
});
