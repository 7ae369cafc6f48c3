import { PROBLEMS } from './problems.ts';

/** What the gateway counts about itself. Labels are ids of regions, formats, routes and codes: nothing about a person. */
export interface Metrics {
  verdict(outcome: string, format: string | undefined, issuer: string | undefined): void;
  problem(code: string): void;
  /** A request was answered, or given up by its caller. Seconds. */
  answered(route: string, seconds: number): void;
  /** Prometheus text format 0.0.4. In: what others count and measure, as it is at this moment. */
  render(families: readonly MetricFamily[]): string;
}

/** A metric family of the text format. Histograms are written apart. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly rows: readonly { readonly labels: Labels; readonly value: number }[];
}

type Labels = Readonly<Record<string, string>>;

/** Seconds. A verdict takes under a millisecond, a picture some hundreds, a batch minutes. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5, 30] as const;

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** One registry for each gateway; nothing is global. */
export function createMetrics(): Metrics {
  const verdicts = new Map<string, { labels: Labels; value: number }>();
  const problems = new Map<string, number>(Object.keys(PROBLEMS).map((code) => [code, 0]));
  const durations = new Map<string, Histogram>();
  return {
    verdict(outcome, format = 'none', issuer = 'none') {
      const key = `${outcome} ${format} ${issuer}`;
      const row = verdicts.get(key);
      if (row === undefined) verdicts.set(key, { labels: { outcome, format, issuer }, value: 1 });
      else row.value += 1;
    },
    problem(code) {
      problems.set(code, (problems.get(code) ?? 0) + 1);
    },
    answered(route, seconds) {
      let row = durations.get(route);
      if (row === undefined) {
        row = { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
        durations.set(route, row);
      }
      row.count += 1;
      row.sum += seconds;
      const bucket = BUCKETS.findIndex((limit) => seconds <= limit);
      if (bucket >= 0) row.counts[bucket]! += 1;
    },
    render(families) {
      const lines = [
        ...familyLines({
          name: 'tongren_verdicts_total',
          type: 'counter',
          help: 'Verdicts, by outcome, wire format and issuing region.',
          rows: [...verdicts.values()],
        }),
        ...familyLines({
          name: 'tongren_problems_total',
          type: 'counter',
          help: 'Requests, or lines of a batch, that got no verdict, by problem.',
          rows: [...problems].map(([code, value]) => ({ labels: { code }, value })),
        }),
        ...head(
          'tongren_request_duration_seconds',
          'histogram',
          'From the request’s head to the end of the answer, by route.',
        ),
        ...[...durations].flatMap(([route, row]) => histogram('tongren_request_duration_seconds', { route }, row)),
        ...families.flatMap(familyLines),
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}

const head = (name: string, type: string, help: string): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

function familyLines({ name, type, help, rows }: MetricFamily): string[] {
  const row = ({ labels, value }: MetricFamily['rows'][number]): string =>
    `${name}${labelText(labels)} ${value === Number.POSITIVE_INFINITY ? '+Inf' : value}`;
  return [...head(name, type, help), ...rows.map(row)];
}

/** Buckets are cumulative: each counts all that took no longer. */
function histogram(name: string, labels: Labels, { counts, sum, count }: Histogram): string[] {
  let below = 0;
  const buckets = BUCKETS.map((limit, i) => {
    below += counts[i]!;
    return `${name}_bucket${labelText({ ...labels, le: String(limit) })} ${below}`;
  });
  const rest = labelText(labels);
  return [
    ...buckets,
    `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`,
    `${name}_sum${rest} ${sum}`,
    `${name}_count${rest} ${count}`,
  ];
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
