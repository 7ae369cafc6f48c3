import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCbor, encodeCbor, encodeTagged } from '../../src/codec/cbor.ts';
import { openCoseSign1, writeCoseSign1 } from '../../src/codec/cose.ts';
import { decodeHex, encodeHex } from '../../src/codec/hex.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import type { Value } from '../../src/codec/value.ts';
import { keyFromJwk } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { ownKey } from '../support/federation.ts';

const open = (bytes: Uint8Array, external?: Uint8Array) => openCoseSign1(bytes, CODE_LIMITS, external);
const refusal = (run: () => unknown): string => {
  try {
    run();
    return 'opened';
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return `${error.code} ${error.part}: ${error.message}`;
  }
};

/** RFC 9052, appendix C.2.1: COSE_Sign1, one signer, ES256, key "11" in the unprotected header. */
const RFC = decodeHex(
  'd28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36',
);
const RFC_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8',
  y: 'IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4',
};

describe('the example of RFC 9052 appendix C.2.1', () => {
  const { proof, payload } = open(RFC);

  it('opens: its parts, and the Sig_structure of §4.4', () => {
    expect(new TextDecoder().decode(payload)).toBe('This is the content.');
    expect([proof.algorithm, proof.keyIds, proof.demands]).toEqual(['cose:-7', ['MTE'], undefined]);
    expect(encodeHex(proof.signed)).toBe(
      '846a5369676e61747572653143a101264054546869732069732074686520636f6e74656e742e',
    );
  });

  it('verifies under its key, and not under external data that was not signed', () => {
    const verify = nodePlatform.prepare('ES256', keyFromJwk(RFC_KEY))!;
    expect(verify(proof.signed, proof.signature)).toBe(true);
    const other = open(RFC, Uint8Array.of(1)).proof;
    expect(verify(other.signed, other.signature)).toBe(false);
  });
});

describe('the Sig_structure', () => {
  it('is the CBOR of ["Signature1", protected, external, payload] at every length of head', () => {
    for (const sizes of [
      [0, 0, 0],
      [1, 23, 24],
      [24, 255, 256],
      [255, 256, 65_535],
      [3, 0, 65_536],
    ] as const) {
      const [external, payload] = [new Uint8Array(sizes[1]).fill(7), new Uint8Array(sizes[2]).fill(9)];
      const head = encodeCbor({ '1': -7, '70000': new Uint8Array(sizes[0]) });
      const { proof } = open(encodeCbor([head, {}, payload, Uint8Array.of(1)]), external);
      expect(encodeHex(proof.signed)).toBe(encodeHex(encodeCbor(['Signature1', head, external, payload])));
    }
  });
});

describe('key ids', () => {
  const kids = (head: object, loose: object): unknown => {
    const { proof } = open(encodeCbor([encodeCbor(head as Value), loose as Value, new Uint8Array(), new Uint8Array()]));
    return proof.keyIds;
  };
  const kid = (...bytes: number[]) => ({ '4': Uint8Array.of(...bytes) });

  it('come from the protected header alone, or from the other where that has none', () => {
    expect([kids(kid(1), kid(2)), kids({}, kid(2)), kids(kid(1), {}), kids({}, {})]).toEqual([
      ['AQ'],
      ['Ag'],
      ['AQ'],
      [],
    ]);
  });

  it.each([
    ['text', { '4': 'kid' }],
    ['a number', { '4': 1 }],
    ['a list', { '4': [] }],
  ])('that are %s are refused', (_name, head) => {
    expect(() => kids(head, {})).toThrow('the key id is no byte string');
    expect(() => kids({}, head)).toThrow('the key id is no byte string');
  });
});

