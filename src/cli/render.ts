import type { Environment, Finding, GroupVerdict, Verdict } from '../document/generated/types.ts';
import { beijingTime } from '../document/time.ts';
import type { Rejected } from '../trust/view.ts';

export const ICONS = { accept: '●', conditional: '▲', refuse: '■', undetermined: '?' } as const;
const MARKS = { pass: '+', fail: 'x', unknown: '?', skipped: '-', open: '!', note: '·' } as const;

/** Controls, signs that turn text round or hide, line ends of other kinds, and halves of characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (sign: string): string =>
  Array.from({ length: sign.length }, (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');

/**
 * Text for a terminal: a name, a plate or a file's name must not move the cursor, colour a refusal green or be read
 * backwards. What cannot be seen is shown as `\u202e`, which inside JSON means the same as before.
 */
export const visible = (text: string): string =>
  text.replace(INVISIBLE, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));

/** The same for what must stay on its line: nothing from outside begins a line of its own. */
export const oneLine = (text: string): string => text.replace(INVISIBLE, escaped);

/** As clocks on the spot show it. A day stays a day, and what has no year of four digits there is shown as it came. */
export function localTime(moment: string, to: 'minute' | 'second' = 'minute'): string {
  const at = Date.parse(moment);
  if (!moment.includes('T') || !(at < LAST_LOCAL)) return moment;
  return beijingTime(at)
    .slice(0, to === 'minute' ? 16 : 19)
    .replace('T', ' ');
}

/** Documents without an end are given 9999-12-31T23:59:59Z, which is the year 10000 in Beijing. */
const LAST_LOCAL = Date.parse('9999-12-31T16:00:00Z');

/** What is decided in a federation of this kind. */
const ENVIRONMENTS: Readonly<Record<Environment, string>> = {
  production: '生产环境 production',
  rehearsal: '演练环境 rehearsal',
  reference: '参考联盟 reference federation',
};
const isEnvironment = (name: string): name is Environment => Object.hasOwn(ENVIRONMENTS, name);
export const environmentInWords = (name: string): string => (isEnvironment(name) ? ENVIRONMENTS[name] : name);

/** By what an archived copy was dated. */
const DATED_BY: Readonly<Record<'seal' | 'document', string>> = {
  seal: '签名中的时间 in its signature',
  document: '证照载明的签发时间 as the document states',
};

/** A verdict for a person at a terminal: words first, then why. Times are Beijing's. */
export function renderVerdict(name: string, verdict: Verdict): string[] {
  const { document, issuer, format } = verdict;
  const lines = [
    `${ICONS[verdict.outcome]} ${verdict.word.zh} ${verdict.word.en}  ${name}`,
    `  ${verdict.sentence.zh}`,
    `  ${verdict.sentence.en}`,
  ];
  if (verdict.next !== undefined) lines.push(`  → ${verdict.next.zh}`, `  → ${verdict.next.en}`);
  if (document !== undefined) {
    const shown = verdict.authentic ? '' : '（出示内容，未证实 as presented, not proven）';
    const type = verdict.typeName === undefined ? '' : ` (${document.docType.code})`;
    const called = verdict.typeName ?? { zh: document.docType.code, en: '' };
    lines.push(`  证照 document${shown}: ${`${called.zh} ${called.en}`.trim()}${type}`);
    const { issuedAt, from, until } = document.validity;
    const times = [
      ['签发 issued', issuedAt],
      ['起 from', from],
      ['止 until', until],
    ].flatMap(([label, at]) => (at === undefined ? [] : [`${label} ${localTime(at)}`]));
    if (times.length > 0) lines.push(`  有效期 validity: ${times.join(', ')}`);
    const { name, nameMasked, birthDate } = document.holder ?? {};
    const holder = [name ?? nameMasked, birthDate].filter((each) => each !== undefined);
    if (holder.length > 0) lines.push(`  持证人 holder: ${holder.join(' ')}`);
    if (document.vehicle?.plateNo !== undefined) lines.push(`  车牌 vehicle: ${document.vehicle.plateNo}`);
    if (document.usage !== undefined) {
      const { purpose = '-', maker = '-', expiresAt } = document.usage;
      const until = expiresAt === undefined ? '-' : localTime(expiresAt);
      lines.push(`  加注件 copy for one use: ${purpose}, 加注 made by ${maker}, 止 until ${until}`);
    }
  }
  if (verdict.status !== undefined) {
    const { name, scheme, reasonCode, authority } = verdict.status;
    const why = reasonCode === undefined ? '' : `, 原因 reason ${reasonCode}`;
    const by = authority === undefined ? '' : `, 机关 authority ${authority}`;
    lines.push(`  证照载明状态 status: ${name.zh} ${name.en} [${scheme.zh} ${scheme.en}]${why}${by}`);
  }
  if (issuer !== undefined)
    lines.push(
      `  签发方 issuer: ${issuer.name.zh} ${issuer.name.en}${issuer.unit === undefined ? '' : ` [${issuer.unit}]`}`,
    );
  if (format !== undefined) lines.push(`  格式 format: ${format.id} (${format.region})`);
  const { region, purpose, clock, environment, federation, asOf } = verdict;
  const asked = clock.source === 'stated' ? '指定时间 stated' : '系统时间 system clock';
  lines.push(
    `  核验 for: ${region}, ${purpose}, ${localTime(clock.at)} 北京时间 Beijing time（${asked}）`,
    `  联盟 federation: ${federation}（${environmentInWords(environment)}）`,
  );
  if (asOf !== undefined)
    lines.push(`  按签署时 as of its signing: ${localTime(asOf.at)}（所称 claimed: ${DATED_BY[asOf.source]}）`);
  for (const finding of verdict.findings) lines.push(`    ${MARKS[finding.result]} ${describe(finding)}`);
  return lines.map(oneLine);
}

