import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { validateSystems } from '../../src/document/generated/validators.js';
import { gatewaySystemKeys } from '../../src/federation/system-keys.node.ts';
import { readKeys } from '../../src/http/keys.ts';
import { systemsOf } from '../../src/region/systems.ts';
import { inside } from '../support/cli.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const make = (...more: string[]) => inside(['keys', 'new', '--id', 'g2-lanes', ...more]);

describe('tongren keys system', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tongren-keys-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const env = { TONGREN_EXCHANGE_KEYS: join(folder, 'gateway', 'keys.json') };

  it('shows public halves only, the same each time, and keeps the keys for this user alone', async () => {
    const { exit, out, err } = await inside(['keys', 'system'], { env });
    expect(exit).toBe(0);
    expect((await inside(['keys', 'system'], { env })).out).toBe(out);
    const list = JSON.parse(out);
    expect(validateSystems(list)).toBe(true);
    expect(out).not.toMatch(/"d"|PRIVATE/);
    expect(err).toContain('regions/310000/systems.json');
    expect(statSync(env.TONGREN_EXCHANGE_KEYS).mode & 0o777).toBe(0o600);
    const source = { region: '310000', file: 'f', list, expires: Number.POSITIVE_INFINITY };
    const { systems, rejected } = systemsOf([source], nodePlatform);
    expect(rejected).toEqual([]);
    const { signer } = await gatewaySystemKeys(env.TONGREN_EXCHANGE_KEYS, '310000');
    expect(systems.key(signer.keyId, Date.now())?.system.name).toBe('310000/gateway');
  });

  it('does not take the keys of another region', async () => {
    const { exit, err } = await inside(['keys', 'system'], { env: { ...env, TONGREN_REGION: '320000' } });
    expect(exit).toBe(64);
    expect(err).toContain('another region');
  });
});

describe('tongren keys new', () => {
  it('prints the key, and the row that lets its holder in', async () => {
    const { exit, out, err } = await make('--scopes', 'verify,record');
    expect(exit).toBe(0);
    const [key, row, end] = out.split('\n');
    expect([key, end]).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{43}$/), '']);
    expect(row).not.toContain(key);
    const caller = readKeys(bytes(`[${row}]`)).find(key!, Date.now());
    expect(caller).toEqual({ id: 'g2-lanes', scopes: new Set(['verify', 'record']), perMinute: 600 });
    // The key is for whoever redirects the output, and stands in no hint.
    expect(err).not.toContain(key);
    expect(err).toContain('TONGREN_API_KEYS');
  });

  it('says in the row what the key is bound to', async () => {
    const { out } = await make(
      ...['--scopes', 'verify', '--purposes', 'checkpoint,counter', '--regions', '310000', '--per-minute', '60'],
      ...['--not-after', '2027-01-01T00:00:00Z', '--json'],
    );
    const { key, row } = JSON.parse(out);
    expect(row).toMatchObject({ purposes: ['checkpoint', 'counter'], regions: ['310000'], perMinute: 60 });
    const ring = readKeys(bytes(JSON.stringify([row])));
    expect(ring.find(key, Date.parse('2026-12-31T23:59:59Z'))).toMatchObject({
      purposes: new Set(['checkpoint', 'counter']),
    });
    expect(ring.find(key, Date.parse('2027-01-01T00:00:00Z'))).toBeUndefined();
  });

  it('never makes the same twice', async () => {
    const keys = [await make('--scopes', 'verify'), await make('--scopes', 'verify')].map(
      ({ out }) => out.split('\n')[0],
    );
    expect(keys[0]).not.toBe(keys[1]);
  });

  test.each([
    [['--scopes', 'all'], '--scopes'],
    [['--scopes', 'verify,verify'], '--scopes'],
    [['--scopes', 'verify', '--per-minute', '0'], '--per-minute'],
    [['--scopes', 'verify', '--per-minute', 'many'], '--per-minute'],
    [['--scopes', 'verify', '--regions', 'shanghai'], '--regions'],
    [['--scopes', 'verify', '--not-after', '2027-02-30T00:00:00Z'], '--not-after'],
    [['--scopes', 'verify', '--not-after', 'tomorrow'], '--not-after'],
    [['--scopes', 'verify', '--id', 'Zhang San'], '--id'],
    [['--scopes', 'verify', '--id', '330000/dispatch'], '--id'],
    [[], '--scopes'],
  ])('%j is a mistake, and no key is shown', async (options, named) => {
    const { exit, out, err } = await make(...options);
    expect([exit, out]).toEqual([64, '']);
    expect(err).toContain(named);
  });
});
