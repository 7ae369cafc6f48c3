import type { SchemaError, Validate } from './generated/validators.js';

/**
 * Validates by a JSON Schema (2020-12) that stays data: for the checkpoint page, where the validators that ajv writes would be most of
 * what is loaded. It knows the keywords that schemas/ uses and no others, and says of what does not fit the same thing first as ajv
 * does, which test/document/schema.test.ts compares. In: the schema, and all that it refers to, by file.
 */
export function validatorOf(schema: Schema, files: Readonly<Record<string, Schema>>): Validate {
  let check: Check | undefined;
  const validate: Validate = (data) => {
    check ??= compiler(files)(schema, schema);
    const error = check(data, '');
    validate.errors = error === undefined ? null : [error];
    return error === undefined;
  };
  return validate;
}

/** A schema as it lies in schemas/; values of keywords are theirs to know. */
// biome-ignore lint/suspicious/noExplicitAny: a schema is whatever its keywords say
export type Schema = Readonly<Record<string, any>>;
type Check = (data: unknown, at: string) => SchemaError | undefined;
/** In: a schema, or where it is referred to. */
type Compile = (schema: Schema | false | string, root: Schema) => Check;
// biome-ignore lint/suspicious/noExplicitAny: as above
type Keyword = (value: any, schema: Schema, compile: (schema: Schema | false | string) => Check) => Check;

type Params = SchemaError['params'];
const wrong = (instancePath: string, keyword: string, message: string, params: Params): SchemaError => ({
  instancePath,
  keyword,
  params,
  message,
});

const isObject = (data: unknown): data is Record<string, unknown> =>
  typeof data === 'object' && data !== null && !Array.isArray(data);
const isNumber = (data: unknown): data is number => typeof data === 'number' && Number.isFinite(data);

const TYPES: Readonly<Record<string, (data: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (data) => typeof data === 'string',
  boolean: (data) => typeof data === 'boolean',
  null: (data) => data === null,
  number: isNumber,
  integer: (data) => isNumber(data) && data % 1 === 0,
};

/** As ajv counts: code points, a surrogate without its partner as one. */
const charactersIn = (text: string): number =>
  text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);

/** A limit of a size: keyword, the size, what is counted. */
const limit =
  <T>(keyword: string, is: (data: unknown) => boolean, size: (data: T) => number, of: string): Keyword =>
  (most: number) => {
    const max = keyword.startsWith('max');
    const message =
      of === '' ? `must be ${max ? '<=' : '>='} ${most}` : `must NOT have ${max ? 'more' : 'fewer'} than ${most} ${of}`;
    const params = of === '' ? { comparison: max ? '<=' : '>=', limit: most } : { limit: most };
    return (data, at) => {
      if (!is(data)) return undefined;
      const found = size(data as T);
      return (max ? found > most : found < most) ? wrong(at, keyword, message, params) : undefined;
    };
  };

