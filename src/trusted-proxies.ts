import { BlockList, isIP } from 'node:net';

/** Whether a connection comes from a proxy that may name its callers' certificates. In: the peer's address. */
export type TrustedProxies = (address: string | undefined) => boolean;

export const NO_PROXIES: TrustedProxies = () => false;

const PREFIX = /^\d{1,3}$/;

/** In: addresses and CIDR blocks (RFC 4632, RFC 4291 §2.3). Errors: RangeError for what is none. */
export function trustedProxies(list: readonly string[]): TrustedProxies {
  if (list.length === 0) return NO_PROXIES;
  const trusted = new BlockList();
  for (const each of list) {
    const [address = '', prefix, ...more] = each.split('/');
    const family = familyOf(address);
    const bits = prefix === undefined ? undefined : Number(prefix);
    const most = family === 'ipv4' ? 32 : 128;
    if (family === undefined || more.length > 0) throw new RangeError('no address');
    if (bits === undefined) trusted.addAddress(address, family);
    else if (PREFIX.test(prefix!) && bits >= 1 && bits <= most) trusted.addSubnet(address, bits, family);
    else throw new RangeError('no block of addresses');
  }
  return (address = '') => {
    // How a socket for both families names those of IPv4.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const family = familyOf(plain);
    return family !== undefined && trusted.check(plain, family);
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined;
}
