import { nodePlatform } from '../crypto/platform.node.ts';
import type { FederationManifest } from '../document/generated/types.ts';
import { type Files, readManifest } from '../region/pack.ts';
import { metadataName } from '../trust/tuf/paths.ts';
import { FEDERATION_ROLE, GUESTS_ROLE, nearestAbove } from '../trust/tuf/regions.ts';
import { type MintedKey, mintKey } from './signer.node.ts';
import { filesByRole, headOf, placeRoot, publishNews, publishRole, type Repository } from './tuf-publish.ts';
import { type Holders, rootSigned, signedFile } from './tuf-write.ts';

/**
 * Signs the reference federation's store as a real one is signed: four members of whom three must agree on root and
 * targets, an online key each for snapshot and timestamp, one role for each region, one for all guests. All keys are fresh
 * and are dropped when this returns, so nothing can be signed after it: the store is good for 72 hours.
 */
export interface SignedReference {
  readonly repository: Repository;
  /** What a gateway has to pin. */
  readonly root: Uint8Array;
}

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const REGION = 72 * HOUR;

/** In: the minted store, and now (epoch ms). */
export async function signReference(store: Files, now: number): Promise<SignedReference> {
  const { federation, environment }: FederationManifest = readManifest(store);
  // P-256, so that the TUF clients of others can read it too; and the WebAssembly core checks it.
  const key = (): MintedKey => mintKey('ES256');
  const members = [key(), key(), key(), key()];
  const online = { snapshot: [key()], timestamp: [key()] };
  const offline = holders(members, 3);
  const roles = {
    root: offline,
    targets: offline,
    snapshot: holders(online.snapshot),
    timestamp: holders(online.timestamp),
  };
  const years = { now, lifetime: YEAR };
  const own = { federation, environment, kinds: {}, waitingHours: 168 };
  const head = headOf(1, years, undefined);
  const root = await signedFile(rootSigned(head, roles, own, nodePlatform), members.slice(0, 3), nodePlatform);
  let repository: Repository = placeRoot(new Map(), root);

  const files = filesByRole(store);
  const names = [...new Set([...files.keys(), FEDERATION_ROLE, GUESTS_ROLE])];
  const keys = new Map(names.map((name) => [name, key()] as const));
  const delegatedBy = (above: string | undefined): Map<string, Holders> =>
    new Map(
      names.filter((name) => nearestAbove(name, names) === above).map((name) => [name, holders([keys.get(name)!])]),
    );
  const targets = { delegations: delegatedBy(undefined) };
  repository = await publishRole(repository, 'targets', targets, members.slice(0, 3), years, nodePlatform);
  for (const name of names) {
    const content = { files: files.get(name) ?? new Map(), delegations: delegatedBy(name) };
    const times = name === FEDERATION_ROLE ? years : { now, lifetime: REGION };
    repository = await publishRole(repository, name, content, [keys.get(name)!], times, nodePlatform);
  }
  const times = { now, lifetime: REGION };
  repository = await publishNews(repository, online, { snapshot: times, timestamp: times }, nodePlatform);
  return { repository, root: repository.get(metadataName('root', 1))! };
}

const holders = (keys: readonly MintedKey[], threshold = 1): Holders => ({
  keys: keys.map(({ publicKey }) => publicKey),
  threshold,
});
