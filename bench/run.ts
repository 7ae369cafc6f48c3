/** `npm run bench [-- NAME] [--json] [--check] [--full]`: ratios measured side by side in one run. */
import { verify } from 'node:crypto';
import { parseArgs } from 'node:util';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { journey } from '../src/journey.ts';
import { journeys } from '../src/journeys.ts';
import { benchDocuments } from './documents.ts';
import { type Contender, measure } from './measure.ts';
import { benchPage } from './page.ts';
import { benchTrust } from './trust.ts';

interface Row {
  readonly name: string;
  readonly ratio: number;
  readonly micros: number;
  readonly spread: number;
  /** What is said in place of time and spread. */
  readonly said?: string;
}

interface Bench {
  readonly about: string;
  /** What a ratio counts; R if it is not said. */
  readonly unit?: string;
  /** The least ratio that `--check` accepts: well below what is measured, for noise. */
  readonly floors: Readonly<Record<string, number>>;
  /** The same for what is only measured with `--full`. */
  readonly fullFloors?: Readonly<Record<string, number>>;
  /** @param full also what takes minutes */
  run(full: boolean): Promise<{ source: string; rows: Row[] }>;
}

const R = 'R: crypto.verify ES256';

/** The benches, one row each. Every ratio is against R, the fastest raw signature check of this Node. */
const BENCHES: Readonly<Record<string, Bench>> = {
  journey: {
    about: 'DCC text → verdict with shared document, against the bare signature check of the same documents',
    floors: { 'journey, text → verdict': 0.35, 'journeys, 256 at a time': 0.4 },
    async run() {
      const { source, documents } = await benchDocuments();
      const size = documents.length;
      const contenders: Contender[] = [
        {
          name: R,
          size,
          run: () => documents.forEach(({ signed, key, der }) => void verify('sha256', signed, key, der)),
        },
        {
          name: 'journey, text → verdict',
          size,
          run: () =>
            documents.forEach(
              ({ text, standpoint, at }) => void journey({ text }, standpoint, { purpose: 'checkpoint', at }),
            ),
        },
        {
          name: 'journeys, 256 at a time',
          size,
          run: () => {
            for (let from = 0; from < size; from += 256) {
              const some = documents.slice(from, from + 256).map(({ text, at }) => ({
                presented: { text },
                question: { purpose: 'checkpoint', at },
              }));
              journeys(some, documents[0]!.standpoint, nodePlatform);
            }
          },
        },
      ];
      const measured = measure(contenders);
      return { source, rows: measured.map((row) => ({ ...row, ratio: measured[0]!.micros / row.micros })) };
    },
  },
  trust: {
    about: 'readiness with ten thousand issuers, and ten million revoked documents',
    unit: '',
    floors: {
      'ready from the snapshot, against 0.6 s': 1,
      'a key of 10 among 10,000, against 10 alone': 0.6,
      'memory of 10 million, against 25 MB': 1,
      'lookups of many ids at once, against 5 million a second': 1,
      // Two reads, one after the other, of memory that is in no cache: what others do on the machine decides.
      'lookups one by one, against 5 million a second': 0.3,
      'update of 10,000 ids, against 1 s': 1,
    },
    fullFloors: { 'memory of 100 million, against 250 MB': 1 },
    run: benchTrust,
  },
  page: {
    about: 'the checkpoint page on a processor that is four times slower',
    unit: '',
    floors: {},
    run: benchPage,
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, check: { type: 'boolean' }, full: { type: 'boolean' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
for (const name of names) {
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name]! : undefined;
  if (bench === undefined) {
    process.stderr.write(`error: no bench "${name}"\nhint: there are: ${Object.keys(BENCHES).join(', ')}\n`);
    process.exitCode = 64;
    break;
  }
  const { source, rows } = await bench.run(values.full === true);
  if (values.json) process.stdout.write(`${JSON.stringify({ bench: name, source, rows })}\n`);
  else {
    process.stdout.write(`${name}: ${bench.about}\n  ${source}, Node ${process.version}\n`);
    for (const { name: what, ratio, micros, spread, said } of rows) {
      const detail = said ?? `${micros.toFixed(1)} µs, ± ${(spread * 100).toFixed(0)} %`;
      process.stdout.write(`  ${ratio.toFixed(2)} × ${bench.unit ?? 'R  '}${what} (${detail})\n`);
    }
  }
  if (!values.check) continue;
  for (const [what, floor] of Object.entries({ ...bench.floors, ...(values.full ? bench.fullFloors : {}) })) {
    const row = rows.find((each) => each.name === what);
    if (row !== undefined && row.ratio >= floor) continue;
    process.stderr.write(`below its floor: ${what}: ${row?.ratio.toFixed(2)} < ${floor}\n`);
    process.exitCode = 1;
  }
}
