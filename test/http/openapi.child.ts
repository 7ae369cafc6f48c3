/** Checks values against schemas of openapi.yaml. In: [{ pointer, value }] as JSON on standard input. Out: a list of faults. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
// As a client resolves the references: relative to where it found the description.
const BASE = 'http://gateway/';

const ajv = new Ajv2020({ strict: false, allErrors: false });
for (const file of readdirSync(new URL('schemas/', root))) {
  const schema = JSON.parse(readFileSync(new URL(`schemas/${file}`, root), 'utf8'));
  ajv.addSchema({ ...schema, $id: `${BASE}schemas/${file}` });
}
ajv.addSchema({ $id: `${BASE}openapi.yaml`, ...parse(readFileSync(new URL('openapi.yaml', root), 'utf8')) });

const faults: string[] = [];
for (const { pointer, value } of JSON.parse(readFileSync(0, 'utf8')) as { pointer: string; value: unknown }[]) {
  try {
    const fragment = pointer.split('/').map(encodeURIComponent).join('/');
    const validate = ajv.getSchema(`${BASE}openapi.yaml#${fragment}`);
    if (validate === undefined) faults.push(`${pointer}: there is no such schema`);
    else if (!validate(value))
      faults.push(`${pointer}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value).slice(0, 500)}`);
  } catch (error) {
    faults.push(`${pointer}: ${(error as Error).message}`);
  }
}
process.stdout.write(JSON.stringify(faults));
