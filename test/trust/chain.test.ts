import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64, encodeBase64url } from '../../src/codec/base64url.ts';
import { integer, octetString, oid, printableString, sequence, setOf } from '../../src/codec/der-writer.ts';
import { decodeHex } from '../../src/codec/hex.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { AnchorPolicies } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { buildChains } from '../../src/trust/chain.ts';
import { DAY, NOW } from '../support/federation.ts';
import {
  anchorOf,
  authority,
  codesOf,
  detailOf,
  extension,
  idOf,
  issued,
  judged,
  listOf,
  manifestOf,
  type Party,
  proofOf,
  REGION,
  regionOf,
  TYPE,
  viewOf,
  type Wishes,
  x509,
} from './authorities.ts';

let csca: Party;
let signer: Party;
let list: Uint8Array;
beforeAll(async () => {
  csca = await authority('CSCA');
  signer = await issued(csca, 'Signer');
  list = await listOf(csca);
});

const view = (...anchors: Party[]) =>
  viewOf(
    regionOf(
      (anchors.length ? anchors : [csca]).map((one) => anchorOf(one)),
      [list],
    ),
  );

describe('a certificate that an anchor issued', () => {
  it('is a key of the region', async () => {
    const evidence = judged(await proofOf(signer), view());
    expect(codesOf(evidence)).toEqual([]);
    expect(evidence.findings[0]!.code).toBe('SIGNATURE_VALID');
    expect(evidence.key).toMatchObject({ region: REGION, unit: 'UT', name: { en: 'Guest' } });
    expect(evidence.key!.keyId).toBe(encodeBase64url(decodeHex(idOf(signer))));
  });

  it('is good as long as all certificates above it are', async () => {
    const short = await authority('Short', { from: NOW - DAY, until: NOW + DAY });
    const long = await issued(short, 'Long', { from: NOW - 50 * DAY, until: NOW + 50 * DAY });
    const own = viewOf(regionOf([anchorOf(short)], [await listOf(short, { until: NOW + 90 * DAY })]));
    const proof = await proofOf(long);
    expect(codesOf(judged(proof, own))).toEqual([]);
    expect(codesOf(judged(proof, own, { now: NOW + 2 * DAY }))).toContain('KEY_EXPIRED');
    const before = { documentType: TYPE, issuedAt: instantOf(NOW - 2 * DAY) };
    expect(codesOf(judged(proof, own, { claims: before }))).toEqual(['KEY_NOT_VALID_WHEN_SIGNED']);
  });

  it('is of the anchor’s unit: a document that names another is refused', async () => {
    const proof = await proofOf(signer);
    expect(codesOf(judged(proof, view(), { claims: { documentType: TYPE, unit: 'UT' } }))).toEqual([]);
    expect(codesOf(judged(proof, view(), { claims: { documentType: TYPE, unit: 'AT' } }))).toEqual(['ISSUER_MISMATCH']);
  });

  it('bears what the pack says of its anchor', async () => {
    const proof = await proofOf(signer);
    const under = (change: object) => viewOf(regionOf([anchorOf(csca, change)], [list]));
    const since = instantOf(NOW - DAY);
    expect(codesOf(judged(proof, under({ status: [{ state: 'removed', since }] })))).toEqual(['KEY_REMOVED']);
    expect(codesOf(judged(proof, under({ status: [{ state: 'compromised', since }] })))).toEqual(['KEY_COMPROMISED']);
    expect(codesOf(judged(proof, under({ documentTypes: ['freight-pass'] })))).toEqual(['KEY_USAGE_MISMATCH']);
    expect(codesOf(judged(proof, under({ validUntil: since })))).toContain('KEY_EXPIRED');
  });

  it('is a key of the part of the region whose anchor it is', async () => {
    const city = manifestOf({ region: '330400' });
    const regions = viewOf(regionOf([anchorOf(csca)], [list], { manifest: city, chain: ['330400', '330000'] }));
    expect(judged(await proofOf(signer), regions, { region: '330000' }).key?.region).toBe('330400');
    expect(codesOf(judged(await proofOf(signer), regions, { region: '320000' }))).toEqual(['UNKNOWN_ISSUER']);
  });
});

