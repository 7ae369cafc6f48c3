import { verify } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { useCore } from '../src/crypto/core/use.ts';
import { forgetfulPlatform, nodePlatform } from '../src/crypto/platform.node.ts';
import { createLately } from '../src/format/lately.ts';
import type { Presented } from '../src/format/open.ts';
import { journey } from '../src/journey.ts';
import { journeys, MOST_TOGETHER } from '../src/journeys.ts';
import type { Standpoint } from '../src/region/standpoint.ts';
import { R, type Row } from './bench.ts';
import { type BenchDocument, benchDocuments, referenceDocuments } from './documents.ts';
import { type Contender, measure, mustHold, quantile, rowOf, rowsOf } from './measure.ts';
import { absent, peer } from './peers.ts';

const PURPOSE = 'checkpoint';
const OFD_A_SECOND = 300;
const OFD = 'OFD licence (two seals, 25 parts)';
/** An engine compiles for good what was called some ten thousand times. */
const WARM = 60;
/** Longer than the bench. */
const LONG_MS = 3_600_000;

/** Texts and files → verdicts with their shared documents, against the bare signature check of the DCC documents. */
export async function benchJourney(): Promise<{ source: string; rows: Row[] }> {
  const { source, documents } = await benchDocuments();
  const known = (await benchDocuments(nodePlatform)).documents;
  const lately = createLately(LONG_MS, (work, ms) => setTimeout(work, ms).unref());
  const keeping = { ...known[0]!.standpoint, lately };
  const kept = known.map((document) => ({ ...document, standpoint: keeping }));
  const { standpoint, sm2, ofd } = await referenceDocuments();
  mustHold(ofd.seals === 2 && ofd.parts === 25, 'the OFD has other seals or parts');
  const size = documents.length;
  const peers = { base45: await peer('base45'), 'cbor-x': await peer('cbor-x') };
  const ask = { purpose: PURPOSE };
  mustHold(journey(ofd, standpoint, ask).verdict.outcome === 'accept', 'the OFD is not accepted');
  const passes = Array.from({ length: 4 * MOST_TOGETHER }, (_, i) => sm2[i % sm2.length]!);
  const raw: Contender = {
    name: R,
    size,
    run: () => documents.forEach(({ signed, key, der }) => void mustHold(verify('sha256', signed, key, der))),
  };
  const contenders: Contender[] = [
    raw,
    { name: 'DCC, text → verdict', size, run: () => alone(documents) },
    { name: 'DCC, 64 at a time', size, run: () => together(documents) },
    { name: 'a DCC that was seen before', size, run: () => alone(known) },
    { name: 'a DCC that was seen before, contents kept', size, run: () => alone(kept) },
    {
      name: 'SM2 pass, text → verdict',
      size: passes.length,
      run: () => passes.forEach((pass) => void journey(pass, standpoint, ask)),
    },
    { name: 'SM2 pass, 64 at a time', size: passes.length, run: () => passesTogether(passes, standpoint) },
    { name: OFD, size: 1, run: () => void journey(ofd, standpoint, ask) },
    ...byHand(documents, peers),
  ];
  // Until keys have their larger tables as well, and a known document is known.
  const times = await measure(contenders, { warm: WARM });
  // By themselves: what complete arithmetic leaves behind would be measured with the others.
  const judgedTimes = await measure([
    raw,
    { name: 'DCC, 64 at a time, judged', size, run: () => judged(() => together(documents)) },
    {
      name: 'SM2 pass, 64 at a time, judged',
      size: passes.length,
      run: () => judged(() => passesTogether(passes, standpoint)),
    },
  ]);
  const licence = times.get(OFD)!;
  const aSecond = `${(1e6 / quantile(licence, 0.5)).toFixed(0)} a second`;
  return {
    source: `${source + absent(peers)}; the OFD has ${ofd.parts} parts, ${ofd.seals} seals and ${ofd.bytes.length} bytes`,
    rows: [
      ...rowsOf(times),
      ...rowsOf(judgedTimes).slice(1),
      rowOf(`${OFD}, against ${OFD_A_SECOND} a second`, licence, 1e6 / OFD_A_SECOND, aSecond),
    ],
  };
}

/** As under TONGREN_CORE=judged. */
function judged(run: () => void): void {
  const differed = (): never => {
    throw new Error('two checks of one signature differ');
  };
  useCore({ use: 'judged', differed });
  run();
  useCore({ use: 'alone', differed });
}

function alone(documents: readonly BenchDocument[]): void {
  for (const { text, standpoint, at } of documents) journey({ text }, standpoint, { purpose: PURPOSE, at });
}

function together(documents: readonly BenchDocument[]): void {
  for (let from = 0; from < documents.length; from += MOST_TOGETHER) {
    const some = documents
      .slice(from, from + MOST_TOGETHER)
      .map(({ text, at }) => ({ presented: { text }, question: { purpose: PURPOSE, at } }));
    journeys(some, documents[0]!.standpoint, forgetfulPlatform);
  }
}

function passesTogether(passes: readonly Presented[], standpoint: Standpoint): void {
  for (let from = 0; from < passes.length; from += MOST_TOGETHER) {
    const some = passes
      .slice(from, from + MOST_TOGETHER)
      .map((presented) => ({ presented, question: { purpose: PURPOSE } }));
    journeys(some, standpoint, forgetfulPlatform);
  }
}

/** The package writes a tag before other kinds of arrays of octets, and no signature would hold. */
const NOTHING = Buffer.alloc(0);

/** What people write by hand: base45, zlib, cbor-x, crypto.verify. Payload decoded and signature checked; no schema, no verdict. */
function byHand(
  documents: readonly BenchDocument[],
  {
    base45,
    'cbor-x': cbor,
  }: { base45: Awaited<ReturnType<typeof peer<'base45'>>>; 'cbor-x': Awaited<ReturnType<typeof peer<'cbor-x'>>> },
): Contender[] {
  if (base45 === undefined || cbor === undefined) return [];
  const run = (): void => {
    for (const { text, key, der } of documents) {
      let message = cbor.decode(inflateSync(base45.default.decode(text.slice(4))));
      while (!Array.isArray(message)) message = (message as { value: unknown }).value;
      const [protectedHeader, , payload] = message as Uint8Array[];
      cbor.decode(payload!);
      mustHold(verify('sha256', cbor.encode(['Signature1', protectedHeader, NOTHING, payload]), key, der));
    }
  };
  return [{ name: 'by hand: base45, zlib, cbor-x, crypto.verify (no verdict)', size: documents.length, run }];
}
