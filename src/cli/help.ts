import type { AddHelpTextContext, Command, HelpConfiguration } from 'commander';
import { COLUMNS, width } from './render.ts';

// What `--help` prints. Every text stands as '中文 · English', and so do commander's own words.

const BOTH = ' · ';

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': '用法 Usage:',
  'Arguments:': '参数 Arguments:',
  'Options:': '选项 Options:',
  'Commands:': '命令 Commands:',
};

/** Chinese has no spaces to break a line at: it may break beside any of its characters, but no line begins with 。 or ends with （. */
const BREAK =
  /(?=\s)|(?<![\s（“《])(?![\s，。、：；！？）”》])(?:(?<=[\u2e80-\ua4cf\uff00-\uffef])|(?=[\u2e80-\ua4cf\uff00-\uffef]))/u;

const HELP: HelpConfiguration = {
  // As much as the longest names of commands leave of 80 columns.
  minWidthToWrap: 30,
  displayWidth: width,
  // Most commands say in their summary all that there is to say.
  commandDescription: (command) => command.description() || command.summary(),
  styleTitle: (title) => TITLES[title] ?? title,
  optionDescription: ({ description, argChoices, defaultValue }) => {
    const choices = argChoices === undefined ? [] : [`可选 choices: ${argChoices.join(', ')}`];
    const absent = defaultValue === undefined ? [] : [`缺省 default: ${String(defaultValue)}`];
    return [description, ...choices, ...absent].join(BOTH);
  },
  boxWrap: (text, columns) =>
    width(text) <= columns
      ? text
      : text
          .split(BOTH)
          .flatMap((language) => wrapped(language, columns))
          .join('\n'),
};

function wrapped(text: string, columns: number): string[] {
  const lines = [''];
  for (const piece of text.split(BREAK)) {
    const line = lines.at(-1)! + piece;
    if (width(line) <= columns || lines.at(-1) === '') lines[lines.length - 1] = line;
    else lines.push(piece.trimStart());
  }
  return lines;
}

/** For a program, before its commands are added: they inherit it. */
export const withHelp = (program: Command): Command =>
  program
    .configureHelp(HELP)
    .helpOption('-h, --help', '显示用法 · display help for command')
    .helpCommand('help [command]', '显示命令的用法 · display help for command');

/** For addHelpText('after', …): a paragraph. */
export const paragraph =
  (text: string) =>
  ({ command }: AddHelpTextContext): string =>
    `\n${command.createHelp().boxWrap(text, COLUMNS)}`;

/** For addHelpText('after', …): rows of a name and what it is. */
export const rows =
  (items: readonly { readonly name: string; readonly summary: string }[]) =>
  ({ command }: AddHelpTextContext): string => {
    const help = command.createHelp();
    const widest = Math.max(...items.map(({ name }) => width(name)));
    return `\n${items.map(({ name, summary }) => help.formatItem(name, widest, summary, help)).join('\n')}`;
  };

/** What commander finds wrong with a command line, as it words it, and the same in Chinese. */
const FAULTS: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [/^unknown option '(.*?)'/s, (flag) => `没有选项 ${flag}`],
  [/^unknown command '(.*?)'/s, (name) => `没有命令 ${name}`],
  [/^missing required argument '(.*?)'/, (name) => `缺少参数 <${name}>`],
  [/^required option '(.*?)' not specified/, (flags) => `缺少必须的选项 ${flags}`],
  [/^option '(.*?)' argument missing/, (flags) => `选项 ${flags} 后面缺少取值`],
  [
    /^option '(.*?)' argument '(.*)' is invalid\. Allowed choices are (.*)\./s,
    (flags, value, choices) => `选项 ${flags} 不能是“${value}”，可用：${choices.replaceAll(', ', '、')}`,
  ],
  [
    /^too many arguments.*?Expected (\d+) arguments? but got (\d+)/s,
    (most, got) => `参数过多：最多 ${most} 个，给了 ${got} 个`,
  ],
];

/** In: what commander says. Out: the same in Chinese, and where nothing here knows it, that the next line says it. */
export function inChinese(said: string): string {
  const text = said.replace(/^error: /, '');
  for (const [form, words] of FAULTS) {
    const [found, ...parts] = form.exec(text) ?? [];
    if (found === undefined) continue;
    const meant = /\n\(Did you mean (?:one of )?(.*)\?\)\s*$/.exec(text)?.[1];
    return `${words(...parts)}${meant === undefined ? '' : `；是不是 ${meant.replaceAll(', ', '、')}？`}`;
  }
  return '命令行不对，见下行';
}
