import { randomBytes } from 'node:crypto';
import { encodeBase64url } from '../codec/base64url.ts';
import { writeIdSet } from '../codec/id-set-writer.ts';
import { writeJson } from '../codec/json.ts';
import { writeStatusList } from '../codec/status-list.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { Format } from '../format/compile.ts';
import { type Files, PackError, readJson } from '../region/pack.ts';
import { resolveTimes } from './relative.ts';
import { type MintedSample, revocationNameOf, signedDigestOf } from './samples.node.ts';

/**
 * Lists of the reference federation whose times are relative, so that nothing in git expires: `rules/x.recipe.json` becomes
 * `rules/x.json`. Two kinds of lists of revoked documents are packed from a list that people can read.
 */
export interface ListRecipe {
  readonly recipe: string;
  readonly region: string;
  readonly content: Content;
}

/** As far as minting looks into it; when the store is loaded the schemas judge what came of it. */
interface Content {
  readonly revoked?: readonly (NamedSample & { readonly id?: string })[];
  readonly logged?: readonly NamedSample[];
  readonly [member: string]: unknown;
}

/** A document without a number of its own is named by what its signature or its signed bytes are. */
interface NamedSample {
  readonly sample?: string;
}

const OWN_FOLDERS: ReadonlySet<string> = new Set(['issuers', 'samples']);

export function listRecipes(source: Files, region: string, now: number): ListRecipe[] {
  return [...source].flatMap(([recipe, bytes]) => {
    const [, folder] = new RegExp(`^regions/${region}/([a-z-]+)/.*\\.recipe\\.json$`).exec(recipe) ?? [];
    if (folder === undefined || OWN_FOLDERS.has(folder)) return [];
    return { recipe, region, content: resolveTimes(readJson<Content>(recipe, bytes, isObject), now) };
  });
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Whether it can only be written after the samples. */
export const namesSamples = ({ content: { revoked = [], logged = [] } }: ListRecipe): boolean =>
  [...revoked, ...logged].some(({ sample }) => sample !== undefined);

/** A sample of the region, with its format. Undefined if there is none of this name. */
export type FindSample = (name: string) => { readonly sample: MintedSample; readonly format: Format } | undefined;

/** Puts the ids of samples, or the digests of what was signed, in place of their names. Errors: PackError. */
export function withSamples(list: ListRecipe, find: FindSample): ListRecipe {
  const named = <Row extends NamedSample>(
    member: string,
    rows: readonly Row[] | undefined,
    told: (format: Format, sample: MintedSample) => object,
  ) =>
    rows === undefined
      ? {}
      : {
          [member]: rows.map(({ sample: name, ...row }) => {
            if (name === undefined) return row;
            const found = find(name);
            if (found === undefined) throw new PackError(list.recipe, `/${member}`, `no sample "${name}"`);
            return { ...told(found.format, found.sample), ...row };
          }),
        };
  const { revoked, logged } = list.content;
  const content = {
    ...list.content,
    ...named('revoked', revoked, (format, sample) => ({ id: revocationNameOf(format, sample) })),
    ...named('logged', logged, (format, sample) => ({ digest: signedDigestOf(format, sample) })),
  } as Content;
  return { ...list, content };
}

/** How a list is written, by the ending of its recipe; as it is, if there is no row. */
const WRITERS: readonly { readonly ending: string; files(list: ListRecipe, name: string): [string, Uint8Array][] }[] = [
  { ending: '.set.recipe.json', files: packedSet },
  { ending: '.status.recipe.json', files: statusList },
  { ending: '.recipe.json', files: ({ content }, name) => [[`${name}.json`, bytesOf(content)]] },
];

/** The files of the store that a list becomes. Errors: PackError. */
export function filesOfList(list: ListRecipe): [string, Uint8Array][] {
  const { ending, files } = WRITERS.find((row) => list.recipe.endsWith(row.ending))!;
  return files(list, list.recipe.slice(0, -ending.length));
}

const bytesOf = (content: object): Uint8Array => encodeUtf8(writeJson(content as unknown as Value));

/** `others`: so many ids besides that no document has. */
function packedSet({ recipe, content }: ListRecipe, name: string): [string, Uint8Array][] {
  const { revoked = [], others = 0, ...head } = content;
  const ids = revoked.map(({ id }) => id ?? '');
  if (ids.includes('')) throw new PackError(recipe, '/revoked', 'an entry without an id');
  for (let i = 0; i < Number(others); i++) ids.push(randomBytes(16).toString('base64url'));
  const { count, set, confirm } = writeIdSet(ids, nodePlatform.digest);
  const digest = encodeBase64url(nodePlatform.digest('SHA-256', set));
  return [
    [`${name}.set.json`, bytesOf({ ...head, count, digest })],
    [`${name}.ids`, set],
    [`${name}.confirm`, confirm],
  ];
}

/** `size`: documents that it speaks of; `indices`: those of them that are revoked. */
function statusList({ content }: ListRecipe, name: string): [string, Uint8Array][] {
  const { size, indices, ...head } = content;
  const lst = writeStatusList(Number(size), indices as readonly number[]);
  return [[`${name}.status.json`, bytesOf({ ...head, status_list: { bits: 1, lst } })]];
}
