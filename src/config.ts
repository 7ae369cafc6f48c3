import { availableParallelism } from 'node:os';
import type { CoreUse } from './crypto/core/use.ts';
import type { Localized } from './document/generated/types.ts';
import { say } from './document/say.ts';
import { type ReachableHosts, readHosts } from './exchange/address.ts';
import { BESIDE, faultOfHosts, isLoopback, listOf, MOST_THREADS, NONE, SETTINGS, type Setting } from './settings.ts';

/** The environment, validated once. Every setting has a name, a meaning and a default that is safe. */
export interface Config {
  /** Folder of the trust store, or addresses of a published one, separated by commas. */
  readonly store: string;
  /** File with the root that a signed store begins with; undefined: beside the store. */
  readonly root: string | undefined;
  /** Seconds between two looks for a newer store, on average. */
  readonly pollSeconds: number;
  /** The verifying region where a request names none. */
  readonly region: string;
  readonly purpose: string;
  readonly host: string;
  readonly port: number;
  /** File of callers' keys, as digests; undefined if there is none, and then only this machine is served. */
  readonly apiKeys: string | undefined;
  /** Names under which the gateway is called, beside those of loopback; lower case, IPv6 addresses in brackets. */
  readonly allowedHosts: readonly string[];
  /** What this machine's callers may ask for in a minute where there are no keys. */
  readonly perMinute: number;
  /** Where receipts are kept: a SQLite file or a postgres:// address. */
  readonly database: string;
  /** How long receipts, uses and objections are kept; undefined: for ever. */
  readonly keepDays: number | undefined;
  /** How long what a genuine document says may stay in memory; undefined: it does not. */
  readonly keepOpenedSeconds: number | undefined;
  readonly logLevel: string;
  /** Hosts of OCSP responders that may be asked; lower case. */
  readonly ocspHosts: readonly string[];
  /** Hosts of regions' systems that may be asked, and the addresses at which the operator reaches them. */
  readonly exchangeHosts: ReachableHosts;
  /** File of the key under which exchanges are sealed for the minutes they are kept; made when it is first needed. */
  readonly exchangeSecret: string;
  /** File of the gateway's own conversion keys; made when it is first needed. */
  readonly conversionKeys: string;
  /** File of the gateway's own keys as a system of its region; made when it is first needed. */
  readonly exchangeKeys: string;
  /** Most that a region's system may ask for in a minute, whatever its region says. */
  readonly systemsPerMinute: number;
  /** Addresses and blocks of proxies that may name the certificates of their callers. */
  readonly trustedProxies: readonly string[];
  /** Files of private key and certificates, PEM; undefined where no TLS is spoken. */
  readonly tlsKey: string | undefined;
  readonly tlsCert: string | undefined;
  /** Plain requests of the hot route are answered before Node’s HTTP and Express see them. */
  readonly fast: boolean;
  /** Other threads that walk the documents of batches. */
  readonly threads: number;
  /** How the WebAssembly core is used. */
  readonly core: CoreUse;
}

/** A setting that is at fault has been noted by then. */
const hostsIn = (text: string): ReachableHosts =>
  text === NONE || faultOfHosts(text) !== undefined ? new Map() : readHosts(text);

/** The one setting that holds for whatever a command does. Errors: ConfigError. */
export function coreUseIn(env: Readonly<Record<string, string | undefined>>): CoreUse {
  const { name } = SETTINGS.core;
  return readConfig({ [name]: env[name] }).core;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly said: Localized;
  constructor(said: Localized) {
    super(said.en);
    this.said = said;
  }
}