describe('headers', () => {
  const message = (head: Uint8Array, loose: Value = {}) =>
    encodeCbor([head, loose, Uint8Array.of(0xf6), Uint8Array.of(1)]);
  const algorithm = (head: Value): string => open(message(encodeCbor(head))).proof.algorithm;

  it('name the algorithm only under protection', () => {
    expect([
      algorithm({ '1': -7 }),
      algorithm({ '1': 'ES256' }),
      algorithm({ '1': [-7] }),
      algorithm({ '1': null }),
      algorithm({}),
    ]).toEqual(['cose:-7', 'cose:ES256', 'cose:unreadable', 'cose:unreadable', 'cose:none']);
    expect(open(message(new Uint8Array(), { '1': -7 })).proof.algorithm).toBe('cose:none');
  });

  it('that demand what nobody here understands are told, wherever they stand (RFC 9052 §3.1)', () => {
    expect(open(message(encodeCbor({ '1': -7, '2': ['x'] }))).proof.demands).toBe('crit');
    expect(open(message(encodeCbor({ '1': -7 }), { '2': [] })).proof.demands).toBe('crit');
    expect(open(message(encodeCbor({ '1': -7, '99': 1 }))).proof).not.toHaveProperty('demands');
  });

  it.each<[string, Uint8Array, string]>([
    ['is no CBOR', Uint8Array.of(0xff), 'MALFORMED cbor'],
    ['is no map', encodeCbor([1]), 'MALFORMED cose: a header is no map'],
    ['is a map and more', Uint8Array.of(0xa0, 0xa0), 'MALFORMED cbor: bytes after the item'],
    ['names one thing twice', Uint8Array.of(0xa2, 1, 0x26, 1, 0x27), 'MALFORMED cbor: the same key twice in a map'],
    ['is nested without end', new Uint8Array(1000).fill(0x81), 'LIMIT_EXCEEDED cbor: nested too deeply'],
  ])('a protected header that %s is refused', (_name, head, wanted) => {
    expect(refusal(() => open(message(head))).slice(0, wanted.length)).toBe(wanted);
  });
});

describe('what is no COSE_Sign1', () => {
  const bstr = Uint8Array.of(1);
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'MALFORMED cbor: cut short'],
    ['three parts', encodeCbor([bstr, {}, bstr]), 'MALFORMED cose: not an array of four'],
    ['five parts', encodeCbor([bstr, {}, bstr, bstr, bstr]), 'MALFORMED cose: not an array of four'],
    ['COSE_Sign, tag 98', encodeTagged(98, [bstr, {}, bstr, bstr]), 'MALFORMED cose: tagged as something else'],
    ['COSE_Mac0, tag 17', encodeTagged(17, [bstr, {}, bstr, bstr]), 'MALFORMED cose: tagged as something else'],
    ['a CWT tag without the COSE one around a map', encodeTagged(61, {}), 'MALFORMED cbor: another type'],
    [
      'no payload: it would have to come from elsewhere',
      encodeCbor([bstr, {}, null, bstr]),
      'MALFORMED cbor: another type',
    ],
    ['text for a signature', encodeCbor([bstr, {}, bstr, 'x']), 'MALFORMED cbor: another type'],
    ['a list for the unprotected header', encodeCbor([bstr, [], bstr, bstr]), 'MALFORMED cose: a header is no map'],
    ['a message and a byte', Uint8Array.of(...RFC, 0), 'MALFORMED cbor: bytes after the item'],
    [
      'a length of 2^53',
      Uint8Array.of(0x84, 0x5b, 0, 0x20, 0, 0, 0, 0, 0, 0),
      'MALFORMED cbor: length beyond the input',
    ],
  ])('%s', (_name, bytes, wanted) => {
    expect(refusal(() => open(bytes)).slice(0, wanted.length)).toBe(wanted);
  });

  it('any bytes open or are Broken, never anything else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void refusal(() => open(bytes))));
    fc.assert(
      fc.property(
        fc.nat({ max: RFC.length - 1 }),
        fc.nat({ max: 255 }),
        (at, byte) => void refusal(() => open(RFC.with(at, byte))),
      ),
    );
  });
});

describe('writing', () => {
  const { signer } = ownKey('ES256', { keyId: 'AQID' });
  const payload = encodeCbor({ a: 1 });

  it('puts algorithm, key id and the declared members under protection, and nothing outside it', () => {
    const bytes = writeCoseSign1(payload, { header: { '3': 'application/cwt' } }, signer);
    const [head, loose] = decodeCbor(bytes, CODE_LIMITS) as [Uint8Array, Value];
    expect(decodeCbor(head, CODE_LIMITS)).toEqual({ '1': -7, '3': 'application/cwt', '4': Uint8Array.of(1, 2, 3) });
    expect(loose).toEqual({});
    expect(open(bytes)).toMatchObject({
      payload,
      header: { '1': -7, '3': 'application/cwt' },
      proof: { keyIds: ['AQID'] },
    });
  });

  it('lets no declared member take the place of the algorithm or the key id', () => {
    const { proof } = open(writeCoseSign1(payload, { header: { '1': 0, '4': 'x' } }, signer));
    expect([proof.algorithm, proof.keyIds]).toEqual(['cose:-7', ['AQID']]);
  });

  it('tags it where the declaration says so', () => {
    expect(writeCoseSign1(payload, { tagged: true }, signer)[0]).toBe(0xd2);
    expect(writeCoseSign1(payload, {}, signer)[0]).toBe(0x84);
  });
});
