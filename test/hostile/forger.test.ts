import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64, encodeBase64url } from '../../src/codec/base64url.ts';
import { ENVELOPES } from '../../src/codec/envelopes.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { type Conversion, convertDocument } from '../../src/convert.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { SharedDocument } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintAuthority, selfIssued } from '../../src/federation/authority.node.ts';
import type { MintedSample } from '../../src/federation/mint.node.ts';
import { mintKey, signerOf } from '../../src/federation/signer.node.ts';
import type { Presented } from '../../src/format/open.ts';
import {
  DAY,
  federation,
  formatOf,
  NOW,
  ownKey,
  presentedOf,
  samples,
  shortOf,
  standpointOf,
  verdictOf,
  walk,
} from '../support/federation.ts';

/**
 * A forger has what everybody has: every sample, every public key, the declarations and the source. Whatever he puts
 * together out of these is never accepted, and what he adds to a good document is never said by it.
 */
/** Of the formats whose documents carry no certificates; those have forgers of their own (packages.test.ts, trust/sealed.test.ts). */
const accepted = samples.filter(
  ({ format, shown, expect: { outcome } }) =>
    (outcome === 'accept' || outcome === 'conditional') &&
    // What answers a challenge, or is shown on paper, is asked for in the tests of presenting.
    Object.keys(shown).length === 0 &&
    ENVELOPES[formatOf(federation, format).declaration.envelope.type]!.file === undefined,
);
const one = (format: string): MintedSample => accepted.find((sample) => sample.format === format)!;
const FORMATS = [...new Set(accepted.map(({ format }) => format))];

const asked = ({ expect: wanted }: MintedSample) => ({
  standpoint: standpointOf(wanted.for),
  ...(wanted.purpose === undefined ? {} : { purpose: wanted.purpose }),
});
const said = (presented: Presented | string | Uint8Array, like: MintedSample): string =>
  shortOf(verdictOf(presented, asked(like)));
const whole = (sample: MintedSample) => walk(presentedOf(sample.wire), asked(sample));
const textOf = ({ wire }: MintedSample): string => (typeof wire === 'string' ? wire : decodeUtf8(wire));
const GOOD = /^(accept|conditional)/;

it('there is a good document of every format', () => {
  expect(FORMATS.toSorted()).toEqual(
    expect.arrayContaining(['ah-pass/1', 'eu-dcc/1', 'js-pass/1', 'shc/1', 'vds-nc/1']),
  );
  for (const sample of accepted) expect(said(presentedOf(sample.wire), sample)).toMatch(GOOD);
});

describe('signed by the forger, under the name of a key that is trusted:', () => {
  const stranger = mintKey('ES256');
  it.each(FORMATS)('%s is refused, or of nobody', (id) => {
    const sample = one(id);
    const { opened, converted, verdict } = whole(sample);
    const { algorithms } = opened!.format.declaration.envelope;
    for (const algorithm of algorithms.filter((name) => name !== 'PS256' && name !== 'ES384')) {
      const key = mintKey(algorithm);
      const signer = {
        ...signerOf(key, verdict.issuer!.keyId),
        certificates: [selfIssued('Authority', stranger)],
        stamp: { signedAt: NOW },
      };
      const forged = opened!.format.write(converted!.document as SharedDocument, signer).wire;
      expect(said(presentedOf(forged), sample)).toBe('refuse SIGNATURE_INVALID');
    }
  });
});

