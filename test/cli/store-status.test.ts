import { expect, it } from 'vitest';
import { roleRows } from '../../src/cli/store-status.ts';

const DAY = 86_400_000;
const now = 1000 * DAY;
const year = (days: number) => ({
  name: 'root',
  version: 1,
  issued: now + (days - 365) * DAY,
  expires: now + days * DAY,
});
const stateOf = (role: Parameters<typeof roleRows>[0][number]): string => roleRows([role], now)[0]!.state;

it.each([
  [91, 'good'],
  [90, 'expires within 90 days'],
  [30, 'expires within 30 days'],
  [7, 'expires within 7 days'],
  [0, 'expired'],
  [-1, 'expired'],
])('a role of a year is told of with %d days to go', (days, state) => {
  expect(stateOf(year(days))).toBe(state);
});

it('a role of three days is good until it ends: its age tells', () => {
  const short = { name: '310000', version: 1, issued: now - DAY, expires: now + 2 * DAY };
  expect(stateOf(short)).toBe('good');
  expect(stateOf({ ...short, expires: now })).toBe('expired');
});
