import { describe, expect, it } from 'vitest';
import { isGlobal, NOT_PUBLIC, publicLookup, readHosts } from '../../src/exchange/address.ts';

describe('addresses of the public internet (RFC 6890)', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
    ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1'],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'ff02::1',
      '::ffff:10.0.0.1',
      '64:ff9b::7f00:1',
      '2001:db8::1',
      '2002:7f00:1::',
    ],
    ...['localhost', '', '1'],
  ])('%s is none', (address) => expect(isGlobal(address)).toBe(false));

  it.each(['8.8.8.8', '172.32.0.1', '1.1.1.1', '2606:4700::1111', '240e::1'])('%s is one', (address) =>
    expect(isGlobal(address)).toBe(true),
  );
});

describe('a name', () => {
  type Ask = NonNullable<Parameters<typeof publicLookup>[0]>;
  const resolved = (...addresses: string[]) =>
    new Promise((resolve) => {
      const ask = ((_: string, __: object, done: (error: null, all: object[]) => void) =>
        done(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        )) as unknown as Ask;
      publicLookup(ask)('s32.example', {}, (error, address) => resolve(error?.code ?? address));
    });

  it('that leads into a network of one’s own is not connected to, not even partly', async () => {
    expect(await resolved('8.8.8.8')).toBe('8.8.8.8');
    expect(await resolved('127.0.0.1')).toBe(NOT_PUBLIC);
    expect(await resolved('8.8.8.8', '10.0.0.1')).toBe(NOT_PUBLIC);
    expect(await resolved()).toBe(NOT_PUBLIC);
  });
});

describe('the operator’s list of hosts', () => {
  it('names hosts, and addresses of those in a network of one’s own', () => {
    expect([...readHosts('s31.example, s32.example=http://10.3.2.1:8443/')]).toEqual([
      ['s31.example', undefined],
      ['s32.example', 'http://10.3.2.1:8443'],
    ]);
  });

  it.each([
    '',
    '127.0.0.1',
    'localhost',
    's31.example,s31.example',
    's31.example=ftp://x/',
    's31.example=http://u:p@x/',
    'S31.example',
    's31.example=http://x/path',
    '0x7f.1',
  ])('refuses %s', (text) => expect(() => readHosts(text)).toThrow(/entry \d/));
});