describe('a signature lifted out of one envelope and put into another', () => {
  it.each(FORMATS)('of %s counts in none', (id) => {
    const sample = one(id);
    const { proof } = whole(sample).opened!;
    const { signed, signature } = proof;
    const utf8 = ((): string | undefined => {
      try {
        return decodeUtf8(signed);
      } catch {
        return undefined;
      }
    })();
    const frame = encodeBase64url(Uint8Array.of(...signature, ...signed));
    const certificate = encodeBase64url(selfIssued('Authority', mintKey('ES256')));
    const sig = { alg: 'ES256', sigvl: encodeBase64url(signature), cer: certificate };
    const tries: string[] = [
      // ssm-frame: bytes of any kind behind their signature.
      `https://s31.example/${String(frame.length).padStart(4, '0')}${frame}##`,
      // js-pass: any text before its signature.
      `${utf8 ?? ''}${encodeBase64url(signature)}`,
      `JSTX1$${utf8 ?? ''}$${encodeBase64url(signature)}`,
      // vds-nc: the signed bytes as a text, or as the JSON that they are.
      JSON.stringify({ data: { hdr: { t: 'icao.vacc', v: 1 }, msg: utf8 ?? '' }, sig }),
      `{"data":${utf8 ?? '{}'},"sig":${JSON.stringify(sig)}}`,
      // jws: signed bytes that have a dot in the middle.
      `${utf8 ?? ''}.${encodeBase64url(signature)}`,
    ];
    const own = textOf(sample);
    for (const text of tries.filter((text) => text !== own)) {
      for (const other of accepted) {
        const verdict = verdictOf(text, asked(other));
        // A health card's JWS is handed over bare as well: the same document, and said to be one.
        if (verdict.format?.id !== id) expect(shortOf(verdict)).not.toMatch(GOOD);
      }
    }
  });

  it('a document behind another format’s prefix is not of that format', () => {
    const prefixes = ['HC1:', 'AH1:', 'shc:/', 'https://s31.example/', 'JSTX1$', ''];
    for (const sample of accepted) {
      const own = textOf(sample);
      const bare = own.replace(/^(HC1:|AH1:|shc:\/|https:\/\/s31\.example\/|JSTX1\$)/, '');
      for (const prefix of prefixes.filter((each) => each + bare !== own))
        expect(said(prefix + bare, sample)).not.toMatch(GOOD);
    }
  });
});

