/**
 * `npm run bench [-- NAME…] [--json] [--check] [--full] [--write]`: ratios measured side by side in one run. `--full` adds what takes
 * minutes, `--check` fails below the floors, `--write` makes docs/performance.md, of all sections with `--full` only.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench, Measured } from './bench.ts';
import { benchChecks } from './checks.ts';
import { choiceOf } from './choice.ts';
import { benchCores } from './cores.ts';
import { benchExchange } from './exchange.ts';
import { benchHttp } from './http.ts';
import { benchJourney } from './journey.ts';
import { benchPage } from './page.ts';
import { belowFloors, detailOf, document, type Result } from './report.ts';
import { benchStart } from './start.ts';
import { benchTrust } from './trust.ts';

/** The benches, one row each. Every ratio is against R, the fastest raw signature check of this Node, unless said. */
const BENCHES: Readonly<Record<string, Bench>> = {
  checks: { about: 'one signature check with a key that comes often', run: benchChecks },
  journey: {
    about: 'text → verdict with shared document, against the bare signature check of the same DCC documents',
    run: benchJourney,
  },
  cores: {
    about: 'many documents on all cores, in the shares that `verify` gives, by the clock on the wall',
    run: benchCores,
  },
  http: { about: 'the HTTP interface, asked from another process', unit: '', run: benchHttp },
  exchange: {
    about: 'exchanges with other regions, and one region’s trouble beside the others',
    unit: '',
    run: benchExchange,
  },
  trust: { about: 'readiness with ten thousand issuers, and ten million revoked documents', unit: '', run: benchTrust },
  start: { about: 'how soon a process that was just started gives its first verdict', unit: '', run: benchStart },
  page: { about: 'the checkpoint page on a processor that is four times slower', unit: '', run: benchPage },
};

/**
 * Several are run in a process each: what one leaves behind, code that was compiled for its shapes and a larger heap, would be measured
 * with the next, and no gateway comes from there.
 */
function byItself(name: string, full: boolean): Measured {
  const asked = [fileURLToPath(import.meta.url), name, '--json', ...(full ? ['--full'] : [])];
  const told = execFileSync(process.execPath, asked, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(told) as Measured;
}

const USAGE = `npm run bench -- [NAME…] [--json] [--check] [--full] [--write]; there are: ${Object.keys(BENCHES).join(', ')}`;

function refuse(fault: string, hint: string): never {
  process.stderr.write(`error: ${fault}\nhint: ${hint}\n`);
  process.exit(64);
}

function asked() {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ allowPositionals: true, options: { json: flag, check: flag, full: flag, write: flag } });
  } catch (error) {
    return refuse((error as Error).message, USAGE);
  }
}

const { values, positionals } = asked();
const { full = false, write = false, json = false, check = false } = values;
const choice = choiceOf({ names: positionals, full, write }, Object.keys(BENCHES));
if ('fault' in choice) refuse(choice.fault, choice.hint);
const { names } = choice;
const results: Result[] = [];
for (const name of names) {
  const bench = BENCHES[name]!;
  const { about, unit = 'R' } = bench;
  const { source, rows } = names.length === 1 ? await bench.run(full) : byItself(name, full);
  const result = { name, about, unit, source, rows };
  results.push(result);
  if (json) process.stdout.write(`${JSON.stringify({ bench: name, source, rows })}\n`);
  else {
    process.stdout.write(`${name}: ${about}\n  ${source}, Node ${process.version}\n`);
    for (const row of rows)
      process.stdout.write(
        `  ${row.ratio.toFixed(2)} × ${unit === '' ? '' : `${unit}  `}${row.name} (${detailOf(row)})\n`,
      );
  }
  if (!check) continue;
  for (const line of belowFloors(result, full)) {
    process.stderr.write(`below its floor: ${line}\n`);
    process.exitCode = 1;
  }
}
if (process.exitCode === 1) process.stderr.write('hint: run it again on a machine with nothing else to do\n');
if (write && process.exitCode === undefined) {
  const file = new URL('../docs/performance.md', import.meta.url);
  writeFileSync(file, document(results, new Date().toISOString().slice(0, 10)));
}
