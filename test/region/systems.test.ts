import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { decodeBase64 } from '../../src/codec/base64url.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { SystemKeysFile, SystemList } from '../../src/document/generated/types.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { systemKeysOf } from '../../src/federation/system-keys.node.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { DECLARATIONS, readFolder } from '../../src/region/folder.node.ts';
import { laneWants } from '../../src/region/lane.ts';
import { systemsOf } from '../../src/region/systems.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const FILE = 'regions/330000/systems.json';
let store: Map<string, Uint8Array>;
let systems: SystemKeysFile[];

beforeAll(async () => {
  ({ store, systems } = await mint(await readFolder(DECLARATIONS), NOW));
}, 60_000);

const keysOf = (name: string) => systemKeysOf(systems.find(({ system }) => system === name)!);
const listIn = (files: ReadonlyMap<string, Uint8Array>): SystemList =>
  JSON.parse(Buffer.from(files.get(FILE)!).toString());
const withList = (list: unknown) => new Map(store).set(FILE, new Uint8Array(Buffer.from(JSON.stringify(list))));
const spki = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('base64');

describe('the systems of the reference federation', () => {
  it('are known by the key that each of them holds, under the region that lists them', async () => {
    const federation = loadFederation(store, nodePlatform);
    const names = [
      ...['310000', '320000', '330000', '340000'].flatMap((region) => [`${region}/consents`, `${region}/gateway`]),
      '330000/kiosk-1',
    ].sort();
    expect(systems.map(({ system }) => system).sort()).toEqual(names);
    for (const name of names) {
      const { signer, region } = keysOf(name);
      const found = federation.systems.key(signer.keyId, NOW)!;
      expect(found.system).toMatchObject({ name, region });
      const data = new TextEncoder().encode('a request');
      expect(found.verify(data, await signer.sign(data))).toBe(true);
    }
    expect(new Set(names.map((name) => keysOf(name).signer.algorithm))).toEqual(new Set(['ES256', 'EdDSA', 'SM2-SM3']));
  });

  it('hold what opens bodies for their region, and publish no private half', () => {
    const federation = loadFederation(store, nodePlatform);
    for (const region of ['310000', '320000', '330000', '340000']) {
      const [published] = federation.systems.encryption(region, NOW);
      expect(keysOf(`${region}/gateway`).decryption.map(({ kid }) => kid)).toEqual([published!.kid]);
      expect(Buffer.from(store.get(`regions/${region}/systems.json`)!).toString()).not.toMatch(/"d"|PRIVATE/);
    }
    expect(federation.systems.encryption('110000', NOW)).toEqual([]);
  });

  it('are no business of a desk', () => {
    expect(laneWants({ region: '330000' })(FILE)).toBe(false);
  });
});