describe('a JWS', () => {
  const sample = one('zj-pass/1');
  const [head, body, signature] = textOf(sample).split('.') as [string, string, string];
  const header = JSON.parse(decodeUtf8(decodeBase64url(head))) as Record<string, unknown>;
  const raw = (text: string): string => encodeBase64url(encodeUtf8(text));
  const withHeader = (change: object, sig = signature): string =>
    `${raw(JSON.stringify({ ...header, ...change }))}.${body}.${sig}`;
  const jwk = federation.trust.candidates('330000', String(header['kid']))[0]!;

  it.each<[string, string, string, string]>([
    ['"none" and no signature', withHeader({ alg: 'none' }, ''), 'refuse ALGORITHM_NOT_ALLOWED', 'RFC 8725 §3.1'],
    ['"none" in other letters', withHeader({ alg: 'NoNe' }, ''), 'refuse ALGORITHM_NOT_ALLOWED', 'names are exact'],
    ['HS256', withHeader({ alg: 'HS256' }), 'refuse ALGORITHM_NOT_ALLOWED', 'a public key is no secret'],
    ['ES256 for a key on SM2', withHeader({ alg: 'ES256' }), 'refuse ALGORITHM_NOT_ALLOWED', 'another curve'],
    ['our own name for SM2', withHeader({ alg: 'SM2-SM3' }), 'refuse ALGORITHM_NOT_ALLOWED', 'the label is SM2SM3'],
    ['COSE’s number', withHeader({ alg: -65601 }), 'refuse MALFORMED', 'no JOSE name'],
    [
      'a key in the header',
      withHeader({ jwk: { kty: 'EC', crv: 'SM2' } }),
      'refuse SIGNATURE_INVALID',
      'not looked at',
    ],
    ['a link to a key', withHeader({ jku: 'https://example.org' }), 'refuse SIGNATURE_INVALID', 'nothing is fetched'],
    ['crit', withHeader({ crit: ['exp'], exp: 1 }), 'refuse HEADER_NOT_ALLOWED', 'RFC 7515 §4.1.11'],
    ['an empty crit', withHeader({ crit: [] }), 'refuse HEADER_NOT_ALLOWED', 'the same'],
    ['b64', withHeader({ b64: true }), 'refuse HEADER_NOT_ALLOWED', 'RFC 7797 changes what was signed'],
    ['zip', withHeader({ zip: 'DEF' }), 'refuse SIGNATURE_INVALID', 'inflated only where the declaration says so'],
    ['a list of key ids', withHeader({ kid: [header['kid']] }), 'refuse MALFORMED', 'an id is a text'],
    [
      'no key id',
      withHeader({ kid: undefined }),
      'undetermined UNKNOWN_ISSUER',
      'only a small region’s keys are all tried',
    ],
    ['the key id of a prototype', withHeader({ kid: '__proto__' }), 'undetermined UNKNOWN_ISSUER', 'an id like any'],
    [
      'a key id with line ends and colours',
      withHeader({ kid: '\u001b[32m\r\naccept' }),
      'undetermined UNKNOWN_ISSUER',
      'it is not repeated',
    ],
    [
      'a header with a name twice',
      `${raw(`{"alg":"SM2SM3","alg":"none","typ":"zjtx+jws"}`)}.${body}.${signature}`,
      'undetermined NOT_RECOGNISED',
      'two readers would see two algorithms',
    ],
    ['padding', `${head}.${body}.${signature}==`, 'refuse MALFORMED', 'RFC 7515 §2: none'],
    ['an empty signature', `${head}.${body}.`, 'refuse SIGNATURE_INVALID', 'no signature is none'],
    [
      'zeros',
      `${head}.${body}.${encodeBase64url(new Uint8Array(64))}`,
      'refuse SIGNATURE_INVALID',
      'r and s are not 0',
    ],
    [
      'its signature twice',
      `${head}.${body}.${encodeBase64url(Uint8Array.of(...decodeBase64url(signature), ...decodeBase64url(signature)))}`,
      'refuse SIGNATURE_INVALID',
      'exactly r and s',
    ],
    ['a fourth part', `${head}.${body}.${signature}.${signature}`, 'refuse MALFORMED', 'three parts'],
    ['the other type’s name', withHeader({ typ: 'zlz+jws' }), 'refuse SIGNATURE_INVALID', 'the header is signed'],
  ])('with %s', (_name, wire, wanted, _because) => {
    expect(jwk.region).toBe('330000');
    const verdict = verdictOf(wire, asked(sample));
    expect(shortOf(verdict).split(' ').slice(0, 2).join(' ')).toBe(wanted);
    expect(JSON.stringify(verdict)).not.toContain('\\u001b');
  });
});

