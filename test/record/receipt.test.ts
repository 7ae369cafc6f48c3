import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/document/generated/types.ts';
import { validateReceipt, validateVerdict } from '../../src/document/generated/validators.js';
import { hmacSm3 } from '../../src/record/digest.ts';
import { digestOf, receiptOf } from '../../src/record/receipt.ts';
import { caseCode, newId } from '../../src/store/ids.ts';
import { NOON, random, verdict } from './verdicts.ts';

const digest = digestOf({ id: '0123456789ABCDEF', key: new Uint8Array(32) }, 'document');
const id = newId(NOON, random);

describe('a receipt', () => {
  test('says what was decided, on what, and for whom by number', () => {
    const receipt = receiptOf(verdict(), { id, digest, checkpoint: 'G2-01', officer: 'A17', businessCode: '31-7.2' });
    expect(receipt).toEqual({
      id,
      at: '2024-05-01T04:00:00Z',
      federation: 'tongren-reference',
      environment: 'reference',
      region: '310000',
      purpose: 'checkpoint',
      checkpoint: 'G2-01',
      officer: 'A17',
      businessCode: '31-7.2',
      clock: { at: '2024-05-01T04:00:00Z', source: 'system' },
      outcome: 'accept',
      reasons: [],
      findings: ['RECOGNISED', 'SIGNATURE_VALID'],
      documentType: 'vaccination-record',
      format: 'eu-dcc/1',
      issuingRegion: 'x-eu-dcc',
      keyId: 'wjyZqQ2Wr1o=',
      documentDigest: digest,
      restsOn: [{ part: 'regions/x-eu-dcc', version: 3, issued: '2024-04-30T00:00:00Z', state: 'fresh' }],
    });
    expect(validateReceipt(receipt)).toBe(true);
    expect(caseCode(receipt.id)).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  test('of what nobody recognised is one too', () => {
    const { format: _f, issuer: _i, authentic: _a, document: _d, ...bare } = verdict({ outcome: 'undetermined' });
    const receipt = receiptOf(bare, { id, digest });
    expect(validateReceipt(receipt)).toBe(true);
    for (const absent of ['format', 'issuingRegion', 'keyId', 'documentType', 'officer', 'checkpoint']) {
      expect(receipt).not.toHaveProperty(absent);
    }
  });

  test('does not repeat what a document says of itself while no key stands behind it', () => {
    const { issuer: _, ...unsigned } = verdict({ authentic: false });
    expect(receiptOf(unsigned, { id, digest })).not.toHaveProperty('documentType');
  });

  test('names a finding once, however often it was made', () => {
    const one = verdict().findings[0]!;
    expect(receiptOf(verdict({ findings: [one, one, one] }), { id, digest }).findings).toEqual(['RECOGNISED']);
  });

  test('keeps nothing of a verdict that somebody adds to it later', () => {
    const more = { ...verdict(), holderName: '欧阳若水' } as Verdict;
    expect(validateVerdict(more)).toBe(false);
    expect(JSON.stringify(receiptOf(more, { id, digest }))).not.toContain('欧阳若水');
  });
});

describe('the schema of receipts', () => {
  const fits = (field: string, value: string): boolean =>
    validateReceipt({ ...receiptOf(verdict(), { id, digest }), [field]: value });

  test.each([
    ['officer', 'A17'],
    ['officer', '310-20451'],
    ['officer', '0123456789'],
    ['checkpoint', 'G2-KUNSHAN-01'],
    ['checkpoint', '310114/3'],
    ['businessCode', '11310000002420149K2000104001000'],
    ['businessCode', '310114202405010017'], // area, day and number: as long as a citizen number, and none
  ])('%s may be %j', (field, value) => {
    expect(fits(field, value)).toBe(true);
  });

  test.each([
    ['officer', '', 'nothing'],
    ['officer', '张伟', 'a name'],
    ['officer', 'ZHANGWEI', 'a name'],
    ['officer', '13912345678', 'a telephone number'],
    ['officer', '310101199001011234', 'a citizen number'],
    ['officer', 'A1\u0000', 'a control character, which ends a string elsewhere'],
    ['officer', 'A1\n', 'a line end, which makes a log line of its own'],
    ['officer', '\u202eA1', 'a character that turns the reading direction'],
    ['officer', 'A1 ', 'a blank'],
    ['officer', "A1'; drop table receipts; --", 'SQL'],
    ['officer', `A${'1'.repeat(41)}`, 'too long'],
    ['checkpoint', '-', 'the word for no checkpoint'],
    ['checkpoint', '安亭北', 'a name'],
    ['checkpoint', 'x'.repeat(61), 'too long'],
    ['checkpoint', '../../etc', 'begins with a dot'],
    ['businessCode', '310101199001011234', 'a citizen number'],
    ['businessCode', '31010119900101123X', 'a citizen number'],
    ['businessCode', 'X-310101199001011234', 'a citizen number behind something'],
    ['businessCode', '13912345678', 'a telephone number'],
    ['businessCode', '１３９', 'full-width digits'],
    ['businessCode', '<script>', 'markup'],
    ['reasons', 'x', 'no list'],
  ])('%s may not be %j: %s', (field, value) => {
    expect(fits(field, value)).toBe(false);
  });
});

describe('HMAC-SM3', () => {
  test('agrees with OpenSSL, bytes and text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'grapheme' }),
        (key, bytes, text) => {
          const theirs = (input: Uint8Array | string): string => createHmac('sm3', key).update(input).digest('hex');
          expect(Buffer.from(hmacSm3(key, bytes)).toString('hex')).toBe(theirs(bytes));
          expect(Buffer.from(hmacSm3(key, text)).toString('hex')).toBe(theirs(text));
        },
      ),
    );
  });

  test('does not take keys that it would have to digest first', () => {
    expect(() => hmacSm3(new Uint8Array(65), '')).toThrow(RangeError);
  });
});
