import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as compiled from '../../src/document/generated/validators.js';
import * as small from '../../src/document/generated/validators.small.js';
import { type Schema, validatorOf } from '../../src/document/schema.ts';
import { ROOT } from '../support/federation.ts';

type Validators = Readonly<Record<string, compiled.Validate>>;
const ajv = compiled as unknown as Validators;
const page = small as unknown as Validators;

/** The declarations that lie in the repository: at least one of every kind that a page reads. */
const DECLARED = readdirSync(`${ROOT}trust-store`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map((file): [string, unknown] => [file, JSON.parse(readFileSync(`${ROOT}trust-store/${file}`, 'utf8'))]);

/** ajv as it is, compiling the schemas here and now: the others are what is made of it. */
const folder = mkdtempSync(join(tmpdir(), 'tongren-ajv-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
execFileSync(process.execPath, [`${ROOT}test/document/ajv.child.ts`, join(folder, 'ajv.cjs')]);
const asItIs = createRequire(import.meta.url)(join(folder, 'ajv.cjs')) as Validators;
const ajvsOwn = (name: string): compiled.Validate =>
  asItIs[`of${name.replace('validate', '').replaceAll(/[A-Z]/g, (sign) => `_${sign.toLowerCase()}`)}_schema_json`]!;

/** What each says of a value, first of all or at all. */
function told(validate: compiled.Validate, value: unknown, most = 1): unknown {
  if (validate(value)) return validate.errors;
  return validate.errors!.slice(0, most).map(({ instancePath, keyword, message, params }) => ({
    instancePath,
    keyword,
    message,
    params,
  }));
}

const WRONG: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  1e9,
  '',
  'x',
  '\u0000',
  '😀'.repeat(400),
  true,
  [],
  [null, null],
  ['a', 'a'],
  {},
  { '~/': 1 },
];

/** Values one step from this one: a part left out, replaced or added. At most so many, spread over the whole. */
function* nearly(value: unknown, most: number): Generator<unknown> {
  const places: (readonly (string | number)[])[] = [];
  const walk = (node: unknown, at: readonly (string | number)[]): void => {
    places.push(at);
    if (typeof node !== 'object' || node === null) return;
    for (const [key, inner] of Object.entries(node)) walk(inner, [...at, Array.isArray(node) ? Number(key) : key]);
  };
  walk(value, []);
  const every = Math.max(1, Math.floor(places.length / most));
  for (const [i, place] of places.entries()) {
    if (i % every !== 0) continue;
    for (const wrong of WRONG) yield replaced(value, place, wrong);
    yield replaced(value, place, undefined);
    yield replaced(value, [...place, 'another'], 1);
    yield replaced(value, [...place, 1], 1);
  }
}

function replaced(value: unknown, place: readonly (string | number)[], by: unknown): unknown {
  const [step, ...rest] = place;
  if (step === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const inner = replaced(copy[step], rest, by);
  if (inner === undefined) delete copy[step];
  else copy[step] = inner;
  return copy;
}

describe('validators', () => {
  it.each(Object.keys(ajv).sort())('%s says all that ajv says', (name) => {
    const [one, other] = [ajvsOwn(name), ajv[name]!];
    const values = [undefined, ...WRONG, ...DECLARED.map(([, value]) => value)];
    for (const [, value] of DECLARED.filter(([, value]) => one(value)).slice(0, 8)) values.push(...nearly(value, 60));
    for (const value of values) {
      const wanted = told(one, value, Infinity);
      const found = told(other, value, Infinity);
      if (JSON.stringify(found) !== JSON.stringify(wanted)) expect([value, found]).toEqual([value, wanted]);
    }
  });
});

describe('validators of the page', () => {
  it('are there for every schema', () => {
    expect(Object.keys(page).sort()).toEqual(Object.keys(ajv).sort());
  });

  it.each(Object.keys(ajv).sort())('%s says the same first as the one that ajv compiled', (name) => {
    const [one, other] = [ajv[name]!, page[name]!];
    const fitting = DECLARED.filter(([, value]) => one(value)).slice(0, 8);
    for (const [file, value] of DECLARED) expect([file, told(other, value)]).toEqual([file, told(one, value)]);
    for (const value of [undefined, ...WRONG]) expect(told(other, value)).toEqual(told(one, value));
    for (const [file, value] of fitting)
      for (const near of nearly(value, 60)) {
        const wanted = told(one, near);
        const found = told(other, near);
        if (JSON.stringify(found) !== JSON.stringify(wanted)) expect([file, near, found]).toEqual([file, near, wanted]);
      }
  });
});

describe('a schema', () => {
  const files: Readonly<Record<string, Schema>> = {};

  it('with a keyword that nobody here knows is refused, not passed over', () => {
    expect(() => validatorOf({ multipleOf: 2 }, files)(3)).toThrow('multipleOf');
  });

  it('may refer to itself', () => {
    const tree: Schema = { type: 'array', items: { $ref: '#' } };
    const validate = validatorOf(tree, files);
    expect(validate([[], [[]]])).toBe(true);
    expect(validate([[], [0]])).toBe(false);
    expect(validate.errors?.[0]?.instancePath).toBe('/1/0');
  });
});
