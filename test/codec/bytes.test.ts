import { expect, it } from 'vitest';
import { ownRoom, sharedRoom } from '../../src/codec/bytes.ts';

it('gives no octet twice, and zeros', () => {
  const held = Array.from({ length: 5_000 }, (_, i) => sharedRoom(i % 701));
  for (const [i, octets] of held.entries()) {
    expect(octets.every((octet) => octet === 0)).toBe(true);
    octets.fill((i % 255) + 1);
  }
  for (const [i, octets] of held.entries()) {
    expect(octets.length).toBe(i % 701);
    expect(octets.every((octet) => octet === (i % 255) + 1)).toBe(true);
  }
});

it('gives what is long, and what is asked for alone, a buffer of its own', () => {
  expect(sharedRoom(100_000).buffer.byteLength).toBe(100_000);
  expect(ownRoom(5).buffer.byteLength).toBe(5);
});
