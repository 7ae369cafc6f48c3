import { createHash, timingSafeEqual } from 'node:crypto';
import { encodeBase64url } from '../codec/base64url.ts';
import { parseJson } from '../codec/json.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { ConfigError } from '../config.ts';
import { Broken } from '../document/broken.ts';
import type { ApiKey, ApiScope } from '../document/generated/types.ts';
import { validateApiKeys } from '../document/generated/validators.js';
import { say } from '../document/say.ts';
import { exists } from '../document/time.ts';

export type Scope = ApiScope;
export const SCOPES: readonly Scope[] = [
  'verify',
  'convert',
  'metrics',
  'record',
  'resolve',
  'exchange',
  'trace',
  'objection',
  'consent',
  'notice',
  'decide',
];

/** Who asks, and what it may ask for. A system, never a person. */
export interface Caller {
  /** As the log names it; `<region>/<id>` for a member region's system. */
  readonly id: string;
  /** The member region whose own list (systems.json) names the caller. */
  readonly region?: string;
  readonly scopes: ReadonlySet<Scope>;
  /** All purposes, or verifying regions, if absent. */
  readonly purposes?: ReadonlySet<string>;
  readonly regions?: ReadonlySet<string>;
  /** Documents and other requests a minute. */
  readonly perMinute: number;
}

/** Before anybody has said who asks. */
export const NOBODY: Caller = { id: 'nobody', scopes: new Set(), perMinute: 0 };

/** Whoever asks from this machine where no keys are configured. */
export const localCaller = (perMinute: number): Caller => ({ id: 'local', scopes: new Set(SCOPES), perMinute });

/** The keys of a gateway, as their digests. */
export interface Keyring {
  readonly size: number;
  /** Whose key this is. In: what the caller sent, and epoch ms. Undefined for a key that is none, or no longer. */
  find(key: string, now: number): Caller | undefined;
}

/** 32 octets, base64url. */
const KEY = /^[A-Za-z0-9_-]{43}$/;
const LIMITS = { depth: 8, items: 200_000 };

/**
 * Reads a file of keys (schemas/api-keys.schema.json). Errors: ConfigError that says where and why, and quotes nothing.
 */
export function readKeys(bytes: Uint8Array): Keyring {
  const rows = read(bytes).map((row) => ({
    digest: Buffer.from(row.sha256, 'hex'),
    until: row.notAfter === undefined ? Number.POSITIVE_INFINITY : Date.parse(row.notAfter),
    caller: callerOf(row),
  }));
  return {
    size: rows.length,
    find(key, now) {
      if (!KEY.test(key)) return undefined;
      const digest = digestOf(key);
      let found: (typeof rows)[number] | undefined;
      // Every row is compared whole: how long it takes says neither which row was near nor how near.
      for (const row of rows) if (timingSafeEqual(row.digest, digest)) found = row;
      return found !== undefined && now < found.until ? found.caller : undefined;
    },
  };
}

/**
 * A new key, and the digest by which it is known. One fast hash is right here: slow ones protect what can be guessed, and
 * nobody guesses 32 random octets.
 */
export function newKey(random: (length: number) => Uint8Array): { key: string; sha256: string } {
  const key = encodeBase64url(random(32));
  return { key, sha256: digestOf(key).toString('hex') };
}

const digestOf = (key: string): Buffer => createHash('sha256').update(key, 'ascii').digest();

function callerOf({ id, scopes, purposes, regions, perMinute }: ApiKey): Caller {
  return {
    id,
    scopes: new Set(scopes),
    ...(purposes === undefined ? {} : { purposes: new Set(purposes) }),
    ...(regions === undefined ? {} : { regions: new Set(regions) }),
    perMinute,
  };
}

function read(bytes: Uint8Array): readonly ApiKey[] {
  let value: unknown;
  try {
    value = parseJson(decodeUtf8(bytes), LIMITS);
  } catch (error) {
    if (error instanceof Broken) throw wrong('', error.message);
    throw error;
  }
  if (!validateApiKeys(value)) {
    const [error] = validateApiKeys.errors ?? [];
    throw wrong(error?.instancePath ?? '', error?.message ?? 'does not fit api-keys.schema.json');
  }
  const rows = value as readonly ApiKey[];
  const seen = new Set<string>();
  for (const [i, row] of rows.entries()) {
    // Two rows of one name would be one caller in log and limits; two of one key would contradict each other.
    for (const member of ['id', 'sha256'] as const) {
      if (seen.has(row[member])) throw wrong(`/${i}/${member}`, 'stands in a row before');
      seen.add(row[member]);
    }
    if (row.notAfter !== undefined && !exists(row.notAfter)) throw wrong(`/${i}/notAfter`, 'no moment of the calendar');
  }
  return rows;
}

const wrong = (at: string, why: string): ConfigError =>
  new ConfigError(
    say(
      `TONGREN_API_KEYS：文件不能用${at === '' ? '' : `，在 ${at}`}：${why}`,
      `TONGREN_API_KEYS: the file cannot be used${at === '' ? '' : `, at ${at}`}: ${why}`,
    ),
  );
