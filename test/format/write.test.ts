import { describe, expect, it } from 'vitest';
import { Broken } from '../../src/document/broken.ts';
import { mapOf } from '../support/map.ts';

const brokenAt = (at: string, code = 'FIELD_INVALID') =>
  expect.toSatisfy((error) => error instanceof Broken && error.part === at && error.code === code);

describe('writing refuses to say something else', () => {
  it('than the document does: a constant of the format', () => {
    const map = mapOf([
      { to: '/holder/kind', value: 'person' },
      { to: '/docId', from: '/id' },
    ]);
    expect(map.write({ docId: '1' })).toEqual({ id: '1' });
    expect(map.write({ docId: '1', holder: { kind: 'person' } })).toEqual({ id: '1' });
    expect(() => map.write({ docId: '1', holder: { kind: 'organisation' } })).toThrow(brokenAt('/holder/kind'));
  });

  it('than one of two fields that it keeps in one place', () => {
    const map = mapOf([
      { to: '/docId', from: '/jti' },
      { to: '/revocationId', from: '/jti' },
    ]);
    expect(map.write({ docId: 'a', revocationId: 'a' })).toEqual({ jti: 'a' });
    expect(() => map.write({ docId: 'a', revocationId: 'b' })).toThrow(brokenAt('/revocationId'));
  });

  it('than a field it needs', () => {
    expect(() => mapOf([{ to: '/docId', from: '/id' }]).write({})).toThrow(brokenAt('/docId', 'FIELD_MISSING'));
  });

  it.each<[string, string, string | number, string]>([
    ['epoch-seconds', '/validity/until', 1_775_059_199, 'a day ends with its last second, UTC+8'],
    ['epoch-seconds', '/validity/from', 1_774_972_800, 'and begins with its first'],
    ['epoch-milliseconds', '/validity/from', 1_774_972_800_000, 'the same in milliseconds'],
    ['instant', '/validity/until', '2026-04-01T15:59:59.999Z', 'the same as RFC 3339'],
    ['beijing-time', '/validity/until', '2026-04-01 23:59:59', 'the same in Beijing time'],
    ['compact-time', '/validity/from', '20260401000000', 'the same in a frame'],
    ['day', '/validity/until', '2026-04-01', 'a day stays a day'],
    ['compact-day', '/validity/until', '20260401', 'however it is written'],
  ])('%s writes the day 2026-04-01 at %s as %s: %s', (as, to, written) => {
    expect(mapOf([{ to, from: '/t', as }]).write({ validity: { [to.slice(10)]: '2026-04-01' } })).toEqual({
      t: written,
    });
  });

  it.each(['day', 'compact-day'])('%s writes no instant: its whole day would be longer', (as) => {
    expect(() =>
      mapOf([{ to: '/validity/until', from: '/t', as }]).write({ validity: { until: '2026-04-01T01:00:00Z' } }),
    ).toThrow(brokenAt('/validity/until'));
  });
});
