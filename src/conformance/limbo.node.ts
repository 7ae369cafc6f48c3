import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { derFromPem } from '../codec/pem.ts';
import { ALGORITHMS } from '../crypto/algorithms.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import { buildPath, mayHaveIssued } from '../trust/build.ts';
import { type Certificate, KEY_USAGE, publicKeyOf, readCertificate, signatureCheck } from '../trust/certificate.ts';
import { EXTENSION, extensionOf } from '../trust/extensions.ts';
import { type GeneralName, NAME_KIND } from '../trust/general-names.ts';
import { readAltNames } from '../trust/path-extensions.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

interface PeerName {
  readonly kind: 'DNS' | 'IP' | 'RFC822';
  readonly value: string;
}

interface TestCase {
  readonly id: string;
  readonly features: readonly string[] | null;
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time: string | null;
  readonly signature_algorithms: readonly string[] | null;
  readonly key_usage: readonly string[] | null;
  readonly extended_key_usage: readonly string[] | null;
  readonly expected_result: 'SUCCESS' | 'FAILURE';
  readonly expected_peer_name: PeerName | null;
  readonly expected_peer_names: readonly PeerName[] | null;
  readonly max_chain_depth: number | null;
}

/** Cases without a time are for the day they are run on; a fixed day, so that every run says the same. */
const CLOCK = Date.UTC(2023, 11, 2);

const PURPOSES: Readonly<Record<string, string>> = {
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
};

/** Cases of x509-limbo: certificate paths of TLS servers, judged with RFC 5280's demands on those who issue. */
export const limbo: Suite = {
  name: 'limbo',
  summary:
    'C2SP/x509-limbo：只错一处或似错非错的证书路径；只适用于 TLS 服务器的会指明 · C2SP/x509-limbo: certificate paths with one thing wrong, or almost; those of TLS servers only are named',
  async run(dir, report, progress) {
    const files = (await readdir(dir)).filter((file) => file.endsWith('.json')).sort();
    const cases: TestCase[] = [];
    for (const file of files) {
      const { testcases } = JSON.parse(await readFile(join(dir, file), 'utf8')) as { testcases?: readonly TestCase[] };
      for (const each of testcases ?? []) cases.push(each);
    }
    if (cases.length === 0) throw new Error('no file with test cases');
    cases.forEach((each, i) => {
      report({ name: each.id, ...judge(each) });
      progress?.(i + 1, cases.length);
    });
  },
};

/** The certificates of a case, as far as they can be read. */
interface Given {
  readonly anchors: readonly Certificate[];
  readonly pool: readonly Certificate[];
  readonly last: Certificate | undefined;
}

function judge(each: TestCase): Outcome {
  const given = {
    anchors: each.trusted_certs.flatMap(reading),
    pool: each.untrusted_intermediates.flatMap(reading),
    last: reading(each.peer_certificate)[0],
  };
  const fault = whyNot(each, given);
  if ((fault === undefined) === (each.expected_result === 'SUCCESS')) return agree();
  const other = OTHER_RULES.find(
    (rule) => each.expected_result === (rule.label ?? 'FAILURE') && rule.applies(each, given),
  );
  if (other !== undefined) return notApplicable(other.because);
  return differ(fault ?? 'should not validate, and does');
}

function reading(pem: string): Certificate[] {
  try {
    return derFromPem(pem, 'CERTIFICATE').slice(0, 1).map(readCertificate);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return [];
  }
}

function whyNot(each: TestCase, { anchors, pool, last }: Given): string | undefined {
  if (last === undefined) return 'the certificate cannot be read';
  const built = buildPath(
    last,
    {
      pool,
      anchorsOf: (certificate) => anchors.filter((anchor) => mayHaveIssued(anchor, certificate)),
      certificateOf: (anchor) => anchor,
    },
    {
      at: each.validation_time === null ? CLOCK : Date.parse(each.validation_time),
      anchorBinds: true,
      conforming: true,
      pathLength: each.max_chain_depth ?? undefined,
      purposes: (each.extended_key_usage?.length ? each.extended_key_usage : ['serverAuth']).map(
        (name) => PURPOSES[name] ?? name,
      ),
    },
    signatureCheck(nodePlatform),
  );
  if ('fault' in built) return built.fault;
  if ('unknown' in built) return built.unknown;
  if (!usable(last)) return 'no algorithm can be used with its key';
  const uses = (each.key_usage ?? []).map((name) => KEY_USAGE[name as keyof typeof KEY_USAGE] ?? 0);
  return last.keyUsage !== undefined && uses.some((bit) => (last.keyUsage! & bit) === 0)
    ? 'its key usage does not allow what is asked'
    : undefined;
}

