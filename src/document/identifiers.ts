import { exists } from './time.ts';

/**
 * Chinese identifiers and their check characters. Each function says whether a text is a well-formed identifier of its
 * kind; none says that it was ever issued. The standards' full texts were not at hand: the algorithms are as published
 * and agree with the published examples (see the tests).
 */

const ALNUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** GB 32100: digits and capitals without I, O, S, V, Z. */
const USCC = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** GB 11643 citizen number (公民身份号码): area, an existing day of birth, and the ISO 7064 MOD 11-2 check character. */
export function isCitizenNumber(text: string): boolean {
  if (!/^[1-9]\d{5}(?:18|19|20)\d{9}[0-9X]$/.test(text)) return false;
  const day = `${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`;
  if (!exists(day)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(text[i]), 0);
  return '10X98765432'[sum % 11] === text[17];
}

/** GB 11714 organisation code (组织机构代码), with or without its hyphen. */
export function isOrganisationCode(text: string): boolean {
  const match = /^([0-9A-Z]{8})-?([0-9X])$/.exec(text);
  if (match === null) return false;
  const weights = [3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * ALNUM.indexOf(match[1]![i]!), 0);
  return '0X987654321'[sum % 11] === match[2];
}

/** GB 32100 unified social credit code (统一社会信用代码): its own check character, and that of the code inside it. */
export function isUscc(text: string): boolean {
  if (!/^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(text)) return false;
  let weight = 1;
  let sum = 0;
  for (let i = 0; i < 17; i++) {
    sum += weight * USCC.indexOf(text[i]!);
    weight = (weight * 3) % 31;
  }
  return USCC[(31 - (sum % 31)) % 31] === text[17] && isOrganisationCode(text.slice(8, 17));
}

/** ISO/IEC 7064 MOD 37,36 check character over digits and capitals. Undefined if the text holds anything else. */
export function mod37_36(text: string): string | undefined {
  let p = 36;
  for (const sign of text) {
    const value = ALNUM.indexOf(sign);
    if (value < 0) return undefined;
    p = (p + value) % 36 || 36;
    p = (p * 2) % 37;
  }
  return ALNUM[(37 - p) % 36];
}

/**
 * Licence identifier (证照标识, GB/T 36904): root, type code, issuing body, serial, version and check character. The
 * issuing body is a USCC; some local systems write a six-digit area code instead, which is taken as well.
 */
export function isLicenceIdentifier(text: string): boolean {
  const match =
    /^1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{18}|\d{6})\.([0-9A-Z]{1,40})\.(\d{3})\.([0-9A-Z])$/.exec(text);
  if (match === null) return false;
  const [, type, issuer, serial, version, check] = match;
  return mod37_36(`${type}${issuer}${serial}${version}`) === check;
}

/**
 * Number plate (GA 36): province, letter, five signs; new energy: six (small: D, A … first or last; large: letter last).
 * The special endings for trailers, schools, police, Hong Kong and Macao are taken.
 */
export function isPlate(text: string): boolean {
  return PLATE.test(text) || NEW_ENERGY.test(text);
}

const PROVINCE = '京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新';
const PLATE = new RegExp(`^[${PROVINCE}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]$`);
const NEW_ENERGY = new RegExp(`^[${PROVINCE}][A-HJ-NP-Z](?:[A-HJK][A-HJ-NP-Z0-9]\\d{4}|\\d{5}[A-HJK])$`);

/** Pass number of the unified style (全国统一式样): six digits of the area, six of the serial. */
export const isPassNumber = (text: string): boolean => /^[1-9]\d{11}$/.test(text);

/** The kinds of identifier that a declaration can ask to be checked, one row each. */
export const IDENTIFIERS: Readonly<Record<string, (text: string) => boolean>> = {
  'citizen-number': isCitizenNumber,
  uscc: isUscc,
  'organisation-code': isOrganisationCode,
  'licence-identifier': isLicenceIdentifier,
  plate: isPlate,
  'pass-number': isPassNumber,
};
