import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { derOf, enter, inside, oidOf, read, TAG } from '../codec/der.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import { buildPath, mayHaveIssued } from '../trust/build.ts';
import {
  algorithmIsInUse,
  type Certificate,
  publicKeyOf,
  readCertificate,
  signatureCheck,
} from '../trust/certificate.ts';
import { type Crl, readCrl } from '../trust/crl.ts';
import { ANY_POLICY } from '../trust/path-extensions.ts';
import { linksOf, statusOf } from '../trust/revocation.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

/** A case of vectors.json, as the Go project took it from the description of the test suite. */
interface Vector {
  readonly Name: string;
  /** Files, the anchor's first. */
  readonly CertPath: readonly string[];
  readonly CRLPath: readonly string[] | null;
  readonly ShouldValidate: boolean;
  /** `anyPolicy`, or names of the test suite's own policies. */
  readonly InitialPolicySet: readonly string[];
  readonly InitialPolicyMappingInhibit: boolean;
  readonly InitialExplicitPolicy: boolean;
  readonly InitialAnyPolicyInhibit: boolean;
}

/** The test suite's policies (PKITS §3): `NIST-test-policy-1` is the first below this arc. */
const TEST_POLICY = /^NIST-test-policy-(\d+)$/;
const TEST_ARC = '2.16.840.1.101.3.2.1.48';
/** The certificates are made for 2010 to 2030, and those that have expired did so before. */
const CLOCK = Date.UTC(2020, 0, 1);

/** NIST's PKI test suite: paths with every constraint, policy and kind of list in RFC 5280. */
export const pkits: Suite = {
  name: 'pkits',
  summary:
    'NIST PKI 测试套件：带约束、策略和吊销列表的证书路径 · NIST PKITS: certificate paths with constraints, policies and lists of revoked certificates',
  async run(dir, report, progress) {
    const files = (await readdir(dir, { recursive: true })).sort();
    const vectors = files.find((file) => basename(file) === 'vectors.json');
    if (vectors === undefined) throw new Error('no vectors.json');
    const cases = JSON.parse(await readFile(join(dir, vectors), 'utf8')) as readonly Vector[];
    const bytes = new Map<string, Uint8Array>();
    for (const file of files.filter((name) => /\.(crt|crl)$/.test(name)))
      bytes.set(basename(file), new Uint8Array(await readFile(join(dir, file))));
    cases.forEach((vector, i) => {
      report({ name: vector.Name, ...judge(vector, bytes) });
      progress?.(i + 1, cases.length);
    });
  },
};

function judge(vector: Vector, bytes: ReadonlyMap<string, Uint8Array>): Outcome {
  const named = [...vector.CertPath, ...(vector.CRLPath ?? [])];
  const missing = named.find((file) => !bytes.has(file));
  if (missing !== undefined) return notApplicable(`${missing} is not in the folder`);
  const certificates = reading(vector.CertPath, bytes, readCertificate);
  const foreign = certificates.map(algorithmNotInUse).find((reason) => reason !== undefined);
  if (foreign !== undefined) return notApplicable(foreign);
  const found = whyNot(vector, certificates, reading(vector.CRLPath ?? [], bytes, readCrl));
  if ((found === undefined) === vector.ShouldValidate) return agree();
  return differ(found ?? 'should not validate, and does');
}

/** What can be read; what cannot is as good as not there. */
function reading<T>(
  files: readonly string[],
  bytes: ReadonlyMap<string, Uint8Array>,
  reader: (der: Uint8Array) => T,
): T[] {
  return files.flatMap((file) => {
    try {
      return [reader(bytes.get(file)!)];
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return [];
    }
  });
}

/** Why nobody here can check what this certificate's key signs, or who signed it. */
function algorithmNotInUse(certificate: Certificate): string | undefined {
  try {
    publicKeyOf(certificate);
    if (algorithmIsInUse(certificate)) return undefined;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  }
  const key = oidOf(read(enter(inside(derOf(certificate.spki))), TAG.oid));
  return key === DSA
    ? 'DSA keys are not in the table of algorithms: nobody may sign with them any more (FIPS 186-5)'
    : `a key (${key}) or a signature (${certificate.signatureAlgorithm}) of a kind that is not in use`;
}

const DSA = '1.2.840.10040.4.1';

/** Why the last certificate is not good, undefined if it is. */
function whyNot(vector: Vector, certificates: readonly Certificate[], crls: readonly Crl[]): string | undefined {
  const [anchor, ...rest] = certificates;
  const target = rest.pop();
  if (anchor === undefined || target === undefined || certificates.length < vector.CertPath.length)
    return 'a certificate cannot be read';
  const signed = signatureCheck(nodePlatform);
  const built = buildPath(
    target,
    {
      pool: rest,
      anchorsOf: (certificate) => [anchor].filter((one) => mayHaveIssued(one, certificate)),
      certificateOf: (one) => one,
    },
    {
      at: CLOCK,
      policies: policiesOf(vector.InitialPolicySet),
      explicitPolicy: vector.InitialExplicitPolicy,
      inhibitMapping: vector.InitialPolicyMappingInhibit,
      inhibitAnyPolicy: vector.InitialAnyPolicyInhibit,
    },
    signed,
  );
  if ('fault' in built) return built.fault;
  if ('unknown' in built) return built.unknown;
  const byIssuer = new Map<string, Crl[]>();
  for (const crl of crls) byIssuer.set(crl.issuer.key, [...(byIssuer.get(crl.issuer.key) ?? []), crl]);
  for (const link of linksOf(built.path, { byIssuer, signers: rest, anchor, signed })) {
    const status = statusOf(link, CLOCK);
    if (status.state === 'revoked') return 'a certificate of the path is revoked';
    if (status.state === 'unknown') return status.why;
  }
  return undefined;
}

function policiesOf(names: readonly string[]): ReadonlySet<string> | undefined {
  if (names.includes('anyPolicy') || names.includes(ANY_POLICY)) return undefined;
  return new Set(names.map((name) => name.replace(TEST_POLICY, `${TEST_ARC}.$1`)));
}