/** As for the key of whoever signs a document. */
function usable(certificate: Certificate): boolean {
  const key = publicKeyOf(certificate);
  return ALGORITHMS.some(({ name }) => nodePlatform.prepare(name, key) !== undefined);
}

/** What a case may turn on that is no matter of certificate paths here. One row each; asked only where a case differs. */
const OTHER_RULES: readonly {
  readonly because: string;
  /** The label that it may explain; `FAILURE` if absent. */
  readonly label?: TestCase['expected_result'];
  readonly applies: (each: TestCase, given: Given) => boolean;
}[] = [
  {
    because: 'TLS: the name of the server is compared with the certificate (RFC 6125); documents are of no server',
    applies: (each, { last }) => !presents(last, [each.expected_peer_name, each.expected_peer_names].flat()),
  },
  {
    because: 'Web PKI: which names a wildcard may stand for is a list of public suffixes, not a matter of paths',
    applies: ({ features }) => features?.includes('pedantic-public-suffix-wildcard') === true,
  },
  {
    because: 'Web PKI (CA/Browser Forum): the form of a root’s authority key identifier',
    applies: (_, { anchors }) => anchors.some(({ authorityKeyIdentifier }) => authorityKeyIdentifier !== undefined),
  },
  {
    because: 'Web PKI (CA/Browser Forum): a root names no purposes',
    applies: (_, { anchors }) => anchors.some(({ extendedKeyUsage }) => extendedKeyUsage !== undefined),
  },
  {
    because: 'Web PKI (CA/Browser Forum): a server’s purposes are given, exact and not critical',
    applies: (_, { last }) =>
      last?.extendedKeyUsage === undefined ||
      last.extendedKeyUsage.includes(PURPOSES['anyExtendedKeyUsage']!) ||
      last.extensions.get(EXTENSION.extendedKeyUsage)?.critical === true,
  },
  {
    because: 'Web PKI (CA/Browser Forum): a server’s certificate says that it is no authority',
    applies: (_, { last }) => last?.basicConstraints?.ca === true,
  },
  {
    because: 'Web PKI (CA/Browser Forum): alternative names are not critical beside a subject’s name',
    applies: (_, { last }) =>
      last?.extensions.get(EXTENSION.subjectAltName)?.critical === true && last.subject.parts.length > 0,
  },
  {
    because: 'Web PKI (CA/Browser Forum): the length of an RSA key is a multiple of eight bits',
    applies: (_, { anchors, pool, last }) => [...anchors, ...pool, ...(last ? [last] : [])].some(hasOddModulus),
  },
  {
    because: 'the path length of an anchor’s own certificate binds here (RFC 5937); RFC 5280 §6.1 leaves it out',
    applies: ({ expected_result }, { anchors }) =>
      expected_result === 'SUCCESS' &&
      anchors.some(({ basicConstraints }) => basicConstraints?.pathLength !== undefined),
  },
  {
    because: 'signature algorithms are not chosen for each call here: the table of algorithms decides',
    applies: ({ signature_algorithms }) => (signature_algorithms?.length ?? 0) > 0,
  },
];

function hasOddModulus(certificate: Certificate): boolean {
  try {
    const key = publicKeyOf(certificate);
    return key.kind === 'RSA' && key.n[0]! < 0x80;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return false;
  }
}

/** Whether the certificate has all these names, a wildcard standing for one whole label in front. */
function presents(certificate: Certificate | undefined, wanted: readonly (PeerName | null)[]): boolean {
  let names: readonly GeneralName[];
  try {
    names = (certificate && extensionOf(certificate, EXTENSION.subjectAltName, readAltNames)) ?? [];
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return true;
  }
  return wanted.every((one) => one === null || names.some((name) => IS_NAMED[one.kind](name, one.value.toLowerCase())));
}

const IS_NAMED: Readonly<Record<PeerName['kind'], (name: GeneralName, value: string) => boolean>> = {
  DNS: ({ kind, text = '' }, value) =>
    kind === NAME_KIND.dns &&
    (text.toLowerCase() === value ||
      (text.startsWith('*.') && text.slice(1).toLowerCase() === value.replace(/^[^.]+/, ''))),
  RFC822: ({ kind, text = '' }, value) => kind === NAME_KIND.email && text.toLowerCase() === value,
  // That it has an address at all: how the two are written differs.
  IP: ({ kind }) => kind === NAME_KIND.ip,
};