describe('a list of systems', () => {
  it('at fault is rejected alone', () => {
    const federation = loadFederation(withList({ systems: [{ id: 'x' }] }), nodePlatform);
    expect(federation.rejected.map(({ file }) => file)).toEqual([FILE]);
    expect(federation.regions.has('330000')).toBe(true);
    expect(federation.systems.key(keysOf('330000/kiosk-1').signer.keyId, NOW)).toBeUndefined();
    expect(federation.systems.key(keysOf('310000/gateway').signer.keyId, NOW)).toBeDefined();
  });

  test.each<[string, string, string]>([
    ['RSA', spki(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey), 'requests are not signed with RSA'],
    ['P-384', spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), 'requests are not signed with P-384'],
    ['no key', 'AAAA', ''],
    ['no base64', '!', ''],
  ])('with a key that is %s loses that key and nothing else', (_, wrong, reason) => {
    const list = listIn(store);
    list.systems[1]!.keys!.unshift({ spki: wrong });
    const federation = loadFederation(withList(list), nodePlatform);
    expect(federation.rejected).toHaveLength(1);
    expect(federation.rejected[0]).toMatchObject({ file: FILE, at: '/systems/1/keys/0' });
    expect(federation.rejected[0]!.reason).toContain(reason);
    expect(federation.systems.key(keysOf('330000/kiosk-1').signer.keyId, NOW)).toBeDefined();
  });

  it('says from when and until when a key counts', () => {
    const list = listIn(store);
    Object.assign(list.systems[1]!.keys![0]!, { notBefore: '2026-05-01T00:00:00Z', notAfter: '2026-07-01T00:00:00Z' });
    const { systems: callers } = loadFederation(withList(list), nodePlatform);
    const { keyId } = keysOf('330000/kiosk-1').signer;
    const at = (text: string) => callers.key(keyId, Date.parse(text)) !== undefined;
    expect(
      ['2026-04-30T23:59:59Z', '2026-05-01T00:00:00Z', '2026-06-30T23:59:59Z', '2026-07-01T00:00:00Z'].map(at),
    ).toEqual([false, true, true, false]);
  });

  it('names systems of its own region only, whatever it says', () => {
    const list = listIn(store);
    const [gateway] = JSON.parse(Buffer.from(store.get('regions/310000/systems.json')!).toString()).systems;
    list.systems = [gateway];
    const { systems: callers } = loadFederation(withList(list), nodePlatform);
    const { keyId } = keysOf('310000/gateway').signer;
    expect(callers.key(keyId, NOW)?.system.region).toBe('310000');
    // Under its own name the key of another: whoever signs so has to hold that key, and is a system of 330000 then.
    expect(callers.key(keyId.replace('310000', '330000'), NOW)?.system.region).toBe('330000');
  });

  it('of a guest is refused: nobody of it calls', () => {
    const files = new Map(store).set('regions/x-shc/systems.json', store.get(FILE)!);
    const federation = loadFederation(files, nodePlatform);
    expect(federation.rejected).toEqual([
      { file: 'regions/x-shc/systems.json', at: '', reason: 'only members have systems that call' },
    ]);
  });

  it('with a certificate that another has as well: neither is known by it', () => {
    const { systems: callers } = loadFederation(store, nodePlatform);
    const [certificate] = listIn(store).systems[1]!.certificates!;
    const der = decodeBase64(certificate!);
    expect(callers.certificate(der, NOW)?.name).toBe('330000/kiosk-1');
    const thief = 'regions/320000/systems.json';
    const list = { systems: [{ ...listIn(store).systems[1]!, id: 'thief' }] };
    const files = new Map(store).set(thief, new Uint8Array(Buffer.from(JSON.stringify(list))));
    const doubled = loadFederation(files, nodePlatform);
    expect(doubled.systems.certificate(der, NOW)).toBeUndefined();
    expect(doubled.rejected.map(({ reason }) => reason)).toEqual([
      'another system has this certificate: neither is known by it',
    ]);
  });

  it('whose signature has run out names nobody: a key taken out since may have been kept from us', () => {
    const source = { region: '330000', file: FILE, list: listIn(store), expires: NOW + 1000 };
    const { systems: callers } = systemsOf([source], nodePlatform);
    const { keyId } = keysOf('330000/kiosk-1').signer;
    expect(callers.key(keyId, NOW + 999)).toBeDefined();
    expect(callers.key(keyId, NOW + 1000)).toBeUndefined();
    expect(callers.encryption('330000', NOW + 1000)).toEqual([]);
  });

  test.each([
    ['a point off the curve', { kid: 'k', kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    ['no y', { kid: 'k', kty: 'EC', crv: 'P-256', x: 'A'.repeat(43) }],
    [
      'kty and crv that contradict each other',
      { kid: 'k', kty: 'OKP', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) },
    ],
  ])('offers no encryption under %s', (_, key) => {
    const { systems: callers, rejected } = systemsOf(
      [{ region: '330000', file: FILE, list: { systems: [], encryption: [key as never] }, expires: Infinity }],
      nodePlatform,
    );
    expect(rejected).toMatchObject([{ file: FILE, at: '/encryption/0' }]);
    expect(callers.encryption('330000', NOW)).toEqual([]);
  });

  it('stays in force as it was while it is at fault, and a key taken out is gone though the manifest be at fault', () => {
    const { keyId } = keysOf('330000/kiosk-1').signer;
    const lastGood = () => new Map([...store].filter(([file]) => file.startsWith('regions/330000/')));
    const faulty = loadFederation(withList({}), nodePlatform, { lastGood });
    expect(faulty.systems.key(keyId, NOW)).toBeDefined();
    const list = listIn(store);
    list.systems = list.systems.filter(({ id }) => id !== 'kiosk-1');
    const beside = withList(list).set('regions/330000/agreements.json', new Uint8Array([0]));
    const removed = loadFederation(beside, nodePlatform, { lastGood });
    expect(removed.faulty).toContain('330000');
    expect(removed.systems.key(keyId, NOW)).toBeUndefined();
    expect(removed.systems.key(keysOf('330000/gateway').signer.keyId, NOW)).toBeDefined();
  });
});
