/**
 * What a ratio may not fall below (`--check`): seven tenths of what was measured, so that a loss is noticed and the noise of a machine
 * that is nearly at rest is not; and what it is meant to reach.
 */
export interface Floor {
  readonly floor: number;
  readonly aim?: number;
  /** Measured with `--full` only. */
  readonly full?: true;
}

/** By bench and row. */
export const FLOORS: Readonly<Record<string, Readonly<Record<string, Floor>>>> = {
  checks: {
    'ES256, one by one': { floor: 3 },
    'ES256, 64 at a time': { floor: 4.7 },
    'SM2, one by one': { floor: 3.2 },
    'SM2, 64 at a time': { floor: 4.5 },
    'SM2, against OpenSSL’s': { floor: 14.7, aim: 9 },
    'SM2, 64 at a time, against OpenSSL’s': { floor: 20.7, aim: 18 },
    'SM2, against sm-crypto-v2 as it is usually called': { floor: 180, aim: 100 },
    'SM2, against sm-crypto-v2 with its key prepared': { floor: 30 },
    // OpenSSL checks for most of them: there is room for a fifth of their tables.
    'ES256, 1,000 keys in rotation, one by one': { floor: 0.7 },
    'ES256, 1,000 keys in rotation, 64 at a time': { floor: 0.7 },
    'memory of the core with 1,500 keys, against 64 MB': { floor: 1, aim: 1 },
  },
  journey: {
    'DCC, text → verdict': { floor: 0.9, aim: 1.2 },
    'DCC, 64 at a time': { floor: 1, aim: 1.5 },
    'a DCC that was seen before': { floor: 1.4, aim: 6 },
    'a DCC that was seen before, contents kept': { floor: 4.3, aim: 6 },
    'SM2 pass, text → verdict': { floor: 0.8, aim: 1.2 },
    'SM2 pass, 64 at a time': { floor: 0.95, aim: 1.5 },
    'OFD licence (two seals, 25 parts), against 300 a second': { floor: 1.3, aim: 1 },
  },
  // Where others use the second core, it is one, and the last two rows fall below.
  cores: {
    'DCC, 64 at a time on one core': { floor: 1.2 },
    'DCC, up to 64 at a time on two cores': { floor: 1.7, aim: 3 },
    'two cores, against one': { floor: 1.1 },
  },
  http: {
    'batch over HTTP, against in-process': { floor: 0.6, aim: 0.85 },
    'one verdict through Express, against an Express route echoing 1 kB': { floor: 0.5, aim: 0.8 },
    'one verdict before Express, against an Express route echoing 1 kB': { floor: 0.63, aim: 1.3 },
    'one verdict before Express, nothing logged, against the echo': { floor: 0.7 },
    'one verdict through Express, 64 at a time, against the echo': { floor: 0.5, aim: 0.8 },
    'one verdict before Express, 64 at a time, against the echo': { floor: 0.6, aim: 1.3 },
    'the same document again, contents kept, through Express, against the echo': { floor: 0.75, aim: 0.8 },
    'the same document again, contents kept, before Express, against the echo': { floor: 1, aim: 1.3 },
    // On two cores that others use, it is they who decide.
    'the slowest of a hundred at 70 % load, through Express, against 20 ms': { floor: 0.7, aim: 1 },
    'the slowest of a hundred at 70 % load, before Express, against 20 ms': { floor: 0.7, aim: 1 },
  },
  exchange: {
    'an exchange beyond the region’s own answer, against 10 ms': { floor: 0.5, aim: 1 },
    // Single slow moments of a shared machine are most of a p99.
    ...Object.fromEntries(
      [
        'resets',
        'hangs',
        'answers garbage',
        'answers with a wrong signature',
        'answers about another person',
        'answers after a second',
      ].map((trouble) => [`p99 of others while one region ${trouble}, against 1.2 ×`, { floor: 0.7, aim: 1 }]),
    ),
  },
  page: {
    'an SM2 check in Chromium, against 1.5 × as long as in Node': { floor: 1, aim: 1 },
    'first screen, against 2000 ms': { floor: 5, aim: 1 },
    'desk ready by kept lists, without a network, against 2000 ms': { floor: 1.6, aim: 1 },
    'pasted text → verdict on the screen, against 150 ms': { floor: 1.4, aim: 1 },
  },
  start: {
    'process start to first verdict, against 0.3 s': { floor: 1.5, aim: 1 },
    'built, against the sources': { floor: 2.2 },
  },
  trust: {
    'ready from the snapshot, against 0.6 s': { floor: 2.3, aim: 1 },
    'a key of 10 among 10,000, against 10 alone': { floor: 0.65, aim: 0.91 },
    'memory of 10 million, against 25 MB': { floor: 1.1, aim: 1 },
    'lookups of many ids at once, against 5 million a second': { floor: 1.2, aim: 1 },
    // Two reads, one after the other, of memory that is in no cache: what others do on the machine decides.
    'lookups one by one, against 5 million a second': { floor: 0.5, aim: 1 },
    'update of 10,000 ids, against 1 s': { floor: 15, aim: 1 },
    'memory of 100 million, against 250 MB': { floor: 1.1, aim: 1, full: true },
  },
};
