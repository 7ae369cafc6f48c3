import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeHex, encodeHex } from '../src/codec/hex.ts';
import { openOfd } from '../src/codec/ofd.ts';
import { rawFromDer } from '../src/codec/signature.ts';
import { PACKAGE_LIMITS, readZip } from '../src/codec/zip.ts';
import { writeZip } from '../src/codec/zip-writer.ts';
import { algorithmOfOid } from '../src/crypto/algorithms.ts';
import { keyFromSpki } from '../src/crypto/keys.ts';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { sm2PublicKey, sm2Verify } from '../src/crypto/sm2.ts';
import { sm3 } from '../src/crypto/sm3.ts';
import type { CodeList } from '../src/document/generated/types.ts';
import { IDENTIFIERS, isOrganisationCode, isUscc } from '../src/document/identifiers.ts';
import { publicKeyOf, readCertificate } from '../src/trust/certificate.ts';
import { federation, fileOf, formatOf, sampleNamed, samples, standpointOf, verdictOf } from './support/federation.ts';

/** Five tests that an engineer of a Chinese authority asks for first. */

const OFD = new URL('../../shared/data/ofd/', import.meta.url);
const labels = new URL('EXPECTED.json', OFD);
if (!existsSync(labels)) console.warn(`skipped: ${labels.pathname} is not there`);
interface Label {
  readonly file: string;
  readonly signature: string;
  readonly kind: string;
  readonly references: { readonly bad: number; readonly missing: number };
  readonly signatureValid: boolean | null;
}
const cases: readonly Label[] = existsSync(labels) ? JSON.parse(readFileSync(labels, 'utf8')).cases : [];
const sealed = cases.filter(
  ({ kind, references, signatureValid }) =>
    kind === 'V4' && references.bad + references.missing === 0 && signatureValid === true,
);

/** What a seal's signature says: parts that are others now, and whether every signature value is good. */
function looked(bytes: Uint8Array, file: string) {
  const { signatures } = openOfd(bytes, PACKAGE_LIMITS, nodePlatform.digest);
  const found = signatures.find((each) => each.file === file)!;
  const good = found.attestations.every(({ proof }) => {
    const { name } = algorithmOfOid(proof.algorithm.slice('oid:'.length))!;
    const key = publicKeyOf(readCertificate(proof.certificates![0]!));
    return nodePlatform.prepare(name, key)!(proof.signed, proof.signature);
  });
  const altered = found.references.filter(({ state }) => state !== 'ok').map((each) => each.file);
  const listed = found.references.map((each) => each.file);
  return { good, altered, whole: found.dataHashMatches !== false, listed };
}

describe.skipIf(sealed.length === 0)('1 and 2: sealed OFD files that others made', () => {
  const files = [...new Map(sealed.map((label) => [label.file, label])).values()];

  it.each(files.map((label) => [label.file, label] as const))('%s', (_, { file, signature }) => {
    const bytes = new Uint8Array(readFileSync(new URL(file, OFD)));
    const { listed, ...sound } = looked(bytes, signature);
    expect(sound).toEqual({ good: true, altered: [], whole: true });

    // One byte of a page: the seal itself stays good, and only the digest of that part tells.
    const parts = readZip(bytes, PACKAGE_LIMITS);
    const pages = [...parts.keys()].filter(
      (name) => /(Content|Document|OFD)\.xml$/.test(name) && listed.includes(name),
    );
    expect(pages.length).toBeGreaterThan(1);
    const after = (names: readonly string[]) =>
      looked(
        writeZip(
          [...parts].map(([name, content]) => {
            const at = content.lastIndexOf(0x3e);
            // White space before the last bracket: still the same XML to a reader, and other bytes.
            const changed = Uint8Array.of(...content.subarray(0, at), 0x20, ...content.subarray(at));
            return [name, names.includes(name) ? changed : content] as const;
          }),
        ),
        signature,
      );
    const one = after([pages[0]!]);
    expect([one.good, one.altered]).toEqual([true, [pages[0]]]);
    const all = after(pages);
    expect([all.good, [...all.altered].sort()]).toEqual([true, [...pages].sort()]);
  });
});