const limits = <T>(
  what: string,
  is: (data: unknown) => boolean,
  size: (data: T) => number,
  of: string,
): [string, Keyword][] => ['max', 'min'].map((end) => [end + what, limit(end + what, is, size, of)]);

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Every keyword, by the type it is about, in the order in which ajv asks them. */
const GROUPS: readonly { readonly type?: string; readonly keywords: ReadonlyMap<string, Keyword> }[] = [
  {
    keywords: new Map<string, Keyword>([
      ['$ref', (ref: string, _, compile) => compile(ref)],
      [
        'const',
        (allowedValue) => (data, at) =>
          data === allowedValue ? undefined : wrong(at, 'const', 'must be equal to constant', { allowedValue }),
      ],
      [
        'enum',
        (allowedValues: readonly unknown[]) => (data, at) =>
          allowedValues.includes(data)
            ? undefined
            : wrong(at, 'enum', 'must be equal to one of the allowed values', { allowedValues }),
      ],
      [
        'not',
        (inner, _, compile) => {
          const check = compile(inner);
          return (data, at) => (check(data, at) === undefined ? wrong(at, 'not', 'must NOT be valid', {}) : undefined);
        },
      ],
      [
        'anyOf',
        (inner: readonly Schema[], _, compile) => {
          const checks = inner.map(compile);
          return (data, at) => {
            let first: SchemaError | undefined;
            for (const check of checks) {
              const error = check(data, at);
              if (error === undefined) return undefined;
              first ??= error;
            }
            return first;
          };
        },
      ],
      [
        'oneOf',
        (inner: readonly Schema[], _, compile) => {
          const checks = inner.map(compile);
          return (data, at) => {
            const errors = checks.map((check) => check(data, at));
            const passingSchemas = errors.flatMap((error, i) => (error === undefined ? [i] : [])).slice(0, 2);
            if (passingSchemas.length === 1) return undefined;
            return (
              errors.slice(0, passingSchemas[1]).find(Boolean) ??
              wrong(at, 'oneOf', 'must match exactly one schema in oneOf', { passingSchemas })
            );
          };
        },
      ],
      [
        'if',
        (condition, { then }, compile) => {
          const asks = compile(condition);
          const check = compile(then);
          return (data, at) => (asks(data, at) === undefined ? check(data, at) : undefined);
        },
      ],
    ]),
  },
  { type: 'number', keywords: new Map(limits<number>('imum', isNumber, (data) => data, '')) },
  {
    type: 'string',
    keywords: new Map<string, Keyword>([
      ...limits('Length', TYPES['string']!, charactersIn, 'characters'),
      [
        'pattern',
        (pattern: string) => {
          const expression = new RegExp(pattern, 'u');
          return (data, at) =>
            typeof data === 'string' && !expression.test(data)
              ? wrong(at, 'pattern', `must match pattern "${pattern}"`, { pattern })
              : undefined;
        },
      ],
    ]),
  },
  {
    type: 'array',
    keywords: new Map<string, Keyword>([
      ...limits<readonly unknown[]>('Items', Array.isArray, (data) => data.length, 'items'),
      [
        'items',
        (inner, _, compile) => {
          const check = compile(inner);
          return (data, at) => {
            if (!Array.isArray(data)) return undefined;
            for (let i = 0; i < data.length; i++) {
              const error = check(data[i], `${at}/${i}`);
              if (error !== undefined) return error;
            }
            return undefined;
          };
        },
      ],
      [
        // Behind `items`, and of scalars alone: which of them is named depends on whether their type stands right here.
        'uniqueItems',
        (_, { items }) =>
          (data, at) => {
            if (!Array.isArray(data)) return undefined;
            for (let i = data.length; i-- > 0; ) {
              const j =
                items.type !== undefined
                  ? data.indexOf(data[i], i + 1)
                  : i === 0
                    ? -1
                    : data.lastIndexOf(data[i], i - 1);
              if (j < 0) continue;
              return wrong(at, 'uniqueItems', `must NOT have duplicate items (items ## ${j} and ${i} are identical)`, {
                i,
                j,
              });
            }
            return undefined;
          },
      ],
    ]),
  },
  {
    type: 'object',
    keywords: new Map<string, Keyword>([
      ...limits<object>('Properties', isObject, (data) => Object.keys(data).length, 'properties'),
      [
        'required',
        (names: readonly string[]) => (data, at) => {
          const missingProperty = isObject(data) ? names.find((name) => data[name] === undefined) : undefined;
          return missingProperty === undefined
            ? undefined
            : wrong(at, 'required', `must have required property '${missingProperty}'`, { missingProperty });
        },
      ],
      [
        'propertyNames',
        (inner, _, compile) => {
          const check = compile(inner);
          return (data, at) => {
            if (!isObject(data)) return undefined;
            for (const name in data) {
              const error = check(name, at);
              if (error !== undefined) return error;
            }
            return undefined;
          };
        },
      ],
      [
        'additionalProperties',
        (inner: Schema | false, { properties = {} }, compile) => {
          const known = new Set(Object.keys(properties));
          const check = inner === false ? undefined : compile(inner);
          return (data, at) => {
            if (!isObject(data)) return undefined;
            for (const name in data) {
              if (known.has(name)) continue;
              if (check === undefined)
                return wrong(at, 'additionalProperties', 'must NOT have additional properties', {
                  additionalProperty: name,
                });
              const error = check(data[name], `${at}/${escaped(name)}`);
              if (error !== undefined) return error;
            }
            return undefined;
          };
        },
      ],
      [
        'properties',
        (inner: Record<string, Schema>, _, compile) => {
          const checks = Object.entries(inner).map(
            ([name, schema]) => [name, `/${escaped(name)}`, compile(schema)] as const,
          );
          return (data, at) => {
            if (!isObject(data)) return undefined;
            for (const [name, step, check] of checks) {
              const value = data[name];
              const error = value === undefined ? undefined : check(value, at + step);
              if (error !== undefined) return error;
            }
            return undefined;
          };
        },
      ],
      [
        'dependentRequired',
        (needs: Record<string, readonly string[]>) => (data, at) => {
          if (!isObject(data)) return undefined;
          for (const [property, deps] of Object.entries(needs)) {
            const missing = data[property] === undefined ? undefined : deps.find((name) => data[name] === undefined);
            if (missing === undefined) continue;
            const [names, word] = [deps.join(', '), deps.length === 1 ? 'property' : 'properties'];
            return wrong(at, 'dependentRequired', `must have ${word} ${names} when property ${property} is present`, {
              property,
              missingProperty: missing,
              depsCount: deps.length,
              deps: names,
            });
          }
          return undefined;
        },
      ],
    ]),
  },
];

