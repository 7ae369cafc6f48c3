import { derOf, type Element } from '../../src/codec/der.ts';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  element,
  generalizedTime,
  ia5String,
  integer,
  nullValue,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  time,
  utf8String,
} from '../../src/codec/der-writer.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { type Certificate, readCertificate, signatureCheck } from '../../src/trust/certificate.ts';
import { readCrl } from '../../src/trust/crl.ts';
import { nameFault, nameLimits, narrowed } from '../../src/trust/name-constraints.ts';
import { readName } from '../../src/trust/names.ts';
import { readOcspAnswer } from '../../src/trust/ocsp.ts';
import { ocspStatus } from '../../src/trust/ocsp-status.ts';
import {
  readAltNames,
  readInhibitAnyPolicy,
  readNameConstraints,
  readPolicies,
  readPolicyConstraints,
  readPolicyMappings,
} from '../../src/trust/path-extensions.ts';
import { readDistributionPoints, readIssuingPoint } from '../../src/trust/points.ts';
import { initialPolicies, resultingPolicies, withMappings, withPolicies } from '../../src/trust/policy.ts';
import { linksOf, statusOf } from '../../src/trust/revocation.ts';
import { main, type Target } from './driver.ts';

// Run with: npx node test/fuzz/paths.ts --seconds 60 [--target NAME] [--seed N]

const NOW = Date.UTC(2026, 0, 1);
const ALGORITHM = sequence(oid('1.2.156.10197.1.501'));
const attribute = (type: string, value: Uint8Array): Uint8Array => setOf(sequence(oid(type), value));
const NAME = sequence(attribute('2.5.4.6', printableString('CN')), attribute('2.5.4.10', utf8String('通认联盟')));
const OTHER = sequence(
  attribute('2.5.4.3', utf8String('甲')),
  attribute('1.2.840.113549.1.9.1', ia5String('a@b.example')),
);
const text = (tag: number, value: string): Uint8Array => contextPrimitive(tag, new TextEncoder().encode(value));
const NAMES = [
  text(1, 'a@b.example'),
  text(2, '*.b.example'),
  context(4, NAME),
  text(6, 'https://b.example/x'),
  contextPrimitive(7, Uint8Array.of(192, 0, 2, 1)),
  contextPrimitive(8, Uint8Array.of(0x2a, 3)),
  context(0, oid('1.2.3'), context(0, utf8String('x'))),
];
const extension = (id: string, value: Uint8Array, critical = false): Uint8Array =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));

const SPKI = sequence(
  sequence(oid('1.2.840.10045.2.1'), oid('1.2.156.10197.1.301')),
  bitString(Uint8Array.of(4, ...new Array(64).fill(1))),
);
const certificateWith = (...extensions: Uint8Array[]): Uint8Array =>
  sequence(
    sequence(
      context(0, integer(2)),
      integer(0x1234),
      ALGORITHM,
      NAME,
      sequence(time(NOW - 1e9), time(NOW + 1e9)),
      OTHER,
      SPKI,
      context(3, sequence(...extensions)),
    ),
    ALGORITHM,
    bitString(sequence(integer(1), integer(2))),
  );
const POINTS = sequence(
  sequence(context(0, context(0, text(6, 'http://crl.example/1'))), contextPrimitive(1, Uint8Array.of(1, 0x60))),
  sequence(context(0, context(1, sequence(oid('2.5.4.3'), utf8String('x')))), context(2, context(4, OTHER))),
);
const CERTIFICATE = certificateWith(
  extension('2.5.29.17', sequence(...NAMES)),
  extension('2.5.29.19', sequence(boolean(true), integer(3)), true),
  extension('2.5.29.31', POINTS),
);
const ISSUING = [
  sequence(context(0, context(0, text(6, 'http://crl.example/1'))), contextPrimitive(4, Uint8Array.of(0xff))),
  sequence(contextPrimitive(1, Uint8Array.of(0xff)), contextPrimitive(3, Uint8Array.of(1, 0x60))),
];
const CONSTRAINTS = sequence(
  context(
    0,
    ...[text(1, '.b.example'), text(2, 'b.example'), context(4, NAME), text(6, 'b.example')].map((name) =>
      sequence(name),
    ),
  ),
  context(1, sequence(contextPrimitive(7, Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0))), sequence(NAMES[5]!)),
);
const one = (): Certificate => readCertificate(CERTIFICATE);
const signed = signatureCheck(nodePlatform);

/** An extension's value, read by its reader; `use` then does with it what paths do. */
const valued = <T>(
  name: string,
  seeds: readonly Uint8Array[],
  reader: (value: Element) => T,
  use?: (value: T) => void,
): Target => ({
  name,
  seeds,
  run(bytes) {
    const value = reader(derOf(bytes));
    use?.(value);
  },
});