describe('2: a sealed licence whose pages were altered afterwards', () => {
  it('is refused, and the verdict names each altered part and no other', () => {
    const { wire } = samples.find(({ region, name }) => region === '330000' && name === 'licence-two-seals')!;
    const parts = readZip(wire as Uint8Array, PACKAGE_LIMITS);
    const all = [...parts.keys()].filter((name) => /(Content|Document|OFD)\.xml$/.test(name));
    const named = (names: readonly string[]) => {
      const altered = writeZip(
        [...parts].map(([name, content]) => {
          const at = content.lastIndexOf(0x3e);
          const other = Uint8Array.of(...content.subarray(0, at), 0x20, ...content.subarray(at));
          return [name, names.includes(name) ? other : content] as const;
        }),
      );
      const { outcome, findings } = verdictOf(altered, { standpoint: standpointOf('310000'), purpose: 'counter' });
      const found = findings.filter(({ code }) => code === 'TAMPERED_CONTENT').map(({ at }) => at);
      return { outcome, parts: [...new Set(found)].sort() };
    };
    expect(all.length).toBeGreaterThan(2);
    expect(named([])).toEqual({ outcome: 'accept', parts: [] });
    for (const one of all) expect(named([one])).toEqual({ outcome: 'refuse', parts: [one] });
    expect(named(all)).toEqual({ outcome: 'refuse', parts: [...all].sort() });
  });
});

