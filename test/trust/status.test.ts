import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { readSignedData } from '../../src/codec/cms.ts';
import { writeSignedData } from '../../src/codec/cms-writer.ts';
import type { Proof } from '../../src/codec/proof.ts';
import { readSealSignature } from '../../src/codec/seal.ts';
import { writeSeal, writeSealSignature } from '../../src/codec/seal-writer.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Environment, IssuerEntry, KeyStatus } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { selfIssued } from '../../src/federation/authority.node.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { authenticate } from '../../src/trust/authenticate.ts';
import {
  codesOf,
  DAY,
  issuersOf,
  NOW,
  ownKey,
  shortOf,
  testBed,
  testDocument,
  verdictOf,
  walk,
} from '../support/federation.ts';
import { timestamper } from '../support/timestamps.ts';

const at = (days: number): string => instantOf(NOW + days * DAY);
const state = (name: KeyStatus['state'], days: number): KeyStatus => ({ state: name, since: at(days) });
const key = ownKey();
/** Signed ten days ago, as it says. */
const bed = testBed({}, key);
const wire = bed.sign(testDocument({ validity: { issuedAt: at(-10), until: at(30) } }));
const bedWith = (status: KeyStatus[], files: Record<string, unknown> = {}, more: Partial<IssuerEntry> = {}) =>
  testBed({ issuers: [{ ...key.entry, status, ...more }], files }, key);
const said = (status: KeyStatus[], files?: Record<string, unknown>, more?: Partial<IssuerEntry>): string =>
  shortOf(verdictOf(wire, { standpoint: bedWith(status, files, more).standpoint }));

describe('a key that is retired', () => {
  it.each<[string, KeyStatus[], string]>([
    ['is about to be', [state('retiring', -20)], 'accept'],
    ['was after it signed', [state('active', -90), state('retiring', -9), state('retired', -5)], 'accept'],
    ['was before it signed', [state('retired', -11)], 'refuse KEY_NOT_VALID_WHEN_SIGNED'],
    ['was, and then taken up again before it signed', [state('retired', -20), state('active', -15)], 'accept'],
    ['will be', [state('retired', 1)], 'accept'],
  ])('one that %s', (_name, status, wanted) => expect(said(status)).toBe(wanted));

  it('leaves good what it signed, though its time runs out later', () => {
    expect(said([], {}, { validUntil: at(-1) })).toBe('refuse KEY_EXPIRED');
    expect(said([state('retired', -5)], {}, { validUntil: at(-1) })).toBe('accept');
    // Retired only after its time had run out: nobody said in time that it stays good.
    expect(said([state('retired', -1)], {}, { validUntil: at(-2) })).toBe('refuse KEY_EXPIRED');
  });
});

describe('a certificate that is renewed for the same key', () => {
  const entries = (...list: Partial<IssuerEntry>[]): string =>
    shortOf(
      verdictOf(wire, {
        standpoint: testBed({ issuers: list.map((each) => ({ ...key.entry, ...each })) }, key).standpoint,
      }),
    );
  const old = { validUntil: at(-1) };
  const renewed = { validFrom: at(-2), validUntil: at(400) };

  it('takes nothing back that was signed under the old one', () => {
    expect(entries(old)).toBe('refuse KEY_EXPIRED');
    expect(entries(renewed)).toBe('refuse KEY_NOT_VALID_WHEN_SIGNED');
    expect([entries(old, renewed), entries(renewed, old)]).toEqual(['accept', 'accept']);
  });

  it('heals nothing else: what was removed or stolen, or may not sign this, stays so', () => {
    expect(entries(old, { ...renewed, status: [state('removed', -1)] })).toBe('refuse KEY_EXPIRED KEY_REMOVED');
    expect(entries(old, { ...renewed, status: [state('compromised', -1)] })).toMatch(/^undetermined .*KEY_COMPROMISED/);
    expect(entries(old, { ...renewed, documentTypes: [] })).toBe('refuse KEY_EXPIRED');
  });
});

