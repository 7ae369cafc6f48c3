import { parseJson } from '../../codec/json.ts';
import { olpcJson } from '../../codec/olpc-json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { isObject, type Value, type ValueObject } from '../../codec/value.ts';
import { Broken } from '../../document/broken.ts';
import { exists } from '../../document/time.ts';
import { TufRefusal } from './troubles.ts';

/** The four kinds of TUF metadata (TUF 1.0 §4), read strictly and within limits. Nothing here is believed yet. */
export type TopRole = 'root' | 'timestamp' | 'snapshot' | 'targets';

/** Who signs a role, and how many of them. */
export interface RoleKeys {
  readonly keyIds: readonly string[];
  readonly threshold: number;
}

export type Keys = ReadonlyMap<string, ValueObject>;

export interface RootBody {
  readonly keys: Keys;
  readonly roles: Readonly<Record<TopRole, RoleKeys>>;
  readonly consistentSnapshot: boolean;
}

/** What one file says of another; digests in hexadecimal by algorithm. */
export interface FileMeta {
  readonly length: number | undefined;
  readonly hashes: ReadonlyMap<string, string>;
}
export interface RoleMeta extends FileMeta {
  readonly version: number;
}
export interface TargetMeta extends FileMeta {
  readonly length: number;
}

export interface Delegation extends RoleKeys {
  readonly name: string;
  readonly terminating: boolean;
  readonly paths: readonly string[];
  readonly pathHashPrefixes: readonly string[] | undefined;
}

export interface TargetsBody {
  readonly targets: ReadonlyMap<string, TargetMeta>;
  readonly delegations: readonly Delegation[];
  readonly delegatedKeys: Keys;
}

interface Bodies {
  root: RootBody;
  timestamp: { readonly snapshot: RoleMeta };
  snapshot: { readonly meta: ReadonlyMap<string, RoleMeta> };
  targets: TargetsBody;
}

/** A metadata file as it reads. Times are epoch ms. */
export interface Metadata<B = unknown> {
  readonly bytes: Uint8Array;
  /** The canonical form of `signed`: exactly the bytes that signatures are over. */
  readonly signedBytes: Uint8Array;
  /** Key id → signature in hexadecimal, possibly empty (somebody who has not signed yet). */
  readonly signatures: ReadonlyMap<string, string>;
  readonly signed: ValueObject;
  readonly version: number;
  readonly expires: number;
  /** When it was signed: the federation's own member. */
  readonly issued: number | undefined;
  readonly body: B;
}

/** More than the largest federation needs; each bounds work before any cryptography. */
const MAX = { depth: 32, items: 1_000_000, signatures: 64, keys: 1024, keysOfRole: 64, name: 256, path: 1024 } as const;

/**
 * Reads a file as metadata of one kind. `role` is the name it is reported under.
 *
 * @throws TufRefusal MALFORMED, SPEC_VERSION_UNKNOWN or PATH_UNSAFE
 */
export function readMetadata<T extends TopRole>(bytes: Uint8Array, type: T, role: string = type): Metadata<Bodies[T]> {
  try {
    const file = objectOf(parseJson(decodeUtf8(bytes), MAX), 'file');
    const signed = objectOf(file['signed'], 'signed');
    if (signed['_type'] !== type) throw malformed(`_type is not ${type}`);
    if (!/^1(\.\d{1,9}){1,2}$/.test(textOf(signed['spec_version'], 'spec_version')))
      throw new TufRefusal('SPEC_VERSION_UNKNOWN', role, 'spec_version is not 1.x');
    const issued = signed['issued'];
    return {
      bytes,
      signedBytes: encodeUtf8(olpcJson(signed)),
      signatures: signaturesOf(file['signatures']),
      signed,
      version: positiveOf(signed['version'], 'version'),
      expires: timeOf(signed['expires'], 'expires'),
      issued: issued === undefined ? undefined : timeOf(issued, 'issued'),
      body: BODIES[type](signed),
    };
  } catch (error) {
    if (error instanceof Broken) throw new TufRefusal('MALFORMED', role, `${error.part}: ${error.message}`);
    if (error instanceof Unreadable)
      throw new TufRefusal(error.unsafe ? 'PATH_UNSAFE' : 'MALFORMED', role, error.message);
    throw error;
  }
}

/** Inside this file only: a place that does not read. */
class Unreadable extends Error {
  readonly unsafe: boolean;
  constructor(detail: string, unsafe = false) {
    super(detail);
    this.unsafe = unsafe;
  }
}
const malformed = (detail: string): Unreadable => new Unreadable(detail);

const BODIES: { readonly [T in TopRole]: (signed: ValueObject) => Bodies[T] } = {
  root: (signed) => ({
    keys: keysOf(signed['keys']),
    roles: rolesOf(objectOf(signed['roles'], 'roles')),
    consistentSnapshot: signed['consistent_snapshot'] === true,
  }),
  timestamp: (signed) => {
    const meta = objectOf(signed['meta'], 'meta');
    return { snapshot: roleMetaOf(meta['snapshot.json'], 'snapshot.json') };
  },
  snapshot: (signed) => ({
    meta: new Map(
      Object.entries(objectOf(signed['meta'], 'meta')).map(([name, value]) => [name, roleMetaOf(value, 'meta')]),
    ),
  }),
  targets: (signed) => {
    const { delegations } = signed;
    const targets = Object.entries(objectOf(signed['targets'], 'targets')).map(([path, value]) => {
      if (!isSafePath(path)) throw new Unreadable('a target path that could leave its folder', true);
      return [path, targetMetaOf(value)] as const;
    });
    return { targets: new Map(targets), ...delegationsOf(delegations) };
  },
};

