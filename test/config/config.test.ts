import { describe, expect, it, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';
import { isLoopback, SETTINGS } from '../../src/settings.ts';

const KEYS = { TONGREN_API_KEYS: 'keys.json' };
const wrong = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

describe('the configuration', () => {
  it('is safe where nothing is said: this machine only, no keys, limits', () => {
    expect(readConfig({})).toEqual({
      store: 'var/store',
      root: undefined,
      pollSeconds: 20,
      region: '310000',
      purpose: 'checkpoint',
      host: '127.0.0.1',
      port: 8080,
      apiKeys: undefined,
      allowedHosts: ['localhost'],
      perMinute: 600_000,
      database: 'var/tongren.sqlite',
      logLevel: 'info',
      ocspHosts: [],
      exchangeHosts: new Map(),
      fast: false,
      threads: expect.any(Number),
      core: 'alone',
      exchangeSecret: 'var/gateway/exchange.key',
      conversionKeys: 'var/gateway/conversion-keys.json',
      exchangeKeys: 'var/gateway/exchange-keys.json',
      systemsPerMinute: 6000,
      trustedProxies: [],
      tlsKey: undefined,
      tlsCert: undefined,
    });
  });

  it('takes an empty setting for none', () => {
    const empty = Object.fromEntries(Object.values(SETTINGS).map(({ name }) => [name, '']));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });

  it('has a default for every setting that passes its own check, and a name of its own', () => {
    for (const { name, fallback, check, about } of Object.values(SETTINGS)) {
      expect(name).toMatch(/^TONGREN_[A-Z_]+$/);
      expect(check(fallback)).toBeUndefined();
      expect(about).not.toBe('');
    }
    expect(new Set(Object.values(SETTINGS).map(({ name }) => name)).size).toBe(Object.keys(SETTINGS).length);
  });

  it('knows every setting by its name: one that is misspelled is none', () => {
    expect(wrong({ TONGREN_PURPSOE: 'counter', TONGREN_PORT: '8081', TONG: 'x', PATH: '/bin' })).toBe(
      'TONGREN_PURPSOE: no such setting',
    );
  });

  it('says in Chinese as well what is wrong, whatever it is', () => {
    const bad = '?? ,, ::';
    for (const { name, check } of Object.values(SETTINGS)) {
      const fault = check(bad);
      if (fault !== undefined) expect([name, fault.zh]).toEqual([name, expect.stringMatching(/^须为 ?.+/)]);
    }
    expect(() => readConfig({ TONGREN_PURPSOE: 'counter', TONGREN_TLS_KEY: 'key.pem' })).toThrow(
      expect.objectContaining({
        said: expect.objectContaining({
          zh: 'TONGREN_TLS_KEY 和 TONGREN_TLS_CERT 须同时设置；TONGREN_PURPSOE：没有这个变量',
        }),
      }),
    );
  });

  it('names everything that is wrong at once', () => {
    const said = wrong({ TONGREN_PORT: '70000', TONGREN_REGION: 'shanghai', TONGREN_LOG_LEVEL: 'loud' });
    expect(said.split('\n').map((line) => line.split(':')[0])).toEqual([
      'TONGREN_REGION',
      'TONGREN_PORT',
      'TONGREN_LOG_LEVEL',
    ]);
  });

  test.each<[string, string, boolean]>([
    ['TONGREN_PORT', '0', true],
    ['TONGREN_PORT', '65535', true],
    ['TONGREN_PORT', '65536', false],
    ['TONGREN_PORT', '-1', false],
    ['TONGREN_PORT', '80a', false],
    ['TONGREN_PER_MINUTE', '1', true],
    ['TONGREN_PER_MINUTE', '0', false],
    ['TONGREN_PER_MINUTE', '1e3', false],
    ['TONGREN_PER_MINUTE', '100000000', false],
    ['TONGREN_REGION', 'x-eu-dcc', true],
    ['TONGREN_HOST', 'local host', false],
    ['TONGREN_HOST', 'http://localhost', false],
    ['TONGREN_HOST', '127.0.0.1:80', false],
    ['TONGREN_SYSTEMS_PER_MINUTE', '0', false],
    ['TONGREN_SYSTEMS_PER_MINUTE', '60', true],
    ['TONGREN_TRUSTED_PROXIES', 'proxy.example', false],
    ['TONGREN_TRUSTED_PROXIES', '10.0.0.0/0', false],
  ])('%s=%s: %s', (name, value, right) => {
    expect(wrong({ [name]: value }) === '').toBe(right);
  });

  it('never quotes a value: an address of a database holds its password', () => {
    for (const { name } of Object.values(SETTINGS))
      expect(wrong({ [name]: 'se cret@://[:99999' })).not.toContain('se cret');
  });
});

describe('who may reach a gateway', () => {
  test.each(['0.0.0.0', '::', '10.0.0.5', '192.0.2.1', 'gateway.example', '127.0.0.2', '::ffff:127.0.0.1'])(
    '%s is listened on only with keys, and it says what to do',
    (TONGREN_HOST) => {
      const said = wrong({ TONGREN_HOST });
      expect(said).toMatch(/^TONGREN_HOST: .*TONGREN_API_KEYS.*tongren keys new/);
      expect(readConfig({ TONGREN_HOST, ...KEYS, TONGREN_ALLOWED_HOSTS: 'gateway.example' }).host).toBe(TONGREN_HOST);
    },
  );

  test.each(['127.0.0.1', '::1', 'localhost', 'LOCALHOST'])('%s is listened on without', (TONGREN_HOST) => {
    expect(readConfig({ TONGREN_HOST }).host).toBe(TONGREN_HOST);
    expect(isLoopback(TONGREN_HOST)).toBe(true);
  });

  it('other names than loopback’s need keys: something that passes requests on stands behind them', () => {
    const TONGREN_ALLOWED_HOSTS = 'gateway.example, 10.0.0.5,[2001:DB8::1]';
    expect(wrong({ TONGREN_ALLOWED_HOSTS })).toMatch(/^TONGREN_ALLOWED_HOSTS: .*TONGREN_API_KEYS/);
    expect(readConfig({ TONGREN_ALLOWED_HOSTS, ...KEYS }).allowedHosts).toEqual([
      'gateway.example',
      '10.0.0.5',
      '[2001:db8::1]',
    ]);
  });

  it('a proxy names certificates only where everybody else needs a key: whoever comes through it is on this machine', () => {
    const TONGREN_TRUSTED_PROXIES = '127.0.0.1, 10.0.0.0/8';
    expect(wrong({ TONGREN_TRUSTED_PROXIES })).toMatch(/^TONGREN_TRUSTED_PROXIES: .*TONGREN_API_KEYS/);
    expect(readConfig({ TONGREN_TRUSTED_PROXIES, ...KEYS }).trustedProxies).toEqual(['127.0.0.1', '10.0.0.0/8']);
  });

  it('TLS needs key and certificate', () => {
    const both = { TONGREN_TLS_KEY: 'key.pem', TONGREN_TLS_CERT: 'cert.pem' };
    expect(readConfig(both)).toMatchObject({ tlsKey: 'key.pem', tlsCert: 'cert.pem' });
    for (const name of ['TONGREN_TLS_KEY', 'TONGREN_TLS_CERT'] as const)
      expect(wrong({ [name]: both[name] })).toBe('TONGREN_TLS_KEY and TONGREN_TLS_CERT: one needs the other');
  });

  it('a gateway that nobody could reach by name is no gateway', () => {
    expect(wrong({ TONGREN_HOST: '0.0.0.0', ...KEYS })).toMatch(/^TONGREN_ALLOWED_HOSTS: /);
    expect(readConfig({ ...KEYS }).apiKeys).toBe('keys.json');
  });

  test.each(['gateway.example:443', 'http://gateway.example', 'a,,b', '2001:db8::1', '[1]', '*', 'gate way', '张三'])(
    '"%s" is no list of names',
    (TONGREN_ALLOWED_HOSTS) => {
      expect(wrong({ TONGREN_ALLOWED_HOSTS, ...KEYS })).toMatch(/^TONGREN_ALLOWED_HOSTS: expected/);
    },
  );
});