/** The verdict on a case first, then each document's own. In: their names, in order. */
export function renderGroup(names: readonly string[], verdict: GroupVerdict): string[] {
  const { outcome, word, sentence, next, composition, occupants, findings, members } = verdict;
  const called = `${names.length} 份证照 ${names.length === 1 ? 'document' : 'documents'}`;
  const lines = [
    `${ICONS[outcome]} ${word.zh} ${word.en}  ${called}`,
    `  ${sentence.zh}`,
    `  ${sentence.en}`,
    ...(next === undefined ? [] : [`  → ${next.zh}`, `  → ${next.en}`]),
    ...(composition === undefined ? [] : [`  组合 case: ${composition.name.zh} ${composition.name.en}`]),
    ...(occupants === undefined ? [] : [`  车上人数 people in the vehicle: ${occupants}`]),
  ];
  for (const finding of findings) {
    const about = finding.members === undefined ? '' : ` #${finding.members.join(' #')}`;
    lines.push(`    ${MARKS[finding.result]} ${describe(finding)}${about}`);
  }
  return [
    ...lines.map(oneLine),
    ...members.flatMap(({ role, verdict: own }, i) => [
      '',
      ...renderVerdict(`#${i + 1}${role === undefined ? '' : ` ${role.name.zh} ${role.name.en}`} ${names[i]}`, own),
    ]),
  ];
}

export function describe(finding: Finding): string {
  const at = finding.at === undefined || finding.at === '' ? '' : ` [${finding.at}]`;
  const detail = finding.detail === undefined ? '' : ` (${finding.detail})`;
  return `${finding.code}${at} ${finding.message.zh} ${finding.message.en}${detail}`;
}

/** A part of the store that could not be used, and why. */
export const notUsed = ({ file, at, reason, lastGood }: Rejected): string =>
  oneLine(
    `未采用 not used: ${file}${at === '' ? '' : `#${at}`}: ${reason}${lastGood ? '（沿用上一个完好版本 the last good version stays in force）' : ''}`,
  );

/** As wide as a terminal is at least. */
export const COLUMNS = 80;

/** Columns of a terminal that a text takes: Chinese characters and full-width signs take two. */
export const width = (text: string): number =>
  [...text].reduce(
    (sum, sign) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(sign)
        ? 2
        : 1),
    0,
  );

/** Rows as an aligned table. */
export function table(cells: readonly (readonly string[])[]): string[] {
  const rows = cells.map((row) => row.map(oneLine));
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat(widths[column]! - width(cell))))
      .join('  ')
      .trimEnd(),
  );
}
