import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { canonicalJson } from '../../src/codec/json.ts';
import { writeJws } from '../../src/codec/jws.ts';
import { encodeNumeric } from '../../src/codec/numeric.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import type { Value } from '../../src/codec/value.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintAuthority, selfIssued } from '../../src/federation/authority.node.ts';
import { type MintedKey, mintKey } from '../../src/federation/signer.node.ts';
import type { Presented } from '../../src/format/open.ts';
import {
  DAY,
  federationWith,
  issuersOf,
  NOW,
  ownKey,
  shortOf,
  standpointOf,
  verdictOf,
} from '../support/federation.ts';

/**
 * Health cards and digital seals that somebody made to do harm: what must be said of each, and why. They are signed by
 * trusted keys wherever that matters, so that nothing but the check in question stops them.
 */
const seconds = (ms: number): number => Math.floor(ms / 1000);

describe('health cards', () => {
  const ISS = 'https://hospital.example/test';
  const [key, other] = [ownKey('ES256', { unit: ISS }), ownKey('ES256', { unit: 'https://other.example/test' })];
  const since = instantOf(NOW - DAY);
  const revoked = [
    { id: `${key.entry.keyId}#lost`, since },
    { id: `${key.entry.keyId}#old`, since, issuedBefore: instantOf(NOW - 10 * DAY) },
  ];
  const standpoint = standpointOf(
    '310000',
    federationWith({
      'regions/x-shc/issuers/test.json': issuersOf([key.entry, other.entry]),
      'regions/x-shc/revocations/test.json': { issued: instantOf(NOW), revoked },
    }),
  );
  const say = (presented: Presented | string): string => shortOf(verdictOf(presented, { standpoint }));

  const patient = {
    resource: { resourceType: 'Patient', name: [{ family: 'Muster', given: ['Eva'] }], birthDate: '1990-05-17' },
  };
  const dose = {
    resource: {
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '208' }] },
      occurrenceDateTime: '2026-01-02',
    },
  };
  const observation = {
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '94558-4' }] },
      effectiveDateTime: '2026-01-02',
    },
  };
  const type = ['https://smarthealth.cards#health-card'];
  interface Change {
    readonly entry?: readonly object[];
    readonly vc?: object;
    readonly claims?: object;
  }
  const payload = ({ entry = [patient, dose], vc = {}, claims = {} }: Change = {}) => ({
    iss: ISS,
    nbf: seconds(NOW - 2 * DAY),
    vc: {
      type,
      credentialSubject: { fhirVersion: '4.0.1', fhirBundle: { resourceType: 'Bundle', type: 'collection', entry } },
      ...vc,
    },
    ...claims,
  });
  const jws = (content: unknown, header: Record<string, string> = { zip: 'DEF' }, signer = key.signer): string =>
    writeJws(encodeUtf8(typeof content === 'string' ? content : JSON.stringify(content)), header, signer);
  const code = (text: string): string => `shc:/${encodeNumeric(text)}`;
  const good = jws(payload());

  it('the card that all of these are made from is good', () => {
    expect(say(code(good))).toBe('accept');
    expect(say(good)).toBe('accept');
    expect(say({ bytes: encodeUtf8(JSON.stringify({ verifiableCredential: [good] })) })).toBe('accept');
  });

  it.each<[string, Change, string]>([
    [
      'another issuer’s name over one’s own key',
      { claims: { iss: 'https://other.example/test' } },
      'refuse ISSUER_MISMATCH',
    ],
    ['the same address spelt otherwise', { claims: { iss: `${ISS}/` } }, 'refuse ISSUER_MISMATCH'],
    ['no issuer', { claims: { iss: undefined } }, 'refuse FIELD_MISSING'],
    ['an issuer that is no text', { claims: { iss: [ISS] } }, 'refuse FIELD_INVALID'],
    ['issued tomorrow', { claims: { nbf: seconds(NOW + DAY) } }, 'refuse NOT_YET_VALID'],
    ['issued in milliseconds', { claims: { nbf: NOW } }, 'refuse FIELD_INVALID'],
    ['no time of issue', { claims: { nbf: undefined } }, 'refuse FIELD_MISSING'],
    ['expired', { claims: { exp: seconds(NOW - DAY) } }, 'refuse EXPIRED'],
    ['an end that is no time', { claims: { exp: 'never' } }, 'refuse FIELD_INVALID'],
    ['another kind of credential', { vc: { type: ['https://example.org#loyalty-card'] } }, 'refuse FIELD_INVALID'],
    ['no kind', { vc: { type: undefined } }, 'refuse FIELD_INVALID'],
    ['the kind as a text, not in a list', { vc: { type: type[0] } }, 'refuse FIELD_INVALID'],
    ['two patients: whose dose is it?', { entry: [patient, patient, dose] }, 'refuse FIELD_INVALID'],
    [
      'a dose that was not given',
      { entry: [patient, { resource: { ...dose.resource, status: 'not-done' } }] },
      'refuse FIELD_MISSING',
    ],
    [
      'a dose entered in error',
      { entry: [patient, { resource: { ...dose.resource, status: 'entered-in-error' } }] },
      'refuse FIELD_MISSING',
    ],
    ['a dose and a test in one card', { entry: [patient, dose, observation] }, 'refuse TYPE_NOT_DETERMINED'],
    ['neither', { entry: [patient] }, 'refuse TYPE_NOT_DETERMINED'],
    ['entries that are none', { entry: [null, 7, [], 'x', dose] as never }, 'accept'],
    ['no entries', { entry: [] }, 'refuse TYPE_NOT_DETERMINED'],
    [
      'a dose on a day that does not exist',
      { entry: [patient, { resource: { ...dose.resource, occurrenceDateTime: '2026-02-30' } }] },
      'refuse FIELD_INVALID',
    ],
    [
      'a name of pictures',
      { entry: [{ resource: { ...patient.resource, name: [{ family: '👮' }] } }, dose] },
      'refuse FIELD_INVALID',
    ],
    [
      'given names that are no list',
      { entry: [{ resource: { ...patient.resource, name: [{ family: 'A', given: 'B' }] } }, dose] },
      'refuse FIELD_INVALID',
    ],
  ])('%s', (_, change, expected) => expect(say(code(jws(payload(change))))).toBe(expected));

  it.each<[string, string, string]>([
    ['not said to be deflated', jws(payload(), {}), 'refuse MALFORMED'],
    [
      'not deflated, and said to be',
      good.replace(/\..*\./, `.${encodeBase64url(encodeUtf8('{}'))}.`),
      'refuse MALFORMED',
    ],
    ['a megabyte of spaces in a few bytes', jws(' '.repeat(1 << 20)), 'refuse LIMIT_EXCEEDED'],
    ['no object', jws('[]'), 'refuse TYPE_NOT_DETERMINED'],
    ['not JSON', jws('{'), 'refuse MALFORMED'],
    [
      'a name twice: two readers would see two cards',
      jws(JSON.stringify(payload()).replace('{"iss"', '{"iss":"x","iss"')),
      'refuse MALFORMED',
    ],
    ['a header that wants to be understood', jws(payload(), { zip: 'DEF', crit: 'exp' }), 'refuse HEADER_NOT_ALLOWED'],
    ['no algorithm', jws(payload(), { zip: 'DEF' }, { ...key.signer, jose: 'none' }), 'refuse ALGORITHM_NOT_ALLOWED'],
    [
      'an algorithm that this format does not allow',
      jws(payload(), { zip: 'DEF' }, { ...key.signer, jose: 'ES384' }),
      'refuse ALGORITHM_NOT_ALLOWED',
    ],
    [
      'another’s key id',
      jws(payload(), { zip: 'DEF' }, { ...key.signer, keyId: other.signer.keyId }),
      'refuse SIGNATURE_INVALID',
    ],
    [
      'a key id that nobody has',
      jws(payload(), { zip: 'DEF' }, { ...key.signer, keyId: 'x' }),
      'undetermined UNKNOWN_ISSUER',
    ],
    [
      'a signature in DER',
      jws(payload(), { zip: 'DEF' }, { ...key.signer, sign: (data) => derFromRaw(key.signer.sign(data)) }),
      'refuse SIGNATURE_INVALID',
    ],
    ['no signature', good.replace(/\.[^.]*$/, '.'), 'refuse SIGNATURE_INVALID'],
  ])('%s', (_, text, expected) => expect(say(code(text))).toBe(expected));

  describe('revoked', () => {
    it.each<[string, string, number, string]>([
      ['by its id', 'lost', 2, 'refuse REVOKED'],
      ['not at all', 'fine', 2, 'accept'],
      ['only what is older', 'old', 2, 'accept'],
      ['because it is older', 'old', 11, 'refuse REVOKED'],
      ['by its id, filled up with spaces', 'lost  ', 2, 'refuse REVOKED'],
    ])('%s', (_, rid, days, expected) => {
      const own = payload({ vc: { rid }, claims: { nbf: seconds(NOW - days * DAY) } });
      expect(say(code(jws(own)))).toBe(expected);
    });

    it.each([7, true, ['lost'], {}])('an id that is no text (%j) may be revoked, and nobody could tell', (rid) => {
      expect(say(code(jws(payload({ vc: { rid } }))))).toBe('refuse FIELD_INVALID');
    });

    it('an id acts only on cards of its own key', () => {
      const own = payload({ vc: { rid: 'lost' }, claims: { iss: other.entry.unit } });
      expect(say(code(jws(own, { zip: 'DEF' }, other.signer)))).toBe('accept');
    });
  });

  describe('in several codes', () => {
    const split = (text: string, into: number): string[] => {
      const size = Math.ceil(text.length / into);
      return Array.from(
        { length: into },
        (_, i) => `shc:/${i + 1}/${into}/${encodeNumeric(text.slice(i * size, (i + 1) * size))}`,
      );
    };
    const [one, two, three] = split(good, 3) as [string, string, string];
    const elsewhere = split(jws(payload({ claims: { exp: seconds(NOW + DAY) } })), 3);

    it.each<[string, string[], string]>([
      ['all', [one, two, three], 'accept'],
      ['in another order', [three, one, two], 'accept'],
      ['one of them twice', [one, two, one, three], 'accept'],
      ['with a poster beside them', ['https://example.org/', three, two, one], 'accept'],
      ['one missing', [one, three], 'undetermined PARTS_MISSING'],
      ['only one', [two], 'undetermined PARTS_MISSING'],
      ['two that claim to be the first', [one, elsewhere[0]!, two, three], 'refuse PARTS_MIXED'],
      ['some of three and some of two', [one, split(good, 2)[1]!], 'refuse PARTS_MIXED'],
      ['the last from another card', [one, two, elsewhere[2]!], 'refuse MALFORMED'],
      ['a whole card beside them', [one, two, three, code(good)], 'undetermined SEVERAL_CODES'],
      ['a part of a part', [`shc:/1/2/${one.slice(5)}`, two], 'refuse PARTS_MIXED'],
      ['the third of two', ['shc:/3/2/5676'], 'refuse MALFORMED'],
      ['the third of two, and a good one', ['shc:/3/2/5676', one], 'refuse MALFORMED'],
      ['a thousand', ['shc:/1/1000/5676'], 'refuse LIMIT_EXCEEDED'],
      ['one that no code can hold', [`shc:/1/2/${'56'.repeat(1500)}`, 'shc:/2/2/56'], 'refuse LIMIT_EXCEEDED'],
      ['one of one', [`shc:/1/1/${encodeNumeric(good)}`], 'refuse MALFORMED'],
    ])('%s', (_, codes, expected) => expect(say({ codes })).toBe(expected));

    it('a whole card that a picture shows twice is one card', () => {
      expect(say({ codes: [code(good), 'x', code(good)] })).toBe('accept');
    });

    it('the next step says to scan the others', () => {
      const { next } = verdictOf({ codes: [one] }, { standpoint });
      expect(next).toEqual({
        zh: expect.stringContaining('请扫描其余的码'),
        en: expect.stringContaining('Scan the other codes'),
      });
    });

    it('a part alone, as a text, is no document either', () => expect(say(one)).toBe('undetermined PARTS_MISSING'));
  });

  it('two cards in one file are not guessed between', () => {
    const file = JSON.stringify({ verifiableCredential: [good, good] });
    expect(say({ bytes: encodeUtf8(file) })).toBe('undetermined SEVERAL_CODES');
  });
});

