import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Where other regions' systems may be reached. A pack names a host; whether it is asked at all, and at which address, is the
 * operator's to say. Without an address of his, only addresses of the public internet are taken (RFC 6890): a pack, or whoever
 * answers for its name, must not make a gateway call into its own network. What is checked is the address that is then
 * connected to, so that a name cannot change between the two (DNS rebinding).
 */
export type ReachableHosts = ReadonlyMap<string, string | undefined>;

/** `host` or `host=http://address:port`, separated by commas. Errors: Error that names the entry by its number. */
export function readHosts(text: string): ReachableHosts {
  const hosts = new Map<string, string | undefined>();
  for (const [i, entry] of text.split(',').entries()) {
    const [host = '', ...rest] = entry.trim().split('=');
    const address = rest.length === 0 ? undefined : rest.join('=');
    if (!HOST.test(host)) throw new Error(`entry ${i + 1}: no name of a host`);
    if (hosts.has(host)) throw new Error(`entry ${i + 1}: the host stands twice`);
    if (address !== undefined && !isOrigin(address))
      throw new Error(`entry ${i + 1}: no address (http or https, no path)`);
    hosts.set(host, address?.replace(/\/$/, ''));
  }
  return hosts;
}

/** A name whose last part begins with a letter: an address, in whichever notation, would be connected to without a lookup. */
const HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  return (
    /^https?:$/.test(protocol) && pathname === '/' && [username, password, search, hash].every((part) => part === '')
  );
}

/** Addresses that are not of the public internet, RFC 6890 with its registries. */
const NOT_GLOBAL = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  NOT_GLOBAL.addSubnet(net, bits, 'ipv4');
/** Of IPv6 only 2000::/3 is given out; within it, these lead elsewhere (documentation, 6to4, Teredo). */
const GLOBAL_6 = new BlockList();
GLOBAL_6.addSubnet('2000::', 3, 'ipv6');
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  NOT_GLOBAL.addSubnet(net, bits, 'ipv6');

/** Whether it is an address of the public internet. In: an IP address in its usual form. */
export function isGlobal(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !NOT_GLOBAL.check(address, 'ipv4');
  return family === 6 && GLOBAL_6.check(address, 'ipv6') && !NOT_GLOBAL.check(address, 'ipv6');
}

/** Code of the error for a name that leads into a network of one's own. */
export const NOT_PUBLIC = 'ENOTPUBLIC';

/** For sockets: resolves a name, and refuses it if any of its addresses is not of the public internet. */
export const publicLookup =
  (ask: typeof resolve = resolve): LookupFunction =>
  (hostname, options, callback) => {
    ask(hostname, { all: true, family: options.family ?? 0 }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const [first] = addresses;
      // One good address among bad ones is how a rebinding begins.
      if (first === undefined || !addresses.every(({ address }) => isGlobal(address)))
        return callback(Object.assign(new Error('not a public address'), { code: NOT_PUBLIC }), '', 0);
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
