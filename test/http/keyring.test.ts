import { randomBytes } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { newKey, readKeys } from '../../src/http/keys.ts';
import { keyRow, keyringOf } from './harness.ts';

const NOW = Date.parse('2026-11-23T04:00:00Z');
const read = (value: unknown) => readKeys(new Uint8Array(Buffer.from(JSON.stringify(value))));

describe('a ring of keys', () => {
  it('knows a key by its digest, and what it may do', () => {
    const lane = keyRow({
      id: 'lane',
      scopes: ['verify'],
      purposes: ['checkpoint'],
      regions: ['310000'],
      perMinute: 7,
    });
    const other = keyRow({ id: 'other' });
    const ring = keyringOf(other.row, lane.row);
    expect(ring.size).toBe(2);
    expect(ring.find(lane.key, NOW)).toEqual({
      id: 'lane',
      scopes: new Set(['verify']),
      purposes: new Set(['checkpoint']),
      regions: new Set(['310000']),
      perMinute: 7,
    });
    expect(ring.find(other.key, NOW)).toMatchObject({ id: 'other' });
    expect(ring.find(other.key, NOW)).not.toHaveProperty('purposes');
  });

  it('holds no key: what is in its file lets nobody in', () => {
    const { row, key } = keyRow();
    const { sha256 } = row as { sha256: string };
    expect(JSON.stringify(row)).not.toContain(key);
    const ring = keyringOf(row);
    for (const sent of [sha256, sha256.slice(0, 43), Buffer.from(sha256, 'hex').toString('base64url')])
      expect(ring.find(sent, NOW)).toBeUndefined();
  });

  it.each([
    ['another', randomBytes(32).toString('base64url')],
    ['an empty one', ''],
    ['one of a million signs', 'A'.repeat(1_000_000)],
    ['signs that are none of base64url', `${'A'.repeat(42)}=`],
  ])('does not know %s', (_, sent) => {
    expect(keyringOf(keyRow().row).find(sent, NOW)).toBeUndefined();
  });

  it('knows no key that differs in one sign', () => {
    const { row, key } = keyRow();
    const ring = keyringOf(row);
    expect(ring.find(key, NOW)).toBeDefined();
    for (let i = 0; i < key.length; i++) {
      const changed = `${key.slice(0, i)}${key[i] === 'A' ? 'B' : 'A'}${key.slice(i + 1)}`;
      expect(ring.find(changed, NOW), changed).toBeUndefined();
    }
  });

  it('lets a key end at its moment', () => {
    const { row, key } = keyRow({ notAfter: '2026-11-23T04:00:00Z' });
    const ring = keyringOf(row);
    expect(ring.find(key, NOW - 1)).toBeDefined();
    expect(ring.find(key, NOW)).toBeUndefined();
  });

  it('of nobody lets nobody in', () => {
    expect(keyringOf().find(keyRow().key, NOW)).toBeUndefined();
  });

  const { row } = keyRow();
  test.each<[string, unknown, RegExp]>([
    ['is no list', row, /array/],
    ['has a key in the place of its digest', [{ ...row, sha256: keyRow().key }], /at \/0\/sha256/],
    ['has a key beside its digest', [{ ...row, key: 'x' }], /additional properties/],
    ['has a scope that there is not', [{ ...row, scopes: ['verify', 'all'] }], /at \/0\/scopes\/1/],
    ['has a key for nothing', [{ ...row, scopes: [] }], /at \/0\/scopes/],
    ['has no limit', [{ ...row, perMinute: undefined }], /at \/0|perMinute/],
    ['has a limit of nothing', [{ ...row, perMinute: 0 }], /at \/0\/perMinute/],
    ['calls a caller by a name', [{ ...row, id: '张三' }], /at \/0\/id/],
    ['calls a caller as a region’s system', [{ ...row, id: '330000/dispatch' }], /at \/0\/id/],
    ['calls a caller by a number of a person', [{ ...row, id: 'a310000199005000000' }], /at \/0\/id/],
    ['ends on no day', [{ ...row, notAfter: '2026-02-30T00:00:00Z' }], /at \/0\/notAfter/],
    ['has one id twice', [row, { ...keyRow().row, id: 'lane' }], /at \/1\/id: stands in a row before/],
    ['has one key twice', [row, { ...row, id: 'other' }], /at \/1\/sha256: stands in a row before/],
    ['has too many rows', Array.from({ length: 201 }, (_, i) => ({ ...keyRow().row, id: `lane-${i}` })), /201|200/],
  ])('is refused where it %s', (_, value, why) => {
    expect(() => read(value)).toThrow(
      expect.objectContaining({ name: 'ConfigError', message: expect.stringMatching(why) }),
    );
  });

  it('is refused where it is no JSON, without a word of it', () => {
    const secret = keyRow().key;
    expect(() => readKeys(new Uint8Array(Buffer.from(`[{"id": ${secret}`)))).toThrow(/^TONGREN_API_KEYS: /);
    expect(() => readKeys(new Uint8Array(Buffer.from(`[{"id": ${secret}`)))).not.toThrow(secret);
    expect(() => read([{ ...row, id: secret }])).not.toThrow(secret);
  });

  it('is made of 32 random octets', () => {
    const asked: number[] = [];
    const { key, sha256 } = newKey((length) => {
      asked.push(length);
      return new Uint8Array(length);
    });
    expect(asked).toEqual([32]);
    expect(key).toBe('A'.repeat(43));
    // By sha256sum, of 43 times the letter A.
    expect(sha256).toBe('0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a');
    expect(read([{ ...row, sha256 }]).find(key, NOW)).toBeDefined();
  });
});