describe('a signed JSON object (VDS-NC)', () => {
  const sample = one('vds-nc/1');
  type Seal = { data: Record<string, unknown>; sig: { alg: string; sigvl: string; cer: string } };
  const seal = (): Seal => JSON.parse(textOf(sample)) as Seal;
  const changed = (change: (seal: Seal) => unknown): string => JSON.stringify(change(seal()));
  const real = seal().sig.cer;
  const recipe = { name: 'ca', algorithm: 'ES384', container: 'authority', unit: 'UT' } as const;
  const times = { validFrom: instantOf(NOW - 900 * DAY), validUntil: instantOf(NOW + 900 * DAY) };
  /** An authority of the same name as the real one. */
  const authority = mintAuthority({
    ...recipe,
    ...times,
    title: { zh: '示范国', en: 'Reference authority UTO' },
  } as Parameters<typeof mintAuthority>[0]);
  const key = mintKey('ES256');
  const signerRow = {
    name: 's',
    title: { zh: '签', en: 'Reference vaccination signer' },
    algorithm: 'ES256',
    container: 'embedded',
    extendedKeyUsage: ['2.23.136.1.1.14.2'],
    documentCodes: ['NV'],
    ...times,
  } as Parameters<typeof authority.issue>[0];
  const own = authority.issue(signerRow, key);
  const ca = encodeBase64url(new Uint8Array(Buffer.from(authority.entry.certificate!, 'base64')));
  const resigned = (...certificates: Uint8Array[]): string => {
    const { opened, converted } = whole(sample);
    const signer = { ...signerOf(key, 'k'), certificates };
    return opened!.format.write(converted!.document as SharedDocument, signer).wire as string;
  };
  const withChain = (...cer: string[]): string => {
    const copy = JSON.parse(resigned(own)) as { sig: Record<string, unknown> };
    return JSON.stringify({ ...copy, sig: { ...copy.sig, cer } });
  };

  it.each<[string, string, RegExp, string]>([
    [
      'its algorithm renamed',
      changed((s) => ({ ...s, sig: { ...s.sig, alg: 'ES384' } })),
      /^refuse ALGORITHM/,
      'the key is on P-256',
    ],
    ['no algorithm', changed((s) => ({ ...s, sig: { ...s.sig, alg: 'none' } })), /^refuse ALGORITHM/, 'RFC 8725 §3.1'],
    [
      'the certificate of a stranger',
      changed((s) => ({ ...s, sig: { ...s.sig, cer: encodeBase64url(own) } })),
      /^refuse SIG/,
      'altered',
    ],
    ['re-signed under it', resigned(own), /^undetermined UNKNOWN_ISSUER/, 'an authority of that name, not that key'],
    ['re-signed, with its authority', withChain(encodeBase64url(own), ca), /^undetermined UNKNOWN/, 'leads nowhere'],
    ['re-signed, the real certificate first', withChain(real, encodeBase64url(own)), /^refuse SIG/, 'the first signs'],
    [
      're-signed, the real one behind',
      withChain(encodeBase64url(own), real),
      /^undetermined UNKNOWN/,
      'not its issuer',
    ],
    ['five certificates', withChain(...Array<string>(5).fill(real)), /^refuse LIMIT/, 'each costs a check'],
    ['a certificate of 30 kB of zeros', withChain(encodeBase64url(new Uint8Array(30_000))), /^refuse/, 'no DER'],
    ['an empty list of certificates', withChain(), /^refuse MALFORMED/, 'nobody signed it'],
    [
      'its member a list around it',
      changed((s) => ({ ...s, data: [s.data] })),
      /^undetermined NOT_REC/,
      'not this format',
    ],
    ['its own name as __proto__', textOf(sample).replace('"data"', '"__proto__"'), /^undetermined NOT_REC/, 'a name'],
    ['the signed member twice', textOf(sample).replace('{', '{"data":{},'), /^undetermined NOT_REC/, 'two readings'],
    ['the same, once escaped', textOf(sample).replace('{', '{"d\\u0061ta":{},'), /^undetermined NOT_REC/, 'the same'],
    [
      'a number as a text',
      changed((s) => ({ ...s, data: { ...s.data, hdr: { ...(s.data['hdr'] as object), v: '1' } } })),
      /^refuse/,
      'another value',
    ],
  ])('with %s is not accepted: %s', (_name, wire, wanted, _because) => {
    expect(said(wire, sample)).toMatch(wanted);
  });

  it('says nothing of what stands beside the signed member, however it is spelled', () => {
    const { document } = verdictOf(textOf(sample), asked(sample));
    for (const wire of [
      changed((s) => ({ holder: { name: '李四' }, issuer: { unit: 'XX' }, ...s, revocationId: 'x', docType: 1 })),
      changed((s) => ({ ...s, sig: { ...s.sig, data: { msg: {} }, kid: 'other' } })),
      JSON.stringify(seal(), null, 3),
      textOf(sample).replace('"msg"', '"\\u006dsg"'),
    ]) {
      const verdict = verdictOf(wire, asked(sample));
      expect(verdict.outcome).toMatch(GOOD);
      expect(verdict.document).toEqual(document);
    }
  });
});

