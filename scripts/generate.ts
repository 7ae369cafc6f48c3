/**
 * Makes src/document/generated/ from schemas/: the types (types.ts) and the validators (validators.js), compiled ahead
 * of time because the checkpoint page's content policy forbids code from strings. A test runs this again and compares.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { compile } from 'json-schema-to-typescript';
import { rolldown } from 'rolldown';

const root = new URL('../', import.meta.url);
const schemas = new URL('schemas/', root);
const target = new URL('src/document/generated/', root);

/** Every schema file with the name its validator gets: document.schema.json → validateDocument. */
function schemaFiles(): { file: string; validator: string; schema: Record<string, unknown> }[] {
  return readdirSync(schemas)
    .filter((file) => file.endsWith('.schema.json'))
    .sort()
    .map((file) => {
      const words = file.replace('.schema.json', '').split('-');
      const validator = `validate${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}`;
      return { file, validator, schema: JSON.parse(readFileSync(new URL(file, schemas), 'utf8')) };
    });
}

/** All schemas as definitions of one, so that a word that many use becomes one type. */
async function types(): Promise<string> {
  const defs: Record<string, unknown> = {};
  for (const { file, schema } of schemaFiles()) {
    const { $defs, ...own } = schema as { $defs?: Record<string, unknown> };
    const name = file.replace('.schema.json', '');
    for (const [word, def] of Object.entries($defs ?? {})) defs[`${name}.${word}`] = local(def, name);
    if (file !== 'common.schema.json') defs[name] = local(own, name);
  }
  const properties = Object.fromEntries(Object.keys(defs).map((name) => [name, { $ref: `#/$defs/${name}` }]));
  const index = { title: 'Schemas', type: 'object', additionalProperties: false, properties, $defs: defs };
  return compile(index as never, 'Schemas', {
    bannerComment: '// Made from schemas/ by scripts/generate.ts. Do not edit.',
    format: false,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: false,
  });
}

/** Rewrites references to point into the one schema, and drops what stands beside them (it would make a second type). */
function local(node: unknown, file: string): unknown {
  if (Array.isArray(node)) return node.map((item) => local(item, file));
  if (typeof node !== 'object' || node === null) return node;
  const ref = (node as { $ref?: string }).$ref;
  if (ref === undefined) {
    const entries = Object.entries(node).filter(([key]) => key !== '$id' && key !== '$schema');
    return Object.fromEntries(entries.map(([key, value]) => [key, local(value, file)]));
  }
  const [path, word] = ref.split('#/$defs/');
  const name = path === '' ? file : path!.replace('.schema.json', '');
  return { $ref: `#/$defs/${word === undefined ? name : `${name}.${word}`}` };
}

async function validators(): Promise<string> {
  const files = schemaFiles();
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    inlineRefs: false,
    code: { source: true, esm: true },
  });
  for (const { schema } of files) ajv.addSchema(schema);
  const exported = files.filter((entry) => entry.file !== 'common.schema.json');
  const refs = Object.fromEntries(exported.map((entry) => [entry.validator, entry.file]));
  const code = (standalone as unknown as (ajv: Ajv2020, refs: Record<string, string>) => string)(ajv, refs);
  // ajv's ESM output still calls require() for its small run-time helpers: bundled, so nothing is loaded at run time.
  const folder = fileURLToPath(root);
  const entry = `${folder}validators.js`;
  const bundle = await rolldown({
    input: entry,
    cwd: folder,
    plugins: [
      {
        name: 'validators',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? importing(code) : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  return `// Made from schemas/ by scripts/generate.ts. Do not edit.\n${output[0].code}`;
}

function importing(code: string): string {
  const imports: string[] = [];
  const body = code.replaceAll(/require\("(ajv\/dist\/runtime\/[a-z0-9]+)"\)\.default/g, (_, name: string) => {
    imports.push(`import m${imports.length} from '${name}.js';`);
    return `m${imports.length - 1}`;
  });
  return `${imports.join('\n')}\n${body}`;
}

function declarations(): string {
  const lines = schemaFiles()
    .filter((entry) => entry.file !== 'common.schema.json')
    .map((entry) => `export const ${entry.validator}: Validate;`);
  return `// Made from schemas/ by scripts/generate.ts. Do not edit.
/** One thing that does not fit: where (instancePath, a JSON Pointer), which keyword, and ajv's words for it. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Record<string, unknown>;
}
export interface Validate {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}
${lines.join('\n')}
`;
}

export async function generate(): Promise<Record<string, string>> {
  return { 'types.ts': await types(), 'validators.js': await validators(), 'validators.d.ts': declarations() };
}

if (import.meta.main) {
  const { mkdirSync } = await import('node:fs');
  mkdirSync(target, { recursive: true });
  for (const [file, text] of Object.entries(await generate())) writeFileSync(new URL(file, target), text);
}