/** In: the environment. Out: the configuration. Errors: ConfigError naming every setting that is wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const wrong: Localized[] = [];
  const text = (key: keyof typeof SETTINGS): string => {
    const { name, fallback, check }: Setting = SETTINGS[key];
    const value = env[name] || fallback;
    const fault = check(value);
    if (fault !== undefined) wrong.push(say(`${name}：${fault.zh}`, `${name}: ${fault.en}`));
    return value;
  };
  const root = text('root');
  const config: Config = {
    store: text('store'),
    root: root === BESIDE ? undefined : root,
    pollSeconds: Number(text('pollSeconds')),
    region: text('region'),
    purpose: text('purpose'),
    host: text('host'),
    port: Number(text('port')),
    apiKeys: unlessNone(text('apiKeys')),
    allowedHosts: listOf(text('allowedHosts')),
    perMinute: Number(text('perMinute')),
    database: text('database'),
    keepDays: countIn(text('keepDays')),
    keepOpenedSeconds: countIn(text('keepOpenedSeconds')),
    logLevel: text('logLevel'),
    ocspHosts: listOf(text('ocspHosts')).filter((name) => name !== NONE),
    exchangeHosts: hostsIn(text('exchangeHosts')),
    exchangeSecret: text('exchangeSecret'),
    conversionKeys: text('conversionKeys'),
    exchangeKeys: text('exchangeKeys'),
    systemsPerMinute: Number(text('systemsPerMinute')),
    trustedProxies: listOf(text('trustedProxies')).filter((each) => each !== NONE),
    tlsKey: unlessNone(text('tlsKey')),
    tlsCert: unlessNone(text('tlsCert')),
    fast: text('fast') === 'yes',
    threads: threadsIn(text('threads')),
    core: text('core') as CoreUse,
  };
  wrong.push(...faultsTogether(config), ...unknownIn(env));
  if (wrong.length > 0)
    throw new ConfigError(say(wrong.map(({ zh }) => zh).join('；'), wrong.map(({ en }) => en).join('\n')));
  return config;
}

/** A name that is misspelled would leave its setting as it is, without a word. */
function unknownIn(env: Readonly<Record<string, string | undefined>>): Localized[] {
  const known = new Set<string>(Object.values(SETTINGS).map(({ name }) => name));
  return Object.keys(env)
    .filter((name) => name.startsWith('TONGREN_') && !known.has(name))
    .map((name) => say(`${name}：没有这个变量`, `${name}: no such setting`));
}

const threadsIn = (value: string): number =>
  value === 'cores' ? Math.min(MOST_THREADS, availableParallelism() - 1) : Number(value);
const countIn = (value: string): number | undefined => (value === NONE ? undefined : Number(value));
const unlessNone = (value: string): string | undefined => (value === NONE ? undefined : value);

function faultsTogether(config: Config): Localized[] {
  const { tlsKey, tlsCert } = config;
  const half = (tlsKey === undefined) !== (tlsCert === undefined);
  return [
    ...faultsOfReach(config),
    ...(half
      ? [
          say(
            'TONGREN_TLS_KEY 和 TONGREN_TLS_CERT 须同时设置',
            'TONGREN_TLS_KEY and TONGREN_TLS_CERT: one needs the other',
          ),
        ]
      : []),
  ];
}

/** What no setting shows by itself: who may reach the gateway, and whether anybody could. */
function faultsOfReach({ host, apiKeys, allowedHosts, trustedProxies: proxies }: Config): Localized[] {
  const named = allowedHosts.some((name) => !isLoopback(name));
  if (apiKeys === undefined) {
    return [
      ...(isLoopback(host)
        ? []
        : [
            say(
              'TONGREN_HOST：要在本机之外提供服务，调用方须有密钥：请设置 TONGREN_API_KEYS（tongren keys new）',
              'TONGREN_HOST: beyond loopback only callers with keys are served: set TONGREN_API_KEYS (tongren keys new)',
            ),
          ]),
      ...(named
        ? [
            say(
              'TONGREN_ALLOWED_HOSTS：使用其他主机名的调用方须有密钥：请设置 TONGREN_API_KEYS',
              'TONGREN_ALLOWED_HOSTS: other names are served only to callers with keys: set TONGREN_API_KEYS',
            ),
          ]
        : []),
      // Whoever comes through it is on this machine then, and would be its operator.
      ...(proxies.length === 0
        ? []
        : [
            say(
              'TONGREN_TRUSTED_PROXIES：经代理来的调用方都须表明身份：请设置 TONGREN_API_KEYS',
              'TONGREN_TRUSTED_PROXIES: behind a proxy everybody has to say who they are: set TONGREN_API_KEYS',
            ),
          ]),
    ];
  }
  if (isLoopback(host) || named) return [];
  return [
    say(
      'TONGREN_ALLOWED_HOSTS：请写明调用方访问 TONGREN_HOST 所用的主机名，否则每个请求都会被拒绝',
      'TONGREN_ALLOWED_HOSTS: name the hosts under which callers reach TONGREN_HOST, or every request is refused',
    ),
  ];
}
