import { beforeAll, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { SystemList } from '../../src/document/generated/types.ts';
import { say } from '../../src/document/say.ts';
import { newKeyPem } from '../../src/federation/pkcs8.node.ts';
import { type CheckResult, checkPack, type Report } from '../../src/federation/region-check.node.ts';
import { diffPack } from '../../src/federation/region-diff.node.ts';
import { newPack } from '../../src/federation/region-template.ts';
import { reportHtml } from '../../src/federation/report-html.ts';
import { type NewSystem, newSystemKeys, publicPartsOf } from '../../src/federation/system-keys.node.ts';
import { inventory } from '../../src/region/inventory.ts';
import { declarations, federation, NOW, ownKey, store } from '../support/federation.ts';

const ID = '360000';
const at = (file: string): string => `regions/${ID}/${file}`;
type Pack = Map<string, Uint8Array>;

const template = (change: Partial<Parameters<typeof newPack>[0]> = {}): Pack =>
  new Map(
    [...newPack({ id: ID, name: { zh: '江西', en: 'Jiangxi' }, contact: 'office', issues: [], ...change })].map(
      ([file, content]) => [at(file), encodeUtf8(content)],
    ),
  );

const check = (pack: Pack, options = {}): Promise<Report> =>
  checkPack(ID, pack, declarations, { now: NOW, ...options });
const inEnglish = ({ details }: CheckResult): string[] => details.map(({ en }) => en);
const failed = ({ checks }: Report, result = 'fail'): Record<string, readonly string[]> =>
  Object.fromEntries(checks.filter((each) => each.result === result).map((each) => [each.id, inEnglish(each)]));

/** The pack with one file changed as JSON. */
function changed(file: string, change: (value: Record<string, never>) => void, pack = template()): Pack {
  const value = JSON.parse(new TextDecoder().decode(pack.get(at(file)))) as Record<string, never>;
  change(value);
  return pack.set(at(file), encodeUtf8(JSON.stringify(value)));
}

const list = (entries: readonly object[], environment = 'reference'): Uint8Array =>
  encodeUtf8(JSON.stringify({ issued: '2026-11-23T04:00:00Z', environment, issuers: entries }));

describe('a new pack', () => {
  it('conforms once it is filled in, and says what would be better', async () => {
    const report = await check(template());
    expect(failed(report)).toEqual({});
    expect(report).toMatchObject({ region: ID, conforms: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(Object.keys(failed(report, 'warn'))).toEqual(['revocations']);
    expect(report.score).toBeLessThan(100);
  });

  it('does not as it comes, and the report says where', async () => {
    const report = await check(template({ name: {}, contact: undefined }));
    expect(failed(report)).toEqual({ 'filled-in': [`${at('region.json')} /name/zh /name/en /contact`] });
    expect(report.conforms).toBe(false);
  });

  it('may take back what its own samples show as good: a stolen key does not wait for new samples', async () => {
    const report = await check(
      changed('samples/pass-revoked.recipe.json', (sample) => Object.assign(sample, { expect: { outcome: 'accept' } })),
    );
    expect([report.conforms, failed(report)]).toEqual([true, {}]);
    expect(failed(report, 'warn')['samples']).toEqual(['pass-revoked: refuse REVOKED; expected accept']);
  });

  it('of a guest conforms too', async () => {
    const files = newPack({ id: 'x-guest', name: { zh: '客', en: 'Guest' }, contact: 'office', issues: [] });
    const pack = new Map([...files].map(([file, text]) => [`regions/x-guest/${file}`, encodeUtf8(text)]));
    const report = await checkPack('x-guest', pack, declarations, { now: NOW });
    expect(failed(report)).toEqual({});
  });
});

describe('a fault is found by its check, and by no other', () => {
  const FAULTS: readonly (readonly [string, string, () => Pack])[] = [
    ['schema', 'required property', () => changed('region.json', (region) => Reflect.deleteProperty(region, 'issues'))],
    [
      'mapping',
      'neither mapped',
      () => changed('formats/pass-1.json', (format) => (format['absent'] as unknown as string[]).shift()),
    ],
    ['no-secrets', 'keys/mine.pem', () => template().set(at('keys/mine.pem'), encodeUtf8(newKeyPem('EdDSA')))],
    [
      'samples',
      'expected accept EXPIRED',
      () =>
        changed('samples/pass.recipe.json', (sample) =>
          Object.assign(sample, { expect: { outcome: 'accept', reasons: ['EXPIRED'], for: ID } }),
        ),
    ],
    [
      'samples-enough',
      'no bad sample',
      () => {
        const pack = template();
        for (const name of ['pass-revoked', 'pass-altered']) pack.delete(at(`samples/${name}.recipe.json`));
        return pack;
      },
    ],
    [
      'validity',
      'no key is in use',
      () =>
        template().set(at('issuers/own.json'), list([ownKey('SM2-SM3', { validUntil: '2026-01-01T00:00:00Z' }).entry])),
    ],
    [
      'environments',
      'made for production',
      () => template().set(at('issuers/own.json'), list([lasting()], 'production')),
    ],
  ];

  it.each(FAULTS)('%s', async (id, words, make) => {
    const report = await check(make());
    const all = failed(report);
    expect(all[id]?.join('\n')).toContain(words);
    // What cannot be loaded cannot be tried out either; nothing else follows from it.
    const follows = ['schema', 'mapping'].includes(id) ? ['samples', 'samples-enough', 'ambiguity'] : [];
    expect(Object.keys(all).filter((each) => each !== id && !follows.includes(each))).toEqual([]);
    expect(report.conforms).toBe(false);
    expect(report.score).toBeLessThan(100);
  });

  const lasting = (): object => ownKey('SM2-SM3', { validUntil: '2027-06-01T00:00:00Z' }).entry;

  it('ambiguity: a pack that takes others’ documents', async () => {
    const zhejiang = federation.formats.find(({ id }) => id === 'zj-pass/1')!.declaration.recognise as object;
    const thief = changed('formats/pass-1.json', (format) => Object.assign(format, { recognise: zhejiang }));
    // What is allotted cannot even be declared; where nothing is, the others' samples tell.
    expect(failed(await check(thief))['mapping']?.join('\n')).toContain('allotted to 330000');
    const unallotted = new Map([...declarations].filter(([file]) => file !== 'allotments.json'));
    const report = await checkPack(ID, thief, unallotted, { now: NOW });
    expect(failed(report)['ambiguity']?.join('\n')).toMatch(/330000 .* with this pack, and as expected without it/);
  });

  it('environments: a key that stands in another environment, or at another member', async () => {
    const key = lasting();
    const pack = template().set(at('issuers/own.json'), list([key]));
    expect(failed(await check(pack))).toEqual({});
    const elsewhere = new Map([
      [
        'production',
        new Map([
          ...declarations,
          [at('issuers/live.json'), list([key], 'production')],
          [at('region.json'), pack.get(at('region.json'))!],
        ]),
      ],
    ]);
    expect(failed(await check(pack, { elsewhere }))['environments']?.join()).toContain(
      'production: regions/360000/issuers/live.json',
    );
    const other = new Map([...declarations, ['regions/340000/issuers/x.json', list([key])]]);
    expect(failed(await checkPack(ID, pack, other, { now: NOW }))['environments']?.join()).toContain('also in 340000');
  });

  it.each<[string, NewSystem]>([
    ['calls are signed with', { name: `${ID}/gateway`, algorithm: 'SM2-SM3' }],
    ['TLS is spoken with', { name: `${ID}/gateway`, algorithm: 'ES256', certificate: true }],
    ['bodies are encrypted to (P-256)', { name: `${ID}/gateway`, algorithm: 'EdDSA', encryption: 'P-256' }],
    ['bodies are encrypted to (X25519)', { name: `${ID}/gateway`, algorithm: 'EdDSA', encryption: 'X25519' }],
  ])('environments: a key that %s, in another environment too', async (_, wanted) => {
    // Only what is looked at stands in both: of one system the certificate, of another the key.
    const { entry, encryption } = publicPartsOf(newSystemKeys(wanted));
    const other = publicPartsOf(newSystemKeys({ name: wanted.name, algorithm: 'EdDSA' })).entry.keys!;
    const row = { id: 'gateway', name: { zh: '网关', en: 'Gateway' }, may: ['verify'], perMinute: 60 };
    const { keys, certificates } = entry;
    const asked = encryption.length > 0 ? {} : certificates === undefined ? { keys } : { certificates };
    const listed = (more: object): Uint8Array =>
      encodeUtf8(JSON.stringify({ systems: [{ ...row, ...more }], ...(encryption.length > 0 ? { encryption } : {}) }));
    const here = template().set(at('systems.json'), listed(encryption.length > 0 ? { keys } : asked));
    const there = template().set(at('systems.json'), listed(encryption.length > 0 ? { keys: other } : asked));
    expect(failed(await check(here))).toEqual({});
    const elsewhere = new Map([['production', new Map([...declarations, ...there])]]);
    const found = failed(await check(here, { elsewhere }));
    expect(Object.keys(found)).toEqual(['environments']);
    expect(found['environments']).toEqual([expect.stringContaining('production: regions/360000/systems.json')]);
  });

  it('keys of systems do not stand for keys that sign documents, and are told of before they end', async () => {
    const { entry } = publicPartsOf(newSystemKeys({ name: `${ID}/gateway`, algorithm: 'EdDSA' }));
    const notAfter = '2026-12-01T00:00:00Z';
    const row = { id: 'gateway', name: { zh: '网关', en: 'Gateway' }, may: ['verify'], perMinute: 60 };
    const systems = [{ ...row, keys: [{ ...entry.keys![0]!, notAfter }] }];
    const pack = template().set(at('systems.json'), encodeUtf8(JSON.stringify({ systems })));
    expect(failed(await check(pack), 'skip')['validity']).toEqual(['no keys yet']);
    const ended = ownKey('SM2-SM3', { validUntil: '2026-01-01T00:00:00Z' }).entry;
    expect(failed(await check(pack.set(at('issuers/own.json'), list([ended]))))['validity']?.join()).toContain(
      'no key is in use',
    );
    pack.set(at('issuers/own.json'), list([lasting()]));
    expect(failed(await check(pack), 'warn')['validity']).toEqual([
      expect.stringMatching(/systems\.json: gateway#.*ends within 30 days/),
    ]);
  });

  it('agreements with nobody, and no end of a key, are warnings', async () => {
    const row = {
      issuingRegion: '999999',
      documentTypes: ['no-type'],
      purposes: ['checkpoint'],
      basis: { title: { zh: '依据', en: 'Basis' } },
    };
    const pack = changed('agreements.json', (agreements) => Object.assign(agreements, { agreements: [row] }));
    pack.set(at('issuers/own.json'), list([ownKey('SM2-SM3').entry]));
    const warned = failed(await check(pack), 'warn');
    expect(warned['agreements']).toEqual(['999999 is no member (yet)', 'the catalogue has no type no-type']);
    expect(warned['validity']?.join()).toContain('no end');
  });

  it('a sample that its format cannot say is said, and is no fault of ours', async () => {
    const report = await check(
      changed('samples/pass.recipe.json', (sample) =>
        Object.assign(sample['document'] as unknown as object, { status: { canonical: 'valid', raw: '77' } }),
      ),
    );
    expect(failed(report)['samples']?.join()).toContain('cannot be written');
    const other = newPack({ id: '370000', name: { zh: '山东', en: 'Shandong' }, contact: 'office', issues: [] });
    const others = new Map(declarations);
    for (const [file, text] of other) others.set(`regions/370000/${file}`, encodeUtf8(text));
    const theirs = new TextDecoder()
      .decode(others.get('regions/370000/samples/pass.recipe.json'))
      .replaceAll('"10"', '"77"');
    others.set('regions/370000/samples/pass.recipe.json', encodeUtf8(theirs));
    const mine = await checkPack(
      '310000',
      new Map([...declarations].filter(([file]) => file.startsWith('regions/310000/'))),
      others,
      { now: NOW },
    );
    expect([failed(mine), failed(mine, 'warn')['ambiguity']]).toEqual([{}, [expect.stringContaining('not compared')]]);
  });

  it('others’ faults are not held against it', async () => {
    const others = new Map([...declarations, ['regions/340000/formats/broken.json', encodeUtf8('{')]]);
    others.set('regions/320000/region.json', encodeUtf8('{}'));
    expect(failed(await checkPack(ID, template(), others, { now: NOW }))).toEqual({});
  });
});

describe('the reference federation', () => {
  it.each(['310000', '330000', '330200', '340000', 'x-eu-dcc', '000000'])('%s conforms', async (id) => {
    const pack = new Map([...declarations].filter(([file]) => file.startsWith(`regions/${id}/`)));
    // Made by recipe, so the keys are those of the rehearsal; whom to ask is nobody.
    expect(failed(await checkPack(id, pack, declarations, { now: NOW }))).toEqual({});
  });
});

describe('the report as a page', () => {
  it('holds no script, nothing from elsewhere, and what packs say only as text', async () => {
    const report = await check(template());
    const evil = '<script>alert(1)</script>"\'&';
    const details = [say(evil, evil), say(`错 ${evil}`, `wrong ${evil}`)];
    const html = reportHtml({ ...report, checks: [{ ...report.checks[0]!, details }] }, '2026-11-23T04:00:00Z');
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
    expect(html).not.toMatch(/(src|href)=|https?:|url\(/);
    expect(html).toContain(report.hash);
  });
});

describe('a diff', () => {
  const judging = { now: NOW, region: '310000', purpose: 'checkpoint' };
  let whole: Map<string, Uint8Array>;
  beforeAll(() => {
    whole = new Map([...declarations, ...template()]);
  });

  it('of the same pack shows nothing, and its hash is that of the check', async () => {
    const diff = await diffPack(ID, template(), whole, judging);
    expect(diff).toMatchObject({ files: [], codes: [] });
    expect(diff.verdicts.map(({ before, after }) => before === after)).toEqual(Array(6).fill(true));
    expect(diff.hash).toBe((await check(template())).hash);
  });

  it('shows a code that changes, and what becomes of documents that people hold', async () => {
    const next = changed('codes/pass-state.json', (codes) => {
      (codes['codes'] as unknown as { raw: string; shared: string }[])[0]!.shared = 'cancelled';
    });
    const { files, codes, verdicts, hash, fault } = await diffPack(ID, next, whole, judging);
    expect(fault).toContain('no code for this');
    expect(files).toEqual([{ file: at('codes/pass-state.json'), change: 'changed' }]);
    expect(codes).toEqual([{ list: 'p360000-pass-state', raw: '"10"', before: 'valid', after: 'cancelled' }]);
    expect(verdicts).toContainEqual(
      expect.objectContaining({
        sample: 'pass',
        written: 'before',
        before: 'accept',
        after: expect.stringMatching(/^refuse/),
      }),
    );
    expect(hash).not.toBe((await diffPack(ID, template(), whole, judging)).hash);
  });

  describe('shows in a shadow run', () => {
    const of330000 = (file: string): string => `regions/330000/${file}`;
    const pack = new Map([...declarations].filter(([file]) => file.startsWith('regions/330000/')));
    const restated = (version: number): Map<string, Uint8Array> => {
      const file = of330000('codes/pass-state.json');
      const list = JSON.parse(new TextDecoder().decode(pack.get(file))) as {
        version: number;
        codes: { raw: string }[];
      };
      const codes = list.codes.map((row) => (row.raw === 'grey' ? { ...row, shared: 'in-force' } : row));
      return new Map(pack).set(file, encodeUtf8(JSON.stringify({ ...list, version, codes })));
    };

    it('who has to accept what, what is held back until then, and what would follow', async () => {
      const { shadows, verdicts } = await diffPack('330000', restated(2), declarations, judging);
      const held = shadows.filter(({ written }) => written === 'before');
      expect(held.map(({ region }) => region)).toEqual(['310000', '320000', '340000']);
      for (const { region, renewals, verdicts: judged } of held) {
        const [{ agreement, changes }] = renewals as [(typeof renewals)[0]];
        expect(agreement.basis.number).toBe('参考互认〔2026〕REF-2号');
        expect(changes).toContainEqual({ what: '330000 zj-pass-state', agreed: 1, now: 2 });
        // Anhui has not accepted what changed before, either.
        expect(changes).toHaveLength(region === '340000' ? 2 : 1);
        expect(judged).toContainEqual({
          sample: 'pass-grey',
          purpose: 'checkpoint',
          before: expect.stringMatching(/^refuse/),
          after: 'undetermined VERSION_NOT_ACCEPTED',
          accepted: 'accept',
        });
        expect(judged.filter(({ sample }) => sample === 'pass-green')).toEqual([]);
      }
      // What changes is this code alone: keys, lists and logs are those of the rehearsal on both sides.
      const changed = verdicts.filter(({ before, after }) => before !== after);
      expect(new Set(changed.map(({ sample }) => sample))).toEqual(new Set(['pass-grey']));
    });

    it('nothing where a list only has a new number, and a check that fails where it has none', async () => {
      const [file] = [of330000('codes/pass-state.json')];
      const list = JSON.parse(new TextDecoder().decode(pack.get(file)));
      const renumbered = new Map(pack).set(file, encodeUtf8(JSON.stringify({ ...list, version: 9 })));
      const { shadows } = await diffPack('330000', renumbered, declarations, judging);
      expect(new Set(shadows.map(({ region }) => region))).toEqual(new Set(['340000']));
      const checked = async (files: Pack) => {
        const { checks } = await checkPack('330000', files, declarations, { now: NOW });
        const versions = checks.find(({ id }) => id === 'versions')!;
        return { result: versions.result, details: inEnglish(versions) };
      };
      expect(await checked(restated(1))).toMatchObject({
        result: 'fail',
        details: [`${of330000('codes/pass-state.json')}: other codes, and not above version 1`],
      });
      const format = of330000('formats/zj-pass-1.json');
      const declared = JSON.parse(new TextDecoder().decode(pack.get(format))) as { map: object[] };
      const reread = new Map(pack).set(
        format,
        encodeUtf8(JSON.stringify({ ...declared, map: declared.map.toReversed() })),
      );
      expect((await checked(reread)).details).toContain(`${format}: read in another way, and still zj-pass/1`);
      expect(await checked(restated(2))).toMatchObject({
        result: 'warn',
        details: expect.arrayContaining([expect.stringMatching(/^310000 has to accept it: .*zj-pass-state 1 → 2/)]),
      });
    });
  });

  it('shows what a region no longer recognises of others', async () => {
    const pack = new Map([...declarations].filter(([file]) => file.startsWith('regions/310000/')));
    const file = 'regions/310000/agreements.json';
    const agreements = JSON.parse(new TextDecoder().decode(pack.get(file))) as { excluded?: object[] };
    agreements.excluded = [
      ...(agreements.excluded ?? []),
      { issuingRegion: '340000', basis: { title: { zh: '停止', en: 'Stop' } } },
    ];
    const diff = await diffPack(
      '310000',
      pack.set(file, encodeUtf8(JSON.stringify(agreements))),
      declarations,
      judging,
    );
    const others = diff.verdicts.filter(({ region, before, after }) => region !== '310000' && before !== after);
    expect(others.length).toBeGreaterThan(0);
    expect(new Set(others.map(({ region }) => region))).toEqual(new Set(['340000']));
    for (const { after } of others) expect(after).toContain('EXCLUDED');
  });
});

describe('the inventory', () => {
  it('lists every key of the reference federation, once', () => {
    const all = inventory(store, NOW, nodePlatform);
    const signers = all.filter(({ what }) => what === 'signer');
    expect(signers).toHaveLength(federation.trust.size);
    for (const { thumbprint, bits } of all) expect([thumbprint.length, bits >= 256]).toEqual([43, true]);
    expect(new Set(all.map(({ what }) => what))).toEqual(new Set(['signer', 'authority', 'timestamper', 'system']));
  });

  it('lists what systems call with, and what bodies are encrypted to', () => {
    for (const region of ['310000', '320000', '330000', '340000']) {
      const file = `regions/${region}/systems.json`;
      const { systems, encryption = [] } = JSON.parse(new TextDecoder().decode(store.get(file))) as SystemList;
      const found = inventory(store, NOW, nodePlatform).filter((each) => each.file === file);
      const certificates = systems.flatMap((each) => each.certificates ?? []);
      expect(found.every(({ what, state }) => what === 'system' && state === 'active')).toBe(true);
      expect(found).toHaveLength(
        systems.flatMap(({ keys = [] }) => keys).length + certificates.length + encryption.length,
      );
      expect(found.filter(({ certificate }) => certificate !== undefined)).toHaveLength(certificates.length);
      expect(found.map(({ keyId }) => keyId)).toEqual(expect.arrayContaining(encryption.map(({ kid }) => kid)));
    }
  });
});
