import { serializeDictionary } from 'structured-headers';
import { sameBytes } from '../codec/bytes.ts';
import type { Digester, DigestName } from '../crypto/algorithms.ts';
import { Broken } from '../document/broken.ts';
import { bytesOf, isInnerList, readDictionary } from './structured-field.ts';

/** Those of RFC 9530's registry that are "Active", and by what ours compute them. */
const DIGESTS: ReadonlyMap<string, { readonly name: DigestName; readonly length: number }> = new Map([
  ['sha-256', { name: 'SHA-256', length: 32 }],
  ['sha-512', { name: 'SHA-512', length: 64 }],
]);

/** What a Content-Digest says (RFC 9530 §2), one or two of these. */
export type ContentDigest = readonly { readonly name: DigestName; readonly value: Uint8Array }[];

/** @throws Broken for what is none, or holds a digest that is not in use: then it could not be told whether it is right. */
export function readContentDigest(field: string): ContentDigest {
  const members = [...readDictionary(field)];
  if (members.length === 0) throw new Broken('content-digest', 'it names no digest');
  return members.map(([key, member]) => {
    const row = DIGESTS.get(key);
    const value = isInnerList(member) || member[1].size > 0 ? undefined : bytesOf(member[0]);
    if (row === undefined || value === undefined || value.length !== row.length)
      throw new Broken('content-digest', 'a digest is not sha-256 or sha-512, or has another length');
    return { name: row.name, value };
  });
}

/** Whether a body is what all of these say. */
export const isDigestOf = (digests: ContentDigest, body: Uint8Array, digester: Digester): boolean =>
  digests.every(({ name, value }) => sameBytes(digester.digest(name, body), value));

export const contentDigest = (body: Uint8Array, digester: Digester): string =>
  serializeDictionary(
    new Map([['sha-256', [Uint8Array.from(digester.digest('SHA-256', body)), new Map()] as const]]) as never,
  );