describe('a key that was stolen', () => {
  const stolen = [state('compromised', -5)];
  const { opened } = walk(wire, { standpoint: bed.standpoint });
  const { proof } = opened!;
  const digest = encodeBase64url(nodePlatform.digest('SHA-256', proof.signed));
  const log = (days: number, of = digest) => ({
    'regions/x-test/issuance/log.json': { issued: at(0), logged: [{ digest: of, at: at(days) }] },
  });

  it('leaves nothing provable of what it signed, before or after', () => {
    expect(said(stolen)).toBe('undetermined KEY_COMPROMISED');
    expect(said([...stolen, state('active', -1)])).toBe('undetermined KEY_COMPROMISED');
    expect(said([state('compromised', 1)])).toBe('accept');
  });

  it('but for what the region had logged as issued by then, by the digest of what was signed', () => {
    expect(said(stolen, log(-6))).toBe('accept');
    expect(codesOf(verdictOf(wire, { standpoint: bedWith(stolen, log(-6)).standpoint }))).toContain(
      'SIGNED_BEFORE_COMPROMISE',
    );
    expect(said(stolen, log(-4))).toBe('undetermined KEY_COMPROMISED');
    expect(said([...stolen, state('compromised', -8)], log(-6))).toBe('undetermined KEY_COMPROMISED');
    expect(said(stolen, log(-6, 'A'.repeat(43)))).toBe('undetermined KEY_COMPROMISED');
    const elsewhere = { 'regions/310000/issuance/log.json': Object.values(log(-6))[0] };
    expect(said(stolen, elsewhere)).toBe('undetermined KEY_COMPROMISED');
  });

  it('by r of the signature nothing is shown: a thief can give other bytes the same r', () => {
    const r = encodeBase64url(proof.signature.subarray(0, 32));
    expect(said(stolen, log(-6, r))).toBe('undetermined KEY_COMPROMISED');
  });

  it('nor for what this gateway itself had seen by then', () => {
    const { standpoint } = bedWith(stolen);
    const judged = (days: number): string =>
      shortOf(
        verdictOf(wire, {
          standpoint: { ...standpoint, remembered: (of) => (of === digest ? NOW + days * DAY : undefined) },
        }),
      );
    expect([judged(-6), judged(-4)]).toEqual(['accept', 'undetermined KEY_COMPROMISED']);
  });

  describe('nor for what bears a timestamp from before', () => {
    const tsa = timestamper();
    const stamped = derFromRaw(proof.signature);
    const lists = (...entries: IssuerEntry[]) => ({ 'regions/x-test/timestampers/tsa.json': issuersOf(entries) });
    const judged = (
      tokens: Uint8Array[],
      files: Record<string, unknown>,
      { over = stamped, environment }: { over?: Uint8Array; environment?: Environment } = {},
    ): string => {
      const { standpoint, federation } = bedWith(stolen, files);
      const { trust } = standpoint;
      const marked: Proof = { ...proof, timestamps: tokens, stamped: over };
      const input = { ...opened!, proof: marked, region: 'x-test', now: NOW, ...(environment && { environment }) };
      const codes = authenticate(input, trust).findings.map(({ code }) => code);
      expect(federation.rejected.filter(({ file }) => !file.includes('timestampers'))).toEqual([]);
      return codes.find((code) => /COMPROMISE/.test(code)) ?? 'none';
    };
    const early = tsa.token(stamped, NOW - 6 * DAY);

    it('by an authority that the region lists, or the federation for all', () => {
      expect(judged([early], lists(tsa.entry))).toBe('SIGNED_BEFORE_COMPROMISE');
      expect(judged([early], { 'timestampers/all.json': issuersOf([tsa.entry]) })).toBe('SIGNED_BEFORE_COMPROMISE');
      const gm = timestamper('SM2-SM3');
      expect(judged([gm.token(stamped, NOW - 6 * DAY)], lists(gm.entry))).toBe('SIGNED_BEFORE_COMPROMISE');
      expect(judged([new Uint8Array(3), early], lists(gm.entry, tsa.entry))).toBe('SIGNED_BEFORE_COMPROMISE');
    });

    it('but not by one whose list was made for another environment', () => {
      const rehearsal = { ...issuersOf([tsa.entry]), environment: 'rehearsal' };
      for (const file of ['regions/x-test/timestampers/tsa.json', 'timestampers/all.json']) {
        const said = (environment: Environment) => judged([early], { [file]: rehearsal }, { environment });
        expect([said('rehearsal'), said('production')]).toEqual(['SIGNED_BEFORE_COMPROMISE', 'KEY_COMPROMISED']);
      }
    });

    const withStatus = (...status: KeyStatus[]) => lists({ ...tsa.entry, status });
    it.each<[string, Uint8Array[], Record<string, unknown>]>([
      ['of an authority that nobody lists', [early], {}],
      [
        'of an authority that another region lists',
        [early],
        { 'regions/310000/timestampers/tsa.json': issuersOf([tsa.entry]) },
      ],
      ['over another signature', [tsa.token(proof.signature, NOW - 6 * DAY)], lists(tsa.entry)],
      ['from after the theft', [tsa.token(stamped, NOW - 4 * DAY)], lists(tsa.entry)],
      ['that may be from after the theft', [tsa.token(stamped, NOW - 5 * DAY, { accuracy: 60 })], lists(tsa.entry)],
      ['altered', [early.map((byte, i) => (i === early.length - 5 ? byte ^ 1 : byte))], lists(tsa.entry)],
      ['cut short', [early.subarray(0, -1)], lists(tsa.entry)],
      ['of an authority that was robbed itself', [early], withStatus(state('compromised', -1))],
      ['of an authority that was removed', [early], withStatus(state('removed', -1))],
      ['of an authority from after its retirement', [early], withStatus(state('retired', -7))],
      ['from before its authority’s time', [early], lists({ ...tsa.entry, validFrom: at(-5) })],
      ['behind four others', [...[1, 2, 3, 4].map((n) => Uint8Array.of(n)), early], lists(tsa.entry)],
    ])('a token %s shows nothing', (_name, tokens, files) => {
      expect(judged(tokens, files)).toBe('KEY_COMPROMISED');
    });

    it.each<[string, IssuerEntry]>([
      ['for other purposes too', timestamper('ES256', { purposes: ['1.3.6.1.5.5.7.3.8', '1.3.6.1.5.5.7.3.3'] }).entry],
      ['for another purpose', timestamper('ES256', { purposes: ['1.3.6.1.5.5.7.3.3'] }).entry],
      ['that does not insist on its purpose', timestamper('ES256', { critical: false }).entry],
      ['that is a bare key', ownKey().entry],
      [
        'of which policies are asked, which no chain answers',
        { ...timestamper().entry, policies: { accepted: ['1.2.3'] } },
      ],
    ])('an authority with a certificate %s is rejected', (_name, entry) => {
      const { federation } = bedWith([], lists(entry));
      expect(federation.rejected.map(({ file }) => file)).toEqual(['regions/x-test/timestampers/tsa.json']);
    });
  });
});

