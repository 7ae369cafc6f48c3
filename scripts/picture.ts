/**
 * Draws docs/pictures/: the real commands are run, and what they print becomes SVG. Times are moved to one fixed day, so
 * that running this again gives the same files.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { width } from '../src/cli/render.ts';
import { beijingTime } from '../src/document/time.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const target = fileURLToPath(new URL('../docs/pictures/', import.meta.url));

interface Picture {
  readonly file: string;
  readonly title: string;
  /** As a reader would type it. */
  readonly typed: string;
  readonly args: readonly string[];
  /** Of more lines than this, the middle is left out. */
  readonly most?: number;
}

const SAMPLE = 'var/samples/330000/pass.txt';

const PICTURES: readonly Picture[] = [
  {
    file: 'start.svg',
    title: 'npm start: the documents of the reference federation by issuing region, each with its verdict',
    typed: 'npm start -- --once',
    args: ['start', '--once'],
    most: 36,
  },
  {
    file: 'verdict.svg',
    title: 'tongren verify: the verdict on one commuter pass',
    typed: `npx tongren verify ${SAMPLE}`,
    args: ['verify', SAMPLE],
  },
];

/** Runs one command of the gateway in `folder`, which gets its own var/. Only what goes to standard output is drawn. */
function printed(args: readonly string[], folder: string): string[] {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TONGREN_')));
  const options = {
    cwd: folder,
    env,
    encoding: 'utf8' as const,
    stdio: ['ignore' as const, 'pipe' as const, 'pipe' as const],
  };
  return execFileSync(process.execPath, [join(root, 'src/cli/tongren.ts'), ...args], options)
    .trimEnd()
    .split('\n');
}

/** The beginning, up to the end of a paragraph, and the last line. */
function shortened(lines: readonly string[], most = lines.length): readonly string[] {
  if (lines.length <= most) return lines;
  const end = lines.lastIndexOf('', most);
  return [...lines.slice(0, end < 0 ? most : end), '', '⋮', '', lines.at(-1)!];
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
/** The moment at which every picture was taken. */
const FIXED = Date.parse('2026-01-15T01:00:00Z');

/** Beijing's calendar day, as a number. */
const dayOf = (ms: number): number => Math.floor((ms + 8 * HOUR_MS) / DAY_MS);

/**
 * Moves every time in the text from around `now` to around FIXED: instants to the minute (the commands take seconds,
 * and the recipes' times are whole minutes away), Beijing's times, which are cut off to the minute, to five, days by whole days.
 */
export function atFixedTime(line: string, now: number): string {
  const moved = (ms: number, step: number): number => FIXED + Math.round((ms - now) / step) * step;
  const times = /\b(20\d{2}-\d{2}-\d{2})(?:(T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)| (\d{2}:\d{2}))?\b/g;
  return line.replace(times, (_, day: string, time?: string, beijing?: string) => {
    if (time !== undefined)
      return `${new Date(moved(Date.parse(`${day}${time}`), MINUTE_MS)).toISOString().slice(0, 19)}Z`;
    if (beijing !== undefined)
      return beijingTime(moved(Date.parse(`${day}T${beijing}+08:00`), 5 * MINUTE_MS))
        .slice(0, 16)
        .replace('T', ' ');
    return new Date(Date.parse(day) + (dayOf(FIXED) - dayOf(now)) * DAY_MS).toISOString().slice(0, 10);
  });
}

const SIZE = 14;
/** Chinese characters are as wide as they are high: a little larger, they fill more of their two columns. */
const SIZE_WIDE = 15.5;
/** Columns are this wide; a Chinese character takes two. */
const CELL = 8.4;
const LINE = 20;
const PAD = 18;
const TITLE = 34;
/** Named as terminals name theirs; nothing is embedded. */
const FONTS =
  "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', 'PingFang SC', 'Microsoft YaHei', monospace";

const INK = '#d5d9e0';
const FAINT = '#8b93a1';
/**
 * A verdict's colours, told apart by every kind of sight, and none of a health code's three: nobody shall take a verdict
 * on a document for the state of a person. The shapes say it too.
 */
const OUTCOMES: readonly (readonly [RegExp, string])[] = [
  [/^● /, '#56b4e9'],
  [/^▲ /, '#cc79a7'],
  [/^■ /, '#e69f00'],
  [/^\? /, '#b9a5ff'],
];

interface Run {
  readonly column: number;
  readonly columns: number;
  readonly text: string;
}

/**
 * Pieces of a line that are each put in their own place: no font has Chinese characters exactly twice as wide as its
 * letters, and a line drawn in one piece would drift. A piece is all wide or all narrow, and has no two spaces in a row.
 */
export function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let column = 0;
  let spaces = 0;
  for (const sign of line) {
    const columns = width(sign);
    const last = runs[runs.length - 1];
    if (sign === ' ') spaces += 1;
    else {
      const wide = columns === 2;
      const joins = last !== undefined && spaces <= (wide ? 0 : 1) && (width(last.text[0]!) === 2) === wide;
      if (joins) {
        const gap = ' '.repeat(spaces);
        runs[runs.length - 1] = {
          column: last.column,
          columns: last.columns + spaces + columns,
          text: `${last.text}${gap}${sign}`,
        };
      } else runs.push({ column, columns, text: sign });
      spaces = 0;
    }
    column += columns;
  }
  return runs;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]!);

const places = (n: number): string => String(Math.round(n * 10) / 10);

/** Lines as a terminal window. In: the title (for who cannot see it), the command and what it printed. Out: SVG. */
export function svgOf(title: string, typed: string, lines: readonly string[]): string {
  const all = [`$ ${typed}`, ...lines];
  const columns = Math.max(...all.map(width));
  const wide = places(columns * CELL + 2 * PAD);
  const high = places(all.length * LINE + TITLE + PAD);
  const rows = all.map((line, i) => {
    const y = TITLE + i * LINE + SIZE;
    const color = i === 0 ? FAINT : OUTCOMES.find(([form]) => form.test(line))?.[1];
    const coloured = color === undefined ? 0 : i === 0 ? Number.POSITIVE_INFINITY : 2;
    return runsOf(line)
      .map(({ column, columns: taken, text }, k) => {
        const fill = k < coloured ? ` fill="${color}"` : '';
        const size = width(text[0]!) === 2 ? ` font-size="${SIZE_WIDE}"` : '';
        const place = `x="${places(PAD + column * CELL)}" y="${y}" textLength="${places(taken * CELL)}"`;
        return `<text ${place}${size}${fill}>${escaped(text)}</text>`;
      })
      .join('');
  });
  const dots = [0, 1, 2].map((i) => `<circle cx="${PAD + 4 + i * 18}" cy="17" r="5" fill="#3a404b"/>`).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${wide}" height="${high}" rx="10" fill="#181b21"/>`,
    dots,
    `<g font-family="${FONTS}" font-size="${SIZE}" fill="${INK}" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** All pictures, by file name. The commands run in a folder of their own. */
export function pictures(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'tongren-pictures-'));
  try {
    return new Map(
      PICTURES.map(({ file, title, typed, args, most }) => {
        const now = Date.now();
        return [
          file,
          svgOf(
            title,
            typed,
            shortened(printed(args, folder), most).map((line) => atFixedTime(line, now)),
          ),
        ];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) for (const [file, svg] of pictures()) writeFileSync(join(target, file), svg);
