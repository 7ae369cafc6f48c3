import { joinBytes } from '../codec/bytes.ts';
import { encodeHex } from '../codec/hex.ts';
import { parseJson, writeJson } from '../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import type { Digester } from '../crypto/algorithms.ts';
import type { Platform } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import type { BundleIndex } from '../document/generated/types.ts';
import { validateBundleIndex } from '../document/generated/validators.js';
import { metadataName, targetName } from '../trust/tuf/paths.ts';
import type { TufView } from '../trust/tuf/view.ts';
import { type Lane, laneWants } from './lane.ts';
import type { Files } from './pack.ts';
import { contentsOf, type KeptStore, rootFile, storeContext, type Updated, updateFrom } from './signed.ts';

/**
 * The checkpoint bundle: all the signed files that a lane needs, in one file.
 *
 *     "tongren-bundle/1\n" · length of the index (4 octets, big-endian) · index (JSON, bundle-index.schema.json) · contents
 *
 * The contents follow each other in the order of the index, without anything between or behind. Each has its name as a
 * store serves it, its length and its SHA-256, so that whoever has most of them asks only for the others. Nothing of it is
 * believed for standing there: the digests show damage, and the verifier, beginning with a root that was pinned before,
 * decides what counts.
 */
const MAGIC = encodeUtf8('tongren-bundle/1\n');
const LENGTH = 4;
const MAX_INDEX = 8 * 1024 * 1024;
const MAX_BUNDLE = 512 * 1024 * 1024;

export type BundleTrouble = 'no-bundle' | 'truncated' | 'too-large' | 'malformed' | 'altered' | 'another-lane';

/** A file that cannot be read as the bundle of this lane. What its signatures say is told by the verifier instead. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: BundleTrouble;
  constructor(code: BundleTrouble, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** What a lane needs of a store that is in force. In: the lane's own region must be in it. */
