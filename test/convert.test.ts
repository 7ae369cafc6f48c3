import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSealSignature } from '../src/codec/seal.ts';
import { PACKAGE_LIMITS, readZip } from '../src/codec/zip.ts';
import { type Conversion, convertDocument } from '../src/convert.ts';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { Broken } from '../src/document/broken.ts';
import type { SharedDocument } from '../src/document/generated/types.ts';
import { pointerOf, stepsOf, valueAt } from '../src/document/pointer.ts';
import { beginOf } from '../src/document/time.ts';
import { conversionIssuer } from '../src/federation/conversion-keys.node.ts';
import type { MintedSample } from '../src/federation/mint.node.ts';
import type { Format } from '../src/format/compile.ts';
import { readCertificate } from '../src/trust/certificate.ts';
import {
  federation,
  federationWith,
  formatOf,
  JUDGE,
  judgeFiles,
  packFiles,
  presentedOf,
  samples,
  specimenFor,
  standpointOf,
  testFormat,
  verdictOf,
} from './support/federation.ts';

/**
 * Every accepted sample in every format of another region: either a conversion that says what the format can carry, and
 * names all that it cannot, or what the format would need. Whatever comes out is never taken for the region's document.
 */
const folder = mkdtempSync(join(tmpdir(), 'tongren-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const issuer = await conversionIssuer(join(folder, 'keys.json'));

const all = federationWith(judgeFiles(federation.regions.keys()));
const standpoint = standpointOf(JUDGE, all);
/** As they lie on a desk: what answers a challenge is made for that showing alone, and is not passed on. */
const accepted = samples.filter(
  ({ shown, expect: { outcome } }) => outcome === 'accept' && Object.keys(shown).length === 0,
);

function convert(sample: MintedSample, target: Format): Conversion | Broken {
  try {
    const ask = { presented: presentedOf(sample), target, audience: 'test', purpose: 'exchange' };
    const { verdict, conversion } = convertDocument(ask, standpoint, issuer, nodePlatform);
    expect([sample.name, verdict.outcome]).toEqual([sample.name, expect.stringMatching(/accept|conditional/)]);
    return conversion!;
  } catch (error) {
    if (error instanceof Broken) return error;
    throw error;
  }
}

function leaves(node: unknown, path: readonly string[] = []): string[] {
  if (typeof node !== 'object' || node === null) return [pointerOf(path)];
  return Object.entries(node).flatMap(([key, value]) => leaves(value, [...path, key]));
}

/** What the region of the format says of itself, and what a conversion sets. */
const OWN = new Set(['/issuer/region', '/validity/until', '/docType/nationalCode']);
const covers = (lost: readonly string[], leaf: string): boolean =>
  lost.some((pointer) => leaf === pointer || leaf.startsWith(`${pointer}/`));

/** The original in the shared words, as far as it is passed on. */
function originalOf(sample: MintedSample): SharedDocument {
  const ask = { presented: presentedOf(sample), target: 'document', audience: 'test', purpose: 'exchange' } as const;
  return convertDocument(ask, standpoint, issuer, nodePlatform).conversion!.document!;
}

describe.each(all.formats.map((format) => [format.id, format] as const))('into %s', (_id, target) => {
  const foreign = accepted.filter(({ format }) => formatOf(all, format).region !== target.region);

  it('every accepted sample of another region is converted, or it is said what is missing', () => {
    for (const sample of foreign) {
      const made = convert(sample, target);
      if (made instanceof Broken) {
        expect([sample.name, made.part, made.code]).toEqual([
          sample.name,
          expect.stringMatching(/^(\/[a-zA-Z]|key$)/),
          expect.stringMatching(/^FIELD_(MISSING|INVALID)$/),
        ]);
        expect(made.message.length).toBeGreaterThan(10);
        continue;
      }
      const original = originalOf(sample);
      const { wire, beside, proof, lost } = made;
      const written = { wire: wire!, ...(beside === undefined ? {} : { beside }) };
      const { document, sound } = target.convert(target.open(specimenFor(written)), target.region);
      expect([sample.name, proof.notOriginal, sound]).toEqual([sample.name, true, true]);
      for (const leaf of leaves(original).filter((each) => !OWN.has(each))) {
        const there = valueAt(document, stepsOf(leaf));
        if (covers(lost.target, leaf)) continue;
        // A day that is written as a moment is its first one.
        if (
          leaf.startsWith('/validity/') &&
          beginOf(String(there)) === beginOf(String(valueAt(original, stepsOf(leaf))))
        )
          continue;
        if (leaf === '/docId' && target.declaration.absent?.includes('/docId')) continue;
        expect([sample.name, leaf, there]).toEqual([sample.name, leaf, valueAt(original, stepsOf(leaf))]);
      }
      // Never the region's document: its key is in no list.
      expect(verdictOf(written, { standpoint }).outcome).toMatch(/undetermined|refuse/);
    }
  });
});

describe('licences between regions', () => {
  const made = (name: string, region: string, target: string): Conversion => {
    const sample = samples.find((each) => each.name === name && each.region === region)!;
    const found = convert(sample, formatOf(all, target));
    if (found instanceof Broken) throw found;
    return found;
  };

  it.each<[string, string, string]>([
    ['licence-transport', '330000', 'js-licence/1'],
    ['licence', '330000', 'js-licence/1'],
    ['licence-transport', '320000', 'zj-licence/1'],
    ['licence-transport', '310000', 'zj-licence/1'],
    ['licence', '310000', 'js-licence/1'],
  ])('%s of %s is written as %s', (name, region, target) => {
    const { lost, fileName } = made(name, region, target);
    expect(fileName).toMatch(/^1\.2\.156\.3005\.2\..*\.(xml|ofd|json)$/);
    // What is lost of an original is only the seal's surroundings, or what the shared document has no place for.
    expect(lost.original.filter((pointer) => /holder|vehicle|validity/.test(pointer))).toEqual([]);
  });

  it('a commuter pass is written as a Shanghai frame, under a key index that nobody has', () => {
    const { wire, lost, proof } = made('pass', '330000', 'ssm-frame/1');
    const frame = formatOf(all, 'ssm-frame/1').open(specimenFor({ wire: wire! }));
    expect(frame.proof.keyIds).toEqual(['4000.70.255']);
    expect(frame.claims.revocationId).toMatch(/^[0-9a-f]{32}$/);
    expect(lost.target).toContain('/revocationId');
    expect(proof.original.revocationId).not.toBe(frame.claims.revocationId);
  });

  it('a sealed conversion says on its seal and its certificate that it is no original', () => {
    const { wire } = made('licence-transport', '320000', 'zj-licence/1');
    const files = readZip(wire as Uint8Array, PACKAGE_LIMITS);
    const { seal, proof } = readSealSignature(files.get('Doc_0/Signs/Sign_0/SignedValue.dat')!, PACKAGE_LIMITS);
    expect(seal.name).toBe('通认转换件，非原件');
    expect(readCertificate(proof.certificates![0]!).subject.attributes['CN']).toBe(
      'Tongren conversion, not an original',
    );
    expect(new TextDecoder().decode(files.get('Doc_0/Pages/Page_0/Content.xml'))).toContain('非原件');
  });
});

it('a pass is not written where its vehicle, its route or its crew has no place: the copy would be good for any', () => {
  const { map, absent } = testFormat();
  const without = (at: string) =>
    federationWith(
      packFiles({
        format: {
          documentType: 'freight-pass',
          map: map.filter(({ to }) => !to.startsWith(at)),
          absent: [...absent!, at],
        },
      }),
    );
  const found = without('/vehicle');
  expect(found.rejected).toEqual([]);
  const passes = accepted.filter(({ name }) => name.startsWith('freight'));
  expect(passes.length).toBeGreaterThan(1);
  for (const pass of passes) {
    const ask = {
      presented: presentedOf(pass),
      target: formatOf(found, 'test-pass/1'),
      audience: 'test',
      purpose: 'exchange',
    };
    expect(() => convertDocument(ask, standpointOf(JUDGE, found), issuer, nodePlatform), pass.name).toThrow(
      expect.objectContaining({ part: '/vehicle/plateNo', code: 'FIELD_INVALID' }),
    );
  }
});
