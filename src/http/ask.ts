import { parseJson } from '../codec/json.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import type {
  Ask2 as Ask,
  ChallengeAsk,
  ConvertAsk2 as ConvertAsk,
  GroupAsk,
  RecordAsk,
} from '../document/generated/types.ts';
import {
  type SchemaError,
  type Validate,
  validateAsk,
  validateChallengeAsk,
  validateConvertAsk,
  validateGroupAsk,
} from '../document/generated/validators.js';
import { exists } from '../document/time.ts';
import { objectAt } from './members.ts';
import { nameToSay, Problem } from './problems.ts';

export type { Ask, ConvertAsk, GroupAsk };

/** For whom, for what and when, and how it was shown. */
export type Named = Pick<Ask, 'for' | 'purpose' | 'at' | 'asOf' | 'medium' | 'challenge' | 'use'>;

/** An Ask, or a raw body in the place of its document. */
export type Asked = Ask | (Named & { readonly raw: Uint8Array; readonly record?: undefined });

/** What is asked has few levels and values; whoever sends more wants something else. */
const ASK_JSON = { depth: 8, items: 100 };
/** A group is up to twenty of them. */
const GROUP_JSON = { depth: 8, items: 500 };

interface Form {
  readonly schema: string;
  readonly validate: Validate;
  /** Of these, one must be there. */
  readonly contents: readonly string[];
}

const ASK: Form = { schema: 'ask.schema.json', validate: validateAsk, contents: ['text', 'bytes', 'reference'] };
const CONVERT_ASK: Form = {
  schema: 'convert-ask.schema.json',
  validate: validateConvertAsk,
  contents: ['text', 'bytes'],
};

/** One Ask from JSON. Errors: Problem `invalid-json`, `invalid-ask`, `too-large` for a text or file beyond the schema's length. */
export const readAsk = (bytes: Uint8Array): Ask => readForm(bytes, ASK) as Ask;

/** The same for what is to be converted. */
export const readConvertAsk = (bytes: Uint8Array): ConvertAsk => readForm(bytes, CONVERT_ASK) as ConvertAsk;

/** The documents of one case. Errors: as above, and Problem `too-many-members`. */
export function readGroupAsk(bytes: Uint8Array): GroupAsk {
  const value = readJson(bytes, GROUP_JSON);
  if (!validateGroupAsk(value)) throw unfitGroup(validateGroupAsk.errors?.[0]);
  const ask = value as GroupAsk;
  if (noMoment(ask.at)) throw new Problem('invalid-ask', NO_MOMENT, { at: '/at' });
  return ask;
}

function unfitGroup(error: SchemaError | undefined): Problem {
  const at = error?.instancePath ?? '';
  const limit = Number(error?.params['limit']);
  if (error?.keyword === 'maxItems' && at === '/members')
    return new Problem('too-many-members', `a group has at most ${limit} documents`, { at, limit });
  if (error?.keyword === 'maxLength' && /^\/members\/\d+\/(text|bytes|beside)$/.test(at))
    return new Problem('too-large', 'longer than group-ask.schema.json allows, in characters', { at, limit });
  return unfitting('invalid-ask', error, 'group-ask.schema.json');
}

/** What a challenge is asked for. Errors: as above. */
export function readChallengeAsk(bytes: Uint8Array): ChallengeAsk {
  const value = readJson(bytes);
  if (validateChallengeAsk(value)) return value as ChallengeAsk;
  const [error] = validateChallengeAsk.errors ?? [];
  throw unfitting('invalid-ask', error, 'challenge-ask.schema.json');
}

/** A JSON body. Errors: Problem `invalid-json`. */
export function readJson(bytes: Uint8Array, limits: { depth: number; items: number } = ASK_JSON): unknown {
  try {
    return parseJson(decodeUtf8(bytes), limits);
  } catch (error) {
    if (error instanceof Broken) throw new Problem('invalid-json', error.message);
    throw error;
  }
}

function readForm(bytes: Uint8Array, form: Form): Ask | ConvertAsk {
  const value = readJson(bytes);
  if (!form.validate(value)) throw unfit(value, form);
  const ask = value as Ask | ConvertAsk;
  if (noMoment(ask.at)) throw new Problem('invalid-ask', NO_MOMENT, { at: '/at' });
  return ask;
}

const ONE_OF = 'exactly one of these is expected';
const NO_MOMENT = 'not a moment of the calendar';
const noMoment = (at: string | undefined): boolean => at !== undefined && !exists(at);

function unfit(value: unknown, { schema, validate, contents }: Form): Problem {
  const error = validate.errors?.[0];
  const at = error?.instancePath ?? '';
  const limit = Number(error?.params['limit']);
  if (error?.keyword === 'maxLength' && (at === '/text' || at === '/bytes' || at === '/beside')) {
    return new Problem('too-large', `longer than ${schema} allows, in characters`, { at, limit });
  }
  if (typeof value !== 'object' || value === null) return new Problem('invalid-ask', 'an object is expected');
  const given = contents.filter((name) => Object.hasOwn(value, name));
  if (given.length !== 1) return new Problem('invalid-ask', ONE_OF, { allowed: contents });
  return unfitting('invalid-ask', error, schema);
}

/**
 * What does not fit a schema, in words that hold no value of what was sent: a member that is none is named, with those there are; and
 * so are the words that would fit, where the schema lists them.
 */
export function unfitting(
  code: 'invalid-ask' | 'invalid-query' | 'invalid-header',
  error: SchemaError | undefined,
  schema: string,
  at = error?.instancePath ?? '',
): Problem {
  const { keyword, params = {}, message = `does not fit ${schema}` } = error ?? {};
  const { allowedValues, additionalProperty, missingProperty } = params as {
    allowedValues?: readonly string[];
    additionalProperty?: string;
    missingProperty?: string;
  };
  if (keyword === 'additionalProperties') {
    const name = nameToSay(additionalProperty!);
    const { members: allowed } = objectAt(schema, at);
    return name === undefined
      ? new Problem(code, 'a member has a name that is none of those allowed here', { at, allowed })
      : new Problem(code, `there is no member "${name}" here`, { at: `${at}/${name}`, allowed });
  }
  if (keyword === 'oneOf' || keyword === 'required') {
    const { oneOf } = objectAt(schema, at);
    if (missingProperty === undefined ? oneOf.length > 0 : oneOf.includes(missingProperty))
      return new Problem(code, ONE_OF, { at, allowed: oneOf });
  }
  return new Problem(code, message, { at, ...(allowedValues === undefined ? {} : { allowed: allowedValues }) });
}

/** What stands in a query, by the schema's own rules. Errors: Problem `invalid-query`. */
export function askOfQuery(query: ReadonlyMap<string, string>): Named {
  const named = Object.fromEntries(query) as Named;
  const error = faultOf({ ...named, text: '' });
  if (error !== undefined) throw unfitting('invalid-query', error, ASK.schema, error.instancePath.slice(1));
  if (noMoment(named.at)) throw new Problem('invalid-query', NO_MOMENT, { at: 'at' });
  return named;
}

/** What does not fit in who asks for a record, by the same schema. */
export const faultOfRecord = (record: RecordAsk): SchemaError | undefined => faultOf({ text: '', record });

const faultOf = (ask: Ask): SchemaError | undefined => (validateAsk(ask) ? undefined : validateAsk.errors?.[0]);
