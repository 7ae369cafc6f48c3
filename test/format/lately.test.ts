import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeBase45 } from '../../src/codec/base45.ts';
import { encodeCbor } from '../../src/codec/cbor.ts';
import { writeCoseSign1 } from '../../src/codec/cose.ts';
import { signatureName } from '../../src/codec/signature.ts';
import type { Value } from '../../src/codec/value.ts';
import { finding } from '../../src/document/findings.ts';
import type { FormatDeclaration } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { presentedSample } from '../../src/federation/samples.node.ts';
import { createLately } from '../../src/format/lately.ts';
import type { Presented } from '../../src/format/open.ts';
import { type Gateway, standpoints } from '../../src/http/gateway.ts';
import { journey } from '../../src/journey.ts';
import type { Standpoint } from '../../src/region/standpoint.ts';
import {
  DAY,
  federation,
  NOW,
  ownKey,
  samples,
  shortOf,
  standpointOf,
  testBed,
  testDocument,
  testFormat,
  walk,
} from '../support/federation.ts';

const PURPOSES = [...standpointOf().purposes.keys()];
const sample = samples.find(({ region, name }) => region === '330000' && name === 'pass')!;
const presented = presentedSample(sample);

/** With a memory whose timer the test turns, and a count of what was opened anew. */
function keeping(from: Standpoint = standpointOf()) {
  const turns: (() => void)[] = [];
  const lately = createLately(1000, (work) => turns.push(work));
  let opened = 0;
  const formats = from.formats.map((format) => ({
    ...format,
    open: (specimen: Parameters<typeof format.open>[0]) => {
      opened += 1;
      return format.open(specimen);
    },
  }));
  const standpoint: Standpoint = { ...from, formats, lately };
  return {
    standpoint,
    lately,
    turns,
    /** How often a format opened a document meanwhile. */
    openings(run: () => void): number {
      const before = opened;
      run();
      return opened - before;
    },
  };
}

describe('a document whose contents are kept', () => {
  it.each(['310000', '330421', '340000', 'x-eu-dcc'])(
    'is judged by %s as one that is new, for every purpose, at any time',
    (region) => {
      const { standpoint } = keeping(standpointOf(region));
      const times = [NOW, NOW + DAY, NOW + 4000 * DAY, NOW - 400 * DAY];
      for (const each of samples) {
        const shown = presentedSample(each);
        for (const [i, purpose] of [...PURPOSES, ...PURPOSES].entries()) {
          const question = { purpose, at: times[i % times.length]! };
          const { verdict, evidence, converted } = journey(shown, standpointOf(region), question);
          const again = journey(shown, standpoint, question);
          expect(again.verdict).toEqual(verdict);
          expect(again.evidence?.key).toEqual(evidence?.key);
          expect([again.converted?.lost(), again.converted?.sources()]).toEqual([
            converted?.lost(),
            converted?.sources(),
          ]);
        }
      }
    },
  );

  it('is not opened again', () => {
    const { standpoint, openings } = keeping();
    expect(openings(() => walk(presented, { standpoint }))).toBe(1);
    expect(openings(() => walk(presented, { standpoint }))).toBe(0);
  });

  it('is refused all the same when it was revoked meanwhile', () => {
    const own = ownKey();
    const bed = testBed({}, own);
    const { standpoint, lately } = keeping(bed.standpoint);
    const text = bed.sign();
    const { verdict, opened } = walk(text, { standpoint });
    const revoked = [{ id: signatureName(opened!.proof.signature), since: instantOf(NOW) }];
    const files = { 'regions/x-test/revocations/list.json': { issued: instantOf(NOW), revoked } };
    const after = { ...testBed({ files }, own).standpoint, lately };
    expect([shortOf(verdict), shortOf(walk(text, { standpoint: after }).verdict)]).toEqual([
      'accept',
      'refuse REVOKED',
    ]);
  });

  it('is gone after two turns of the timer, which then rests', () => {
    const { standpoint, lately, turns } = keeping();
    walk(presented, { standpoint });
    expect(turns.length).toBe(1);
    turns.pop()!();
    expect(lately.opening(presented)).toBeDefined();
    // Asked for, it is young again.
    turns.pop()!();
    turns.pop()!();
    expect(lately.opening(presented)).toBeUndefined();
    expect(turns).toEqual([]);
    walk(presented, { standpoint });
    expect(turns.length).toBe(1);
  });

  it('cannot be changed by whoever was given a verdict on it', () => {
    const { standpoint } = keeping();
    const { verdict } = walk(presented, { standpoint });
    const told = JSON.stringify(verdict);
    const { document } = walk(presented, { standpoint }).verdict;
    expect(() => {
      document!.validity.until = '2999-01-01';
    }).toThrow(TypeError);
    expect(JSON.stringify(walk(presented, { standpoint }).verdict)).toBe(told);
  });

  it('gets the same verdict again where it is no shared document, whatever stands in it', () => {
    const own = ownKey();
    // A chain that only selects gives what stands there, as it is.
    const map = [...testFormat().map, { to: '/holder/pictureDigest', from: '/picture', as: [{ get: '/0' }] }];
    const other = testBed({ format: { map } as Partial<FormatDeclaration> }, own);
    const payload = encodeCbor({ id: 'TEST-1', exp: NOW / 1000 + 3600, picture: [Uint8Array.of(1, 2, 3)] });
    const sealed = writeCoseSign1(payload, {}, own.signer);
    const shown = { text: `XT1:${encodeBase45(sealed)}` };
    const { standpoint, lately } = keeping(other.standpoint);
    for (let time = 0; time < 2; time++)
      expect(walk(shown, { standpoint }).verdict).toEqual(walk(shown, other).verdict);
    expect(walk(shown, other).verdict.reasons).toEqual(['DOCUMENT_INVALID']);
    expect(lately.opening(shown)).toBeDefined();
  });
});

