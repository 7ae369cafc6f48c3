import { htmlText } from '../codec/html.ts';
import type { Localized } from '../document/generated/types.ts';
import type { Report } from './region-check.node.ts';

/** A conformance report as one HTML file: no script, nothing from elsewhere, everything from packs escaped. */
export function reportHtml({ region, hash, checks, score, conforms }: Report, at: string): string {
  const rows = checks.map(
    ({ id, title, result, details }) =>
      `<tr class="${result}"><td>${MARKS[result]}</td><td>${htmlText(title.zh)}<br><small>${htmlText(title.en)} (${htmlText(id)})</small></td><td>${details.map((each) => `<p>${detail(each)}</p>`).join('')}</td></tr>`,
  );
  const word = conforms ? '符合 conforms' : '不符合 does not conform';
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${htmlText(region)} ${score}/100</title>
<style>
body { font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #ccc; padding: .5rem; vertical-align: top; overflow-wrap: anywhere; }
p { margin: 0; }
.fail td:first-child { color: #a00; } .warn td:first-child { color: #850; } .pass td:first-child { color: #060; }
code { overflow-wrap: anywhere; }
</style>
<h1>${htmlText(region)}: ${word}, ${score} / 100</h1>
<p>接入检查报告 conformance report, ${htmlText(at)}</p>
<p>内容摘要 hash of the pack (SM3): <code>${htmlText(hash)}</code></p>
<table>
${rows.join('\n')}
</table>
</html>
`;
}

const MARKS = {
  pass: '✓ 通过 pass',
  warn: '! 注意 warning',
  fail: '✗ 不通过 fail',
  skip: '- 未查 not checked',
} as const;

const detail = ({ zh, en }: Localized): string =>
  zh === en ? htmlText(zh) : `${htmlText(zh)}<br><small>${htmlText(en)}</small>`;

/** The same marks for a terminal. */
export const RESULT_MARKS = MARKS;
