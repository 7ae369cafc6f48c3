import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type OfdSignature, openOfd } from '../codec/ofd.ts';
import type { Proof } from '../codec/proof.ts';
import { readSeal, readSealSignature } from '../codec/seal.ts';
import { PACKAGE_LIMITS } from '../codec/zip.ts';
import { algorithmOfOid } from '../crypto/algorithms.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import { publicKeyOf, readCertificate } from '../trust/certificate.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

interface Expected {
  readonly file: string;
  readonly signature: string;
  readonly kind: string;
  readonly references: { readonly ok: number; readonly bad: number; readonly missing: number };
  /** Null: not checked by whoever made the labels. */
  readonly dataHash: boolean | null;
  readonly signatureValid: boolean | null;
}

/** The labels' words for the kinds of signature values. */
const KINDS: Readonly<Record<string, (signature: OfdSignature) => boolean>> = {
  V4: ({ seal }) => seal?.version === 4,
  'GM PKCS7': ({ kind }) => kind === 'cms',
  'raw SM2 r,s': ({ kind }) => kind === 'raw',
};

/** Sealed and signed OFD files: what each signature covers, and whether it is good by the certificate it carries. */
export const ofd: Suite = {
  name: 'ofd',
  summary:
    '带 GB/T 38540 印章和其他签名的 OFD 文件：逐一核对引用、数据摘要、签名值 · OFD files with GB/T 38540 seals and other signatures: references, data hash, signature value of each',
  async run(dir, report, progress) {
    const { cases } = JSON.parse(await readFile(join(dir, 'EXPECTED.json'), 'utf8')) as { cases: readonly Expected[] };
    const files = (await readdir(dir, { recursive: true })).sort();
    const labelled = new Set(cases.map(({ file }) => file));
    const loose = files.filter((file) => UNLABELLED[extname(file)] !== undefined && !labelled.has(file));
    const total = cases.length + loose.length;
    let done = 0;
    for (const expected of cases) {
      const bytes = await bytesOf(join(dir, expected.file));
      report({ name: `${expected.file} ${expected.signature}`, ...orBroken(() => judge(bytes, expected)) });
      progress?.(++done, total);
    }
    for (const file of loose) {
      if (!(await stat(join(dir, file))).isFile()) continue;
      const bytes = await bytesOf(join(dir, file));
      report({ name: file, ...orBroken(() => UNLABELLED[extname(file)]!(bytes)) });
      progress?.(++done, total);
    }
  },
};

const bytesOf = async (path: string): Promise<Uint8Array> => new Uint8Array(await readFile(path));

function orBroken(run: () => Outcome): Outcome {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return differ(`not opened: ${error.part}: ${error.message}`);
  }
}

function judge(bytes: Uint8Array, expected: Expected): Outcome {
  const { signatures, uncovered } = openOfd(bytes, PACKAGE_LIMITS, nodePlatform.digest);
  const found = signatures.find(({ file }) => file === expected.signature);
  if (found === undefined) return differ('no such signature was found');
  const count = (...states: string[]): number => found.references.filter(({ state }) => states.includes(state)).length;
  const value = found.attestations.map(({ proof }) => verdictOn(proof));
  const rows: [string, unknown, unknown][] = [
    ['kind', KINDS[expected.kind]?.(found) ?? false, true],
    ['references ok', count('ok'), expected.references.ok],
    ['references bad', count('altered', 'superseded'), expected.references.bad],
    ['references missing', count('missing'), expected.references.missing],
  ];
  if (expected.dataHash !== null) rows.push(['data hash', found.dataHashMatches, expected.dataHash]);
  if (expected.signatureValid !== null)
    rows.push(['signature', value.every((word) => word === 'good'), expected.signatureValid]);
  const differing = rows.filter(([, ours, theirs]) => ours !== theirs);
  if (differing.length > 0) {
    return differ(differing.map(([what, ours, theirs]) => `${what}: ${ours}, expected ${theirs}`).join('; '));
  }
  const remarks = [
    ...(expected.dataHash === null && found.dataHashMatches !== undefined
      ? [`data hash (no label): ${found.dataHashMatches}`]
      : []),
    ...(expected.signatureValid === null ? [`signature (no label): ${value.join(', ')}`] : []),
    ...found.attestations.flatMap(({ seal }) => (seal ? [`seal's maker (no label): ${verdictOn(seal.maker)}`] : [])),
    ...(uncovered.length > 0 ? [`parts without a signature: ${uncovered.join(', ')}`] : []),
  ];
  const worth = remarks.filter((remark) => !remark.endsWith('maker (no label): good'));
  return worth.length === 0 ? agree() : agree(worth.join('; '));
}

/** The signature by the certificate that came with it, whoever that is. */
function verdictOn({ algorithm, signed, signature, certificates }: Proof): string {
  const row = algorithmOfOid(algorithm.slice('oid:'.length));
  const [certificate] = certificates ?? [];
  if (certificate === undefined) return 'no certificate to check it by';
  if (row === undefined) return `algorithm ${algorithm}`;
  const check = nodePlatform.prepare(row.name, publicKeyOf(readCertificate(certificate)));
  return check?.(signed, signature) ? 'good' : 'bad';
}

/** Files without labels, by extension: nothing to agree with, but what is found is told. */
const UNLABELLED: Readonly<Record<string, (bytes: Uint8Array) => Outcome>> = {
  '.ofd': (bytes) => {
    const { signatures } = openOfd(bytes, PACKAGE_LIMITS, nodePlatform.digest);
    return notApplicable(`no label; opened, ${signatures.length} signatures`);
  },
  '.esl': (bytes) => {
    const { version, maker } = readSeal(bytes, PACKAGE_LIMITS);
    return notApplicable(`no label; a seal of version ${version}, its maker: ${verdictOn(maker)}`);
  },
  '.dat': (bytes) => {
    const { seal, proof } = readSealSignature(bytes, PACKAGE_LIMITS);
    return notApplicable(
      `no label; a signature with a seal of version ${seal.version}: ${verdictOn(proof)}, its maker: ${verdictOn(seal.maker)}`,
    );
  },
};
