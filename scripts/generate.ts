/**
 * Makes src/document/generated/ from schemas/: the types (types.ts); the validators, compiled ahead of time for speed
 * (validators.js), and as data (schemas.small.js) for the checkpoint page, which has to be small (validators.small.js); and src/crypto/core/generated.ts, the
 * WebAssembly core, from its assembly. A test runs this again and compares, byte for byte.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import asc from 'assemblyscript/asc';
import { compile } from 'json-schema-to-typescript';
import { rolldown } from 'rolldown';

const root = new URL('../', import.meta.url);
const schemas = new URL('schemas/', root);

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
  for (const { schema } of files) ajv.addSchema(bare(schema) as object);
  const exported = files.filter((entry) => entry.file !== 'common.schema.json');
  const refs = Object.fromEntries(exported.map((entry) => [entry.validator, entry.file]));
  const code = (standalone as unknown as (ajv: Ajv2020, refs: Record<string, string>) => string)(ajv, refs);
  if (pure(code).includes('evaluated')) throw new Error('something needs what was evaluated, which is left out here');
  // ajv's ESM output still calls require() for its small run-time helpers: bundled, so nothing is loaded at run time.
  const folder = fileURLToPath(root);
  const entry = `${folder}validators.js`;
  const bundle = await rolldown({
    input: entry,
    cwd: folder,
    checks: { bundlerTimings: false },
    plugins: [
      {
        name: 'validators',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? importing(lean(quick(pure(code)))) : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  return `// Made from schemas/ by scripts/generate.ts. Do not edit.\n${output[0].code}`;
}

/**
 * Without what ajv writes on its functions for `unevaluatedProperties`, which no schema of ours uses: then nothing happens when the
 * module is loaded, and a page takes along only the validators that it calls.
 */
const pure = (code: string): string =>
  code
    .replaceAll(/validate\d+\.evaluated = \{(?:[^{}]|\{[^{}]*\})*\};/g, '')
    .replaceAll(
      /const (evaluated\d+) = validate\d+\.evaluated;if\(\1\.dynamicProps\)\{\1\.props = undefined;\}if\(\1\.dynamicItems\)\{\1\.items = undefined;\}/g,
      '',
    )
    .replaceAll(/evaluated\d+\.(?:props|items) = \w+;/g, '');

/** A schema without its prose: ajv keeps whole schemas for their lists of values. */
function bare(node: unknown, names = false): unknown {
  if (Array.isArray(node)) return node.map((each) => bare(each));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      // Below these stand names of members, not words of a schema.
      .filter(([key]) => names || (key !== 'description' && key !== 'title'))
      .map(([key, value]) => [key, key === 'const' || key === 'enum' ? value : bare(value, !names && NAMES.has(key))]),
  );
}
const NAMES: ReadonlySet<string> = new Set(['properties', '$defs', 'patternProperties', 'dependentRequired']);

/**
 * A text has no more characters than code units, and at least half as many. Code units are not counted one by one: so most texts are
 * known not to be too long or too short. Errors: Error if ajv writes that otherwise by now.
 */
function quick(code: string): string {
  const counted = /func\d+\((data\d*)\) ([<>]) (\d+)/g;
  if (code.match(counted) === null) throw new Error('ajv counts characters in other words than are known here');
  return code.replaceAll(counted, (count, data: string, sign: string, bound: string) =>
    sign === '>' ? `${data}.length > ${bound} && ${count}` : `${data}.length < ${2 * Number(bound)} && ${count}`,
  );
}

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const FAULT = new RegExp(
  String.raw`\{instancePath(?::([^{}]*?))?,schemaPath:${TEXT},keyword:(${TEXT}),params:(\{(?:[^{}"]|${TEXT})*\}),message:((?:${TEXT}|[+\w])+)(?:,propertyName:\w+)?\}`,
  'g',
);

/**
 * Where a value stands is handed on as a text alone, without the objects around it, which no keyword of ours asks for; and what is
 * wrong with it is said by calls, and without the place in the schema. That leaves two thirds of the code, and makes one object less for each
 * value that is looked at by a schema of its own. Errors: Error if ajv writes any of that otherwise by now.
 */
function lean(code: string): string {
  const called = code
    .replaceAll(
      '{instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}',
      'instancePath=""',
    )
    .replaceAll(
      /, \{instancePath(?::([^{}]*?))?,parentData[,:][^{}]*?rootData,dynamicAnchors\}\)/g,
      (_, at = 'instancePath') => `, ${at})`,
    )
    .replaceAll(FAULT, (_, at = 'instancePath', keyword: string, params: string, message: string) => {
      const [, type] = /^\{type: ("\w+")\}$/.exec(params) ?? [];
      if (type !== undefined && message === `"must be ${JSON.parse(type)}"`) return `ofType(${at}, ${type})`;
      const [, name] = /^\{missingProperty: (\w+)\}$/.exec(params) ?? [];
      if (name !== undefined && message === `"must have required property '"+${name}+"'"`)
        return `missing(${at}, ${name})`;
      const [, key] = /^\{additionalProperty: (\w+)\}$/.exec(params) ?? [];
      if (key !== undefined && message === '"must NOT have additional properties"') return `additional(${at}, ${key})`;
      return `fault(${at}, ${keyword}, ${params}, ${message})`;
    });
  if (/schemaPath|rootData|parentData|dynamicAnchors/.test(called))
    throw new Error('ajv writes calls or faults in other words');
  return `${called}
function fault(instancePath, keyword, params, message) { return { instancePath, keyword, params, message }; }
function ofType(at, type) { return fault(at, "type", { type }, "must be " + type); }
function missing(at, name) { return fault(at, "required", { missingProperty: name }, "must have required property '" + name + "'"); }
function additional(at, name) { return fault(at, "additionalProperties", { additionalProperty: name }, "must NOT have additional properties"); }
`;
}

