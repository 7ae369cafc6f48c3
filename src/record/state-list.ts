import { decodeBase64url, encodeBase64url } from '../codec/base64url.ts';
import type { StateList } from '../document/generated/types.ts';
import { validateStateList } from '../document/generated/validators.js';
import type { StatusTable } from '../document/statuses.ts';
import { exists, instantOf } from '../document/time.ts';
import type { Systems } from '../region/systems.ts';
import { hmacSm3 } from './digest.ts';
import { readSigned, type SignedKind, type SystemSigner, writeSigned } from './signed.ts';

/** Longest list, characters; as notice.schema.json has it. Some 100,000 entries. */
const MOST_LIST = 10 * 1024 * 1024;
const MOST_ENTRIES = 1_000_000;
/** A list may not speak of people for longer than this, nor come from a clock that is further ahead. */
const LONGEST_MS = 7 * 86_400_000;
const AHEAD_MS = 60_000;
const KEY_OCTETS = 32;

const LIST: SignedKind = {
  typ: 'tongren-list+jws',
  may: 'notice',
  limits: { input: MOST_LIST, inflated: 0, depth: 6, items: 5 * MOST_ENTRIES },
};

/** What a list must be. */
export interface ListContext {
  readonly federation: string;
  /** Whose it is, and for whom it was made. */
  readonly region: string;
  readonly to: string;
  readonly systems: Systems;
  readonly statuses: StatusTable;
  /** Epoch ms. */
  readonly now: number;
}

/** A list that was checked. It holds no number, and cannot give one back. */
export interface ReadList {
  readonly scheme: string;
  readonly sequence: number;
  /** Epoch ms; said of [issued, until). */
  readonly issued: number;
  readonly until: number;
  /** The state that it gives a number; undefined if it is not listed. */
  find(idType: string, idNumber: string): string | undefined;
}

/**
 * Reads a list. Only a system of its own region which that region lets tell things (`notice`) can have signed it, for this receiver and
 * federation; its words are those of its scheme, and nobody stands in it twice. Undefined if any of that is not so. A list that is
 * over is read all the same: whether it still counts is the reader's question.
 */
export function readStateList(jws: string, context: ListContext): ReadList | undefined {
  const { value, system } = readSigned(jws, LIST, context.systems, context.now) ?? {};
  if (system === undefined || !validateStateList(value)) return undefined;
  const list = value as unknown as StateList;
  const { federation, region, to, statuses, now } = context;
  if (system.region !== region || list.region !== region) return undefined;
  if (list.to !== to || list.federation !== federation) return undefined;
  if (!statuses.has(list.scheme)) return undefined;
  if (!exists(list.issued) || !exists(list.until)) return undefined;
  const [issued, until] = [Date.parse(list.issued), Date.parse(list.until)];
  if (issued > now + AHEAD_MS || until <= issued || until - issued > LONGEST_MS) return undefined;

  const states = new Map<string, string>();
  for (const { digest, state } of list.entries) {
    if (statuses.word(state)?.scheme.scheme !== list.scheme) return undefined;
    states.set(digest, state);
  }
  if (states.size !== list.entries.length) return undefined;
  const key = decodeBase64url(list.key);
  const { scheme, sequence } = list;
  return {
    scheme,
    sequence,
    issued,
    until,
    find: (idType, idNumber) => states.get(entryDigest(key, idType, idNumber)),
  };
}

/** HMAC-SM3(key, idType ‖ idNumber), base64url. Types have three digits, so no two pairs give the same octets. */
const entryDigest = (key: Uint8Array, idType: string, idNumber: string): string =>
  encodeBase64url(hmacSm3(key, idType + numberOf(idNumber)));

/** A number as all sides write it: the X at its end is a capital one. */
export const numberOf = (idNumber: string): string => idNumber.toUpperCase();

/** Somebody whose state is told. */
export interface Listed {
  readonly idType: string;
  readonly idNumber: string;
  readonly state: string;
}

export interface NewList {
  readonly federation: string;
  readonly region: string;
  readonly to: string;
  readonly scheme: string;
  readonly sequence: number;
  /** Epoch ms. */
  readonly issued: number;
  readonly until: number;
}

/**
 * Writes a list, with a key of its own: two lists, or the same list for two regions, cannot be laid side by side. In: what it says;
 * who signs; that many random octets. Out: the JWS, for a notice of kind `list`. Errors: RangeError for one that is too long.
 */
export async function writeStateList(
  head: NewList,
  people: readonly Listed[],
  signer: SystemSigner,
  random: (octets: number) => Uint8Array,
): Promise<string> {
  const key = random(KEY_OCTETS);
  const entries = people.map(({ idType, idNumber, state }) => ({ digest: entryDigest(key, idType, idNumber), state }));
  // The order of a register would say who is who's neighbour in it.
  entries.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const list: StateList = {
    ...head,
    issued: instantOf(head.issued),
    until: instantOf(head.until),
    key: encodeBase64url(key),
    entries,
  };
  const jws = await writeSigned(list, LIST, signer);
  if (jws.length > MOST_LIST) throw new RangeError('the list is too long for one notice');
  return jws;
}
