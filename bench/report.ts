import { cpus } from 'node:os';
import type { Measured, Row } from './bench.ts';
import { FLOORS } from './floors.ts';

/** What one bench gave. */
export interface Result extends Measured {
  readonly name: string;
  readonly about: string;
  readonly unit: string;
}

/** Rows that are below their floors, in words; a row that is missing is below. */
export function belowFloors({ name, rows }: Result, full: boolean): string[] {
  return Object.entries(FLOORS[name] ?? {}).flatMap(([what, { floor, full: only }]) => {
    if (only && !full) return [];
    const ratio = rows.find((row) => row.name === what)?.ratio;
    return ratio !== undefined && ratio >= floor ? [] : [`${what}: ${ratio?.toFixed(2) ?? 'not measured'} < ${floor}`];
  });
}

/** What stands beside a ratio: the time, or what is said in its place, and how far rounds differed. */
export function detailOf({ micros, spread, said = `${micros.toFixed(1)} µs` }: Row): string {
  return spread === undefined ? said : `${said}, ± ${(spread * 100).toFixed(0)} %`;
}

/** docs/performance.md, as this run of all sections has it. In: when, as a day. */
export function document(results: readonly Result[], day: string): string {
  return `# Performance

Made by \`npm run bench -- --full --write\` on ${day}, Node ${process.version}, ${cpus().length} cores that others were using at the same time:
**ratios say something, times little**, and a ratio may be off by a quarter. This file is only ever written whole, from one run of all sections. Each section is one process, in which rounds of
all contenders are interleaved. A ratio is the median of the rounds' ratios, and ± half the distance between their quartiles; a row without it was measured once. Times are
processor time (over HTTP that of the serving process alone), except where two cores, a load, a start, an exchange or the page are measured, by the clock on the wall.
R is one signature check, \`crypto.verify\` ES256 in its fastest form; a row that says *against* is held against that and not against R: 2 is twice as good, and below 1 is worse. *Aim* is what is meant to be
reached; what is below its aim is marked. \`npm run bench -- --check\` fails below the floors of [bench/floors.ts](../bench/floors.ts). Packages of others are measured
where they are installed: \`npm install --prefix bench --ignore-scripts --omit=optional --no-save\`.
${results.map(section).join('')}`;
}

function section({ name, about, unit, source, rows }: Result): string {
  const lines = rows.map((row) => {
    const { name: what, ratio } = row;
    const { floor, aim } = FLOORS[name]?.[what] ?? {};
    const held = aim === undefined ? '' : ratio >= aim ? `${aim}` : `${aim}, **not reached**`;
    return `| ${what} | ${ratio.toFixed(2)} | ${held} | ${floor ?? ''} | ${detailOf(row)} |`;
  });
  return `
## ${name}

${about[0]!.toUpperCase()}${about.slice(1)}. ${source[0]!.toUpperCase()}${source.slice(1)}.

| | × ${unit} | aim | floor | measured |
|---|---|---|---|---|
${lines.join('\n')}
`;
}
