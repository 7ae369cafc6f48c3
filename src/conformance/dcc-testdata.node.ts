import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { decodeBase45 } from '../codec/base45.ts';
import { decodeBase64 } from '../codec/base64url.ts';
import { sameBytes } from '../codec/bytes.ts';
import { decodeCbor } from '../codec/cbor.ts';
import { encodeCbor } from '../codec/cbor-writer.ts';
import { decodeHex } from '../codec/hex.ts';
import { inflate } from '../codec/inflate.ts';
import { CODE_LIMITS } from '../codec/limits.ts';
import { nodePictureReader } from '../codec/picture.node.ts';
import type { PictureReader } from '../codec/picture.ts';
import type { Value } from '../codec/value.ts';
import { Broken } from '../document/broken.ts';
import type { Finding } from '../document/generated/types.ts';
import { valueAt } from '../document/pointer.ts';
import { certificateKeyId } from '../federation/signer.node.ts';
import { open } from '../format/open.ts';
import { type Journey, journey } from '../journey.ts';
import type { Files } from '../region/pack.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { sameData } from './compare.ts';
import { declarations, neutralStandpoint } from './neutral.node.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

const REGION = 'x-eu-dcc';
const DCC = ['-260', '1'] as const;

interface Raw {
  readonly JSON?: Record<string, unknown>;
  readonly CBOR?: string;
  readonly COSE?: string;
  readonly COMPRESSED?: string;
  readonly BASE45?: string;
  readonly PREFIX?: string;
  readonly '2DCODE'?: string;
  readonly TESTCTX: { readonly CERTIFICATE?: string; readonly VALIDATIONCLOCK: string };
  readonly EXPECTEDRESULTS: Readonly<Record<string, boolean | undefined>>;
}

interface Case {
  readonly raw: Raw;
  readonly standpoint: Standpoint;
  readonly pictures: PictureReader;
  /** The whole journey from the QR text, walked once. */
  readonly walked: Journey;
}

/** True: the step succeeded. A thrown Broken counts as false. Undefined: the case lacks what the label speaks of. */
type Check = (each: Case) => boolean | undefined | Promise<boolean | undefined>;

const has = (findings: readonly Finding[], ...codes: string[]): boolean =>
  findings.some(({ code }) => codes.includes(code));
/** Some put the whole CWT into the field CBOR, most only the statement. */
const statement = (payload: Value | undefined): unknown => valueAt(payload, DCC) ?? payload;

/** The CBOR field, or where a case has none, what its code holds. */
const cborOf = ({ raw, walked }: Case): Value | undefined =>
  raw.CBOR === undefined ? walked.opened?.payload : decodeCbor(decodeHex(raw.CBOR), CODE_LIMITS);

/** Why a label of a case cannot hold, found in the case itself. */
function contradiction(each: Case): string {
  const { raw, walked } = each;
  if (raw.JSON === undefined || raw.CBOR === undefined || walked.opened === undefined) return '';
  const inCode = statement(walked.opened.payload);
  const own = sameData(statement(cborOf(each)), inCode) && !sameData(inCode, raw.JSON);
  return own ? '; a fault of the case: its CBOR and its code say the same, and its JSON says something else' : '';
}

/** One row for each label of the data's README: what it asserts, in terms of our own steps. */
const LABELS: Readonly<Record<string, Check>> = {
  EXPECTEDPICTUREDECODE: async ({ raw, pictures }) => {
    if (raw['2DCODE'] === undefined) return undefined;
    const codes = await pictures.read(decodeBase64(raw['2DCODE'].replace(/\s/g, '')));
    return codes.some((code) => code.text === raw.PREFIX);
  },
  EXPECTEDUNPREFIX: ({ raw, standpoint }) => {
    const { format } = open({ text: raw.PREFIX! }, standpoint, standpoint.clock());
    const prefix = format && 'recognise' in format.declaration ? format.declaration.recognise.prefix : undefined;
    return prefix !== undefined && (raw.BASE45 === undefined || raw.PREFIX!.slice(prefix.length) === raw.BASE45);
  },
  EXPECTEDB45DECODE: ({ raw }) => {
    const decoded = decodeBase45(raw.BASE45!);
    return raw.COMPRESSED === undefined || sameBytes(decoded, decodeHex(raw.COMPRESSED));
  },
  EXPECTEDCOMPRESSION: ({ raw }) => {
    const compressed = raw.COMPRESSED === undefined ? decodeBase45(raw.BASE45!) : decodeHex(raw.COMPRESSED);
    const inflated = inflate(compressed, CODE_LIMITS, 'zlib');
    return raw.COSE === undefined || sameBytes(inflated, decodeHex(raw.COSE));
  },
  EXPECTEDDECODE: (each) => sameData(statement(cborOf(each)), each.raw.JSON),
  EXPECTEDENCODE: (each) =>
    sameData(decodeCbor(encodeCbor(each.raw.JSON as Value), CODE_LIMITS), statement(cborOf(each))),
  EXPECTEDVALIDJSON: (each) => sameData(statement(each.walked.opened?.payload), each.raw.JSON),
  // The README says "validate against the schema", as it does for SCHEMAVALIDATION; many cases say of one and the same
  // object that it is valid here and invalid there. So this can only mean its build: one statement of one kind.
  EXPECTEDVALIDOBJECT: ({ raw }) =>
    ['v', 't', 'r'].filter((kind) => (raw.JSON?.[kind] as unknown[] | null | undefined)?.length === 1).length === 1,
  EXPECTEDSCHEMAVALIDATION: ({ walked }) =>
    walked.converted !== undefined &&
    !walked.verdict.findings.some(
      ({ stage, result }) =>
        (stage === 'convert' || stage === 'validate') && (result === 'fail' || result === 'unknown'),
    ),
  EXPECTEDVERIFY: ({ walked }) => walked.evidence?.key !== undefined,
  EXPECTEDEXPIRATIONCHECK: ({ walked }) =>
    walked.converted !== undefined && !has(walked.verdict.findings, 'EXPIRED', 'NOT_YET_VALID'),
  // Misspelt in four files; it stands where the others have EXPIRATIONCHECK, and what it is said of has not expired.
  EXPTECTEDEXPIRED: ({ walked }) =>
    walked.converted !== undefined && !has(walked.verdict.findings, 'EXPIRED', 'NOT_YET_VALID'),
  // Asks whether the certificate beside the case may sign such a document, also where another one did sign it.
  EXPECTEDKEYUSAGE: ({ walked, standpoint }) => {
    const { documentType } = walked.opened?.claims ?? {};
    const [key] = standpoint.trust.unnamed(REGION);
    return documentType !== undefined && key?.documentTypes.has(documentType) === true;
  },
};