describe('timestamps are read where they stand', () => {
  const signerKey = mintKey('SM2-SM3');
  const certificate = selfIssued('Signer', signerKey);
  const signer = { certificate, sign: signerKey.sign };
  const tsa = timestamper('SM2-SM3');
  const limits = { input: 1 << 20 };
  const timestamp = (signature: Uint8Array) => tsa.token(signature, NOW);

  it('behind the signature of an electronic seal', () => {
    const seal = writeSeal(
      {
        id: 'S1',
        vendor: 'V',
        name: '测试章',
        type: 1,
        createdAt: NOW,
        validFrom: NOW,
        validUntil: NOW + DAY,
        signers: [{ certificate }],
        picture: { type: 'png', data: new Uint8Array(8), width: 1, height: 1 },
      },
      signer,
    );
    const fields = { seal, signedAt: NOW, dataHash: new Uint8Array(32), property: '/x' };
    const { proof } = readSealSignature(writeSealSignature({ ...fields, timestamp }, signer), limits);
    expect(proof.stamped).toEqual(derFromRaw(proof.signature));
    expect(proof.timestamps).toHaveLength(1);
    expect(readSealSignature(writeSealSignature(fields, signer), limits).proof.timestamps).toBeUndefined();
    // Anybody can put something there: what is no token is passed over.
    const junk = writeSealSignature({ ...fields, timestamp: () => Uint8Array.of(5, 0, 5, 0) }, signer);
    expect(readSealSignature(junk, limits).proof.timestamps).toEqual([]);
  });

  it('among what is not signed of signed data', () => {
    const write = (own: object) =>
      readSignedData(
        writeSignedData({
          profile: 'gm',
          content: new Uint8Array(3),
          detached: false,
          signers: [{ ...signer, ...own }],
          digest: nodePlatform.digest,
        }),
        limits,
      ).signers[0]!;
    const read = write({ timestamp });
    expect(read.value).toEqual(derFromRaw(read.signature));
    expect(read.timestamps).toHaveLength(1);
    expect(write({}).timestamps).toEqual([]);
    expect(write({ timestamp: () => Uint8Array.of(2, 1, 1) }).timestamps).toEqual([]);
  });
});