describe('digital seals', () => {
  const title = { zh: '测试', en: 'Test' };
  const times = { validFrom: instantOf(NOW - 90 * DAY), validUntil: instantOf(NOW + 90 * DAY) };
  const crl = { issued: instantOf(NOW - DAY), next: instantOf(NOW + DAY) };
  const csca = mintAuthority({
    name: 'a',
    title,
    algorithm: 'ES256',
    container: 'authority',
    unit: 'UT',
    crl,
    ...times,
  });
  const extendedKeyUsage = ['2.23.136.1.1.14.2'];
  const signer = (algorithm: 'ES256' | 'ES384' = 'ES256') => {
    const key = mintKey(algorithm);
    return {
      key,
      der: csca.issue({ name: 's', title, algorithm, container: 'embedded', extendedKeyUsage, ...times }, key),
    };
  };
  const own = signer();
  const standpoint = standpointOf(
    '310000',
    federationWith({
      'regions/x-vds-nc/anchors/test.json': issuersOf([csca.entry]),
      'regions/x-vds-nc/crls/test.crl': csca.crl(),
    }),
  );
  const say = (text: string): string => shortOf(verdictOf(text, { standpoint }));

  const data = {
    hdr: { t: 'icao.vacc', v: 1, is: 'UTO' } as Record<string, unknown>,
    msg: {
      uvci: 'UT0001',
      pid: { n: 'MUSTER  EVA', dob: '1990-05-17', sex: 'F', i: 'X0000000' },
      ve: [
        {
          des: 'XM68M6',
          nam: 'Vaccine',
          dis: 'RA01.0',
          vd: [{ dvc: '2026-01-02', seq: 1, ctr: 'UTO', adm: 'Clinic', lot: '1' }],
        },
      ],
    },
  };
  interface Seal {
    readonly alg?: unknown;
    readonly key?: MintedKey;
    readonly cer?: unknown;
    sign?(data: Uint8Array): Uint8Array;
  }
  const seal = (content: object, { alg = 'ES256', key = own.key, cer, sign = key.sign }: Seal = {}) => ({
    data: content,
    sig: {
      alg,
      cer: cer ?? encodeBase64url(own.der),
      sigvl: encodeBase64url(sign(encodeUtf8(canonicalJson(JSON.parse(JSON.stringify(content)) as Value)))),
    },
  });
  const json = (value: unknown): string => JSON.stringify(value);
  const good = seal(data);
  const changed = (change: object) => ({ ...data, hdr: { ...data.hdr, ...change } });

  it.each<[string, string]>([
    ['as it was signed', json(good)],
    ['with spaces and line ends', JSON.stringify(good, null, 4)],
    ['with its members in another order', json({ sig: good.sig, data: { msg: data.msg, hdr: data.hdr } })],
    ['with a number written otherwise', json(good).replace('"v":1', '"v":1.0e0')],
    ['with signs written otherwise', json(good).replace('icao.vacc', '\\u0069cao.vacc')],
    ['with something beside it that nobody signed', json({ ...good, note: 'hello' })],
  ])('is good %s', (_, text) => expect(say(text)).toBe('accept'));

  it.each<[string, string, string]>([
    ['a sign more in the name', json(good).replace('MUSTER', 'MUSTERX'), 'refuse SIGNATURE_INVALID'],
    ['a member more', json({ ...good, data: { ...data, more: 1 } }), 'refuse SIGNATURE_INVALID'],
    ['a member of the prototype', json(good).replace('"hdr"', '"__proto__":{},"hdr"'), 'refuse SIGNATURE_INVALID'],
    ['a dose more', json(good).replace('"seq":1', '"seq":2'), 'refuse SIGNATURE_INVALID'],
    [
      'a name twice: two readers would see two seals',
      json(good).replace('"v":1', '"v":1,"v":1'),
      'undetermined NOT_RECOGNISED',
    ],
    [
      'the certificate of somebody else',
      json({ ...good, sig: { ...good.sig, cer: encodeBase64url(signer().der) } }),
      'refuse SIGNATURE_INVALID',
    ],
    [
      'the authority’s own certificate',
      json({ ...good, sig: { ...good.sig, cer: 'x'.repeat(4) } }),
      'refuse CHAIN_INVALID',
    ],
    [
      'an algorithm for another key',
      json({ ...good, sig: { ...good.sig, alg: 'ES384' } }),
      'refuse ALGORITHM_NOT_ALLOWED',
    ],
    ['no algorithm', json({ ...good, sig: { ...good.sig, alg: 'none' } }), 'refuse ALGORITHM_NOT_ALLOWED'],
    [
      'an algorithm with a secret: the certificate as its key',
      json({ ...good, sig: { ...good.sig, alg: 'HS256' } }),
      'refuse ALGORITHM_NOT_ALLOWED',
    ],
    [
      'a signature in DER',
      json(seal(data, { sign: (bytes) => derFromRaw(own.key.sign(bytes)) })),
      'refuse SIGNATURE_INVALID',
    ],
    ['no signature', json({ ...good, sig: { ...good.sig, sigvl: '' } }), 'refuse SIGNATURE_INVALID'],
    [
      'a text in the place of the signature',
      json({ ...good, sig: { ...good.sig, sigvl: 'not base64!' } }),
      'refuse MALFORMED',
    ],
    ['another version', json(seal(changed({ v: 2 }))), 'refuse FIELD_INVALID'],
    ['the version as a text', json(seal(changed({ v: '1' }))), 'refuse FIELD_INVALID'],
    ['another kind of seal', json(seal(changed({ t: 'icao.visa' }))), 'refuse TYPE_NOT_DETERMINED'],
    ['another state’s name', json(seal(changed({ is: 'AUT' }))), 'refuse ISSUER_MISMATCH'],
    ['a state that is none', json(seal(changed({ is: 'QQQ' }))), 'undetermined UNKNOWN_CODE_VALUE'],
    ['no state', json(seal(changed({ is: undefined }))), 'refuse FIELD_MISSING'],
  ])('%s', (_, text, expected) => expect(say(text)).toBe(expected));

  it('of one’s own making are from nobody, whatever name the certificate bears', () => {
    const key = mintKey('ES256');
    const stranger = (name: string) => json(seal(data, { key, cer: encodeBase64url(selfIssued(name, key)) }));
    expect(say(stranger('Stranger'))).toBe('undetermined UNKNOWN_ISSUER');
    expect(say(stranger('Test'))).toBe('undetermined UNKNOWN_ISSUER');
  });

  it('with their own authority at the end of the list are from nobody', () => {
    const forger = mintAuthority({ name: 'f', title, algorithm: 'ES256', container: 'authority', ...times });
    const key = mintKey('ES256');
    const leaf = forger.issue(
      { name: 's', title, algorithm: 'ES256', container: 'embedded', extendedKeyUsage, ...times },
      key,
    );
    const root = Uint8Array.from(Buffer.from(forger.entry.certificate!, 'base64'));
    const text = json(seal(data, { key, cer: [leaf, root].map((der) => encodeBase64url(der)) }));
    // It bears the anchor's very name, and its key identifier tells it apart.
    expect(say(text)).toBe('undetermined UNKNOWN_ISSUER');
  });

  it('more certificates than any chain has are not looked at', () => {
    const text = json(seal(data, { cer: Array(5).fill(encodeBase64url(own.der)) }));
    expect(say(text)).toBe('refuse LIMIT_EXCEEDED');
  });

  it('may be signed with the other algorithm, if the certificate’s key is of that kind', () => {
    const { key, der } = signer('ES384');
    expect(say(json(seal(data, { alg: 'ES384', key, cer: encodeBase64url(der) })))).toBe('accept');
    expect(say(json(seal(data, { key, cer: encodeBase64url(der) })))).toBe('refuse ALGORITHM_NOT_ALLOWED');
  });
});