describe('certificate policies that a pack asks for', () => {
  const [ONE, TWO] = ['1.2.156.1', '1.2.156.2'];
  const under = (...ids: string[]) => extension('2.5.29.32', false, sequence(...ids.map((id) => sequence(oid(id)))));
  const mapped = extension('2.5.29.33', true, sequence(sequence(oid(ONE), oid(TWO))));
  const codes = async (party: Party, others: Party[], policies: AnchorPolicies) => {
    const evidence = judged(
      await proofOf(party, ...others),
      viewOf(
        regionOf([anchorOf(csca, { policies })], [list, ...(await Promise.all(others.map((one) => listOf(one))))]),
      ),
    );
    return [codesOf(evidence), detailOf(evidence)] as const;
  };

  it('one of those accepted must hold; a list alone already asks for one', async () => {
    const one = await issued(csca, 'One', { more: [under(ONE)] });
    const none = await issued(csca, 'None');
    expect((await codes(one, [], { accepted: [ONE, TWO] }))[0]).toEqual([]);
    expect(await codes(one, [], { accepted: [TWO] })).toEqual([
      ['CHAIN_INVALID'],
      expect.stringContaining('none of the certificate policies that are asked for'),
    ]);
    expect((await codes(none, [], { accepted: [ONE] }))[0]).toEqual(['CHAIN_INVALID']);
    expect((await codes(none, [], { required: true }))[0]).toEqual(['CHAIN_INVALID']);
    expect((await codes(one, [], { required: true }))[0]).toEqual([]);
    // RFC 5280's own reading, if somebody wants it: a set binds only where an authority asks.
    expect((await codes(none, [], { accepted: [ONE], required: false }))[0]).toEqual([]);
  });

  it('mapping and anyPolicy can be switched off', async () => {
    const middle = await issued(csca, 'Mapping', { ca: true, more: [under(ONE), mapped] });
    const two = await issued(middle, 'Two', { more: [under(TWO)] });
    expect((await codes(two, [middle], { accepted: [ONE] }))[0]).toEqual([]);
    expect((await codes(two, [middle], { accepted: [ONE], inhibitMapping: true }))[0]).toEqual(['CHAIN_INVALID']);
    const any = await issued(csca, 'Any', { more: [under('2.5.29.32.0')] });
    expect((await codes(any, [], { accepted: [ONE] }))[0]).toEqual([]);
    expect((await codes(any, [], { accepted: [ONE], inhibitAny: true }))[0]).toEqual(['CHAIN_INVALID']);
  });

  it('bind paths to their own anchor only, and stand nowhere but at anchors', async () => {
    const other = await authority('Other');
    const [mine, theirs] = [await issued(csca, 'Mine'), await issued(other, 'Theirs')];
    const view = viewOf(
      regionOf([anchorOf(csca, { policies: { accepted: [ONE] } }), anchorOf(other)], [list, await listOf(other)]),
    );
    expect(codesOf(judged(await proofOf(theirs), view))).toEqual([]);
    expect(codesOf(judged(await proofOf(mine), view))).toEqual(['CHAIN_INVALID']);
    const listed = {
      file: 'f',
      list: { issued: instantOf(NOW), issuers: [anchorOf(signer, { policies: { required: true } })] },
    };
    expect(viewOf({ ...regionOf([], []), lists: [listed] }).rejected).toEqual([
      expect.objectContaining({ at: '/issuers/0', reason: expect.stringContaining('policies') }),
    ]);
  });
});

