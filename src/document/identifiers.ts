import { exists } from './time.ts';

/**
 * Chinese identifiers and their check characters. Each function says whether a text is a well-formed identifier of its
 * kind; none says that it was ever issued. The standards' full texts were not at hand: the algorithms are as published
 * and agree with the published examples (see the tests).
 */

const ALNUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** GB 32100: digits and capitals without I, O, S, V, Z. */
const USCC = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC_FORM = /^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/;

/** A citizen number but for its check character: area and an existing day of birth. */
const hasCitizenForm = (text: string): boolean =>
  /^[1-9]\d{5}(?:18|19|20)\d{9}[0-9X]$/.test(text) &&
  exists(`${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`);

/** GB 11643 citizen number (公民身份号码): area, an existing day of birth, and the ISO 7064 MOD 11-2 check character. */
export function isCitizenNumber(text: string): boolean {
  if (!hasCitizenForm(text)) return false;
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
  if (!USCC_FORM.test(text)) return false;
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

/** The parts of a licence identifier, as written. */
export interface LicenceIdentifier {
  /** Licence type code: the USCC of whoever defines the type, and three signs. */
  readonly type: string;
  /** Issuing body: a USCC, or an area code of six digits as some local systems write. */
  readonly issuer: string;
  /** Type, issuer, serial and version without dots: what the check character is over. */
  readonly checked: string;
  readonly check: string;
}

const LICENCE = /^1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{18}|\d{6})\.([0-9A-Z]{1,40})\.(\d{3})\.([0-9A-Z])$/;

/** Licence identifier (证照标识, GB/T 36904): root, type code, issuing body, serial, version, check character. */
export function readLicenceIdentifier(text: string): LicenceIdentifier | undefined {
  const match = LICENCE.exec(text);
  if (match === null) return undefined;
  const [, type, issuer, serial, version, check] = match as unknown as string[];
  return { type: type!, issuer: issuer!, checked: `${type}${issuer}${serial}${version}`, check: check! };
}

export function isLicenceIdentifier(text: string): boolean {
  const read = readLicenceIdentifier(text);
  return read !== undefined && mod37_36(read.checked) === read.check;
}

/**
 * The check character as a program makes it that many systems use: it counts letters from one too high and the result from
 * one too low. What it wrote is still wrong; but it is no sign of forgery, and whoever reads the finding knows whom to call.
 */
export function misreckoned37_36(text: string): string {
  let p = 36;
  for (const sign of text) {
    const value = ALNUM.indexOf(sign);
    const counted = value < 10 ? value : value + 1;
    const sum = p + counted;
    const reduced = value < 10 ? (sum > 36 ? sum % 36 : sum) : sum > 37 ? sum % 37 : sum;
    p = ((reduced % 36 || 36) * 2) % 37;
  }
  return ALNUM[36 - p]!;
}

function knownLicenceFault(text: string): string | undefined {
  const read = readLicenceIdentifier(text);
  return read !== undefined && misreckoned37_36(read.checked) === read.check
    ? 'its check character is that of a widespread program which counts letters from one too high'
    : undefined;
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
const isPassNumber = (text: string): boolean => /^[1-9]\d{11}$/.test(text);

/** Road transport certificate number (道路运输证号): as a pass number, area and serial. */
const isRoadTransportNumber = isPassNumber;

/** File number of a driver (驾驶证档案编号): twelve digits. The number of the licence itself is the citizen number. */
const isDriverFileNumber = (text: string): boolean => /^\d{12}$/.test(text);

/** Area code (GB/T 2260) by its form: whether it is a place, and was one then, is asked of areas.ts. */
const isAreaCode = (text: string): boolean => /^[1-9]\d{5}$/.test(text);

/** One kind of identifier. */
export interface IdentifierKind {
  /** Well-formed, its check character included. */
  holds(text: string): boolean;
  /** Well-formed but for its check character, where it has one. */
  form?(text: string): boolean;
  /** What is known of a wrong one, in words. */
  known?(text: string): string | undefined;
}

/** The kinds of identifier that a declaration can ask to be checked, one row each. */
export const IDENTIFIERS: Readonly<Record<string, IdentifierKind>> = {
  'citizen-number': { holds: isCitizenNumber, form: hasCitizenForm },
  uscc: { holds: isUscc, form: (text) => USCC_FORM.test(text) },
  'organisation-code': { holds: isOrganisationCode, form: (text) => /^[0-9A-Z]{8}-?[0-9X]$/.test(text) },
  'licence-identifier': {
    holds: isLicenceIdentifier,
    form: (text) => readLicenceIdentifier(text) !== undefined,
    known: knownLicenceFault,
  },
  plate: { holds: isPlate },
  'pass-number': { holds: isPassNumber },
  'road-transport-number': { holds: isRoadTransportNumber },
  'driving-licence-number': { holds: isCitizenNumber, form: hasCitizenForm },
  'driver-file-number': { holds: isDriverFileNumber },
  'area-code': { holds: isAreaCode },
};

/** Holders' identifiers by 持证主体代码类型代码 (GB/T 36903). Types that are not here are numbers of other countries and services. */
export const HOLDER_IDENTIFIERS: Readonly<Record<string, string>> = { '001': 'uscc', '111': 'citizen-number' };
