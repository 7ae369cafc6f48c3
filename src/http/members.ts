import * as SCHEMAS from '../document/generated/schemas.small.js';
import type { Schema } from '../document/schema.ts';

const FILES = new Map<string, Schema>(
  Object.entries(SCHEMAS).map(([name, schema]) => [`${name.replaceAll('_', '-')}.schema.json`, schema]),
);

/** Part of a schema, and the file that it stands in. */
interface Place {
  readonly node: Schema;
  readonly file: Schema;
}

/**
 * What an object may have, by its schema: for whoever misspelt a member, and for whoever left out the one of several that has to be there. In:
 * the schema's file, and where the object stands (a JSON Pointer into the body). Empty for a place that the schema does not know.
 */
export function objectAt(
  schema: string,
  pointer: string,
): { readonly members: readonly string[]; readonly oneOf: readonly string[] } {
  const file = FILES.get(schema);
  let place = file && referred({ node: file, file });
  for (const step of pointer.split('/').slice(1)) place = place && below(place, step);
  const { properties = {}, oneOf = [] } = place?.node ?? {};
  const needed = (oneOf as readonly Schema[]).flatMap(({ required = [] }) => required as readonly string[]);
  return { members: Object.keys(properties), oneOf: needed };
}

function below({ node, file }: Place, step: string): Place | undefined {
  const next: Schema | undefined = node['items'] ?? node['properties']?.[step];
  return next && referred({ node: next, file });
}

function referred(place: Place): Place {
  const ref: string | undefined = place.node['$ref'];
  if (ref === undefined) return place;
  const [name = '', word] = ref.split('#/$defs/');
  const file = name === '' ? place.file : FILES.get(name)!;
  return referred({ node: word === undefined ? file : file['$defs'][word], file });
}