describe('certificates between', () => {
  it('are looked for among those that came with the document, in any order', async () => {
    const middle = await issued(csca, 'Middle', { ca: true });
    const lower = await issued(middle, 'Lower', { ca: true });
    const one = await issued(middle, 'One');
    const two = await issued(lower, 'Two');
    // What they issued is in no list that the pack has: whether it was revoked cannot be told.
    const unknown = ['CERTIFICATE_STATUS_UNKNOWN'];
    expect(codesOf(judged(await proofOf(one, middle), view()))).toEqual(unknown);
    expect(codesOf(judged(await proofOf(two, lower, middle), view()))).toEqual(unknown);
    expect(codesOf(judged(await proofOf(two, middle, lower), view()))).toEqual(unknown);
    expect(codesOf(judged(await proofOf(one), view()))).toEqual(['UNKNOWN_ISSUER']);
    expect(codesOf(judged(await proofOf(two, lower), view()))).toEqual(['UNKNOWN_ISSUER']);
  });

  it('are six at most', async () => {
    const chain = [csca];
    for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) chain.unshift(await issued(chain[0]!, name, { ca: true }));
    const long = await issued(chain[0]!, 'Long');
    expect(codesOf(judged(await proofOf(long, ...chain), view()))).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
    chain.unshift(await issued(chain[0]!, 'G', { ca: true }));
    const deep = await issued(chain[0]!, 'Deep');
    const evidence = judged(await proofOf(deep, ...chain), view());
    expect(codesOf(evidence)).toEqual(['CHAIN_INVALID']);
    expect(detailOf(evidence)).toContain('too many');
  });

  it('that lead in a circle lead nowhere', async () => {
    const a = await authority('A');
    const b = await issued(a, 'B', { ca: true });
    const circle = await issued(b, 'A', { ca: true, keys: a.keys });
    const leaf = await issued(circle, 'Leaf');
    expect(codesOf(judged(await proofOf(leaf, circle, b), view()))).toEqual(['UNKNOWN_ISSUER']);
  });

  const faulty: readonly [string, Wishes][] = [
    ['is no CA: anyone’s own certificate would issue others', { ca: false }],
    ['may not sign certificates', { ca: true, usage: x509.KeyUsageFlags.cRLSign }],
    [
      'has a critical extension that nobody here knows',
      { ca: true, more: [extension('1.2.3.4', true, octetString(Uint8Array.of(1)))] },
    ],
    [
      'is constrained to names, even if not critically',
      { ca: true, more: [extension('2.5.29.30', false, sequence())] },
    ],
    ['is constrained in its policies', { ca: true, more: [extension('2.5.29.36', true, sequence())] }],
  ];
  it.each(faulty)('one that %s breaks the chain', async (_, wishes) => {
    const middle = await issued(csca, 'Middle', wishes);
    const evidence = judged(await proofOf(await issued(middle, 'Leaf'), middle), view());
    expect(codesOf(evidence)).toEqual(['CHAIN_INVALID']);
    expect(evidence.key).toBeUndefined();
  });

  it('are as many as each of them allows below it', async () => {
    const strict = await authority('Strict', { pathLength: 0 });
    const strictList = await listOf(strict);
    const own = viewOf(regionOf([anchorOf(strict)], [strictList]));
    expect(codesOf(judged(await proofOf(await issued(strict, 'Leaf')), own))).toEqual([]);
    const middle = await issued(strict, 'Middle', { ca: true });
    expect(codesOf(judged(await proofOf(await issued(middle, 'Leaf'), middle), own))).toEqual(['CHAIN_INVALID']);
  });

  it('did not issue what only names them: a forger has a real authority’s certificate as anyone has', async () => {
    const middle = await issued(csca, 'Middle', { ca: true });
    const forger = await authority('Middle');
    const forged = (wishes: Wishes) =>
      issued({ ...middle, keys: { ...middle.keys, privateKey: forger.keys.privateKey } }, 'Leaf', wishes);
    for (const wishes of [{}, { anonymous: true }]) {
      const evidence = judged(await proofOf(await forged(wishes), middle), view());
      expect(codesOf(evidence)).toEqual(['CHAIN_INVALID']);
      expect(evidence.key).toBeUndefined();
    }
  });

  it('are not believed for their own sake: a CA of one’s own at the end of the list is nobody', async () => {
    const own = await authority('Own');
    expect(codesOf(judged(await proofOf(await issued(own, 'Leaf'), own), view()))).toEqual(['UNKNOWN_ISSUER']);
  });
});