export interface MadeBundle {
  /** The index as it stands in the bundle. It names every content by its digest, so its own digest names the bundle. */
  readonly index: Uint8Array;
  /** SHA-256 (hex) → content. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
}

export function makeBundle(kept: KeptStore, view: TufView, lane: Lane, digester: Digester): MadeBundle {
  const named = filesFor(kept, view, lane);
  const parts = new Map<string, Uint8Array>();
  const rows = [...named].map(([name, content]) => {
    const sha256 = digestOf(content, digester);
    parts.set(sha256, content);
    return { name, sha256, length: content.length };
  });
  const { region, purposes } = lane;
  const index: BundleIndex = {
    bundle: 'tongren-bundle/1',
    region,
    ...(purposes === undefined ? {} : { purposes: [...purposes].sort() }),
    parts: rows,
  };
  return { index: encodeUtf8(writeJson(index as unknown as Value)), parts };
}

/** Every root that was seen, the newest of all other metadata, and the targets that the lane wants. */
function filesFor({ state, roots }: KeptStore, view: TufView, lane: Lane): Map<string, Uint8Array> {
  const wants = laneWants(lane, contentsOf(view));
  const named = new Map(roots.map((root) => [rootFile(root), root]));
  const add = (role: string, bytes: Uint8Array | undefined, version: number | undefined): void => {
    if (bytes !== undefined) named.set(metadataName(role, version), bytes);
  };
  add('timestamp', state.timestamp, undefined);
  add('snapshot', state.snapshot, view.roles.get('snapshot')?.version);
  for (const [role, bytes] of state.roles) {
    const version = view.roles.get(role)?.version;
    if (version !== undefined) add(role, bytes, version);
  }
  for (const [path, { content, target }] of view.files)
    if (wants(path)) named.set(targetName(path, target, true), content);
  return named;
}

const digests = new WeakMap<Uint8Array, string>();
function digestOf(content: Uint8Array, digester: Digester): string {
  let digest = digests.get(content);
  if (digest === undefined) {
    digest = encodeHex(digester.digest('SHA-256', content));
    digests.set(content, digest);
  }
  return digest;
}

/**
 * Puts a bundle together. In: the index as it was made or served, and the contents by their digests. Errors: BundleError
 * `truncated` if one is missing.
 */
export function joinBundle(index: Uint8Array, part: (sha256: string) => Uint8Array | undefined): Uint8Array {
  const size = new Uint8Array(LENGTH);
  new DataView(size.buffer).setUint32(0, index.length);
  const contents = readIndex(index).parts.map(({ sha256, name }) => {
    const content = part(sha256);
    if (content === undefined) throw new BundleError('truncated', `${name} is missing`);
    return content;
  });
  return joinBytes([MAGIC, size, index, ...contents]);
}

/** Which contents of an index have to be fetched. Errors: BundleError */
export const missingParts = (index: Uint8Array, has: (sha256: string) => boolean): string[] => [
  ...new Set(readIndex(index).parts.flatMap(({ sha256 }) => (has(sha256) ? [] : [sha256]))),
];

/**
 * Reads a bundle through the verifier. In: the lane that it must be for, what is kept from before (`beginStore` with the
 * pinned root at first), now (epoch ms). Out: the new state, the view and what was refused, as of any update; whatever is
 * refused leaves what was before in force. Errors: BundleError, and nothing has changed.
 */
export function readBundle(bytes: Uint8Array, lane: Lane, kept: KeptStore, now: number, platform: Platform): Updated {
  const files = openBundle(bytes, lane, platform);
  // The lane's own agreements say whose lists it needs: what is left out here would else not be missed.
  const first = updateFrom(kept, files, storeContext(platform, now, laneWants(lane)));
  return updateFrom(kept, files, storeContext(platform, now, laneWants(lane, contentsOf(first.view))));
}

/** Whose bundle it says it is: so that a file that somebody brings is offered to the right lane. Errors: BundleError */
export const bundleLane = (bytes: Uint8Array): Lane => {
  const { region, purposes } = split(bytes).index;
  return { region, purposes };
};

/** A content of a bundle, by the digest that its index gives, which is not checked here. Errors: BundleError */
export function bundlePart(bytes: Uint8Array, sha256: string): Uint8Array | undefined {
  const { index, start } = split(bytes);
  let at = start;
  for (const part of index.parts) {
    if (part.sha256 === sha256) return bytes.slice(at, at + part.length);
    at += part.length;
  }
  return undefined;
}

/** Whether it begins as a bundle does. */
export const looksLikeBundle = (bytes: Uint8Array): boolean =>
  bytes.length >= MAGIC.length && MAGIC.every((octet, i) => bytes[i] === octet);

/** The files in it, each as long and with the digest that the index says. */
function openBundle(bytes: Uint8Array, lane: Lane, digester: Digester): Files {
  const { index, start } = split(bytes);
  const asked = [...(lane.purposes ?? [])].sort().join();
  if (index.region !== lane.region || (index.purposes ?? []).join() !== asked)
    throw new BundleError('another-lane', `it is for ${index.region} ${(index.purposes ?? []).join(' ')}`);
  const files = new Map<string, Uint8Array>();
  let at = start;
  for (const { name, sha256, length } of index.parts) {
    if (at + length > bytes.length) throw new BundleError('truncated', `it ends within ${name}`);
    const content = bytes.slice(at, at + length);
    at += length;
    if (encodeHex(digester.digest('SHA-256', content)) !== sha256) throw new BundleError('altered', name);
    if (files.has(name)) throw new BundleError('malformed', `${name} stands twice`);
    files.set(name, content);
  }
  if (at !== bytes.length) throw new BundleError('malformed', 'something stands behind its last content');
  return files;
}

/** Its index, and where the contents begin. */
function split(bytes: Uint8Array): { readonly index: BundleIndex; readonly start: number } {
  if (bytes.length > MAX_BUNDLE) throw new BundleError('too-large', `more than ${MAX_BUNDLE} bytes`);
  if (MAGIC.some((octet, i) => i < bytes.length && bytes[i] !== octet))
    throw new BundleError('no-bundle', 'it does not begin as a bundle does');
  const head = MAGIC.length + LENGTH;
  if (bytes.length < head) throw new BundleError('truncated', 'it ends before its index');
  const size = new DataView(bytes.buffer, bytes.byteOffset + MAGIC.length, LENGTH).getUint32(0);
  if (size > MAX_INDEX) throw new BundleError('malformed', 'its index is too long');
  const start = head + size;
  if (bytes.length < start) throw new BundleError('truncated', 'it ends within its index');
  return { index: readIndex(bytes.subarray(head, start)), start };
}

function readIndex(bytes: Uint8Array): BundleIndex {
  try {
    const value = parseJson(decodeUtf8(bytes), { depth: 4, items: 500_000 });
    if (validateBundleIndex(value)) return value as unknown as BundleIndex;
    throw new BundleError('malformed', `its index: ${validateBundleIndex.errors?.[0]?.message ?? 'not of its form'}`);
  } catch (error) {
    if (error instanceof Broken) throw new BundleError('malformed', `its index: ${error.message}`);
    throw error;
  }
}
