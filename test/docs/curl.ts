/** As much of curl as docs/integrate.md uses, by fetch: for machines without it. Exit 22, as curl's, for an answer of 400 and above. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    'show-error': { type: 'boolean', short: 'S' },
    'fail-with-body': { type: 'boolean' },
    output: { type: 'string', short: 'o' },
    header: { type: 'string', short: 'H', multiple: true },
    data: { type: 'string', short: 'd' },
    'data-binary': { type: 'string' },
  },
});
const stated = values['data-binary'] ?? values.data;
const file = stated?.startsWith('@') ? stated.slice(1) : undefined;
const body = file === undefined ? stated : readFileSync(file === '-' ? 0 : file);
const headers = (values.header ?? []).map((line): [string, string] => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
});
const answer = await fetch(positionals[0]!, {
  method: body === undefined ? 'GET' : 'POST',
  headers,
  body: body ?? null,
});
const bytes = new Uint8Array(await answer.arrayBuffer());
if (values.output === undefined) process.stdout.write(bytes);
else writeFileSync(values.output, bytes);
if (values['fail-with-body'] && answer.status >= 400) process.exitCode = 22;