describe('a certificate that names an anchor and was not issued by it', () => {
  it('is a forgery if it names the anchor’s very key', async () => {
    const impostor = await authority('CSCA');
    const forged = await issued(csca, 'Forged');
    const other = await issued({ ...impostor, keys: { ...csca.keys, privateKey: impostor.keys.privateKey } }, 'Forged');
    expect(codesOf(judged(await proofOf(forged), view()))).toEqual([]);
    const evidence = judged(await proofOf(other), view());
    expect(codesOf(evidence)).toEqual(['CHAIN_INVALID']);
    expect(detailOf(evidence)).toContain('did not sign');
  });

  it('altered afterwards is a forgery too', async () => {
    const proof = await proofOf(signer);
    const der = signer.der.slice();
    der[der.length - 1]! ^= 1;
    expect(codesOf(judged({ ...proof, certificates: [der] }, view()))).toEqual(['CHAIN_INVALID']);
  });

  it('cannot be told if it names another key of that authority, or none: the region may not know its newest one', async () => {
    const renewed = await authority('CSCA');
    expect(codesOf(judged(await proofOf(await issued(renewed, 'New')), view()))).toEqual(['UNKNOWN_ISSUER']);
    const anonymous = await issued(renewed, 'New', { anonymous: true });
    expect(codesOf(judged(await proofOf(anonymous), view()))).toEqual(['UNKNOWN_ISSUER']);
    expect(codesOf(judged(await proofOf(anonymous), view(csca, renewed)))).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
  });
});

describe('the signer’s own certificate', () => {
  it.each<[string, Wishes]>([
    ['for key agreement only', { usage: x509.KeyUsageFlags.keyAgreement }],
    ['for signing certificates only', { usage: x509.KeyUsageFlags.keyCertSign }],
    [
      'with a critical extension that nobody here knows',
      { more: [extension('1.2.3.4', true, octetString(Uint8Array.of(1)))] },
    ],
  ])('%s is refused', async (_, wishes) => {
    expect(codesOf(judged(await proofOf(await issued(csca, 'Leaf', wishes)), view()))).toEqual(['CHAIN_INVALID']);
  });

  it('may have extensions that nobody here knows, if they are not critical', async () => {
    const more = [extension('1.2.3.4', false, octetString(Uint8Array.of(1)))];
    expect(codesOf(judged(await proofOf(await issued(csca, 'Leaf', { more })), view()))).toEqual([]);
  });

  const OWN = '2.23.136.1.1.14.2';
  const TLS = '1.3.6.1.5.5.7.3.1';
  const purposes = { keyPurposes: [{ oid: OWN, documentTypes: [TYPE] }] };
  it.each<[string, object, string[] | undefined, string[]]>([
    ['no purposes in the pack, none in the certificate', {}, undefined, [TYPE, 'freight-pass']],
    [
      'no purposes in the pack, one in the certificate: an authority’s TLS certificate signs no documents',
      {},
      [TLS],
      [],
    ],
    ['its purpose', purposes, [OWN], [TYPE]],
    ['its purpose beside another', purposes, [TLS, OWN], [TYPE]],
    ['another purpose', purposes, [TLS], []],
    ['none where the pack asks for one', purposes, undefined, []],
  ])('%s', async (_, change, own, types) => {
    const party = await issued(csca, 'Leaf', own === undefined ? {} : { purposes: own });
    const trust = viewOf(regionOf([anchorOf(csca)], [list], { manifest: manifestOf(change) }));
    const { key } = judged(await proofOf(party), trust);
    expect([...key!.documentTypes]).toEqual(types);
  });

  const codes = {
    keyDocumentCodes: [
      { code: 'NV', documentTypes: [TYPE] },
      { code: 'NT', documentTypes: ['freight-pass'] },
    ],
  };
  const typeList = (...names: string[]) =>
    extension('2.23.136.1.1.6.2', false, sequence(integer(0), setOf(...names.map(printableString))));
  it.each<[string, x509.Extension[], string[]]>([
    ['no document type list', [], [TYPE, 'freight-pass']],
    ['one code', [typeList('NV')], [TYPE]],
    ['two codes', [typeList('NV', 'NT')], [TYPE, 'freight-pass']],
    ['a code that the pack does not know', [typeList('P')], []],
    ['a list that cannot be read', [extension('2.23.136.1.1.6.2', false, sequence())], []],
  ])('%s', async (_, more, types) => {
    const trust = viewOf(regionOf([anchorOf(csca)], [list], { manifest: manifestOf(codes) }));
    const { key } = judged(await proofOf(await issued(csca, 'Leaf', { more })), trust);
    expect([...key!.documentTypes]).toEqual(types);
  });
});

