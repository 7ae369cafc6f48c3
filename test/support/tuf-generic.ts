import { encodeHex } from '../../src/codec/hex.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import type { Value, ValueObject } from '../../src/codec/value.ts';
import type { EnvelopeAlgorithmName } from '../../src/crypto/algorithms.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { type MintedKey, mintKey } from '../../src/federation/signer.node.ts';
import { signedFile } from '../../src/federation/tuf-write.ts';
import { tufKeyEntry, tufKeyId } from '../../src/trust/tuf/keys.ts';
import { metadataName, targetName } from '../../src/trust/tuf/paths.ts';
import { GENERIC } from '../../src/trust/tuf/profile.ts';
import { type Refreshed, refreshFrom } from '../../src/trust/tuf/refresh.ts';
import { beginWith } from '../../src/trust/tuf/root.ts';
import type { TufContext } from '../../src/trust/tuf/state.ts';

/**
 * A repository as the specification alone would have it, with delegations of any shape. Its metadata is written out here
 * and not by the federation's writer, which cannot express most of it.
 */
export interface Listed {
  readonly name: string;
  readonly paths: readonly string[];
  /** Instead of paths. */
  readonly prefixes?: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly terminating?: boolean;
  readonly delegated?: readonly Listed[];
  /** Delegates to itself. */
  readonly back?: boolean;
  /** The delegation names a key that did not sign. */
  readonly otherKey?: boolean;
}

export interface GenericRepository {
  readonly files: Map<string, Uint8Array>;
  readonly root: Uint8Array;
  refresh(change?: Partial<TufContext>): Refreshed;
}

export const CLOCK = Date.parse('2026-11-23T04:00:00Z');
const COMMON = { spec_version: '1.0.31', version: 1, expires: '2027-01-01T00:00:00Z' };

export async function listed(
  top: Readonly<Record<string, string>>,
  options: {
    readonly delegated?: readonly Listed[];
    readonly consistent?: boolean;
    readonly threshold?: number;
    /** `targets` names the same key under two ids, and it signs under both. */
    readonly oneKeyTwice?: boolean;
    readonly algorithm?: EnvelopeAlgorithmName;
    readonly hashes?: readonly ('sha256' | 'sha512')[];
  } = {},
): Promise<GenericRepository> {
  const { delegated = [], consistent = true, threshold = 1, hashes = ['sha256'], algorithm = 'EdDSA' } = options;
  const key = mintKey(algorithm);
  const stranger = mintKey(algorithm);
  const files = new Map<string, Uint8Array>();
  const meta: Record<string, ValueObject> = {};

  const describe = (content: string): { length: number; hashes: Record<string, string> } => {
    const bytes = encodeUtf8(content);
    const digests = hashes.map((name) => {
      const digest = nodePlatform.digest(name === 'sha256' ? 'SHA-256' : 'SHA-512', bytes);
      return [name, encodeHex(digest)] as const;
    });
    return { length: bytes.length, hashes: Object.fromEntries(digests) };
  };

  const delegations = (roles: readonly Listed[]): ValueObject => ({
    keys: keysOf([key, stranger]),
    roles: roles.map(
      (role): ValueObject => ({
        name: role.name,
        keyids: [idOf(role.otherKey ? stranger : key)],
        threshold: 1,
        terminating: role.terminating ?? false,
        ...(role.prefixes === undefined ? { paths: role.paths } : { path_hash_prefixes: role.prefixes }),
      }),
    ),
  });

  async function targets(name: string, content: Readonly<Record<string, string>>, roles: readonly Listed[]) {
    if (meta[`${name}.json`] !== undefined) return;
    const entries = Object.entries(content).map(([path, each]) => [path, describe(each)] as const);
    for (const [path, each] of Object.entries(content)) {
      const { length, hashes: digests } = describe(each);
      files.set(targetName(path, { length, hashes: new Map(Object.entries(digests)) }, consistent), encodeUtf8(each));
    }
    const signed = {
      ...COMMON,
      _type: 'targets',
      targets: Object.fromEntries(entries),
      ...(roles.length === 0 ? {} : { delegations: delegations(roles) }),
    };
    meta[`${name}.json`] = { version: 1 };
    let file = await signedFile(signed as unknown as ValueObject, [key], nodePlatform);
    if (name === 'targets' && options.oneKeyTwice) file = underSecondId(file);
    files.set(metadataName(name, consistent ? 1 : undefined), file);
    for (const role of roles) {
      const below = role.back ? [...(role.delegated ?? []), role] : (role.delegated ?? []);
      await targets(role.name, role.files, below);
    }
  }
  await targets('targets', top, delegated);

  const role = (keyids: readonly string[] = [idOf(key)], needed = 1): ValueObject => ({ keyids, threshold: needed });
  const twice = options.oneKeyTwice ? { [SECOND_ID]: tufKeyEntry(key.publicKey) } : {};
  const rootSigned: ValueObject = {
    ...COMMON,
    _type: 'root',
    consistent_snapshot: consistent,
    keys: { ...keysOf([key]), ...twice },
    roles: {
      root: role(),
      timestamp: role(),
      snapshot: role(),
      targets: role([idOf(key), ...Object.keys(twice)], threshold),
    },
  };
  const sign = (signed: ValueObject): Promise<Uint8Array> => signedFile(signed, [key], nodePlatform);
  const root = await sign(rootSigned);
  files.set(metadataName('root', 1), root);
  const snapshot = await sign({ ...COMMON, _type: 'snapshot', meta: meta as unknown as Value });
  files.set(metadataName('snapshot', consistent ? 1 : undefined), snapshot);
  const timestamp = await sign({ ...COMMON, _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } });
  files.set(metadataName('timestamp'), timestamp);
  return {
    files,
    root,
    refresh(change = {}) {
      const context: TufContext = { platform: nodePlatform, profile: GENERIC, now: CLOCK, ...change };
      return refreshFrom(beginWith(root, context), files, context);
    },
  };
}

const SECOND_ID = 'the-same-key-again';

function underSecondId(file: Uint8Array): Uint8Array {
  const { signatures, signed } = JSON.parse(new TextDecoder().decode(file)) as {
    signatures: { sig: string }[];
    signed: unknown;
  };
  const again = { keyid: SECOND_ID, sig: signatures[0]!.sig };
  return encodeUtf8(JSON.stringify({ signatures: [...signatures, again], signed }));
}

const idOf = ({ publicKey }: MintedKey): string => tufKeyId(tufKeyEntry(publicKey), nodePlatform);
const keysOf = (keys: readonly MintedKey[]): ValueObject =>
  Object.fromEntries(keys.map((key) => [idOf(key), tufKeyEntry(key.publicKey)]));
