import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The interface's own description, and the schemas it refers to. */
export interface Published {
  /** openapi.yaml as it lies in the repository. */
  readonly openapi: string;
  readonly description: unknown;
  /** Schema files by name. */
  readonly schemas: ReadonlyMap<string, string>;
}

const ROOT = new URL('../../', import.meta.url);

/**
 * Reads openapi.yaml and schemas/ once, when the gateway starts. A request's path is only looked up among what was read:
 * no file is ever opened by a name that came from outside.
 */
export function readPublished(): Published {
  const openapi = readFileSync(new URL('openapi.yaml', ROOT), 'utf8');
  const folder = new URL('schemas/', ROOT);
  const names = readdirSync(folder).filter((name) => name.endsWith('.schema.json'));
  const schemas = new Map(names.sort().map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
  return { openapi, description: parse(openapi), schemas };
}
