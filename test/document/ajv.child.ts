import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Writes the validators of schemas/ as ajv itself compiles them, as a CommonJS module. In: its path. Tests may not compile code. */
const [target] = process.argv.slice(2) as [string];
const ajv = new Ajv2020({ strictRequired: false, allowUnionTypes: true, code: { source: true } });
const files = readdirSync(`${ROOT}schemas`).filter((name) => name.endsWith('.json'));
for (const file of files) ajv.addSchema(JSON.parse(readFileSync(`${ROOT}schemas/${file}`, 'utf8')));
const named = Object.fromEntries(files.map((file) => [`of_${file.replace(/\W/g, '_')}`, file]));
const code = (standalone as unknown as (ajv: Ajv2020, refs: Record<string, string>) => string)(ajv, named);
writeFileSync(target, code.replaceAll('require("ajv/', `require("${ROOT}node_modules/ajv/`));
