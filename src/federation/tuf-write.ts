import { encodeHex } from '../codec/hex.ts';
import { canonicalJson, parseJson } from '../codec/json.ts';
import { olpcJson } from '../codec/olpc-json.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Value, ValueObject } from '../codec/value.ts';
import type { Digester } from '../crypto/algorithms.ts';
import type { PublicKey } from '../crypto/keys.ts';
import { instantOf } from '../document/time.ts';
import { HASHES } from '../trust/tuf/digests.ts';
import { type FederationRoot, OWN } from '../trust/tuf/federation-profile.ts';
import { tufKeyEntry, tufKeyId, tufSignature } from '../trust/tuf/keys.ts';
import type { TopRole } from '../trust/tuf/metadata.ts';
import type { FederationName } from '../trust/tuf/profile.ts';
import { patternsOf } from '../trust/tuf/regions.ts';
import type { RekeyEntry } from '../trust/tuf/rekey.ts';

/**
 * Writes the metadata of a signed store. Files are canonical JSON (RFC 8785), so that the same content has the same
 * bytes; what is signed is TUF's own canonical form of `signed`. Nothing here holds a private key: a signer may be an
 * HSM, and several people can sign one file after the other.
 */
export interface TufSigner {
  readonly publicKey: PublicKey;
  /** Raw signature (r‖s for ECDSA and SM2) over exactly these bytes. */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Who holds a role, and how many of them must sign. */
export interface Holders {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/** Every file says which it is, when it was signed and until when it is good (epoch ms, whole seconds). */
export interface Head {
  readonly version: number;
  readonly issued: number;
  readonly expires: number;
  /** Whose it is. People hold one key in two federations (a rehearsal's, too), and what they sign for one counts in no other. */
  readonly of?: FederationName | undefined;
}

const SPEC_VERSION = '1.0.33';
/** SHA-256 for every TUF client, SM3 for the federation's rules. */
const WRITTEN_HASHES = ['sha256', 'sm3'] as const;

const head = (type: TopRole, { version, issued, expires, of }: Head, own: ValueObject = {}): ValueObject => {
  const said = { ...(of === undefined ? {} : nameOf(of)), ...own };
  return {
    _type: type,
    spec_version: SPEC_VERSION,
    version,
    issued: instantOf(issued),
    expires: instantOf(expires),
    ...(Object.keys(said).length === 0 ? {} : { [OWN]: said }),
  };
};

const nameOf = ({ federation, environment }: FederationName): ValueObject => ({ federation, environment });

/** `signed` of a root. */
export function rootSigned(
  at: Head,
  roles: Readonly<Record<TopRole, Holders>>,
  federation: FederationRoot,
  digester: Digester,
): ValueObject {
  const holders = Object.entries(roles);
  return {
    ...head('root', at, { ...federation } as unknown as ValueObject),
    consistent_snapshot: true,
    keys: entriesOf(
      holders.map(([, each]) => each),
      digester,
    ),
    roles: Object.fromEntries(holders.map(([name, each]) => [name, heldBy(each, digester)])),
  };
}

/**
 * `signed` of `targets` or a delegated role: the files it lists, and to whom it hands on.
 *
 * @param rekey for regions whose keys are being replaced (see trust/tuf/rekey.ts)
 * @throws RangeError for a role that the federation does not know
 */
export function targetsSigned(
  at: Head,
  files: ReadonlyMap<string, Uint8Array>,
  delegations: ReadonlyMap<string, Holders>,
  digester: Digester,
  rekey: Readonly<Record<string, RekeyEntry>> = {},
): ValueObject {
  // In the order of an object's members, whole numbers first: tuf-js keeps roles in an object and checks signatures over
  // what it writes back from there. No two of ours cover the same path, so the order means nothing.
  const delegated = Object.entries(Object.fromEntries(delegations)).map(([name, holders]) => {
    const paths = patternsOf(name);
    if (paths === undefined) throw new RangeError(`${name}: neither a region, nor guests, nor federation`);
    return { name, ...heldBy(holders, digester), terminating: true, paths };
  });
  return {
    ...head('targets', at, Object.keys(rekey).length === 0 ? {} : { rekey: { ...rekey } as unknown as Value }),
    targets: Object.fromEntries([...files].map(([path, bytes]) => [path, describe(bytes, digester)])),
    ...(delegated.length === 0
      ? {}
      : { delegations: { keys: entriesOf([...delegations.values()], digester), roles: delegated } }),
  };
}

/** `signed` of a snapshot. In: the file and version of every role. */
export const snapshotSigned = (
  at: Head,
  roles: ReadonlyMap<string, { readonly version: number; readonly bytes: Uint8Array }>,
  digester: Digester,
): ValueObject => ({
  ...head('snapshot', at),
  meta: Object.fromEntries(
    [...roles].map(([name, { version, bytes }]) => [`${name}.json`, { version, ...describe(bytes, digester) }]),
  ),
});

/** `signed` of a timestamp. In: the snapshot it points to. */
export const timestampSigned = (
  at: Head,
  snapshot: { readonly version: number; readonly bytes: Uint8Array },
  digester: Digester,
): ValueObject => ({
  ...head('timestamp', at),
  meta: { 'snapshot.json': { version: snapshot.version, ...describe(snapshot.bytes, digester) } },
});

const describe = (bytes: Uint8Array, digester: Digester): ValueObject => ({
  length: bytes.length,
  hashes: Object.fromEntries(
    WRITTEN_HASHES.map((name) => [name, encodeHex(digester.digest(HASHES.get(name)!, bytes))]),
  ),
});

const keyIdsOf = (keys: readonly PublicKey[], digester: Digester): string[] =>
  keys.map((key) => tufKeyId(tufKeyEntry(key), digester));

const heldBy = ({ keys, threshold }: Holders, digester: Digester): ValueObject => ({
  keyids: keyIdsOf(keys, digester),
  threshold,
});

const entriesOf = (holders: readonly Holders[], digester: Digester): ValueObject =>
  Object.fromEntries(
    holders.flatMap(({ keys }) =>
      keys.map((key) => {
        const entry = tufKeyEntry(key);
        return [tufKeyId(entry, digester), entry] as const;
      }),
    ),
  );

/** A file that nobody has signed yet. */
export const unsignedFile = (signed: ValueObject): Uint8Array => write({ signatures: [], signed });

/** The file with one more signature; one by the same key is replaced. Signatures stand in the order of their key ids. */
export async function addSignature(file: Uint8Array, signer: TufSigner, digester: Digester): Promise<Uint8Array> {
  const { signed, signatures } = parseJson(decodeUtf8(file), LIMITS) as {
    readonly signed: ValueObject;
    readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  };
  const entry = tufKeyEntry(signer.publicKey);
  const keyid = tufKeyId(entry, digester);
  const sig = tufSignature(entry, await signer.sign(encodeUtf8(olpcJson(signed))));
  const all = [...signatures.filter((other) => other.keyid !== keyid), { keyid, sig }];
  all.sort((a, b) => (a.keyid < b.keyid ? -1 : 1));
  return write({ signatures: all, signed });
}

/** A file signed by all of these. */
export async function signedFile(
  signed: ValueObject,
  signers: readonly TufSigner[],
  digester: Digester,
): Promise<Uint8Array> {
  let file = unsignedFile(signed);
  for (const signer of signers) file = await addSignature(file, signer, digester);
  return file;
}

/** The old keyholders' consent to new keys of a region, for `rekey`. In: the bytes of `rekeyStatement`. */
export async function consentTo(
  statement: Uint8Array,
  signers: readonly TufSigner[],
  digester: Digester,
): Promise<NonNullable<RekeyEntry['consent']>> {
  return Promise.all(
    signers.map(async ({ publicKey, sign }) => {
      const entry = tufKeyEntry(publicKey);
      return { keyid: tufKeyId(entry, digester), sig: tufSignature(entry, await sign(statement)) };
    }),
  );
}

/** Our own files, about to be signed again: as large as the verifier reads them. */
const LIMITS = { depth: 32, items: 1_000_000 };

const write = (file: ValueObject): Uint8Array => encodeUtf8(canonicalJson(file));
