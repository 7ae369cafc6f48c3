import { stepsOf } from '../document/pointer.ts';
import { ENCODINGS } from './encodings.ts';
import { canonicalJson } from './json.ts';
import type { BareSignature, EnvelopeOptions, SignedJsonPlaces, SignedParamsPlaces } from './proof.ts';
import type { Value } from './value.ts';

/** What a declaration says of an envelope that keeps its signature in a member, checked when the format is compiled. */

/** How the signed member becomes bytes. */
export const CANONICAL: Readonly<Record<string, (value: Value) => string>> = {
  /** RFC 8785. */
  jcs: canonicalJson,
};

/**
 * The places that a declaration of `signed-json` names, checked.
 *
 * @throws Error for places that are missing or that cannot be kept apart
 */
export function signedJsonPlaces(options: EnvelopeOptions): SignedJsonPlaces {
  const { json } = options;
  if (json === undefined) throw new Error('/envelope/json: "signed-json" needs to know where things stand');
  for (const [word, table] of [
    ['canonical', CANONICAL],
    ['encoding', ENCODINGS],
  ] as const) {
    if (!Object.hasOwn(table, json[word]))
      throw new Error(`/envelope/json/${word}: no "${json[word]}"; there are: ${Object.keys(table).join(', ')}`);
  }
  // A signature inside what it signs would have to be taken out first: another form, which this is not.
  for (const word of ['signature', 'algorithm', 'certificate', 'keyId'] as const) {
    const place = json[word];
    if (place !== undefined && (place === json.signed || place.startsWith(`${json.signed}/`)))
      throw new Error(`/envelope/json/${word}: stands inside the signed member`);
  }
  return json;
}

interface ParamsOptions extends SignedParamsPlaces {
  readonly bare: BareSignature;
}

/** Errors: Error, for a declaration of `signed-params` that does not say where and how the signature stands. */
export function paramsOptions({ params, bare }: EnvelopeOptions): ParamsOptions {
  if (params === undefined)
    throw new Error('/envelope/params: "signed-params" needs to know where the signature stands');
  if (bare === undefined) throw new Error('/envelope/bare: "signed-params" needs to know how the signature is written');
  if (!Object.hasOwn(ENCODINGS, params.encoding))
    throw new Error(
      `/envelope/params/encoding: no "${params.encoding}"; there are: ${Object.keys(ENCODINGS).join(', ')}`,
    );
  if (stepsOf(params.signature).length !== 1)
    throw new Error('/envelope/params/signature: a member of the object itself');
  return { ...params, bare };
}
