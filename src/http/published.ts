import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
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

/** A file of a page, as it is served. */
export interface PageFile {
  readonly content: Uint8Array;
  /** The same, compressed: half a megabyte of script goes through a mobile network. */
  readonly gzip: Uint8Array;
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  wasm: 'application/wasm',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
};

/**
 * The checkpoint's page as `npm run pages` builds it, by file name; empty where it was not built. Read once, like the rest: no
 * path from outside opens a file.
 */
export function readCheckpointPage(): ReadonlyMap<string, PageFile> {
  const folder = new URL('dist/checkpoint/', ROOT);
  if (!existsSync(folder)) return new Map();
  return new Map(
    readdirSync(folder)
      .sort()
      .flatMap((name): [string, PageFile][] => {
        const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
        if (type === undefined) return [];
        const content = readFileSync(new URL(name, folder));
        return [[name, { content, gzip: gzipSync(content, { level: 9 }), type }]];
      }),
  );
}
