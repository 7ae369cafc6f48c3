import { randomBytes } from 'node:crypto';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { readHosts } from '../../src/exchange/address.ts';
import { regionClient } from '../../src/exchange/region-client.node.ts';
import { createResolver, type Resolver } from '../../src/exchange/resolve.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { type ReferenceSystems, startSystems } from '../../src/federation/reference-systems.node.ts';
import { type Federation, loadFederation } from '../../src/region/federation.ts';
import { declarations, NOW } from './federation.ts';

/** The reference federation with its regions' systems running, at a clock that stands still until it is moved. */
export interface SystemStage {
  now: number;
  readonly federation: Federation;
  readonly systems: ReferenceSystems;
  /** One that remembers nothing of the others. */
  resolver(): Resolver;
}

export async function systemStage(): Promise<SystemStage> {
  const minted = await mint(declarations, NOW);
  const federation = loadFederation(minted.store, nodePlatform);
  const stage = { now: NOW, federation } as SystemStage & { systems: ReferenceSystems };
  const clock = (): number => stage.now;
  stage.systems = await startSystems(minted, clock);
  const hosts = readHosts(stage.systems.hosts);
  stage.resolver = () =>
    createResolver({
      client: regionClient({ hosts, regions: () => federation.regions }),
      platform: nodePlatform,
      random: (octets) => new Uint8Array(randomBytes(octets)),
      clock,
    });
  return stage;
}
