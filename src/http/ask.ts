import { decodeBase64 } from '../codec/base64url.ts';
import { parseJson } from '../codec/json.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import type { Ask2 as Ask, Verdict } from '../document/generated/types.ts';
import { type SchemaError, validateAsk } from '../document/generated/validators.js';
import type { Presented } from '../format/open.ts';
import { present } from '../intake.ts';
import { journey } from '../journey.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { boundedPictures, type Gateway, standpoints } from './gateway.ts';
import type { HttpLimits } from './limits.ts';
import { Problem } from './problems.ts';

/** For whom, for what and when. */
type Named = Pick<Ask, 'for' | 'purpose' | 'at'>;

/** An Ask, or a raw body in the place of its document. */
export type Asked = Ask | (Named & { readonly raw: Uint8Array });

/** An Ask has two levels and ten values; whoever sends more wants something else. */
const ASK_JSON = { depth: 8, items: 100 };

/** One Ask from JSON. Errors: Problem `invalid-json`, `invalid-ask`, `too-large` for a text or file beyond the schema's length. */
export function readAsk(bytes: Uint8Array): Ask {
  let value: unknown;
  try {
    value = parseJson(decodeUtf8(bytes), ASK_JSON);
  } catch (error) {
    if (error instanceof Broken) throw new Problem('invalid-json', error.message);
    throw error;
  }
  if (!validateAsk(value)) throw notAnAsk(value, validateAsk.errors?.[0]);
  const ask = value as Ask;
  if (noMoment(ask.at)) throw new Problem('invalid-ask', NO_MOMENT, { at: '/at' });
  return ask;
}

const NO_MOMENT = 'not a moment of the calendar';
/** The schema's pattern lets the 45th of a month through, and Date makes the 30th of February the 2nd of March. */
function noMoment(at: string | undefined): boolean {
  if (at === undefined) return false;
  const ms = Date.parse(at);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== at.slice(0, 10);
}

const CONTENTS = ['text', 'bytes', 'reference'];

function notAnAsk(value: unknown, error: SchemaError | undefined): Problem {
  const at = error?.instancePath ?? '';
  const limit = Number(error?.params['limit']);
  if (error?.keyword === 'maxLength' && (at === '/text' || at === '/bytes')) {
    return new Problem('too-large', 'longer than ask.schema.json allows, in characters', { at, limit });
  }
  if (typeof value !== 'object' || value === null) return new Problem('invalid-ask', 'an object is expected');
  const given = CONTENTS.filter((name) => Object.hasOwn(value, name));
  if (given.length !== 1) return new Problem('invalid-ask', 'exactly one of these is expected', { allowed: CONTENTS });
  // ajv's sentences are about the schema; they hold no value and no name from the body.
  return new Problem('invalid-ask', error?.message ?? 'does not fit ask.schema.json', { at });
}

/** `for`, `purpose` and `at` from a query, by the schema's own rules. Errors: Problem `invalid-query`. */
export function askOfQuery(query: ReadonlyMap<string, string>): Named {
  const named: Named = Object.fromEntries(query);
  if (!validateAsk({ ...named, text: '' })) {
    const [error] = validateAsk.errors ?? [];
    throw new Problem('invalid-query', error?.message ?? 'does not fit', { at: error?.instancePath.slice(1) ?? '' });
  }
  if (noMoment(named.at)) throw new Problem('invalid-query', NO_MOMENT, { at: 'at' });
  return named;
}

/** From an Ask to its verdict. A promise where a picture may have to be read. */
export type Judge = (asked: Asked) => Verdict | Promise<Verdict>;

/**
 * Makes the one way from an Ask to a verdict, for single documents and batches alike. It answers at once unless there is
 * a picture to be read. Errors: Problem for a region, purpose or clock that cannot be had, and for base64 that is none.
 */
export function createJudge(gateway: Gateway, limits: HttpLimits): Judge {
  const standpointOf = standpoints(gateway);
  const pictures = boundedPictures(gateway, limits.pictures);
  return (asked) => {
    const region = asked.for ?? gateway.defaults.region;
    const standpoint = standpointOf(region);
    if (standpoint === undefined) {
      const allowed = [...gateway.federation().regions.keys()];
      throw new Problem('unknown-region', `there is no region ${region} in this federation`, { at: 'for', allowed });
    }
    const purpose = asked.purpose ?? gateway.defaults.purpose;
    if (!standpoint.purposes.has(purpose)) {
      throw new Problem('unknown-purpose', `there is no purpose "${purpose}" in the catalogue`, {
        at: 'purpose',
        allowed: [...standpoint.purposes.keys()],
      });
    }
    const question = { purpose, ...(asked.at === undefined ? {} : { at: clockOf(asked.at, standpoint) }) };
    const presented = presentedIn(asked);
    if (!('bytes' in presented)) return journey(presented, standpoint, question).verdict;
    return present(presented.bytes, pictures).then((ready) => journey(ready, standpoint, question).verdict);
  };
}

/** Whoever may state the time may bring an expired document back to life: for learning and tests only. */
function clockOf(at: string, standpoint: Standpoint): number {
  if (standpoint.environment === 'production')
    throw new Problem('stated-clock', '"at" is refused in production', { at: 'at' });
  return Date.parse(at);
}

function presentedIn(asked: Asked): Presented {
  if ('raw' in asked) return { bytes: asked.raw };
  if (asked.reference !== undefined) return { reference: asked.reference };
  if (asked.text !== undefined) return { text: asked.text };
  try {
    return { bytes: decodeBase64(asked.bytes!) };
  } catch (error) {
    if (error instanceof Broken)
      throw new Problem('invalid-ask', `not base64 (RFC 4648 §4): ${error.message}`, { at: '/bytes' });
    throw error;
  }
}
