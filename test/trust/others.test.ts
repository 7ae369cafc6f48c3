import { createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/codec/base64url.ts';
import { derFromPem } from '../../src/codec/pem.ts';
import { ALGORITHMS } from '../../src/crypto/algorithms.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { buildPath, mayHaveIssued } from '../../src/trust/build.ts';
import {
  type Certificate,
  publicKeyOf,
  readCertificate,
  type SignatureCheck,
  signatureCheck,
} from '../../src/trust/certificate.ts';
import { readCrl } from '../../src/trust/crl.ts';
import type { Rejected } from '../../src/trust/key.ts';
import { readOcspAnswer } from '../../src/trust/ocsp.ts';
import { ocspStatus } from '../../src/trust/ocsp-status.ts';
import type { PathInputs } from '../../src/trust/path.ts';
import { linksOf, statusOf } from '../../src/trust/revocation.ts';
import { readTimestampers } from '../../src/trust/timestamps.ts';

/** Paths, lists and answers of the projects OpenSSL and webpki. Their labels are in their test scripts, as told here. */

const OPENSSL = '../shared/data/x509/tongsuo-openssl-test/test';
const AMAZON = '../shared/data/x509/webpki-amazon-crl/tests/amazon';
const signed = signatureCheck(nodePlatform);

function build(last: Certificate, anchors: readonly Certificate[], pool: readonly Certificate[], inputs: PathInputs) {
  return buildPath(
    last,
    {
      pool,
      anchorsOf: (certificate) => anchors.filter((anchor) => mayHaveIssued(anchor, certificate)),
      certificateOf: (anchor) => anchor,
    },
    { anchorBinds: true, ...inputs },
    signed,
  );
}

describe.skipIf(!existsSync(OPENSSL))('OpenSSL: openssl verify (../shared/data/x509)', () => {
  const CLOCK = Date.UTC(2024, 0, 1);
  const SERVER = { purposes: ['1.3.6.1.5.5.7.3.1'] };
  const CLIENT = { purposes: ['1.3.6.1.5.5.7.3.2'] };
  const POLICY = { policies: new Set(['1.3.6.1.4.1.16604.998855.1']), explicitPolicy: true };
  const of = (name: string): Certificate[] => {
    try {
      return derFromPem(readFileSync(`${OPENSSL}/certs/${name}.pem`, 'latin1'), 'CERTIFICATE').map(readCertificate);
    } catch (error) {
      if (error instanceof Broken) return [];
      throw error;
    }
  };

  function accepts(leaf: string, trusted: string, untrusted: string, inputs: PathInputs = {}): boolean {
    const certificates = (names: string) => names.split(' ').filter(Boolean).flatMap(of);
    const [last] = of(leaf);
    if (last === undefined) return false;
    const built = build(last, certificates(trusted), certificates(untrusted), { at: CLOCK, ...inputs });
    if (!('path' in built)) return false;
    const key = publicKeyOf(last);
    return ALGORITHMS.some(({ name }) => nodePlatform.prepare(name, key) !== undefined);
  }

  // Not here: auxiliary trust that OpenSSL keeps in files of its own, purposes of the CA/Browser Forum, proxy certificates,
  // names of hosts in a subject, algorithms that are in no table,
  // and a constraint on DNS names with a dot in front, which RFC 5280 does not know (some-names).
  it.each<[string, string, string, PathInputs?]>([
    ['ee-cert', 'root-cert', 'ca-cert', SERVER],
    ['ee-cert-noncrit-unknown-ext', 'root-cert', 'ca-cert'],
    ['ee-cert-ocsp-nocheck', 'root-cert', 'ca-cert'],
    ['ee-cert', 'sroot-cert', 'ca-cert', SERVER],
    ['ee-cert', 'ca-cert', '', SERVER],
    ['ee-cert', 'sca-cert', '', SERVER],
    ['ee-cert', 'root-cert sca-cert', 'ca-cert', SERVER],
    ['ee-client', 'root-cert', 'ca-cert', CLIENT],
    ['ee-pathlen', 'root-cert', 'ca-cert', SERVER],
    ['ee-cert', 'root-cert-md5', 'ca-cert'],
    ['ee-cert-ec-named-named', 'root-cert', 'ca-cert-ec-named'],
    ['ee-cert', 'root-cert', 'ca-cert', { pathLength: 1 }],
    ['alt1-cert', 'root-cert', 'ncca1-cert'],
    ['alt2-cert', 'root-cert', 'ncca2-cert'],
    ['alt3-cert', 'root-cert', 'ncca1-cert ncca3-cert'],
    ['goodcn1-cert', 'root-cert', 'ncca1-cert'],
    ['goodcn2-cert', 'root-cert', 'ncca1-cert'],
    ['ee-pss-sha256-cert', 'root-cert', 'ca-cert'],
    ['ee-pss-cert', 'root-cert', 'ca-pss-cert'],
    ['ee-cert-policies', 'root-cert', 'ca-pol-cert', POLICY],
  ])('accepts %s under %s with %s', (leaf, trusted, untrusted, inputs) => {
    expect(accepts(leaf, trusted, untrusted, inputs)).toBe(true);
  });

  it.each<[string, string, string, PathInputs?]>([
    ['ee-cert', 'root-nonca', 'ca-cert', SERVER],
    ['ee-cert', 'root-cert2', 'ca-cert', SERVER],
    ['ee-cert', 'root-name2', 'ca-cert', SERVER],
    ['ee-cert-crit-unknown-ext', 'root-cert', 'ca-cert'],
    ['ee-cert', 'croot-cert', 'ca-cert', SERVER],
    ['ee-cert', 'root-cert', 'ca-nonca', SERVER],
    ['ee-cert', 'root-cert', 'ca-nonbc', SERVER],
    ['ee-cert', 'root-cert ca-nonca', '', SERVER],
    ['ee-cert', 'root-cert ca-nonbc', '', SERVER],
    ['ee-cert', 'root-cert', 'ca-cert2', SERVER],
    ['ee-cert', 'root-cert', 'ca-name2', SERVER],
    ['ee-cert', 'root-cert', 'ca-root2', SERVER],
    ['ee-cert', '', 'ca-cert', SERVER],
    ['ee-cert', 'ca-expired', '', SERVER],
    ['ee-cert', 'root-expired', 'ca-cert', SERVER],
    ['ee-cert', 'cca-cert', '', SERVER],
    ['ee-client', 'root-cert', 'ca-cert', SERVER],
    ['ee-cert', 'root-cert', 'ca-cert', CLIENT],
    ['ee-cert2', 'root-cert', 'ca-cert', SERVER],
    ['ee-name2', 'root-cert', 'ca-cert', SERVER],
    ['ee-expired', 'root-cert', 'ca-cert', SERVER],
    ['ee-pathlen', 'root-cert', 'ca-cert', { ...SERVER, conforming: true }],
    ['pc1-cert', 'root-cert', 'ee-client ca-cert', CLIENT],
    ['ee-cert', 'root-cert-768', 'ca-cert-768i'],
    ['ee-cert-768i', 'root-cert', 'ca-cert-768'],
    ['ee-cert-768', 'root-cert', 'ca-cert'],
    ['ee-cert', 'root-cert', 'ca-cert-md5'],
    ['ee-cert-md5', 'root-cert', 'ca-cert'],
    ['ee-cert-ec-explicit', 'root-cert', 'ca-cert-ec-named'],
    ['ee-cert-ec-named-explicit', 'root-cert', 'ca-cert-ec-explicit'],
    ['ee-cert', 'root-cert', 'ca-cert', { pathLength: 0 }],
    ['badalt1-cert', 'root-cert', 'ncca1-cert'],
    ['badalt2-cert', 'root-cert', 'ncca2-cert'],
    ['badalt3-cert', 'root-cert', 'ncca1-cert'],
    ['badalt4-cert', 'root-cert', 'ncca1-cert'],
    ['badalt5-cert', 'root-cert', 'ncca1-cert'],
    ['badalt8-cert', 'root-cert', 'ncca1-cert ncca3-cert'],
    ['badalt9-cert', 'root-cert', 'ncca1-cert ncca3-cert'],
    ['badalt10-cert', 'root-cert', 'ncca1-cert ncca3-cert'],
    ['bad-othername-cert', 'root-cert', 'nccaothername-cert'],
    ['bad-othername-namec', 'bad-othername-namec-inter', '', { at: 1_623_060_000_000 }],
    ['ee-pss-sha1-cert', 'root-cert', 'ca-cert'],
    ['ee-pss-wrong1.5-cert', 'root-cert', 'ca-pss-cert'],
    ['many-names1', 'many-constraints', ''],
    ['many-names2', 'many-constraints', ''],
    ['many-names3', 'many-constraints', ''],
    ['root-ed25519', 'ee-ed25519', ''],
    ['ee-cert-policies-bad', 'root-cert', 'ca-pol-cert', POLICY],
  ])('rejects %s under %s with %s', (leaf, trusted, untrusted, inputs) => {
    expect(accepts(leaf, trusted, untrusted, inputs)).toBe(false);
  });
});

describe.skipIf(!existsSync(OPENSSL))('OpenSSL: certificates for timestamps (../shared/data/x509)', () => {
  // Not here: key usages that the CA/Browser Forum forbids beside signing, and RFC 3161 does not.
  it.each([
    ['CABforum', true],
    ['rfc3161', true],
    ['rfc3161-digsig', true],
    ['CABforum-noncritxku', false],
    ['CABforum-serverauth', false],
    ['CABforum-anyextkeyusage', false],
    ['rfc3161-noncritxku', false],
  ])('ee-timestampsign-%s: taken: %s', (name, taken) => {
    const pem = readFileSync(`${OPENSSL}/certs/ee-timestampsign-${name}.pem`, 'latin1');
    const [der] = derFromPem(pem, 'CERTIFICATE');
    const rejected: Rejected[] = [];
    const list = { issued: '2024-01-01T00:00:00Z', issuers: [{ keyId: 'tsa', certificate: encodeBase64(der!) }] };
    expect(readTimestampers([{ file: 'tsa.json', list }], nodePlatform, rejected)).toHaveLength(taken ? 1 : 0);
    expect(rejected.map(({ reason }) => reason)).toEqual(
      taken ? [] : ['timestamper: its certificate is not for timestamps alone'],
    );
  });
});

describe.skipIf(!existsSync(OPENSSL))('OpenSSL: answers about certificates (../shared/data/x509)', () => {
  const folder = `${OPENSSL}/ocsp-tests`;
  const [, ...CASES] = ['', 'D1', 'D2', 'D3', 'ND1', 'ND2', 'ND3'];
  const CERTIFICATES: Readonly<Record<string, [string, string]>> = {
    D1: ['D1_Cert_EE', 'D1_Issuer_ICA'],
    D2: ['D2_Cert_ICA', 'D2_Issuer_Root'],
    D3: ['D3_Cert_EE', 'D3_Issuer_Root'],
    ND1: ['ND1_Cert_EE', 'ND1_Issuer_ICA'],
    ND2: ['ND2_Cert_ICA', 'ND2_Issuer_Root'],
    ND3: ['ND3_Cert_EE', 'ND3_Issuer_Root'],
  };
  const SHA1_RSA = '1.2.840.113549.1.1.5';
  /** These answers, of 2012, are signed with SHA-1, which a gateway takes from nobody: here it is, to judge all the rest. */
  const withSha1: SignatureCheck = (what, by) =>
    what.signatureAlgorithm === SHA1_RSA
      ? verify(
          'sha1',
          what.tbs,
          createPublicKey({ key: Buffer.from(by.spki), format: 'der', type: 'spki' }),
          what.signature,
        )
      : signed(what, by);
  const certificate = (name: string): Certificate =>
    readCertificate(derFromPem(readFileSync(`${folder}/${name}.pem`, 'latin1'), 'CERTIFICATE')[0]!);

  function stateOf(file: string, one: string, issuer: string, check = withSha1): string {
    const text = readFileSync(`${folder}/${file}.ors`, 'latin1').replace(/\s/g, '');
    try {
      const answer = readOcspAnswer(decodeBase64(text));
      return ocspStatus(answer, {
        certificate: certificate(one),
        issuer: certificate(issuer),
        digester: nodePlatform,
        signed: check,
        now: answer.producedAt,
        responderIsGood: () => true,
      }).state;
    } catch (error) {
      if (error instanceof Broken) return 'broken';
      throw error;
    }
  }

  it.each(CASES)('%s is good, and not where SHA-1 counts for nothing', (name) => {
    const [one, issuer] = CERTIFICATES[name]!;
    expect(stateOf(name, one, issuer)).toBe('good');
    expect(stateOf(name, one, issuer, signed)).toBe('unknown');
    // Whom a caller trusts, he trusts: the signature of that certificate itself is not asked for.
    expect(stateOf(name, one, `ISIC_${issuer}`)).toBe('good');
  });

  it('ND1 is good for the certificate of the same key that another root issued', () => {
    expect(stateOf('ND1', 'ND1_Cert_EE', 'ND1_Issuer_ICA-Cross')).toBe('good');
  });

  const WRONG = { ISOP: 'signature', WRID: 'responder', WINH: 'issuer name', WIKH: 'issuer key' };
  const DELEGATED = { WKDOSC: 'key of the delegate', ISDOSC: 'signature of the delegate’s certificate' };
  it.each([
    ...Object.keys(WRONG).flatMap((fault) => CASES.map((name) => [fault, name] as const)),
    ...Object.keys(DELEGATED).flatMap((fault) => CASES.slice(0, 3).map((name) => [fault, name] as const)),
  ])('%s_%s is not good', (fault, name) => {
    if (!existsSync(`${folder}/${fault}_${name}.ors`)) return;
    const [one, issuer] = CERTIFICATES[name]!;
    expect(stateOf(`${fault}_${name}`, one, issuer)).not.toBe('good');
  });

  it.each(['WSNIC', 'WKIC'].flatMap((fault) => CASES.map((name) => [fault, name] as const)))(
    'the issuer %s_%s is another',
    (fault, name) => {
      const [one, issuer] = CERTIFICATES[name]!;
      expect(stateOf(name, one, `${fault}_${issuer}`)).not.toBe('good');
    },
  );
});

describe.skipIf(!existsSync(AMAZON))('webpki: an authority’s certificates and lists (../shared/data/x509)', () => {
  const der = (file: string) => new Uint8Array(readFileSync(`${AMAZON}/${file}`));
  const of = (name: string) => readCertificate(der(`${name}.cer`));
  const crls = ['r2m01', 'r2m04', 'r4m02', 'e2m03', 'e2m02', 'e3m02', 'e3m03', 'rootca1', 'rootca3', 'rootca4'].map(
    (name) => readCrl(der(`${name}.crl`)),
  );
  const byIssuer = new Map(crls.map((crl) => [crl.issuer.key, [crl]] as const));
  const WHEN = Date.UTC(2025, 1, 24);

  function judged(name: string, root: string, between: string, at = WHEN): string {
    const anchor = of(root);
    const built = build(of(name), [anchor], [of(between)], { at });
    if (!('path' in built)) return 'fault' in built ? built.fault : built.unknown;
    const links = linksOf(built.path, { byIssuer, signers: [], anchor, signed });
    return links.map((link) => statusOf(link, at).state).join(' ');
  }

  it.each([
    ['valid.rootca3.demo.amazontrust.com', 'AmazonRootCA3', 'e2m03', 'good good'],
    ['valid.rootca4.demo.amazontrust.com', 'AmazonRootCA4', 'e3m02', 'good good'],
    // Its list is not in the folder.
    ['valid.rootca1.demo.amazontrust.com', 'AmazonRootCA1', 'r2m03', 'unknown good'],
    ['expired.rootca3.demo.amazontrust.com', 'AmazonRootCA3', 'e2m02', 'a certificate of the path has expired'],
    [
      'valid.rootca3.demo.amazontrust.com',
      'AmazonRootCA4',
      'e2m03',
      'the certificate leads to no authority of the region',
    ],
  ])('%s under %s', (name, root, between, wanted) => {
    expect(judged(name, root, between)).toBe(wanted);
  });

  it('its partitioned lists speak of certificates that name the same address, and only as long as they are current', () => {
    expect(judged('valid.rootca3.demo.amazontrust.com', 'AmazonRootCA3', 'e2m03', Date.UTC(2025, 2, 20))).toBe(
      'unknown good',
    );
  });
});
