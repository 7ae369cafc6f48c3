import { decodeUtf8 } from '../../src/codec/utf8.ts';
import { Broken } from '../../src/document/broken.ts';
import { presentedSample } from '../../src/federation/samples.node.ts';
import { bytesOf, type Presented } from '../../src/format/open.ts';
import { journey } from '../../src/journey.ts';
import { federation, federationWith, JUDGE, judgeFiles, NOW, samples, standpointOf } from '../support/federation.ts';
import { LONGEST, main, type Target } from './driver.ts';

// The whole way, from bytes to verdict, for every format of the reference federation: what its declaration says of
// transport, envelope, payload and map is tried together. Whatever the input is, there is a verdict; and what is accepted says
// exactly what one of the samples says, for nobody else holds the keys.
// Run with: npx node test/fuzz/journey.ts --seconds 600 [--target FORMAT] [--seed N]

const standpoint = standpointOf(JUDGE, federationWith(judgeFiles(federation.regions.keys())));
/** What says only that something could not be read. */
const UNREAD: ReadonlySet<string> = new Set(['NOT_RECOGNISED', 'MALFORMED', 'AMBIGUOUS_FORMAT', 'LIMIT_EXCEEDED']);

function targetOf(format: string): Target | undefined {
  const own = samples.filter((sample) => sample.format === format);
  const seeds = own.map((sample) => ({ sample, presented: presentedSample(sample) }));
  const small = seeds.filter(({ presented }) => bytesOf(presented).length <= LONGEST);
  if (small.length === 0) return undefined;
  const textual = 'text' in small[0]!.presented;
  const beside = small.map(({ presented }) => ('beside' in presented ? presented.beside : undefined)).find(Boolean);
  const walk = (presented: Presented) => journey(presented, standpoint, { purpose: 'exchange', at: NOW });
  // Not those that were altered after they were signed: whoever undoes that has what was signed, which no sample says.
  const whole = (presented: Presented): boolean => {
    const { reasons } = walk(presented).verdict;
    return !['SIGNATURE_INVALID', 'TAMPERED_CONTENT', 'MALFORMED'].some((reason) => reasons.includes(reason));
  };
  const said = new Set(seeds.map(({ presented }) => JSON.stringify(walk(presented).converted?.document)));
  return {
    name: format,
    seeds: small.filter(({ presented }) => whole(presented)).map(({ presented }) => bytesOf(presented)),
    run(bytes) {
      const presented: Presented = textual
        ? { text: decodeUtf8(bytes) }
        : beside === undefined
          ? { bytes }
          : { bytes, beside };
      const { verdict, converted } = walk(presented);
      if (verdict.outcome === 'accept' && !said.has(JSON.stringify(converted?.document)))
        throw new Error('accepted, and none of the samples says this');
      if (verdict.reasons.some((reason) => UNREAD.has(reason))) throw new Broken('document', 'not read');
    },
  };
}

export const formats = [...new Set(samples.map(({ format }) => format))].sort();
export const targets: readonly Target[] = formats.map(targetOf).filter((target) => target !== undefined);

if (import.meta.main) await main(targets);