function rolesOf(roles: ValueObject): Record<TopRole, RoleKeys> {
  const of = (name: TopRole): RoleKeys => roleKeysOf(objectOf(roles[name], `roles/${name}`));
  return { root: of('root'), timestamp: of('timestamp'), snapshot: of('snapshot'), targets: of('targets') };
}

/** @throws Unreadable */
function roleKeysOf(role: ValueObject): RoleKeys {
  const keyIds = listOf(role['keyids'], 'keyids', MAX.keysOfRole).map((id) => textOf(id, 'keyids', MAX.name));
  // One key named twice must not look like two.
  if (new Set(keyIds).size !== keyIds.length) throw malformed('the same key id twice in a role');
  return { keyIds, threshold: positiveOf(role['threshold'], 'threshold') };
}

function delegationsOf(value: Value | undefined): Pick<TargetsBody, 'delegations' | 'delegatedKeys'> {
  if (value === undefined) return { delegations: [], delegatedKeys: new Map() };
  const delegations = objectOf(value, 'delegations');
  // Whoever splits a role into bins by name (succinct_roles) needs a client that computes them.
  if (delegations['roles'] === undefined) throw malformed('delegations without roles');
  const roles = listOf(delegations['roles'], 'delegations/roles', MAX.keys).map(delegationOf);
  const names = new Set(roles.map(({ name }) => name));
  if (names.size !== roles.length) throw malformed('the same role is delegated twice');
  return { delegations: roles, delegatedKeys: keysOf(delegations['keys']) };
}

const TOP_ROLES: readonly string[] = ['root', 'timestamp', 'snapshot', 'targets'];

function delegationOf(value: Value): Delegation {
  const role = objectOf(value, 'delegations/roles');
  const name = textOf(role['name'], 'name', MAX.name);
  if (name === '' || TOP_ROLES.includes(name)) throw malformed('a delegated role with the name of a top-level role');
  const { paths, path_hash_prefixes: prefixes } = role;
  if ((paths === undefined) === (prefixes === undefined)) throw malformed('paths and path_hash_prefixes: one of them');
  const texts = (list: Value): string[] => listOf(list, 'paths', 65_536).map((text) => textOf(text, 'paths', MAX.path));
  return {
    name,
    ...roleKeysOf(role),
    terminating: role['terminating'] === true,
    paths: paths === undefined ? [] : texts(paths),
    pathHashPrefixes: prefixes === undefined ? undefined : texts(prefixes),
  };
}

function keysOf(value: Value | undefined): Keys {
  const entries = Object.entries(objectOf(value, 'keys'));
  if (entries.length > MAX.keys) throw malformed('too many keys');
  return new Map(entries.map(([id, key]) => [id, objectOf(key, 'keys')]));
}

function signaturesOf(value: Value | undefined): Map<string, string> {
  const signatures = new Map<string, string>();
  for (const item of listOf(value, 'signatures', MAX.signatures)) {
    const signature = objectOf(item, 'signatures');
    const keyId = textOf(signature['keyid'], 'keyid', MAX.name);
    // Which of two would count is a question that two readers may answer differently.
    if (signatures.has(keyId)) throw malformed('two signatures under one key id');
    signatures.set(keyId, textOf(signature['sig'], 'sig'));
  }
  return signatures;
}

function fileMetaOf(meta: ValueObject, at: string): FileMeta {
  const { length, hashes } = meta;
  const entries = hashes === undefined ? [] : Object.entries(objectOf(hashes, at));
  return {
    length: length === undefined ? undefined : countOf(length, at),
    hashes: new Map(entries.map(([name, digest]) => [name, textOf(digest, at, MAX.name)])),
  };
}

function roleMetaOf(value: Value | undefined, at: string): RoleMeta {
  const meta = objectOf(value, at);
  return { ...fileMetaOf(meta, at), version: positiveOf(meta['version'], at) };
}

function targetMetaOf(value: Value): TargetMeta {
  const meta = objectOf(value, 'targets');
  const { hashes } = fileMetaOf(meta, 'targets');
  return { length: countOf(meta['length'], 'length'), hashes };
}

/**
 * Whether a path from elsewhere can be used below a folder: no absolute path, no `.` or `..`, no empty part, nothing that
 * another system takes for a separator or a drive.
 */
export function isSafePath(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (path.length > MAX.path || /[\u0000-\u001f\u007f\\:]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function objectOf(value: Value | undefined, at: string): ValueObject {
  if (!isObject(value)) throw malformed(`${at} is not an object`);
  return value;
}

function listOf(value: Value | undefined, at: string, most: number): readonly Value[] {
  if (!Array.isArray(value)) throw malformed(`${at} is not a list`);
  if (value.length > most) throw malformed(`${at} has too many entries`);
  return value as readonly Value[];
}

function textOf(value: Value | undefined, at: string, most = Number.POSITIVE_INFINITY): string {
  if (typeof value !== 'string' || value.length > most) throw malformed(`${at} is not a text, or too long`);
  return value;
}

function countOf(value: Value | undefined, at: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw malformed(`${at} is no whole number`);
  return value;
}

function positiveOf(value: Value | undefined, at: string): number {
  const number = countOf(value, at);
  if (number < 1) throw malformed(`${at} is not at least 1`);
  return number;
}

/** TUF 1.0 §4.2.1: ISO 8601, in UTC, whole seconds. */
function timeOf(value: Value | undefined, at: string): number {
  const text = textOf(value, at);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) || !exists(text)) throw malformed(`${at} is no time in UTC`);
  return Date.parse(text);
}