describe('3: SM2 as GM/T 0003.5 has it', () => {
  const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
  const d = 0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8n;
  const k = 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n;
  const za = decodeHex('b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3');
  const message = new TextEncoder().encode('message digest');
  const r = 0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3n;
  const key = sm2PublicKey(decodeHex(d.toString(16).padStart(64, '0')));
  const mod = (value: bigint): bigint => ((value % N) + N) % N;
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${encodeHex(bytes)}`);
  const bytes = (value: bigint): Uint8Array => decodeHex(value.toString(16).padStart(64, '0'));
  const power = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    for (let b = base, e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
    return result;
  };
  /** The signature of the example's k over a digest. */
  const signed = (digest: Uint8Array): Uint8Array => {
    const x1 = mod(r - number(sm3(Uint8Array.of(...za, ...message))));
    const own = mod(number(digest) + x1);
    return Uint8Array.of(...bytes(own), ...bytes(mod(power(mod(1n + d), N - 2n) * mod(k - own * d))));
  };

  it('the example of Annex A verifies', () => {
    const right = signed(sm3(Uint8Array.of(...za, ...message)));
    expect(encodeHex(right)).toBe(
      'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
    );
    expect(sm2Verify(key, message, right)).toBe(true);
  });

  it('one signed without Z_A does not', () => {
    expect(sm2Verify(key, message, signed(sm3(message)))).toBe(false);
  });

  it('nor one that Node made, under the empty user id', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'SM2' });
    const der = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
    const own = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
    const publicKey = keyFromSpki(createPublicKey(own).export({ type: 'spki', format: 'der' }));
    const signature = rawFromDer(new Uint8Array(sign('sm3', message, own)), 32)!;
    expect(sm2Verify(publicKey, message, signature)).toBe(false);
    expect(sm2Verify(publicKey, message, signature, '')).toBe(true);
  });
});

describe('4: check characters', () => {
  const { holds, form } = IDENTIFIERS['licence-identifier']!;

  it.each([
    '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U',
    '1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0',
    '1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9',
    '1.2.156.3005.2.11100000000013338W087.11370800MB28559184.37080001202411010001.001.3',
  ])('%s', (text) => {
    expect(holds(text)).toBe(true);
  });

  it('the sample that circulates with a wrong one is of the right form, and reported', () => {
    const sample = '1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E8EA49.001.M';
    expect([form!(sample), holds(sample)]).toEqual([true, false]);
  });

  it.each([
    '11100000000013338W',
    '11430000006122244L',
    '11330105002500287C',
    '11100000000013661B',
    '11100000MB03271699',
    '11110000000021135M',
    '12110000400777687U',
    '91330100799655058B',
    '11100000000013127D',
    '11370800MB28559184',
    '11100000MB0341032Y',
    '91610800064834709T',
  ])('%s is checked twice', (text) => {
    // biome-ignore format: a list
    expect([isUscc(text), isOrganisationCode(text.slice(8, 17))]).toEqual([true, true]);
    // The outer check character set right again over a changed inner code: the inner one tells.
    const inner = `${text.slice(0, 8)}${text[8] === '1' ? '2' : '1'}${text.slice(9, 17)}`;
    const outer = [...'0123456789ABCDEFGHJKLMNPQRTUWXY'].filter((sign) => isUscc(`${inner}${sign}`));
    expect(outer).toEqual([]);
  });
});

describe('5: colours', () => {
  const read = (name: string, region = '310000') =>
    verdictOf(sampleNamed(name).wire, { standpoint: standpointOf(region) }).document?.status;

  it('"01" from Shanghai is yellow', () => {
    expect(read('code-yellow', '310000')).toMatchObject({ raw: '01', canonical: 'yellow', rawScheme: 'sh-status' });
  });

  it('1 from Anhui is green', () => {
    expect(read('freight')).toMatchObject({ raw: '1', canonical: 'green', rawScheme: 'ah-health-level' });
  });

  it('"1" as a text is nobody’s colour', () => {
    const lists = federation.formats.flatMap(({ declaration }) =>
      JSON.stringify(declaration.map).includes('/status/canonical') ? [declaration.format] : [],
    );
    expect(lists.length).toBeGreaterThan(2);
    const format = formatOf(federation, 'ah-pass/1');
    const { wire } = sampleNamed('freight');
    const opened = format.open({ text: wire as string } as never);
    const payload = structuredClone(opened.payload) as Record<string, Record<string, unknown>>;
    payload['-66002']!['healthLevel'] = '1';
    const { findings, document } = format.convert({ ...opened, payload: payload as never }, '340000');
    expect(findings.map(({ code }) => code)).toContain('UNKNOWN_CODE_VALUE');
    expect(document.status?.canonical).toBeUndefined();
  });

  it('a pass’s grey is void, a police tier and a red driving licence are no health colours', () => {
    expect(read('pass-grey')).toMatchObject({ raw: 'grey', canonical: 'void' });
    expect(read('paper-driving-licence-red')).toMatchObject({ raw: 'red', canonical: 'abnormal' });
    const schemes = new Map(federation.catalogue.statusSchemes!.map(({ scheme, words }) => [scheme, words]));
    const health = new Set(schemes.get('health')!.map(({ word }) => word));
    for (const scheme of ['police-tier', 'driving', 'pass', 'licence'])
      expect(schemes.get(scheme)!.filter(({ word }) => health.has(word))).toEqual([]);
    // Jiangsu's own list, blue and all: words of its scheme, and no document may state one.
    const { scheme, codes } = fileOf<CodeList>('regions/320000/codes/police-tier.json');
    expect([scheme, codes.map(({ raw }) => raw)]).toEqual(['police-tier', ['red', 'yellow', 'blue']]);
    const tiers = new Set(schemes.get('police-tier')!.map(({ word }) => word));
    expect(codes.every(({ shared }) => tiers.has(shared) && !health.has(shared))).toBe(true);
    const stating = federation.catalogue.documentTypes.filter(({ statusSchemes: own }) => own?.includes('police-tier'));
    expect(stating).toEqual([]);
    const driving = federation.catalogue.documentTypes.find(({ code }) => code === 'driving-licence')!;
    expect(driving.statusSchemes).toEqual(['licence', 'driving']);
  });
});
