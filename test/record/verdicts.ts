import { randomBytes } from 'node:crypto';
import type { Receipt, Verdict } from '../../src/document/generated/types.ts';
import { receiptOf } from '../../src/record/receipt.ts';
import { newId } from '../../src/store/ids.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** 2024-05-01 12:00 in Shanghai. */
export const NOON = Date.parse('2024-05-01T04:00:00Z');

const words = { zh: '词', en: 'word' };

export function verdict(changes: Partial<Verdict> = {}): Verdict {
  return {
    outcome: 'accept',
    word: words,
    sentence: words,
    reasons: [],
    federation: 'tongren-reference',
    environment: 'reference',
    region: '310000',
    purpose: 'checkpoint',
    clock: { at: '2024-05-01T04:00:00Z', source: 'system' },
    format: { id: 'eu-dcc/1', region: 'x-eu-dcc' },
    issuer: { region: 'x-eu-dcc', name: words, keyId: 'wjyZqQ2Wr1o=' },
    authentic: true,
    document: {
      docType: { code: 'vaccination-record', family: 'statement' },
      docId: 'URN:UVCI:01:XX:1',
      issuer: { region: 'x-eu-dcc' },
      validity: { from: '2024-01-01' },
    },
    findings: [
      { code: 'RECOGNISED', stage: 'open', result: 'pass', severity: 'notice', message: words },
      { code: 'SIGNATURE_VALID', stage: 'authenticate', result: 'pass', severity: 'proof', message: words },
    ],
    restsOn: [{ part: 'regions/x-eu-dcc', version: 3, issued: '2024-04-30T00:00:00Z', state: 'fresh' }],
    ...changes,
  };
}

/** A receipt as the recorder makes them, for tests of what lies below it. */
export function receipt(at: number = NOON, context: { checkpoint?: string; officer?: string } = {}): Receipt {
  const digest = { algorithm: 'HMAC-SM3', keyId: '0'.repeat(16), value: 'A'.repeat(43) } as const;
  return receiptOf(verdict(), { ...context, id: newId(at, random), digest });
}
