import { createSign, generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/codec/base64url.ts';
import { pairSigner, writeCertificate } from '../../src/codec/certificate-writer.ts';
import { pemFromDer } from '../../src/codec/pem.ts';
import { keyThumbprint, keyToJwk, spkiFromKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { validateIssuers } from '../../src/document/generated/validators.js';
import { instantOf } from '../../src/document/time.ts';
import { selfIssued } from '../../src/federation/authority.node.ts';
import { mintIssuer } from '../../src/federation/issuers.node.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { newSystemKeys, publicPartsOf } from '../../src/federation/system-keys.node.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { inside, temporary, tongren } from '../support/cli.ts';

const { folder, write, remove } = temporary();
afterAll(remove);

const { entry } = await mintIssuer({
  name: 'a',
  title: { zh: '甲', en: 'A' },
  algorithm: 'ES256',
  container: 'certificate',
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2099-01-01T00:00:00Z',
});
const owner = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: typeof owner.publicKey): string => key.export({ format: 'pem', type: 'spki' }) as string;
const body = JSON.stringify({
  certificates: [
    {
      certificateType: 'DSC',
      country: 'AT',
      kid: Buffer.from(entry.keyId, 'base64url').toString('base64'),
      rawData: entry.certificate,
    },
    { certificateType: 'CSCA' },
  ],
});
const signature = createSign('sha256')
  .update(body)
  .sign({ key: owner.privateKey, dsaEncoding: 'ieee-p1363' })
  .toString('base64');

const list = write('list.json', `${signature}\n${body}`);
const altered = write('altered.json', `${signature}\n${body.replace('AT', 'DE')}`);
const key = write('key.pem', spki(owner.publicKey));
const wrongKey = write('wrong.pem', spki(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey));
const store = join(folder, 'store');
const bring = (path: string, ...more: string[]) =>
  inside(['trust', 'import', 'dcc-dsc-list', path, '--region', 'x-eu-dcc', '--store', store, ...more]);

describe('trust import', () => {
  it.each<[string, () => ReturnType<typeof bring>, string]>([
    [
      'signed by another key',
      () => bring(list, '--key', wrongKey, '--apply'),
      'error: list: its signature does not match',
    ],
    ['that was altered', () => bring(altered, '--key', key, '--apply'), 'error: list: its signature does not match'],
    ['without its key', () => bring(list, '--apply'), 'error: key: the list is signed: name the public key'],
    ['that is not there', () => bring(join(folder, 'none.json'), '--key', key, '--apply'), 'there is no such file'],
    [
      'whose key is not there',
      () => bring(list, '--key', join(folder, 'none.pem'), '--apply'),
      'there is no such file',
    ],
    [
      'of a kind nobody knows',
      () => inside(['trust', 'import', 'excel', list, '--region', 'x-eu-dcc', '--store', store]),
      'no kind of list "excel"',
    ],
    [
      'for a region outside the store',
      () => bring(list, '--key', key, '--region', '../../etc', '--apply'),
      '--region: six digits',
    ],
    [
      'under a name outside the pack',
      () => bring(list, '--key', key, '--name', '../x', '--apply'),
      '--name: small letters',
    ],
    [
      'for a region that the store does not have',
      () => bring(list, '--key', key, '--region', 'x-none', '--apply'),
      'the store has no region x-none',
    ],
  ])('a list %s is refused with 64, and nothing is written', async (_name, run, message) => {
    const { exit, err } = await run();
    expect([exit, err]).toEqual([64, expect.stringContaining(message)]);
    expect(existsSync(store)).toBe(false);
  });

  it('without --apply says what it would do, and writes nothing', async () => {
    const { exit, out, err } = await bring(list, '--key', key);
    expect([exit, out, err]).toEqual([
      0,
      expect.stringContaining('1 issuers, list signature good'),
      expect.stringContaining('nothing was written; --apply writes regions/x-eu-dcc/issuers/imported.json'),
    ]);
    expect(out).toContain('left out: key undefined: entry: not a document signer');
    expect(existsSync(store)).toBe(false);
  });

  it('with --apply writes a list that fits its schema, into a store without any other issuer, and no half files', async () => {
    const { exit, out } = await bring(list, '--key', key, '--apply', '--json');
    expect([exit, JSON.parse(out)]).toEqual([0, expect.objectContaining({ issuers: 1, applied: true })]);
    const written = JSON.parse(readFileSync(join(store, 'regions/x-eu-dcc/issuers/imported.json'), 'utf8')) as object;
    expect([validateIssuers(written), validateIssuers.errors]).toEqual([true, null]);
    const files = readdirSync(store, { recursive: true }) as string[];
    expect(files.filter((file) => /\.new$|recipe/.test(file))).toEqual([]);
    expect(files.filter((file) => /issuers.*json$/.test(file))).toEqual(['regions/x-eu-dcc/issuers/imported.json']);
    const status = await inside(['trust', 'status', '--store', store, '--json']);
    expect(JSON.parse(status.out)).toMatchObject({ issuers: 1, rejected: [] });
  });
});

describe('trust import certificates', () => {
  it('tells what their issuers did not do as RFC 5280 asks, and imports them', async () => {
    const fields = { notBefore: 0, notAfter: Date.UTC(2090, 0, 1), keyUsage: 33, serial: new Uint8Array(22).fill(7) };
    const made = mintKey('ES256');
    const name = { organization: 'Tests', commonName: 'Long number' };
    const der = writeCertificate(
      { ...fields, issuer: name, subject: name, spki: spkiFromKey(made.publicKey) },
      pairSigner('1.2.840.10045.4.3.2', made.sign),
    );
    const path = write('long.pem', pemFromDer(der, 'CERTIFICATE'));
    const imports = (...more: string[]) =>
      inside(['trust', 'import', 'certificates', path, '--region', 'x-eu-dcc', '--store', store, ...more]);
    const { exit, out } = await imports('--json');
    const { profile, issuers } = JSON.parse(out) as { profile: { fault: string; count: number }[]; issuers: number };
    expect([exit, issuers]).toEqual([0, 1]);
    expect(profile.map(({ fault, count }) => [fault.slice(0, 24), count])).toEqual([
      ['serial number is negativ', 1],
      ['key usage says that it s', 1],
    ]);
    expect((await imports()).out).toContain('not made by RFC 5280, imported all the same: 1 × serial number');
  });
});

describe('trust status', () => {
  it('tells each key of which something is said, and how much of the store was taken over', async () => {
    const own = write('states/federation.json', readFileSync(join(store, 'federation.json'), 'utf8'));
    write('states/catalogue.json', readFileSync(join(store, 'catalogue.json'), 'utf8'));
    const manifest = { region: 'x-states', name: { zh: '甲', en: 'A' }, issues: ['vehicle-pass'] };
    write('states/regions/x-states/region.json', JSON.stringify(manifest));
    const key = (keyId: string, ...status: [state: string, since: string][]) => ({
      keyId,
      jwk: { ...keyToJwk(mintKey('ES256').publicKey) },
      status: status.map(([state, since]) => ({ state, since })),
    });
    const issuers = [
      key('plain'),
      key('leaving', ['retired', '2099-01-01T00:00:00Z']),
      key('stolen', ['compromised', '2026-01-02T00:00:00Z'], ['active', '2026-01-03T00:00:00Z']),
      key('gone', ['removed', '2026-01-02T00:00:00Z']),
    ];
    write('states/regions/x-states/issuers/a.json', JSON.stringify({ issued: '2026-01-05T00:00:00Z', issuers }));
    const status = (...more: string[]) => inside(['trust', 'status', '--store', dirname(own), ...more]);
    const { out } = await status();
    expect(out).toContain('x-states 密钥 keys: 2 在用 active, 1 已泄露 compromised, 1 已撤除 removed');
    expect(out).toContain('key leaving: 在用 active; 2099-01-01T00:00:00Z → 已停用 retired');
    expect(out).toContain('key stolen: 已泄露 compromised 2026-01-02T00:00:00Z');
    expect(out).not.toContain('plain');
    expect(out).toContain('from the last start: 0 / 1; 重新核验 checked anew: x-states');
    const again = JSON.parse((await status('--json')).out) as { snapshot: object; regions: { keys: object }[] };
    expect(again.snapshot).toEqual({ used: 1, checkedAnew: [] });
    expect(again.regions[0]!.keys).toMatchObject({ counts: { active: 2, compromised: 1, removed: 1 } });
  });

  it('tells what systems call with, and timestamping authorities, before they end', async () => {
    const now = Date.parse('2026-11-23T04:00:00Z');
    const inDays = (days: number): string => instantOf(now + days * 86_400_000);
    const at = 'ending/regions/370000';
    for (const file of ['federation.json', 'catalogue.json'])
      write(`ending/${file}`, readFileSync(join('trust-store', file), 'utf8'));
    const manifest = { region: '370000', name: { zh: '山东', en: 'Shandong' }, issues: ['vehicle-pass'] };
    write(`${at}/region.json`, JSON.stringify(manifest));
    const signing = mintKey('ES256');
    const spki = encodeBase64(spkiFromKey(signing.publicKey));
    const kiosk = newSystemKeys({ name: '370000/kiosk', algorithm: 'ES256', certificate: true });
    const rest = { name: { zh: '甲', en: 'A' }, may: ['verify'], perMinute: 60 };
    const systems = [
      { ...rest, id: 'gateway', keys: [{ spki, notAfter: inDays(29) }] },
      { ...rest, id: 'kiosk', certificates: publicPartsOf(kiosk).entry.certificates },
    ];
    write(`${at}/systems.json`, JSON.stringify({ systems }));
    const stamping = { validUntil: inDays(5), extendedKeyUsage: ['1.3.6.1.5.5.7.3.8'] };
    const certificate = encodeBase64(selfIssued('Stamps (made up)', mintKey('ES256'), stamping, true));
    const stampers = JSON.stringify({ issued: inDays(-1), issuers: [{ keyId: 'stamps', certificate }] });
    write(`${at}/timestampers/own.json`, stampers);
    write('ending/timestampers/all.json', stampers);
    const between = selfIssued('Between (made up)', mintKey('ES256'), { validUntil: inDays(80) }, true);
    write(`${at}/certificates/between.cer`, between);
    const { serial, notAfter } = readCertificate(decodeBase64(kiosk.certificate!));
    const status = (time: number, ...more: string[]) =>
      inside(['trust', 'status', '--store', join(folder, 'ending'), ...more], { now: time });

    const { out } = await status(now);
    expect(out).not.toContain('not used');
    const gateway = `gateway#${keyThumbprint(nodePlatform, signing.publicKey)}`;
    expect(out).toContain(`370000 密钥 keys: 4 在用 active`);
    expect(out).toContain(`ends within 90 days: ${readCertificate(between).serial}, ${inDays(80)}`);
    expect(out).not.toContain('has ended');
    expect((await status(now + 6 * 86_400_000)).out).toContain(`has ended: stamps, ${inDays(5)}`);
    expect(out).toContain(`ends within 30 days: ${gateway}, ${inDays(29)}`);
    expect(out).toContain(`ends within 7 days: stamps, ${inDays(5)}`);
    expect(out).toContain('federation 密钥 keys: 1 在用 active');
    expect(out).not.toContain(`${serial},`);
    const later = JSON.parse((await status(notAfter - 86_400_000, '--json')).out) as {
      regions: { keys: { ending: object[] } }[];
    };
    expect(later.regions[0]!.keys.ending).toEqual([
      { keyId: `kiosk, certificate ${serial}`, until: instantOf(notAfter), within: 7 },
    ]);
  });

  it('names what in the store cannot be used, on one line each, whatever its name', async () => {
    write('store/regions/x-eu-dcc/issuers/bad.json', '{');
    write('store/regions/x-eu-dcc/issuers/\u001b[2J\n.json', '{}');
    const { exit, out } = await tongren(['trust', 'status', '--store', store]);
    expect(exit).toBe(0);
    expect(out).toContain('not used: regions/x-eu-dcc/issuers/bad.json: ends too early');
    expect(out).toContain('not used: regions/x-eu-dcc/issuers/\\u001b[2J\\u000a.json: a name of');
    expect(out).not.toContain('\u001b');
  });
});

describe('trust pack', () => {
  const ids = Array.from({ length: 3000 }, (_, i) => `id-of-a-revoked-document-${i}`);
  const file = write('ids.txt', `${ids.join('\n')}\n\n`);
  const packs = (...more: string[]) =>
    inside(['trust', 'pack', file, '--region', 'x-eu-dcc', '--store', join(folder, 'store'), ...more]);

  it('writes a set that the store is then loaded with, and remembers how far its series has come', async () => {
    const first = await packs('--series', 'passes', '--sequence', '7', '--apply', '--json');
    expect([first.exit, JSON.parse(first.out)]).toEqual([0, expect.objectContaining({ count: 3000, applied: true })]);
    const status = async () =>
      JSON.parse((await inside(['trust', 'status', '--store', store, '--json'])).out) as {
        regions: { region: string; revoked: object }[];
        clock: object;
      };
    const revoked = async () => (await status()).regions.find(({ region }) => region === 'x-eu-dcc')!.revoked;
    expect(await revoked()).toMatchObject({ count: 3000, series: [{ series: 'passes', sequence: 7, whole: true }] });
    await packs('--series', 'passes', '--sequence', '6', '--apply');
    expect(await revoked()).toMatchObject({ series: [{ series: 'passes', sequence: 6, whole: false }] });
    const { out } = await inside(['trust', 'status', '--store', store]);
    expect(out).toContain('passes 至 at 6（不完整 NOT WHOLE）');
    expect(out).toContain('a rollback: passes stands at 6, and 7 was seen before');
  });

  it.each<[string, string[], string]>([
    ['half a place in a series', ['--series', 'passes'], 'no place in a series'],
    ['a number that is none', ['--series', 'passes', '--sequence', 'x'], 'no place in a series'],
    ['a name outside the pack', ['--name', '../x'], '--name: small letters'],
  ])('with %s is refused with 64', async (_name, more, message) => {
    const { exit, err } = await packs(...more, '--apply');
    expect([exit, err]).toEqual([64, expect.stringContaining(message)]);
  });

  it('a line that can be no id is named by its number, and nothing is written', async () => {
    const bad = write('bad.txt', `${ids[0]}\nshort\n`);
    const { exit, err } = await inside(['trust', 'pack', bad, '--region', 'x-eu-dcc', '--apply', '--name', 'bad']);
    expect([exit, err]).toEqual([64, expect.stringContaining('line 2 is no id')]);
  });
});

describe('trust screen', () => {
  const listed = Array.from({ length: 200 }, (_, i) => `id-of-a-screened-document-${i}`);
  const place = join(folder, 'screened');
  const ids = write('screened.txt', listed.join('\n'));
  const screens = (asked: readonly string[], ...more: string[]) =>
    inside([
      'trust',
      'screen',
      write('asked.txt', asked.join('\n')),
      '--store',
      place,
      '--region',
      'x-eu-dcc',
      ...more,
    ]);

  it('names every document that is revoked, and exits 1; 0 where none is', async () => {
    await inside(['trust', 'pack', ids, '--region', 'x-eu-dcc', '--store', place, '--apply']);
    const good = Array.from({ length: 100 }, (_, i) => `id-of-another-document-${i}`);
    const none = await screens(good);
    expect([none.exit, none.out, none.err]).toEqual([0, '', expect.stringContaining('100 not revoked')]);
    const two = await screens([...good, listed[7]!, listed[150]!], '--json');
    expect(two.exit).toBe(1);
    expect(
      two.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([7, 150].map((i) => ({ id: listed[i], state: 'revoked' })));
  });

  it('where the file that confirms is gone, or nothing is published, or the list is too old, it cannot tell: 2', async () => {
    const confirm = join(place, 'regions/x-eu-dcc/revocations/revoked.confirm');
    renameSync(confirm, `${confirm}.away`);
    const gone = await screens([listed[7]!]);
    expect([gone.exit, gone.out]).toEqual([2, expect.stringContaining(`${listed[7]}  无法判定 cannot tell`)]);
    renameSync(`${confirm}.away`, confirm);
    const silent = await screens([listed[7]!], '--region', '310000');
    expect([silent.exit, silent.out]).toEqual([2, expect.stringContaining('publishes no revocations')]);
    const later = Date.now() + 400 * 86_400_000;
    const stale = await inside(['trust', 'screen', ids, '--store', place, '--region', 'x-eu-dcc'], { now: later });
    expect(stale.exit).toBe(1);
    const unknown = await inside(
      ['trust', 'screen', write('one.txt', 'id-of-another-document-1'), '--store', place, '--region', 'x-eu-dcc'],
      { now: later },
    );
    expect([unknown.exit, unknown.err]).toEqual([2, expect.stringContaining('too old')]);
  });

  it('of a region that is not there, or no file, nothing is said: 64', async () => {
    expect((await screens(['id-of-another-document-1'], '--region', '999999')).exit).toBe(64);
    expect((await inside(['trust', 'screen', 'nowhere.txt', '--region', 'x-eu-dcc', '--store', place])).exit).toBe(64);
  });
});

describe('start', () => {
  it('replaces nothing but a reference federation: a store of another kind is left alone', async () => {
    const own = write('real/federation.json', '{"federation":"x-real","environment":"production"}');
    write('real/regions/310000/region.json', '{}');
    write('samples/mine.txt', 'mine');
    const { exit, err } = await inside(['start', '--once'], { env: { TONGREN_STORE: join(folder, 'real') } });
    expect([exit, err]).toEqual([
      64,
      expect.stringContaining('not replaced, for what lies there is no reference federation'),
    ]);
    expect(readFileSync(own, 'utf8')).toContain('production');
  });

  it('writes its samples beside the store and removes nothing there that is not its own', async () => {
    write('fresh/samples/mine.txt', 'mine');
    const { exit, out } = await tongren(['start', '--once'], {
      env: { TONGREN_STORE: join(folder, 'fresh/store'), TONGREN_REGION: '340000', TONGREN_PURPOSE: 'hotel' },
    });
    expect([exit, out]).toEqual([0, expect.stringMatching(/(\d+) documents, \1 verdicts as expected/)]);
    expect(readFileSync(join(folder, 'fresh/samples/mine.txt'), 'utf8')).toBe('mine');
    expect(existsSync(join(folder, 'fresh/samples/x-eu-dcc/vaccination.txt'))).toBe(true);
    const again = await inside(['start', '--once'], { env: { TONGREN_STORE: join(folder, 'fresh/store') } });
    expect(again.exit).toBe(0);
  });
});
