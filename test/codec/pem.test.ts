import { describe, expect, it } from 'vitest';
import { encodeHex } from '../../src/codec/hex.ts';
import { derFromPem, pemFromDer } from '../../src/codec/pem.ts';
import { Broken } from '../../src/document/broken.ts';

const block = (label: string, body: string): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

describe('PEM', () => {
  it('gives every block in order, and passes over what stands around them', () => {
    const text = `Bag Attributes\r\n${block('CERTIFICATE', 'AQID')}between\n${block('PRIVATE KEY', 'BAUG')}`;
    expect(derFromPem(text).map(encodeHex)).toEqual(['010203', '040506']);
    expect(derFromPem(text, 'CERTIFICATE').map(encodeHex)).toEqual(['010203']);
    expect(derFromPem('nothing here')).toEqual([]);
  });

  it('writes lines of 64 characters that it reads back', () => {
    const der = Uint8Array.from({ length: 100 }, (_, i) => i);
    const pem = pemFromDer(der, 'CERTIFICATE');
    expect(pem.split('\n').map((line) => line.length)).toEqual([27, 64, 64, 8, 25, 0]);
    expect(derFromPem(pem.replaceAll('\n', '\r\n'))).toEqual([der]);
  });

  it.each([
    ['without an end', '-----BEGIN CERTIFICATE-----\nAQID\n'],
    ['whose first line does not end', '-----BEGIN CERTIFICATE'],
    ['that ends as another', '-----BEGIN CERTIFICATE-----\nAQID\n-----END X509 CRL-----\n'],
    ['inside a block', block('CERTIFICATE', block('CERTIFICATE', 'AQID'))],
    ['with headers inside', block('CERTIFICATE', 'Proc-Type: 4,ENCRYPTED\n\nAQID')],
    ['that is not base64', block('CERTIFICATE', 'A*ID')],
    ['that is cut off', block('CERTIFICATE', 'AQI')],
  ])('refuses a block %s', (_, text) => {
    expect(() => derFromPem(text)).toThrow(Broken);
  });

  it('refuses a text of more than 16 MiB before it looks at it', () => {
    expect(() => derFromPem(' '.repeat(16 * 1024 * 1024 + 1))).toThrow('too long');
  });
});