/** Words that say nothing of what fits, or that another keyword reads. */
const SILENT: ReadonlySet<string> = new Set(['$schema', '$id', '$defs', 'type', 'then', 'title', 'description']);
const KNOWN: ReadonlySet<string> = new Set([...SILENT, ...GROUPS.flatMap(({ keywords }) => [...keywords.keys()])]);

/** Checks are made once for each schema that is referred to, and when it is first asked: schemas may refer to themselves. */
function compiler(files: Readonly<Record<string, Schema>>): Compile {
  const made = new Map<Schema, Check>();
  const referred = (ref: string, root: Schema): Check => {
    const [file = '', word] = ref.split('#/$defs/');
    const home = file === '' || file === '#' ? root : files[file]!;
    const schema = word === undefined ? home : home['$defs'][word];
    return (data, at) => {
      let check = made.get(schema);
      if (check === undefined) {
        check = compile(schema, home);
        made.set(schema, check);
      }
      return check(data, at);
    };
  };
  const compile: Compile = (schema, root) => {
    if (typeof schema === 'string') return referred(schema, root);
    if (schema === false) return (_, at) => wrong(at, 'false schema', 'boolean schema is false', {});
    const unknown = Object.keys(schema).find((keyword) => !KNOWN.has(keyword));
    if (unknown !== undefined) throw new Error(`schemas here have no keyword ${unknown}`);
    const checks: Check[] = [];
    const types: readonly string[] = schema['type'] === undefined ? [] : [schema['type']].flat();
    const is = types.map((type) => TYPES[type]!);
    const type: Check = (data, at) =>
      is.some((fits) => fits(data))
        ? undefined
        : wrong(at, 'type', `must be ${types.join(',')}`, { type: schema['type'] });
    const here = GROUPS.filter(({ keywords }) => [...keywords.keys()].some((keyword) => schema[keyword] !== undefined));
    const later = types.length === 1 && here.some((group) => group.type === types[0]);
    if (types.length > 0 && !later) checks.push(type);
    for (const group of here) {
      if (later && group.type === types[0]) checks.push(type);
      for (const [keyword, make] of group.keywords) {
        if (schema[keyword] === undefined) continue;
        checks.push(make(schema[keyword], schema, (inner) => compile(inner, root)));
      }
    }
    if (checks.length === 1) return checks[0]!;
    return (data, at) => {
      for (const check of checks) {
        const error = check(data, at);
        if (error !== undefined) return error;
      }
      return undefined;
    };
  };
  return compile;
}
