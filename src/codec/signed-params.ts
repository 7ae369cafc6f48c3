import { Broken } from '../document/broken.ts';
import { pointerOf, setAt, stepsOf } from '../document/pointer.ts';
import { ENCODINGS } from './encodings.ts';
import { paramsOptions } from './envelope-options.ts';
import { parseJson, writeJson } from './json.ts';
import type { Limits } from './limits.ts';
import type { EnvelopeOptions, EnvelopeSigner, Sealed } from './proof.ts';
import { derFromRaw, rawFromDer } from './signature.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { emptyObject, isObject, type Value, type ValueObject } from './value.ts';

/**
 * A JSON answer of an open platform (开放平台): its members as `name=value` in the order of their names, joined by `&`, are
 * signed, and the signature is one more member. Empty members are left out. How members of members are named was not
 * found published: here by the way to them, with dots (`data.code=…`).
 *
 * `name=value&…` says nothing of types and quotes nothing. So that two different objects never have one signed text, names
 * are letters, digits and `_`, values hold no `&`, lists are refused, and what is read on is made from the signed text:
 * all values are texts, and what was left out is not there.
 */

/** The one algorithm that the declaration allows. */
const DECLARED = 'declared';
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,60}$/;
const PART = 'signed-params';
const broken = (detail: string): Broken => new Broken(PART, detail);

/**
 * Opens it. Out: the proof over the signed text, and as payload the object that this text says.
 *
 * @throws Broken part `signed-params`, `json` or `signature`: MALFORMED, or LIMIT_EXCEEDED
 */
export function openSignedParams(input: string | Uint8Array, limits: Limits, options: EnvelopeOptions): Sealed {
  const { signature: place, encoding, bare } = paramsOptions(options);
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text.length > limits.input) throw new Broken('input', 'longer than the format allows', 'LIMIT_EXCEEDED');
  const whole = parseJson(text, limits);
  if (!isObject(whole)) throw broken('not an object');
  const [member] = stepsOf(place);
  const { [member!]: written, ...signed } = whole as ValueObject;
  if (typeof written !== 'string') throw broken(`no text at ${place}`);
  const bytes = ENCODINGS[encoding]!.decode(written);
  const signature = bare.form === 'der' ? rawFromDer(bytes, bare.bytes / 2) : bytes;
  if (signature?.length !== bare.bytes)
    throw new Broken('signature', `not a signature of ${bare.bytes} bytes (${bare.form})`);
  const params = paramsOf(signed);
  return {
    proof: { algorithm: DECLARED, signed: encodeUtf8(textOf(params)), signature, keyIds: [] },
    payload: encodeUtf8(writeJson(objectOf(params))),
    header: {},
  };
}

type Params = readonly (readonly [path: readonly string[], value: string])[];

/** All members that are not empty, with the way to each. */
function paramsOf(object: ValueObject, above: readonly string[] = []): Params {
  return Object.entries(object).flatMap(([name, value]): Params => {
    const path = [...above, name];
    if (!NAME.test(name)) throw broken('a name with signs that the signed text could not keep apart');
    if (isObject(value)) return paramsOf(value as ValueObject, path);
    const text = plainText(value as Value, path);
    return text === '' ? [] : [[path, text]];
  });
}

function plainText(value: Value, path: readonly string[]): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return String(value);
  // 1.0 and 1 are one number, and two texts: nobody could tell which was signed.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') throw broken(`neither text nor whole number at ${pointerOf(path)}`);
  if (value.includes('&')) throw broken(`a value with & at ${pointerOf(path)}`);
  return value;
}

function textOf(params: Params): string {
  const named = params.map(([path, value]) => [path.join('.'), value] as const);
  named.sort(([one], [other]) => (one < other ? -1 : 1));
  return named.map(([name, value]) => `${name}=${value}`).join('&');
}

function objectOf(params: Params): Value {
  const object = emptyObject();
  for (const [path, value] of params) setAt(object, path, value);
  return object;
}

/** Writes it: the payload, a JSON object, with its signature. Throws Broken for what could not be read back. */
export function writeSignedParams(payload: Uint8Array, options: EnvelopeOptions, signer: EnvelopeSigner): string {
  const { signature: place, encoding, bare } = paramsOptions(options);
  // Written by our own payload codec a moment ago.
  const whole = parseJson(decodeUtf8(payload), { depth: 64, items: 100_000 });
  if (!isObject(whole)) throw broken('not an object');
  const params = paramsOf(whole);
  const raw = signer.sign(encodeUtf8(textOf(params)));
  const [member] = stepsOf(place);
  const written = ENCODINGS[encoding]!.encode(bare.form === 'der' ? derFromRaw(raw) : raw);
  return writeJson({ ...(objectOf(params) as ValueObject), [member!]: written });
}
