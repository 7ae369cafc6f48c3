import { expect, test } from 'vitest';
import { trustedProxies } from '../../src/trusted-proxies.ts';

test.each<[string[], string | undefined, boolean]>([
  [[], '127.0.0.1', false],
  [['10.0.0.1'], '10.0.0.1', true],
  [['10.0.0.1'], '::ffff:10.0.0.1', true],
  [['10.0.0.1'], '10.0.0.2', false],
  [['10.0.0.0/8'], '10.255.0.1', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['fd00::/8'], 'fd12::1', true],
  [['fd00::/8'], '10.0.0.1', false],
  [['::1', '10.0.0.1'], '::1', true],
  [['::1'], undefined, false],
  [['::1'], 'not an address', false],
])('of %j, %s is trusted: %s', (list, address, expected) => {
  expect(trustedProxies(list)(address)).toBe(expected);
});

test.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/', '::/129', '10.0.0.0/8/8', ''])(
  '%j is no address',
  (text) => {
    expect(() => trustedProxies([text])).toThrow(RangeError);
  },
);
