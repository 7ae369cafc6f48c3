import { isIP } from 'node:net';
import { CORE_USES } from './crypto/core/use.ts';
import type { Localized } from './document/generated/types.ts';
import { say } from './document/say.ts';
import { readHosts } from './exchange/address.ts';
import { LEAST_KEEP_DAYS } from './record/housekeeping.ts';
import { trustedProxies } from './trusted-proxies.ts';

export interface Setting {
  readonly name: string;
  readonly about: string;
  readonly fallback: string;
  /** Says what is wrong with a value, or undefined. Never quotes it: an address of a database holds its password. */
  check(value: string): Localized | undefined;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const LOOPBACK = ['127.0.0.1', '::1', 'localhost', '[::1]'];
export const NONE = 'none';
export const MOST_THREADS = 16;
/** People's data: for a queue or a second look, not for the day. */
const MOST_OPENED_SECONDS = 3600;
export const BESIDE = 'beside';

/** Whether a store is named by addresses, not by a folder. */
export const isAddress = (store: string): boolean => /^https?:/i.test(store);

function isStoreAddress(text: string): boolean {
  if (!isAddress(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return [username, password, search, hash].every((part) => part === '');
}

/** True of the names and addresses of this machine to itself. */
export const isLoopback = (host: string): boolean => LOOPBACK.includes(host.toLowerCase());

const anything = (): undefined => undefined;

const oneOf =
  (words: readonly string[]): Setting['check'] =>
  (value) =>
    words.includes(value) ? undefined : say(`须为 ${words.join('、')} 之一`, `expected one of ${words.join(', ')}`);

/** From one to another, both included. */
const wholeNumber =
  (from: number, to: number): Setting['check'] =>
  (value) =>
    /^\d{1,8}$/.test(value) && Number(value) >= from && Number(value) <= to
      ? undefined
      : say(`须为 ${from} 至 ${to} 的整数`, `expected a whole number from ${from} to ${to}`);

/** RFC 1123 §2.1; addresses of IPv4 look the same. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const isHost = (value: string): boolean => HOST_NAME.test(value) || isIP(value) !== 0;
/** As it stands in a Host header, without port. */
const isHeaderHost = (value: string): boolean =>
  HOST_NAME.test(value) || (/^\[.*\]$/.test(value) && isIP(value.slice(1, -1)) === 6);
export const listOf = (value: string): string[] => value.split(',').map((each) => each.trim().toLowerCase());

/** What is wrong with a list of hosts; undefined if nothing is. */
export function faultOfHosts(text: string): Localized | undefined {
  try {
    if (text !== NONE) readHosts(text);
    return undefined;
  } catch (error) {
    return say('须为主机名，或 主机=http://地址:端口，以逗号分隔，不得重复', (error as Error).message);
  }
}

function areProxies(list: readonly string[]): boolean {
  try {
    trustedProxies(list);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** All settings, one row each. */
export const SETTINGS = {
  store: {
    name: 'TONGREN_STORE',
    about: 'trust store: a folder, or addresses (http, https) of a signed one, separated by commas, each asked in turn',
    fallback: 'var/store',
    check: (value) =>
      !isAddress(value) || value.split(',').every((each) => isStoreAddress(each.trim()))
        ? undefined
        : say(
            '须为文件夹，或不带口令和查询参数的网址，以逗号分隔',
            'expected a folder, or addresses without password or query, separated by commas',
          ),
  },
  root: {
    name: 'TONGREN_ROOT',
    about:
      'root file that a signed store must lead on from; beside: var/store.root.json beside var/store, var/trust.root.json for addresses',
    fallback: BESIDE,
    check: anything,
  },
  pollSeconds: {
    name: 'TONGREN_POLL_SECONDS',
    about: 'seconds between two looks for a newer signed store, a quarter more or less; SIGHUP looks at once',
    fallback: '20',
    check: wholeNumber(1, 3600),
  },
  region: {
    name: 'TONGREN_REGION',
    about: 'verifying region where none is named',
    fallback: '310000',
    check: (value) =>
      /^([0-9]{6}|x-[a-z0-9-]+)$/.test(value)
        ? undefined
        : say('须为六位数字（GB/T 2260）', 'expected six digits (GB/T 2260)'),
  },
  purpose: {
    name: 'TONGREN_PURPOSE',
    about: 'purpose where none is named',
    fallback: 'checkpoint',
    check: anything,
  },
  host: {
    name: 'TONGREN_HOST',
    about: 'address to listen on; beyond loopback only with TONGREN_API_KEYS',
    fallback: '127.0.0.1',
    check: (value) => (isHost(value) ? undefined : say('须为地址或主机名', 'expected an address or a name')),
  },
  port: {
    name: 'TONGREN_PORT',
    about: 'port to listen on',
    fallback: '8080',
    check: (value) =>
      /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? undefined : say('须为端口号', 'expected a port number'),
  },
  apiKeys: {
    name: 'TONGREN_API_KEYS',
    about: 'file of callers’ keys (schemas/api-keys.schema.json), read again on SIGHUP; none: loopback only',
    fallback: NONE,
    check: anything,
  },
  allowedHosts: {
    name: 'TONGREN_ALLOWED_HOSTS',
    about:
      'names under which callers reach it (Host header, without port), separated by commas; loopback’s always count',
    fallback: 'localhost',
    check: (value) =>
      listOf(value).every(isHeaderHost)
        ? undefined
        : say(
            '须为不带端口的主机名或地址，以逗号分隔；IPv6 加方括号',
            'expected names or addresses without port, separated by commas; IPv6 in brackets',
          ),
  },
  perMinute: {
    name: 'TONGREN_PER_MINUTE',
    about: 'documents and other requests a minute from this machine where there are no keys; each key has its own',
    fallback: '600000',
    check: wholeNumber(1, 99_999_999),
  },
  database: {
    name: 'TONGREN_DATABASE',
    about: 'where receipts are kept: a SQLite file, or postgres://user:password@host:port/database',
    fallback: 'var/tongren.sqlite',
    check: anything,
  },
  keepDays: {
    name: 'TONGREN_KEEP_DAYS',
    about: `days that receipts, told uses and objections are kept, at least ${LEAST_KEEP_DAYS}; none: for ever`,
    fallback: NONE,
    check: (value) =>
      value === NONE || (/^\d{1,5}$/.test(value) && Number(value) >= LEAST_KEEP_DAYS)
        ? undefined
        : say(
            `须为 none，或不小于 ${LEAST_KEEP_DAYS} 的整数`,
            `expected none, or a whole number from ${LEAST_KEEP_DAYS}`,
          ),
  },
  keepOpenedSeconds: {
    name: 'TONGREN_KEEP_OPENED_SECONDS',
    about: `seconds that what a genuine document says may stay in memory after it was last shown, at most ${MOST_OPENED_SECONDS}: one that comes again is then judged in less than a third of the time, over HTTP in some two thirds; none: nothing of it stays`,
    fallback: NONE,
    check: (value) =>
      value === NONE || wholeNumber(1, MOST_OPENED_SECONDS)(value) === undefined
        ? undefined
        : say(
            `须为 none，或 1 至 ${MOST_OPENED_SECONDS} 的整数`,
            `expected none, or a whole number from 1 to ${MOST_OPENED_SECONDS}`,
          ),
  },
  ocspHosts: {
    name: 'TONGREN_OCSP_HOSTS',
    about: 'hosts that may be asked whether a certificate was revoked, of those that a region declares; none: nobody',
    fallback: NONE,
    check: (value) =>
      listOf(value).every((name) => HOST_NAME.test(name))
        ? undefined
        : say('须为主机名，以逗号分隔', 'expected names of hosts, separated by commas'),
  },
  exchangeHosts: {
    name: 'TONGREN_EXCHANGE_HOSTS',
    about:
      "hosts of regions' own systems that may be asked, of those that regions declare, separated by commas; host=http://address:port for one reached at an address of your own network; none: nobody",
    fallback: NONE,
    check: faultOfHosts,
  },
  exchangeSecret: {
    name: 'TONGREN_EXCHANGE_SECRET',
    about:
      'file of the key under which exchanges and lists of states are sealed while they are kept; made when first needed; processes on one database share it',
    fallback: 'var/gateway/exchange.key',
    check: anything,
  },
  conversionKeys: {
    name: 'TONGREN_CONVERSION_KEYS',
    about: "file of the gateway's own conversion keys; made when first needed",
    fallback: 'var/gateway/conversion-keys.json',
    check: anything,
  },
  exchangeKeys: {
    name: 'TONGREN_EXCHANGE_KEYS',
    about: "file of the gateway's own keys as a system of its region (tongren keys system); made when first needed",
    fallback: 'var/gateway/exchange-keys.json',
    check: anything,
  },
  systemsPerMinute: {
    name: 'TONGREN_SYSTEMS_PER_MINUTE',
    about: "most that one of the regions' systems may ask for in a minute, whatever its region says",
    fallback: '6000',
    check: wholeNumber(1, 99_999_999),
  },
  trustedProxies: {
    name: 'TONGREN_TRUSTED_PROXIES',
    about: 'addresses or blocks (CIDR) of proxies that name the certificates of their callers (Client-Cert, RFC 9440)',
    fallback: NONE,
    check: (value) =>
      value === NONE || areProxies(listOf(value))
        ? undefined
        : say('须为地址或网段，以逗号分隔', 'expected addresses or blocks, separated by commas'),
  },
  tlsKey: {
    name: 'TONGREN_TLS_KEY',
    about: 'file of the private key to serve over TLS with (PEM); callers may then show certificates',
    fallback: NONE,
    check: anything,
  },
  tlsCert: {
    name: 'TONGREN_TLS_CERT',
    about: 'file of the certificate of that key, and those above it (PEM); both files are read again on SIGHUP',
    fallback: NONE,
    check: anything,
  },
  fast: {
    name: 'TONGREN_FAST',
    about:
      'yes: POST /v1/verify in its usual form is answered before Node’s HTTP and Express see it, with the same answers, sooner',
    fallback: 'no',
    check: (value) => (value === 'yes' || value === 'no' ? undefined : say('须为 yes 或 no', 'expected yes or no')),
  },
  threads: {
    name: 'TONGREN_THREADS',
    about:
      'other threads that walk the documents of batches and of many files, each in some 100 MB of memory; cores: one less than there are cores',
    fallback: 'cores',
    check: (value) =>
      value === 'cores' || (/^\d{1,2}$/.test(value) && Number(value) <= MOST_THREADS)
        ? undefined
        : say(`须为 cores，或 0 至 ${MOST_THREADS} 的数`, `expected cores, or a number from 0 to ${MOST_THREADS}`),
  },
  core: {
    name: 'TONGREN_CORE',
    about:
      'who checks P-256 and SM2 signatures; alone: the WebAssembly core; judged: a second, slower check as well, and both must agree; none: that second check only',
    fallback: 'alone',
    check: oneOf(CORE_USES),
  },
  logLevel: {
    name: 'TONGREN_LOG_LEVEL',
    about: `one of ${LEVELS.join(', ')}`,
    fallback: 'info',
    check: oneOf(LEVELS),
  },
} as const satisfies Record<string, Setting>;