describe('not kept', () => {
  const keeps = (shown: Presented, from?: Standpoint): boolean => {
    const { standpoint, lately } = keeping(from);
    walk(shown, { standpoint });
    return lately.opening(shown) !== undefined;
  };
  const own = ownKey();
  const bed = testBed({}, own);
  const text = bed.sign();

  it('is what no key of the region’s vouches for, nor a file, nor a picture', () => {
    expect(keeps({ text }, bed.standpoint)).toBe(true);
    expect(keeps({ text: bed.sign(testDocument(), ownKey().signer) }, bed.standpoint)).toBe(false);
    expect(keeps({ bytes: new TextEncoder().encode(text) }, bed.standpoint)).toBe(false);
    expect(keeps({ codes: [text] }, bed.standpoint)).toBe(false);
  });

  it('is what a region gave when it was asked', () => {
    const { standpoint, lately } = keeping(bed.standpoint);
    journey({ text }, standpoint, { purpose: 'checkpoint', resolving: [finding('RESOLVED')] });
    expect(lately.opening({ text })).toBeUndefined();
  });

  it('is a document of a format that ends one day: that it has ended is said in time', () => {
    const ending = testBed({ format: { sunset: '2999-12-31' } }, own);
    expect(keeps({ text: ending.sign() }, ending.standpoint)).toBe(false);
  });

  it('is a long text', () => {
    const { standpoint, lately } = keeping(bed.standpoint);
    const { opened, converted } = walk(text, { standpoint });
    const opening = lately.opening({ text })!;
    expect(opening.opened).toBe(opened);
    const long = { text: text.padEnd(5000) };
    lately.keep(long, opening, { region: 'x-test', converted: converted!, validation: [], sound: true });
    expect(lately.opening(long)).toBeUndefined();
  });

  it.each<[string, Value]>([
    ['one long text', 'x'.repeat(100_000)],
    ['many values', Array.from({ length: 5_000 }, () => [])],
  ])('is a short text with much in it: %s', (_, much) => {
    const packed = testBed({ format: { transport: ['base45', 'zlib'] } }, own);
    const shownWith = (more: Value) => {
      const payload = encodeCbor({ id: 'TEST-1', exp: NOW / 1000 + 3600, more });
      return { text: `XT1:${encodeBase45(deflateSync(writeCoseSign1(payload, {}, own.signer)))}` };
    };
    expect(keeps(shownWith('little'), packed.standpoint)).toBe(true);
    expect(shownWith(much).text.length).toBeLessThan(4096);
    expect(shortOf(walk(shownWith(much), packed).verdict)).toBe('accept');
    expect(keeps(shownWith(much), packed.standpoint)).toBe(false);
  });

  it('are more than a thousand, and those that came again stay', () => {
    const { standpoint, lately } = keeping(bed.standpoint);
    const texts = Array.from({ length: 1500 }, (_, i) => bed.sign(testDocument({ docId: `TEST-${i}` })));
    for (const each of texts) {
      walk({ text: each }, { standpoint });
      walk({ text: texts[0]! }, { standpoint });
    }
    const kept = texts.filter((each) => lately.opening({ text: each }) !== undefined);
    expect(kept.length).toBeLessThanOrEqual(1024);
    expect([kept.includes(texts[0]!), kept.includes(texts.at(-1)!), kept.includes(texts[1]!)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('are more than a thousand, though all of them come again and again', () => {
    const { standpoint, lately } = keeping(bed.standpoint);
    const { converted } = walk(text, { standpoint });
    const opening = lately.opening({ text })!;
    const texts = Array.from({ length: 1500 }, (_, i) => `${i}`);
    const held = (): number => texts.filter((each) => lately.opening({ text: each }) !== undefined).length;
    for (const each of texts) {
      lately.keep({ text: each }, opening, { region: 'x-test', converted: converted!, validation: [], sound: true });
      if (Number(each) > 1000) held();
    }
    expect(held()).toBeLessThanOrEqual(1024);
  });

  it('are more than a thousand of a gateway, whichever region judges, nor is what an older store read', () => {
    let now = federation;
    const gateway = { federation: () => now, clock: () => NOW, keepOpenedSeconds: 60 } as unknown as Gateway;
    const of = standpoints(gateway);
    const before = of('310000')!.lately!;
    expect(of('340000')!.lately).toBe(before);
    const standpoint = { ...standpointOf(), lately: before };
    walk(presented, { standpoint });
    expect(before.opening(presented)).toBeDefined();
    now = { ...federation };
    expect(of('310000')!.lately).not.toBe(before);
    expect(before.opening(presented)).toBeUndefined();
    // What was under way at the change leaves nothing behind.
    walk(presented, { standpoint });
    expect(before.opening(presented)).toBeUndefined();
  });

  it('is anything where the operator has not asked for it', () => {
    const gateway = { federation: () => federation, clock: () => NOW } as unknown as Gateway;
    const latelyOf = (of: Gateway) => standpoints(of)('310000')!.lately;
    expect(latelyOf(gateway)).toBeUndefined();
    expect(latelyOf({ ...gateway, keepOpenedSeconds: 60 })).toBeDefined();
  });
});
