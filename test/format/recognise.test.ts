import { describe, expect, it } from 'vitest';
import { writeQr } from '../../src/codec/picture.node.ts';
import type { PictureReader } from '../../src/codec/picture.ts';
import { Broken } from '../../src/document/broken.ts';
import type { Recognise } from '../../src/document/generated/types.ts';
import { compileRecognise, specimenOf } from '../../src/format/recognise.ts';
import { present } from '../../src/intake.ts';
import {
  codesOf,
  federation,
  federationWith,
  formatOf,
  ownKey,
  packFiles,
  sampleNamed,
  samples,
  shortOf,
  specimenFor,
  standpointOf,
  testBed,
  testDocument,
  testFormat,
  verdictOf,
} from '../support/federation.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const good = sampleNamed('vaccination').wire as string;

describe('what scanners, files and phones put around a code', () => {
  it.each([
    ['a line end', `${good}\n`],
    ['a Windows line end', `${good}\r\n`],
    ['a tab, as a scanner sends it', `${good}\t`],
    ['a byte order mark', `\uFEFF${good}`],
    ['white space before', ` \n ${good}`],
  ])('%s does not matter, in a text as in a file', (_name, text) => {
    expect(shortOf(verdictOf({ text }))).toBe('accept');
    expect(shortOf(verdictOf({ bytes: utf8(text) }))).toBe('accept');
    expect(shortOf(verdictOf({ codes: [text] }))).toBe('accept');
  });

  it('a blank at the end does: base45 has one in its alphabet', () => {
    expect(shortOf(verdictOf(`${good} `))).toBe('refuse MALFORMED');
  });

  it.each(['\n', '\r\n', '\t', ' ', '\uFEFF'])(
    'a million of %j in the middle is looked at once, not once for each',
    (sign) => {
      const text = `x${sign.repeat(1_000_000 / sign.length)}x`;
      expect(shortOf(verdictOf(text))).toBe('undetermined NOT_RECOGNISED');
      expect(shortOf(verdictOf(`${sign.repeat(1_000_000 / sign.length)}`))).toBe('undetermined NOT_RECOGNISED');
    },
  );
});

describe('scores', () => {
  const score = (declared: Recognise, text: string) => compileRecognise(declared)(specimenOf({ text }));
  const jws = (header: object): string => `${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.AA`;

  it('need every word of a declaration', () => {
    expect(score({ prefix: 'AB:', suffix: '##' }, 'AB:x##')).toBe(40);
    expect(score({ prefix: 'AB:', suffix: '##' }, 'AB:x')).toBeUndefined();
    expect(score({ json: ['/a', '/b/c'] }, '{"a":1,"b":{"c":null}}')).toBe(20);
    expect(score({ json: ['/a', '/b/c'] }, '{"a":1,"b":{}}')).toBeUndefined();
    expect(score({ jws: { typ: 'x' } }, jws({ alg: 'none', typ: 'x' }))).toBe(15);
    expect(score({ jws: { typ: 'x' } }, jws({ alg: 'none', typ: 'X' }))).toBeUndefined();
  });

  it.each([
    ['a JSON text that ends early', { json: ['/a'] }, '{"a":1'],
    ['a JSON text with one name twice', { json: ['/a'] }, '{"a":1,"a":2}'],
    ['a list', { json: ['/0'] }, '[1]'],
    ['JSON nested a hundred thousand deep', { json: ['/a'] }, `{"a":${'['.repeat(100_000)}`],
    ['a member that only the prototype has', { json: ['/toString'] }, '{"a":1}'],
    ['a header that is no JSON', { jws: { typ: 'x' } }, 'eyJ4.e30.AA'],
    ['a header of a megabyte', { jws: { typ: 'x' } }, `ey${'A'.repeat(1_000_000)}.e30.AA`],
    ['a header member that only the prototype has', { jws: { toString: 'x' } }, jws({ alg: 'x' })],
  ] as [string, Recognise, string][])('%s is not of the format', (_name, declared, text) => {
    expect(score(declared, text)).toBeUndefined();
  });

  it.each([
    ['every JWS', { jws: {} }, '/recognise/jws: '],
    ['every JSON object', { json: [''] }, '/recognise/json: '],
    ['one member many times, to outbid others', { json: ['/a', '/a'] }, '/recognise/json: '],
    ['everything that ends so', { suffix: '#' }, '/recognise/suffix: '],
  ] as [string, Recognise, string][])('a declaration that claims %s is refused', (_name, declared, message) => {
    expect(() => compileRecognise(declared)).toThrow(message);
  });
});

describe('the sign with which all texts of a format begin', () => {
  it('is that of everything the format recognises, in the reference federation', () => {
    const claimants = [...federation.formats, ...federation.references];
    let claims = 0;
    for (const { wire } of samples) {
      const specimen = specimenFor(wire);
      for (const { recognise, firstSign } of claimants) {
        if (recognise(specimen) === undefined) continue;
        claims += 1;
        if (firstSign !== undefined) expect(specimen.text?.charCodeAt(0)).toBe(firstSign);
      }
    }
    expect(claims).toBeGreaterThan(100);
    expect(claimants.filter(({ firstSign }) => firstSign !== undefined).length).toBeGreaterThan(5);
  });

  it('is none where a document may be handed over in ways that begin otherwise', () => {
    const also = (prefix: string) => [{ recognise: { prefix }, transport: ['base64url'] }];
    const bed = (prefix: string) =>
      formatOf(
        testBed({ format: { recognise: { prefix: 'XT:' }, also: also(prefix) } }, ownKey()).federation,
        'test-pass/1',
      );
    expect(bed('YT:').firstSign).toBeUndefined();
    expect(bed('XU:').firstSign).toBe('X'.charCodeAt(0));
  });
});

