const HAN = /\p{Script=Han}/u;
/** Two English words in a row: words for people. Ids, codes, moments and names of files are none. */
const ENGLISH = /(?<![\w./-])[A-Za-z][a-z’']+[,:;]? [a-z][a-z’']+(?![\w./=-])/u;
/** To be copied as it stands. */
const COMMAND = /(?:npx )?tongren(?: [\w-]+)+.*$/u;

/** A line of JSON, on one line or laid out. */
const isJson = (line: string): boolean => /^\s*["[{}\]]/.test(line);

/**
 * The lines of what a command prints whose English has no Chinese before it: neither on its line, nor on one of Chinese alone
 * just above it.
 */
export function englishAlone(text: string): string[] {
  const lines = text.split('\n').map((line) => (isJson(line) ? '' : line.replace(COMMAND, '')));
  return lines.filter((line, i) => {
    const english = ENGLISH.exec(line);
    if (english === null || HAN.test(line.slice(0, english.index))) return false;
    const above = lines[i - 1] ?? '';
    return !HAN.test(above) || ENGLISH.test(above);
  });
}
