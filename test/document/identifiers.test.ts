import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  IDENTIFIERS,
  isCitizenNumber,
  isLicenceIdentifier,
  isOrganisationCode,
  isPlate,
  isUscc,
  misreckoned37_36,
  mod37_36,
} from '../../src/document/identifiers.ts';

/** Examples published with the standards, and codes of authorities that stand on public documents. */
const CITIZENS = ['11010519491231002X', '440524188001010014'];
const AUTHORITIES = [
  '11100000000013338W', '11430000006122244L', '11330105002500287C', '11100000000013661B', '11100000MB03271699',
  '11110000000021135M', '12110000400777687U', '91330100799655058B', '11100000000013127D', '11370800MB28559184',
]; // biome-ignore format: a list
const LICENCES = [
  '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U',
  '1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0',
  '1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9',
  '1.2.156.3005.2.11100000000013338W087.11370800MB28559184.37080001202411010001.001.3',
];

describe('check characters', () => {
  it.each(CITIZENS)('%s is a citizen number', (text) => expect(isCitizenNumber(text)).toBe(true));
  it.each(AUTHORITIES)('%s is a unified social credit code, and so is the code inside it', (text) => {
    expect(isUscc(text)).toBe(true);
    expect(isOrganisationCode(text.slice(8, 17))).toBe(true);
  });
  it.each(LICENCES)('%s is a licence identifier', (text) => expect(isLicenceIdentifier(text)).toBe(true));

  it('a licence identifier that circulates with a wrong check character is none', () => {
    const sample = '1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E8EA49.001.M';
    expect(isLicenceIdentifier(sample)).toBe(false);
  });

  it('a check character as a widespread program makes it is known as such, and is wrong', () => {
    const { holds, form, known } = IDENTIFIERS['licence-identifier']!;
    const said = 'its check character is that of a widespread program which counts letters from one too high';
    let different = 0;
    for (const text of LICENCES) {
      const checked = text.slice('1.2.156.3005.2.'.length, -2).replaceAll('.', '');
      const wrong = `${text.slice(0, -1)}${misreckoned37_36(checked)}`;
      expect(mod37_36(checked)).toBe(text.at(-1));
      if (wrong === text) continue;
      different++;
      expect([form!(wrong), holds(wrong), known!(wrong)]).toEqual([true, false, said]);
      expect(known!(text)).toBeUndefined();
    }
    expect(different).toBeGreaterThan(2);
    const sample = '1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E8EA49.001.M';
    expect([form!(sample), known!(sample)]).toEqual([true, undefined]);
  });

  it('its arithmetic, by hand', () => {
    // 0: 36+0 → 36·2 mod 37 = 35, A[36−35]. A counts 11: 47 mod 37 = 10 → 20, A[16]. Z counts 36: 72 mod 37 = 35 → 70 mod 37 = 33, A[3].
    expect(['0', 'A', 'Z'].map(misreckoned37_36)).toEqual(['1', 'G', '3']);
  });

  it('one changed sign is found wherever it stands', () => {
    for (const [isKind, text] of [
      [isCitizenNumber, CITIZENS[0]!],
      [isUscc, AUTHORITIES[0]!],
    ] as const) {
      for (let i = 0; i < text.length; i++) {
        const other = text[i] === '1' ? '2' : '1';
        expect(isKind(text.slice(0, i) + other + text.slice(i + 1))).toBe(false);
      }
    }
  });

  it('a citizen number needs a day that exists', () => {
    expect(isCitizenNumber('110105194902300020')).toBe(false);
  });
});

describe('plates', () => {
  it.each(['沪A12345', '苏E12345', '浙B8888挂', '皖A1234学', '沪AD12345', '苏E12345D', '粤Z1234港'])('%s', (plate) => {
    expect(isPlate(plate)).toBe(true);
  });
  it.each(['', 'A12345', '沪I12345', '沪O12345', '沪A1234', '沪A1234567', '沪A12I45', '沪AI12345', '沪a12345'])(
    'not %s',
    (plate) => {
      expect(isPlate(plate)).toBe(false);
    },
  );
});

describe('numbers of area and serial', () => {
  it.each([
    ['pass-number', '330421000123', true],
    ['pass-number', '030421000123', false],
    ['pass-number', '33042100012', false],
    ['road-transport-number', '340100123456', true],
    ['road-transport-number', '34010012345X', false],
    ['driver-file-number', '310000123456', true],
    ['driver-file-number', '31000012345', false],
    ['driving-licence-number', '11010519491231002X', true],
    ['driving-licence-number', '110105194912310021', false],
    ['area-code', '330421', true],
    ['area-code', '33042', false],
  ] as const)('%s %s: %s', (kind, text, good) => expect(IDENTIFIERS[kind]!.holds(text)).toBe(good));
});

it('every kind refuses the empty text and a very long one', () => {
  for (const check of Object.values(IDENTIFIERS)) {
    for (const text of ['', '1'.repeat(100_000)]) {
      expect(check.holds(text)).toBe(false);
      expect(check.form?.(text) ?? false).toBe(false);
      expect(check.known?.(text)).toBeUndefined();
    }
  }
});

const VALUES = new URL('../../../shared/data/gb/identifier-test-values.json', import.meta.url);
interface PublishedValue {
  readonly kind: string;
  readonly value: string;
  readonly checksum_ok: boolean;
}
describe.skipIf(!existsSync(VALUES))('published unified social credit codes', () => {
  const values: PublishedValue[] = existsSync(VALUES) ? JSON.parse(readFileSync(VALUES, 'utf8')) : [];
  const codes = values.filter(({ kind, value }) => kind === 'USCI' && value.length === 18);
  it('are there', () => expect(codes.length).toBeGreaterThan(20));
  it.each(codes.map(({ value, checksum_ok }) => [value, checksum_ok] as const))('%s: %s', (value, expected) => {
    expect(isUscc(value)).toBe(expected);
  });
});