describe('several codes and files', () => {
  const card = one('shc/1');
  const jws = (sample: MintedSample): string =>
    `${decodeUtf8(whole(sample).opened!.proof.signed)}.${encodeBase64url(whole(sample).opened!.proof.signature)}`;
  const forged = (): string => jws(card).replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'));
  const codes = (...texts: string[]): Presented => ({ codes: texts });

  it('a good code beside another document decides nothing', () => {
    expect(said(codes(textOf(card), textOf(one('eu-dcc/1'))), card)).toBe('undetermined SEVERAL_CODES');
    expect(said(codes(textOf(card), textOf(card)), card)).toMatch(GOOD);
  });

  it('parts that say they belong together are one document or none', () => {
    const digits = textOf(card).slice('shc:/'.length);
    const half = digits.length >> 1;
    const parts = [`shc:/1/2/${digits.slice(0, half)}`, `shc:/2/2/${digits.slice(half)}`] as const;
    expect(said(codes(...parts), card)).toMatch(GOOD);
    expect(said(codes(parts[1], parts[0]), card)).toMatch(GOOD);
    expect(said(codes(parts[0]), card)).toMatch(/PARTS_MISSING/);
    expect(
      said(
        codes(parts[0], parts[1], `shc:/2/2/${digits.slice(half).replace(/.$/, (last) => (last === '0' ? '1' : '0'))}`),
        card,
      ),
    ).toMatch(/PARTS_MIXED/);
    expect(said(codes(parts[0], `shc:/2/3/${digits.slice(half)}`), card)).toMatch(/PARTS_MIXED/);
    // A whole document in parts inside a part.
    expect(said(codes(`shc:/1/2/1/2/${digits}`, 'shc:/2/2/'), card)).not.toMatch(GOOD);
  });

  it('a file with a good and a forged one is no good one', () => {
    const file = (...list: string[]): string => JSON.stringify({ verifiableCredential: list });
    expect(said(file(jws(card)), card)).toMatch(GOOD);
    expect(said(file(jws(card), forged()), card)).toMatch(/SEVERAL_CODES/);
    expect(said(file(forged()), card)).not.toMatch(GOOD);
    expect(said(JSON.stringify({ verifiableCredential: [jws(card)], issuer: 'x' }), card)).toMatch(GOOD);
  });
});

describe('a conversion', () => {
  const signers = new Map([
    ['ES256', ownKey('ES256').signer],
    ['SM2-SM3', ownKey('SM2-SM3').signer],
  ] as const);
  const converted = (sample: MintedSample, target: string): Conversion =>
    convertDocument(
      {
        presented: presentedOf(sample.wire),
        target: target === 'document' ? 'document' : formatOf(federation, target),
        audience: '330000',
        purpose: 'exchange',
        at: NOW,
      },
      standpointOf(sample.expect.for),
      signers,
      nodePlatform,
    ).conversion!;

  it('of a good document is no document, whole or taken apart', () => {
    const sample = one('ah-pass/1');
    for (const target of ['document', 'ah-pass/1']) {
      const found = converted(sample, target);
      expect(said(found.jws, sample)).not.toMatch(GOOD);
      expect(said(JSON.stringify(found.document ?? {}), sample)).not.toMatch(GOOD);
      if (found.wire !== undefined) expect(said(presentedOf(found.wire), sample)).toBe('undetermined UNKNOWN_ISSUER');
    }
  });

  it('is not made of what is not accepted', () => {
    const key = signerOf(mintKey('SM2-SM3'), whole(one('ah-pass/1')).verdict.issuer!.keyId);
    const { opened, converted: read } = whole(one('ah-pass/1'));
    const wire = opened!.format.write(read!.document as SharedDocument, key).wire;
    const { conversion } = convertDocument(
      { presented: presentedOf(wire), target: 'document', audience: 'x', purpose: 'exchange' },
      standpointOf(one('ah-pass/1').expect.for),
      signers,
      nodePlatform,
    );
    expect(conversion).toBeUndefined();
  });
});

it('base64 in place of base64url is no second spelling', () => {
  const sample = one('zj-pass/1');
  const [head, body, signature] = textOf(sample).split('.') as [string, string, string];
  const other = `${head}.${body}.${encodeBase64(decodeBase64url(signature))}`;
  if (other !== textOf(sample)) expect(said(other, sample)).toBe('refuse MALFORMED');
});