/** The same certificate, but that its key is said to be on another curve of X9.62 (prime239v3). */
function onOtherCurve(party: Party): Party {
  const hex = Buffer.from(party.der).toString('hex').replaceAll('2a8648ce3d030107', '2a8648ce3d030106');
  return { ...party, der: new Uint8Array(Buffer.from(hex, 'hex')) };
}

describe('anchors', () => {
  it.each<[string, () => Promise<Party>]>([
    ['a signer', async () => signer],
    ['an authority that may not sign certificates', () => authority('X', { usage: x509.KeyUsageFlags.cRLSign })],
    [
      'one with a critical extension that nobody here knows',
      () => authority('X', { more: [extension('1.2.3.4', true, octetString(Uint8Array.of(1)))] }),
    ],
    ['one whose key is on a curve that is not in use', async () => onOtherCurve(await authority('X'))],
  ])('%s is rejected by name, and the rest goes on', async (_, make) => {
    const trust = viewOf(regionOf([anchorOf(await make()), anchorOf(csca)], [list]));
    expect(trust.rejected).toMatchObject([{ file: `regions/${REGION}/anchors/a.json`, at: '/issuers/0' }]);
    expect(codesOf(judged(await proofOf(signer), trust))).toEqual([]);
  });

  it('a bare key is no anchor', () => {
    const trust = viewOf(regionOf([{ keyId: 'k', jwk: { kty: 'EC' } }], []));
    expect(trust.rejected).toMatchObject([{ at: '/issuers/0', reason: 'anchor: an anchor is a certificate' }]);
  });

  it('are a part that the verdict rests on, with its age', () => {
    expect(view().parts(REGION)).toEqual([{ part: `regions/${REGION}/anchors/a.json`, region: REGION, issued: NOW }]);
  });
});

describe('whose certificate it is', () => {
  it('does not matter for whether the document was altered', async () => {
    const stranger = await authority('Stranger', { ca: false, usage: x509.KeyUsageFlags.digitalSignature });
    const proof = await proofOf(stranger);
    expect(codesOf(judged(proof, view()))).toEqual(['UNKNOWN_ISSUER']);
    expect(codesOf(judged({ ...proof, signed: new TextEncoder().encode('another') }, view()))).toEqual([
      'SIGNATURE_INVALID',
    ]);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['noise', Uint8Array.from({ length: 300 }, (_, i) => (i * 151) & 0xff)],
    ['an empty sequence', Uint8Array.of(0x30, 0x00)],
  ])('%s is no certificate', async (_, der) => {
    const evidence = judged({ ...(await proofOf(signer)), certificates: [der] }, view());
    expect(codesOf(evidence)).toEqual(['CHAIN_INVALID']);
  });

  it('with a key of another kind the algorithm does not fit', async () => {
    const other = await issued(csca, 'P-384', { curve: 'P-384' });
    const evidence = judged({ ...(await proofOf(signer)), certificates: [other.der] }, view());
    expect(codesOf(evidence)).toEqual(['ALGORITHM_NOT_ALLOWED']);
  });

  it('may be one that the pack lists: then no authority is asked', async () => {
    const own = await authority('Own', { ca: false, usage: x509.KeyUsageFlags.digitalSignature });
    const entry = { keyId: encodeBase64url(decodeHex(idOf(own))), certificate: encodeBase64(own.der) };
    const lists = [{ file: 'regions/x-guest/issuers/a.json', list: { issued: instantOf(NOW), issuers: [entry] } }];
    const trust = viewOf(regionOf([], [], { lists }));
    expect(codesOf(judged(await proofOf(own), trust))).toEqual([]);
    const withdrawn = { ...entry, status: [{ state: 'removed' as const, since: instantOf(NOW - DAY) }] };
    const gone = viewOf(
      regionOf([anchorOf(csca)], [list], {
        lists: [{ ...lists[0]!, list: { issued: instantOf(NOW), issuers: [withdrawn] } }],
      }),
    );
    expect(codesOf(judged(await proofOf(own), gone))).toEqual(['KEY_REMOVED']);
  });
});

