import { decodeBase64url, encodeBase64url } from '../../src/codec/base64url.ts';
import { deflate } from '../../src/codec/deflate.ts';
import { parseJson, writeJson } from '../../src/codec/json.ts';
import { openJws } from '../../src/codec/jws.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { decodeNumeric, encodeNumeric } from '../../src/codec/numeric.ts';
import { joinParts, readPart } from '../../src/codec/parts.ts';
import type { Proof } from '../../src/codec/proof.ts';
import { openSignedJson } from '../../src/codec/signed-json.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import type { IssuerRecipeRow } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintAuthority } from '../../src/federation/authority.node.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { specimenOf } from '../../src/format/recognise.ts';
import { buildChains } from '../../src/trust/chain.ts';
import { readCrl } from '../../src/trust/crl.ts';
import { federation, NOW, samples } from '../support/federation.ts';
import { main, must, type Target } from './driver.ts';

// Run with: npx node test/fuzz/guests.ts --seconds 60 [--target NAME] [--seed N]

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

const wires = (region: string): string[] =>
  samples.filter((sample) => sample.region === region).map(({ wire }) => wire as string);
const cards = wires('x-shc').map((wire) => wire.slice('shc:/'.length));
const seals = wires('x-vds-nc');
const PARTS = { separator: '/', most: 9, longest: 4000 };
const json = {
  ...{ signed: '/data', signature: '/sig/sigvl', algorithm: '/sig/alg', certificate: '/sig/cer' },
  ...{ canonical: 'jcs', encoding: 'base64url' },
};

const row = (change: Partial<IssuerRecipeRow>): IssuerRecipeRow => ({
  ...{ name: 'a', title: { zh: '甲', en: 'A' }, algorithm: 'ES256', container: 'authority' },
  validFrom: instantOf(NOW - 86_400_000),
  validUntil: instantOf(NOW + 86_400_000),
  crl: { issued: instantOf(NOW - 3_600_000), next: instantOf(NOW + 3_600_000) },
  ...change,
});
const authority = mintAuthority(row({}));
const certificates = [undefined, instantOf(NOW - 1000)].map((revokedSince) =>
  authority.issue(
    row({ container: 'embedded', documentCodes: ['NV'], ...(revokedSince === undefined ? {} : { revokedSince }) }),
    mintKey('ES256'),
  ),
);
const issuedAt = instantOf(NOW);
const source = {
  manifest: { region: 'x-guest', name: { zh: '客', en: 'Guest' }, issues: ['vehicle-pass'] },
  anchors: [{ file: 'a', list: { issued: issuedAt, issuers: [authority.entry] } }],
  crls: [{ file: 'b', der: authority.crl()! }],
  chain: ['x-guest'],
};

/** The payloads of a region's samples, mutated and read by the region's own map. */
function mapped(region: string, id: string): Target {
  const format = federation.formats.find((each) => each.id === id)!;
  const opened = wires(region).map((wire) => format.open(specimenOf({ text: wire })));
  return {
    name: `map-${region}`,
    seeds: opened.map(({ payload }) => encodeUtf8(writeJson(payload))),
    run(bytes) {
      const payload = parseJson(decodeUtf8(bytes), CODE_LIMITS);
      const converted = format.convert({ ...opened[0]!, payload }, region);
      must('what is lost can be told', () => Array.isArray(converted.lost()));
      if (converted.findings.some(({ result }) => result === 'fail' || result === 'unknown'))
        throw new Broken('map', 'not converted');
    },
  };
}

export const targets: readonly Target[] = [
  {
    name: 'numeric',
    seeds: cards.map(ascii),
    run(bytes) {
      const digits = latin1(bytes);
      const text = decodeNumeric(digits);
      must('there is one spelling', () => encodeNumeric(text) === digits);
    },
  },
  {
    name: 'parts',
    seeds: [...cards, ...cards.map((card, i) => `${i + 1}/9/${card}`), '1/2/', '2/2/5/6/'].map(ascii),
    run(bytes) {
      const text = latin1(bytes);
      const part = readPart(text, PARTS);
      if (part === undefined) return;
      must('the mark has one spelling', () => `${part.index}/${part.total}/${part.content}` === text);
      const all = Array.from({ length: part.total }, (_, i) => ({ ...part, index: i + 1 }));
      must('all together are whole', () => joinParts(all) === part.content.repeat(part.total));
    },
  },
  {
    name: 'jws-deflated',
    seeds: cards.map((card) => ascii(decodeNumeric(card))),
    run(bytes) {
      const { payload, proof } = openJws(latin1(bytes), { ...CODE_LIMITS, inflated: 1 << 16 }, 'DEF');
      must('it is bounded', () => payload.length <= 1 << 16 && proof.signed.length < bytes.length);
    },
  },
  {
    name: 'deflated-payload',
    seeds: cards.map((card) => decodeBase64url(decodeNumeric(card).split('.')[1]!)),
    run(bytes) {
      const header = encodeBase64url(encodeUtf8('{"alg":"ES256","zip":"DEF"}'));
      const text = `${header}.${encodeBase64url(bytes)}.AAAA`;
      const { payload } = openJws(text, { ...CODE_LIMITS, inflated: 1 << 16 }, 'DEF');
      must('what was unpacked can be packed', () => deflate(payload, 'raw').length > 0);
    },
  },
  {
    name: 'signed-json',
    seeds: seals.map(ascii),
    run(bytes) {
      const { proof, payload } = openSignedJson(bytes, CODE_LIMITS, { json });
      const again = `{"data":${decodeUtf8(payload)},"sig":{"alg":"","cer":"","sigvl":""}}`;
      const signed = (text: string): Proof => openSignedJson(text, { ...CODE_LIMITS, input: 1 << 20 }, { json }).proof;
      must('the canonical form is its own', () => Buffer.compare(signed(again).signed, proof.signed) === 0);
      must('the certificates are bounded', () => proof.certificates!.length <= 4);
    },
  },
  {
    name: 'crl',
    seeds: [authority.crl()!, mintAuthority(row({})).crl()!],
    run(bytes) {
      const { thisUpdate, nextUpdate, revoked } = readCrl(bytes);
      must('its times are times', () => Number.isFinite(thisUpdate) && Number.isFinite(nextUpdate));
      must('so are its entries’', () => [...revoked.values()].every(({ since }) => Number.isFinite(since)));
    },
  },
  {
    name: 'chain',
    seeds: certificates,
    run(bytes) {
      const { key, trouble } = chains.embedded('x-guest', [bytes]);
      must('there is a key, or a reason why not', () => (key === undefined) !== (trouble === undefined));
      if (key === undefined) throw new Broken('chain', trouble!.code);
      must('only what the authority signed is a key', () =>
        certificates.some((der) => Buffer.compare(der, bytes) === 0),
      );
    },
  },
  mapped('x-shc', 'shc/1'),
  mapped('x-vds-nc', 'vds-nc/1'),
];

const chains = buildChains([source], nodePlatform);

if (import.meta.main) await main(targets);