function importing(code: string): string {
  const imports: string[] = [];
  const body = code.replaceAll(/require\("(ajv\/dist\/runtime\/[a-z0-9]+)"\)\.default/g, (_, name: string) => {
    imports.push(`import m${imports.length} from '${name}.js';`);
    return `m${imports.length - 1}`;
  });
  return `${imports.join('\n')}\n${body}`;
}

/** The same validators for the checkpoint page, as data that src/document/schema.ts reads: a tenth of the size. */
function small(): { readonly schemas: string; readonly validators: string; readonly declared: string } {
  const files = schemaFiles();
  const variable = (file: string): string => file.replace('.schema.json', '').replaceAll('-', '_');
  const referred = (file: string, seen = new Set([file])): Set<string> => {
    const text = JSON.stringify(files.find((each) => each.file === file)!.schema);
    for (const [, other] of text.matchAll(/"\$ref":"([^"#]+)/g))
      if (!seen.has(other!)) referred(other!, seen.add(other!));
    return seen;
  };
  const schemas = files.map(({ file, schema }) => {
    const { $id, $schema, ...own } = bare(schema) as Record<string, unknown>;
    return `export const ${variable(file)} = ${JSON.stringify(own)};`;
  });
  const validators = files
    .filter(({ file }) => file !== 'common.schema.json')
    .map(({ file, validator }) => {
      const needed = [...referred(file)].map((each) => `${JSON.stringify(each)}: ${variable(each)}`);
      return `export const ${validator} = /* @__PURE__ */ validatorOf(${variable(file)}, { ${needed.join(', ')} });`;
    });
  const made = (lines: readonly string[]): string =>
    `// Made from schemas/ by scripts/generate.ts. Do not edit.\n${lines.join('\n')}\n`;
  const names = files.map(({ file }) => variable(file)).join(', ');
  const imports = [`import { validatorOf } from '../schema.ts';`, `import { ${names} } from './schemas.small.js';`];
  const declared = [
    `import type { Schema } from '../schema.ts';`,
    ...files.map(({ file }) => `export const ${variable(file)}: Schema;`),
  ];
  return { schemas: made(schemas), validators: made([...imports, ...validators]), declared: made(declared) };
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

const CORE = new URL('src/crypto/core/', root);

/** The WebAssembly core, compiled; or what else is written on top of its assembly (bench/core-c.ts). */
export async function compiledCore(entry?: string): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      entry === undefined ? 'index.ts' : 'entry.ts',
      '--outFile',
      'core.wasm',
      '-O3',
      '--converge',
      '--runtime',
      'stub',
      '--noAssert',
      '--enable',
      'simd',
      '--baseDir',
      'assembly',
    ],
    {
      readFile: (name, baseDir) => {
        if (name === 'entry.ts' && entry !== undefined) return entry;
        const path = new URL(`${baseDir}/${name}`, CORE);
        return existsSync(path) ? readFileSync(path, 'utf8') : null;
      },
      writeFile: (_, content) => {
        binary = content as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error !== null) throw new Error(`the core cannot be built: ${stderr.toString()}`);
  return new Uint8Array(binary!);
}

/** As text, so that Node and a page load it alike. */
async function core(): Promise<string> {
  const text = Buffer.from(await compiledCore()).toString('base64');
  return `// Made from assembly/ by scripts/generate.ts. Do not edit.\nexport const WASM =\n  '${text}';\n`;
}

/** What is made, by its path from the project's root. */
export async function generate(): Promise<Record<string, string>> {
  const { schemas, validators: smallOnes, declared } = small();
  return {
    'src/document/generated/types.ts': await types(),
    'src/document/generated/validators.js': await validators(),
    'src/document/generated/validators.d.ts': declarations(),
    'src/document/generated/schemas.small.js': schemas,
    'src/document/generated/schemas.small.d.ts': declared,
    'src/document/generated/validators.small.js': smallOnes,
    'src/document/generated/validators.small.d.ts': "export * from './validators.js';\n",
    'src/crypto/core/generated.ts': await core(),
  };
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(await generate())) {
    const path = new URL(file, root);
    mkdirSync(new URL('.', path), { recursive: true });
    writeFileSync(path, text);
  }
}
