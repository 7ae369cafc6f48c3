import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { encodeHex } from '../codec/hex.ts';
import { writeJson } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { instantOf } from '../document/time.ts';
import { IMPORTERS, type Imported } from '../federation/importers.ts';
import { present } from '../intake.ts';
import { journey } from '../journey.ts';
import type { Files } from '../region/pack.ts';
import { readCrl } from '../trust/crl.ts';
import { declarations, neutralStandpoint } from './neutral.node.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

const REGION = 'x-vds-nc';
const LABELS = 'expected.json';
const HOUR_MS = 3_600_000;

/** What a label says, one row each: the verdict's outcome, and a finding that must be among its reasons. */
const EXPECTATIONS: Readonly<Record<string, { readonly outcome: string; readonly reason?: string }>> = {
  'verifies against csca-AUS.der + CRL': { outcome: 'accept' },
  VERIFY_SIGNATURE_ERROR: { outcome: 'refuse', reason: 'SIGNATURE_INVALID' },
  JSON_DECODING_ERROR: { outcome: 'undetermined', reason: 'NOT_RECOGNISED' },
};

/** ICAO VDS-NC seals, each judged by the authority and the list of revoked certificates that lie beside it. */
export const vdsNc: Suite = {
  name: 'vds-nc',
  summary:
    'ICAO VDS-NC 数字印章：有效的、被改动的、完全不是的，连同其机构及吊销列表 · ICAO VDS-NC seals: valid, modified and none at all, with their authority and its CRL',
  async run(dir, report, progress) {
    const found = await readdir(dir, { recursive: true, withFileTypes: true });
    const paths = found
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    const labelled = paths.filter((path) => basename(path) === LABELS);
    if (labelled.length === 0) throw new Error(`${dir}: no labels (${LABELS}) in this folder`);
    const files = await declarations();
    const houses = new Map(
      await Promise.all(
        labelled.map(async (path) => [dirname(path), await houseAt(dirname(path), paths, files)] as const),
      ),
    );
    const cases = paths.filter((path) => basename(path) !== LABELS && !/^(LICENSE|NOTICE)/.test(basename(path)));
    for (const [index, path] of cases.entries()) {
      const house = houses.get(dirname(path));
      const bytes = await readFile(path);
      report({ name: path.slice(dir.length + 1), ...(await judge(path, bytes, house)) });
      progress?.(index + 1, cases.length);
    }
  },
};

/** A folder with labels: what is said of its files, and what it gives to judge them by. */
interface House {
  readonly labels: Readonly<Record<string, unknown>>;
  readonly imported: Imported;
  readonly files: Files;
  /** The last hour in which the newest list is current: seals say nothing of when they were signed. */
  readonly at: number;
}

async function houseAt(folder: string, paths: readonly string[], files: Files): Promise<House> {
  const labels = JSON.parse(await readFile(join(folder, LABELS), 'utf8')) as Record<string, unknown>;
  const companions = paths.filter((path) => dirname(path) === folder && /\.(der|crt|crl)$/.test(path));
  const given = new Map<string, Uint8Array>();
  for (const path of companions) given.set(basename(path), await readFile(path));
  const imported = IMPORTERS['anchors']!.read({ files: given, key: undefined, platform: nodePlatform });
  const crls = imported.crls ?? [];
  const at = Math.max(...crls.map((der) => readCrl(der).nextUpdate)) - HOUR_MS;
  const pack = new Map(files);
  const list = { issued: instantOf(at), issuers: imported.issuers } as unknown as Value;
  pack.set(`regions/${REGION}/anchors/suite.json`, encodeUtf8(writeJson(list)));
  for (const [i, der] of crls.entries()) pack.set(`regions/${REGION}/crls/suite-${i}.crl`, der);
  return { labels, imported, files: pack, at };
}

async function judge(path: string, bytes: Uint8Array, house: House | undefined): Promise<Outcome> {
  const name = basename(path);
  const label = house?.labels[name];
  if (house !== undefined && label !== undefined) return judgeSeal(bytes, String(label), house);
  if (house !== undefined && /\.(der|crt|crl)$/.test(name)) {
    const left = house.imported.left.find(({ what }) => what === name);
    return left === undefined ? agree('imported as anchor or list') : differ(left.why);
  }
  if (house !== undefined && name.endsWith('.sha256')) return judgeDigest(path, bytes);
  return notApplicable(reasonFor(name, bytes));
}

async function judgeSeal(bytes: Uint8Array, label: string, { files, at }: House): Promise<Outcome> {
  const wanted = EXPECTATIONS[label];
  if (wanted === undefined) return differ(`label "${label}" is not known here`);
  const standpoint = neutralStandpoint(files, REGION, [], at);
  const presented = await present(bytes, () => Promise.reject(new Error('a seal is no picture')));
  const { verdict } = journey(presented, standpoint, { purpose: 'checkpoint', at });
  const same =
    verdict.outcome === wanted.outcome && (wanted.reason === undefined || verdict.reasons.includes(wanted.reason));
  const seen = verdict.findings.filter(({ result }) => result === 'fail' || result === 'unknown');
  const summary = seen.map(({ code, at: where, detail }) => [code, where, detail].filter(Boolean).join(' ')).join(', ');
  return same ? agree() : differ(`${label}; found ${verdict.outcome}: ${summary}`);
}

/** `name.sha256` holds the digest of `name.der`, by which people compare an authority's certificate. */
async function judgeDigest(path: string, bytes: Uint8Array): Promise<Outcome> {
  const wanted = new TextDecoder().decode(bytes).trim().split(/\s/)[0]!.toLowerCase();
  const certificate = await readFile(path.replace(/\.sha256$/, '.der'));
  const found = encodeHex(nodePlatform.digest('SHA-256', certificate));
  return found === wanted ? agree() : differ(`the certificate's SHA-256 is ${found}`);
}

/** BSI TR-03137 and ICAO Doc 9303-13: the magic constant that a binary seal begins with. */
const BINARY_SEAL = 0xdc;
/** DER of the OID of CMS signed data (RFC 5652 §5.1). */
const SIGNED_DATA = '06092a864886f70d010702';

/** What a file without a label is, by what is in it. */
function reasonFor(name: string, bytes: Uint8Array): string {
  if (bytes[0] === BINARY_SEAL)
    return 'a binary seal (Doc 9303-13): another format, whose signer’s certificate is not part of it and not here';
  if (encodeHex(bytes.subarray(0, 32)).includes(SIGNED_DATA))
    return 'a signed list of authorities (CMS): no seal, and such lists are not imported yet';
  if (/\.(crt|der)$/.test(name)) return 'a certificate for binary seals, with no seal that names it';
  return 'a definition that other software works by: no seal';
}