describe('what was judged once', () => {
  const sources = () => [regionOf([anchorOf(csca)], [list])];

  it('is kept for this view and region, and not for others', () => {
    const chains = buildChains(sources(), nodePlatform);
    const first = chains.embedded(REGION, [signer.der]);
    expect(first.key).toBeDefined();
    expect(chains.embedded(REGION, [signer.der.slice()])).toBe(first);
    expect(chains.embedded('x-other', [signer.der]).key).toBeUndefined();
    expect(buildChains([], nodePlatform).embedded(REGION, [signer.der]).key).toBeUndefined();
  });

  it('is given up when the document has used up its work, which says nothing of the next document', () => {
    const chains = buildChains(sources(), nodePlatform);
    const none = { signatures: 0 };
    const spent = chains.embedded(REGION, [signer.der], none);
    expect(spent.key).toBeUndefined();
    expect(spent.trouble).toMatchObject({
      code: 'UNKNOWN_ISSUER',
      detail: 'more ways lead up from the certificate than are tried',
    });
    const work = { signatures: 10 };
    expect(chains.embedded(REGION, [signer.der], work).key).toBeDefined();
    expect(work.signatures).toBeLessThan(10);
    const left = { ...work };
    expect(chains.embedded(REGION, [signer.der], work).key).toBeDefined();
    expect(work).toEqual(left);
  });

  it('is not mixed up with the same certificates cut otherwise', () => {
    const chains = buildChains(sources(), nodePlatform);
    const whole = chains.embedded(REGION, [signer.der, csca.der]);
    expect(chains.embedded(REGION, [Uint8Array.from([...signer.der, ...csca.der])])).not.toBe(whole);
  });

  it('is bounded: whoever brings a thousand certificates of his own makes others be looked at again, no more', () => {
    const chains = buildChains(sources(), nodePlatform);
    const first = chains.embedded(REGION, [signer.der]);
    for (let i = 0; i < 1000; i++) chains.embedded(REGION, [Uint8Array.of(i >> 8, i)]);
    const again = chains.embedded(REGION, [signer.der]);
    expect(again).not.toBe(first);
    expect(again.key!.keyId).toBe(first.key!.keyId);
  });
});

const SEALS = '../shared/data/vds-nc/dfat-australia';
describe.skipIf(!existsSync(SEALS))('a real authority, signer and list (data made by others)', () => {
  const bytes = (name: string) => new Uint8Array(readFileSync(`${SEALS}/${name}`));
  it('hold together while the list is current, and not after', () => {
    const { sig } = JSON.parse(readFileSync(`${SEALS}/valid.json`, 'utf8')) as { sig: { cer: string } };
    const anchor = { keyId: 'AUS', certificate: encodeBase64(bytes('csca-AUS.der')) };
    const source = regionOf([anchor], [bytes('crl-AUS-2021-08-19.crl')]);
    const { embedded, rejected } = buildChains([source], nodePlatform);
    expect(rejected).toEqual([]);
    const { key } = embedded(REGION, [decodeBase64url(sig.cer.replace(/=+$/, ''))]);
    expect(key).toMatchObject({ unit: 'AU', validFrom: Date.parse('2021-08-31T14:00:00Z') });
    expect(key!.standing!(Date.parse('2021-10-01T00:00:00Z'))).toEqual([]);
    const after = key!.standing!(Date.parse('2021-12-01T00:00:00Z'));
    expect(after.map(({ code }) => code)).toEqual(['CERTIFICATE_STATUS_UNKNOWN']);
  });
});