/** Some clocks write +0000, some have no offset at all (then UTC), some count in tenths of microseconds. */
function clockOf(text: string): number {
  const [, moment, zone = ''] = /^([^Z+]+?)(?:\.\d+)?(Z|\+.*)?$/.exec(text) ?? [];
  return Date.parse(`${moment}${zone === '' ? 'Z' : zone.replace(/^(\+\d\d)(\d\d)$/, '$1:$2')}`);
}

async function judge(raw: Raw, files: Files, pictures: PictureReader): Promise<Outcome> {
  const labels = Object.entries(raw.EXPECTEDRESULTS).filter(
    (label): label is [string, boolean] => typeof label[1] === 'boolean',
  );
  if (labels.length === 0) return notApplicable('it has no labels');
  const certificate = raw.TESTCTX.CERTIFICATE;
  const now = clockOf(raw.TESTCTX.VALIDATIONCLOCK);
  const issuers =
    certificate === undefined ? [] : [{ keyId: certificateKeyId(decodeBase64(certificate)), certificate }];
  const standpoint = neutralStandpoint(files, REGION, issuers, now);
  const walked = journey({ text: raw.PREFIX ?? '' }, standpoint, { purpose: 'checkpoint', at: now });
  const each: Case = { raw, standpoint, pictures, walked };
  const differing: string[] = [];
  const unjudged: string[] = [];
  for (const [label, expected] of labels) {
    const check = LABELS[label];
    if (check === undefined) return differ(`label ${label} is not known here`);
    let found: boolean | undefined = false;
    let why = '';
    try {
      found = await check(each);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      why = ` (${error.part}: ${error.message})`;
    }
    if (found === undefined) unjudged.push(`${label}: the case lacks what it speaks of`);
    else if (found !== expected) differing.push(`${label} is ${expected}, found ${found}${why}`);
  }
  if (unjudged.length === labels.length) return notApplicable(unjudged.join('; '));
  if (differing.length === 0) return unjudged.length === 0 ? agree() : agree(unjudged.join('; '));
  const seen = walked.verdict.findings.filter(({ result }) => result === 'fail' || result === 'unknown');
  return differ(
    `${differing.join('; ')}${contradiction(each)}; findings: ${seen.map(({ code, at, detail }) => `${code} ${at ?? ''} ${detail ?? ''}`.trim()).join(', ')}`,
  );
}

/** EU DCC test cases of the member states: DIR is the dgc-testdata folder, cases are `<CC>/…/raw/*.json`. */
export const dccTestdata: Suite = {
  name: 'dcc-testdata',
  summary:
    '成员国的欧盟 DCC 测试数据：每个案例的每个标签 · EU DCC test data of the member states: every label of every case',
  async run(dir, report, progress) {
    const found = await readdir(dir, { recursive: true });
    const cases = found.filter((file) => /(^|\/)raw\/[^/]+\.json$/.test(file)).sort();
    if (cases.length === 0) throw new Error(`${dir}: no cases (raw/*.json) in this folder`);
    const [files, pictures] = await Promise.all([declarations(), nodePictureReader()]);
    for (const [index, file] of cases.entries()) {
      const raw = JSON.parse(await readFile(join(dir, file), 'utf8')) as Raw;
      report({ name: relative('.', file), ...(await judge(raw, files, pictures)) });
      progress?.(index + 1, cases.length);
    }
  },
};
