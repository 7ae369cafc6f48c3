/** The environment, validated once. Every setting has a name, a meaning and a default that is safe. */
export interface Config {
  /** Folder of the trust store that the gateway reads. */
  readonly store: string;
  /** The verifying region where a request names none. */
  readonly region: string;
  readonly purpose: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  /** File of the gateway's own conversion keys; made when it is first needed. */
  readonly conversionKeys: string;
}

interface Setting {
  readonly name: string;
  readonly about: string;
  readonly fallback: string;
  /** Says what is wrong with a value, or undefined. */
  check(value: string): string | undefined;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** All settings, one row each. */
export const SETTINGS: Readonly<Record<keyof Config, Setting>> = {
  store: { name: 'TONGREN_STORE', about: 'folder of the trust store', fallback: 'var/store', check: () => undefined },
  region: {
    name: 'TONGREN_REGION',
    about: 'verifying region where none is named',
    fallback: '310000',
    check: (value) => (/^([0-9]{6}|x-[a-z0-9-]+)$/.test(value) ? undefined : 'expected six digits (GB/T 2260)'),
  },
  purpose: {
    name: 'TONGREN_PURPOSE',
    about: 'purpose where none is named',
    fallback: 'checkpoint',
    check: () => undefined,
  },
  host: {
    name: 'TONGREN_HOST',
    about: 'address to listen on; callers are not authenticated yet, so loopback only',
    fallback: '127.0.0.1',
    check: (value) =>
      LOOPBACK.includes(value) ? undefined : 'only loopback addresses until callers are authenticated',
  },
  port: {
    name: 'TONGREN_PORT',
    about: 'port to listen on',
    fallback: '8080',
    check: (value) => (/^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? undefined : 'expected a port number'),
  },
  conversionKeys: {
    name: 'TONGREN_CONVERSION_KEYS',
    about: "file of the gateway's own conversion keys; made when first needed",
    fallback: 'var/gateway/conversion-keys.json',
    check: () => undefined,
  },
  logLevel: {
    name: 'TONGREN_LOG_LEVEL',
    about: `one of ${LEVELS.join(', ')}`,
    fallback: 'info',
    check: (value) => (LEVELS.includes(value) ? undefined : `expected one of ${LEVELS.join(', ')}`),
  },
};

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** In: the environment. Out: the configuration. Errors: ConfigError naming every setting that is wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const wrong: string[] = [];
  const text = (key: keyof Config): string => {
    const { name, fallback, check } = SETTINGS[key];
    const value = env[name] || fallback;
    const fault = check(value);
    if (fault !== undefined) wrong.push(`${name}: ${fault}`);
    return value;
  };
  const config: Config = {
    store: text('store'),
    region: text('region'),
    purpose: text('purpose'),
    host: text('host'),
    port: Number(text('port')),
    logLevel: text('logLevel'),
    conversionKeys: text('conversionKeys'),
  };
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  return config;
}