describe('formats that claim the same bytes', () => {
  const key = ownKey();
  /** Where beginnings are allotted, such a pack is in quarantine (test/region/allotments.test.ts). */
  const UNALLOTTED = { 'allotments.json': undefined };
  const twin = (prefix: string) =>
    federationWith(packFiles({ issuers: [key.entry], format: { recognise: { prefix } }, files: UNALLOTTED }));

  it('with equal right are reported, never guessed between', () => {
    const verdict = verdictOf(good, { standpoint: standpointOf('310000', twin('HC1:')) });
    expect(shortOf(verdict)).toBe('undetermined AMBIGUOUS_FORMAT');
    expect(verdict.findings[0]!.detail).toBe('x-eu-dcc eu-dcc/1, x-test test-pass/1');
    expect(verdict.document).toBeUndefined();
  });

  it('are told in a detail of bounded length, however many they are', () => {
    const many = Object.assign(
      { ...UNALLOTTED },
      ...Array.from({ length: 60 }, (_, i) =>
        packFiles({ region: `x-many-${i}`, format: { recognise: { prefix: 'HC1:' } } }),
      ),
    );
    expect(shortOf(verdictOf(good, { standpoint: standpointOf('310000', federationWith(many)) }))).toBe(
      'undetermined AMBIGUOUS_FORMAT',
    );
  });

  it('by prefixes of which one begins the other: within one region the longer one claims more', () => {
    const other = {
      [`regions/x-test/formats/other.json`]: testFormat({ format: 'other/1', recognise: { prefix: 'XT:' } }),
    };
    const bed = testBed({ format: { recognise: { prefix: 'XT:A:' } }, files: { ...UNALLOTTED, ...other } }, key);
    const verdict = verdictOf(bed.sign(), { standpoint: bed.standpoint });
    expect([shortOf(verdict), verdict.format?.id]).toEqual(['accept', 'test-pass/1']);
  });

  it.each(['HC1:XT:', 'HC'])('between regions that claims nothing more: %s', (prefix) => {
    const bed = testBed({ format: { recognise: { prefix } }, files: UNALLOTTED }, key);
    const asked = prefix === 'HC' ? good : bed.sign();
    expect(shortOf(verdictOf(asked, { standpoint: standpointOf('310000', bed.federation) }))).toBe(
      'undetermined AMBIGUOUS_FORMAT',
    );
  });
});

describe('pictures', () => {
  const pass = sampleNamed('freight').wire as string;
  const reader = (texts: string[]) => async (): Promise<PictureReader> =>
    ({ read: async () => texts.map((text) => ({ text })) }) as unknown as PictureReader;
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

  it('a real QR picture is read', async () => {
    const picture = await writeQr(good, { scale: 3, level: 'L' });
    const { nodePictureReader } = await import('../../src/codec/picture.node.ts');
    expect(shortOf(verdictOf(await present(picture, nodePictureReader)))).toBe('accept');
  });

  it.each([
    ['with a document and a poster’s link', ['https://example.org/', good], 'accept'],
    ['with two documents', [good, pass], 'undetermined SEVERAL_CODES'],
    ['with two documents of one format', [good, sampleNamed('recovery').wire as string], 'undetermined SEVERAL_CODES'],
    ['with links alone', ['https://example.org/', 'x'], 'undetermined NOT_RECOGNISED'],
    ['with an empty code', [''], 'undetermined NOT_RECOGNISED'],
    ['without a code', [], 'undetermined PICTURE_WITHOUT_CODE'],
  ])('%s', async (_name, texts, wanted) => {
    expect(shortOf(verdictOf(await present(png, reader(texts))))).toBe(wanted);
  });

  it('without a code says so, and why it could not be read', async () => {
    const broken = async (): Promise<PictureReader> => ({
      read: () => Promise.reject(new Broken('picture', 'cut short')),
    });
    const verdict = verdictOf(await present(png, broken));
    expect(verdict.findings.find(({ code }) => code === 'PICTURE_WITHOUT_CODE')?.detail).toBe('cut short');
    expect(verdict.outcome).toBe('undetermined');
    expect(verdict.sentence.en).toBe('No readable code was found in the picture.');
    expect(verdict.next?.en).toContain('take it again');
  });

  it('a fault of the reader is ours, and no verdict', async () => {
    await expect(present(png, async () => ({ read: () => Promise.reject(new TypeError('ours')) }))).rejects.toThrow(
      'ours',
    );
  });
});

describe('a reference alone', () => {
  it.each([{ plate: '沪A12345' }, { token: 'abcd', region: '320000' }, { passNumber: '330421000001' }])(
    '%j has to be asked about',
    (reference) => {
      const verdict = verdictOf({ reference });
      expect(shortOf(verdict)).toBe('undetermined REFERENCE_UNRESOLVED');
      expect(codesOf(verdict)).toContain('REFERENCE_UNRESOLVED');
      expect(JSON.stringify(verdict)).not.toContain(Object.values(reference)[0]);
    },
  );
});

it('bytes and text of one document get one verdict', () => {
  const { standpoint, sign } = testBed();
  const wire = sign(testDocument());
  expect(verdictOf({ bytes: utf8(wire) }, { standpoint })).toEqual(verdictOf({ text: wire }, { standpoint }));
});
