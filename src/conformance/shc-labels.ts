import type { Verdict } from '../document/generated/types.ts';

/** What an upstream error code means here. */
interface Cause {
  /** Any of these findings says the same. */
  readonly found?: readonly string[];
  /** Why the gateway does not judge it. */
  readonly alien?: string;
  /** It speaks of a list of revoked cards, which is judged when it is imported. */
  readonly list?: true;
  /** Upstream also gives it as a warning where a verifier has to refuse. */
  readonly decides?: true;
}

const symbol = {
  alien: 'speaks of the printed symbol (its version, its segments), of which a reader gives only the text',
};
const x5c = {
  alien: 'certificates in a key set (x5c) are not looked at: its address or a directory vouches for a key',
};
const fhir = { alien: 'a FHIR profile; the gateway reads what the shared document needs' };
const link = { alien: 'SMART Health Links point to a server that has to be asked' };

/** The upstream validator's error codes, one row each. */
export const CAUSES: Readonly<Record<string, Cause>> = {
  TRAILING_CHARACTERS: { found: ['MALFORMED'] },
  NOT_YET_VALID: { found: ['NOT_YET_VALID'], decides: true },
  // Milliseconds for seconds give a time that no calendar has.
  EXPIRATION_ERROR: { found: ['EXPIRED', 'FIELD_INVALID', 'DATES_CONTRADICT'], decides: true },
  INFLATION_ERROR: { found: ['MALFORMED', 'LIMIT_EXCEEDED'] },
  JSON_PARSE_ERROR: { found: ['MALFORMED'] },
  JWS_HEADER_ERROR: { found: ['MALFORMED', 'NOT_RECOGNISED', 'ALGORITHM_NOT_ALLOWED'] },
  JWS_VERIFICATION_ERROR: {
    // What cannot be read, or whose key nobody has, does not verify either.
    found: ['SIGNATURE_INVALID', 'UNKNOWN_ISSUER', 'ISSUER_MISMATCH', 'MALFORMED', 'NOT_RECOGNISED'],
  },
  SIGNATURE_FORMAT_ERROR: { found: ['SIGNATURE_INVALID'] },
  SCHEMA_ERROR: { found: ['FIELD_INVALID', 'FIELD_MISSING', 'TYPE_NOT_DETERMINED'] },
  INVALID_NUMERIC_QR: { found: ['MALFORMED', 'LIMIT_EXCEEDED'] },
  INVALID_NUMERIC_QR_HEADER: { found: ['MALFORMED', 'NOT_RECOGNISED', 'PARTS_MIXED'] },
  MISSING_QR_CHUNK: { found: ['PARTS_MISSING'] },
  UNBALANCED_QR_CHUNKS: symbol,
  QR_DECODE_ERROR: { found: ['PICTURE_WITHOUT_CODE'] },
  QR_CHUNKING_DEPRECATED: { alien: 'cards in several codes are deprecated, and still read' },
  JWS_TOO_LONG: { alien: 'a limit for those who print codes' },
  INVALID_QR: symbol,
  INVALID_QR_VERSION: symbol,
  ISSUER_KEY_DOWNLOAD_ERROR: { found: ['UNKNOWN_ISSUER', 'ISSUER_MISMATCH'] },
  ISSUER_NOT_TRUSTED: { found: ['UNKNOWN_ISSUER'] },
  ISSUER_KID_MISMATCH: { found: ['ISSUER_MISMATCH'] },
  INVALID_ISSUER_URL: { found: ['UNKNOWN_ISSUER', 'ISSUER_MISMATCH'] },
  REVOCATION_ERROR: { list: true },
  INVALID_FILE_EXTENSION: { alien: 'the name of a file is not part of the document' },
  FHIR_SCHEMA_ERROR: fhir,
  PROFILE_ERROR: fhir,
  SHLINK_NOT_HTTPS_URL: link,
  SHLINK_INVALID_PASSCODE: link,
  INVALID_KEY_X5C: x5c,
};

/** Types of file that are no card, and why nothing is judged. */
export const NOT_CARDS: Readonly<Record<string, string>> = {
  fhirbundle: 'a bare FHIR bundle has no issuer and no signature: what the label judges is a FHIR profile',
  shlink: link.alien,
  shlpayload: link.alien,
  shlmanifest: link.alien,
  null: link.alien,
};

/**
 * What an upstream test expects. In: its arguments as the labels' file keeps them, `['files'], 'type', [errors,
 * warnings], {options}`, each a count or a list of `ec.CODE`. A count of 0, and nothing at all, mean none.
 */
export function expectationOf(raw: string): { errors: readonly string[]; warnings: readonly string[] } {
  const [, lists = ''] =
    /^(?:\[[^\]]*\]|'[^']*'|"[^"]*"),\s*(?:'[^']*'|"[^"]*"),\s*\[(.*?)\](?:,\s*\{.*)?$/s.exec(raw) ?? [];
  const elements = [...lists.matchAll(/\[([^\]]*)\]|[A-Z_]+|\d+/g)].map(([, inner = '']) =>
    [...inner.matchAll(/ec\.([A-Z_0-9]+)/g)].map(([, code]) => code!),
  );
  return { errors: elements[0] ?? [], warnings: elements.slice(1).flat() };
}

/** Codes of what went wrong, or was told, in a verdict. */
export const codesIn = ({ findings }: Verdict): readonly string[] =>
  findings.filter(({ result }) => result !== 'pass').map(({ code }) => code);