const entry = (serial: number, ...more: Uint8Array[]): Uint8Array => sequence(integer(serial), time(NOW), ...more);
const listWith = (entries: Uint8Array[], ...extensions: Uint8Array[]): Uint8Array =>
  sequence(
    sequence(
      integer(1),
      ALGORITHM,
      NAME,
      time(NOW - 1e6),
      time(NOW + 1e6),
      sequence(...entries),
      context(0, sequence(...extensions)),
    ),
    ALGORITHM,
    bitString(sequence(integer(1), integer(2))),
  );
const REASON = sequence(extension('2.5.29.21', element(0x0a, Uint8Array.of(6))));
const ISSUER = sequence(extension('2.5.29.29', sequence(context(4, OTHER)), true));

function answer(state: Uint8Array, who: Uint8Array, ...along: Uint8Array[]): Uint8Array {
  const id = sequence(
    sequence(oid('1.3.14.3.2.26'), nullValue()),
    octetString(new Uint8Array(20)),
    octetString(new Uint8Array(20)),
    integer(0x1234),
  );
  const single = sequence(id, state, generalizedTime(NOW), context(0, generalizedTime(NOW + 1e6)));
  const nonce = sequence(oid('1.3.6.1.5.5.7.48.1.2'), octetString(octetString(new Uint8Array(32))));
  const data = sequence(who, generalizedTime(NOW), sequence(single), context(1, sequence(nonce)));
  const basic = sequence(data, ALGORITHM, bitString(sequence(integer(1), integer(2))), ...along);
  return sequence(
    element(0x0a, Uint8Array.of(0)),
    context(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic))),
  );
}

const POLICIES = sequence(sequence(oid('1.2.3.4')), sequence(oid('2.5.29.32.0')), sequence(oid('1.2.3.5'), sequence()));

export const targets: readonly Target[] = [
  {
    name: 'certificate',
    seeds: [CERTIFICATE, certificateWith(extension('2.5.29.30', CONSTRAINTS, true))],
    run: (bytes) => void readCertificate(bytes),
  },
  valued('name', [NAME, OTHER], readName),
  valued('alternative-names', [sequence(...NAMES)], readAltNames),
  valued('name-constraints', [CONSTRAINTS], readNameConstraints, (constraints) => {
    nameFault(one(), narrowed(nameLimits(), constraints));
  }),
  valued('policies', [POLICIES], readPolicies, (policies) => {
    resultingPolicies(withPolicies(initialPolicies(), policies, true), undefined);
  }),
  valued('policy-mappings', [sequence(sequence(oid('1.2.3.4'), oid('1.2.3.5')))], readPolicyMappings, (mappings) => {
    const graph = withPolicies(initialPolicies(), new Set(['1.2.3.4', '2.5.29.32.0']), true);
    resultingPolicies(withPolicies(withMappings(graph, mappings, true), new Set(['1.2.3.5']), true), undefined);
  }),
  valued(
    'policy-constraints',
    [sequence(contextPrimitive(0, Uint8Array.of(1)), contextPrimitive(1, Uint8Array.of(0)))],
    readPolicyConstraints,
  ),
  valued('inhibit-any-policy', [integer(3)], readInhibitAnyPolicy),
  valued('distribution-points', [POINTS], readDistributionPoints),
  valued('issuing-point', ISSUING, readIssuingPoint),
  {
    name: 'crl',
    seeds: [
      listWith([entry(1), entry(2, REASON)], extension('2.5.29.20', integer(7))),
      listWith(
        [entry(1, ISSUER), entry(2)],
        extension('2.5.29.28', ISSUING[0]!, true),
        extension('2.5.29.27', integer(3), true),
      ),
    ],
    run(bytes) {
      const crl = readCrl(bytes);
      const lists = { byIssuer: new Map([[crl.issuer.key, [crl]]]), signers: [], anchor: one(), signed };
      for (const link of linksOf([one()], lists)) statusOf(link, NOW);
    },
  },
  {
    name: 'ocsp',
    seeds: [
      answer(contextPrimitive(0, new Uint8Array()), context(2, octetString(new Uint8Array(20)))),
      answer(
        context(1, generalizedTime(NOW), context(0, element(0x0a, Uint8Array.of(1)))),
        context(1, NAME),
        context(0, sequence(CERTIFICATE)),
      ),
    ],
    run(bytes) {
      ocspStatus(readOcspAnswer(bytes), {
        certificate: one(),
        issuer: one(),
        digester: nodePlatform,
        signed,
        now: NOW,
      });
    },
  },
];

if (import.meta.main) await main(targets);
