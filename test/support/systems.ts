import { randomBytes } from 'node:crypto';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { HolderConsent } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { readHosts } from '../../src/exchange/address.ts';
import { regionClient } from '../../src/exchange/region-client.node.ts';
import { createResolver, type Resolver } from '../../src/exchange/resolve.ts';
import { mint } from '../../src/federation/mint.node.ts';
import { type ReferenceSystems, startSystems } from '../../src/federation/reference-systems.node.ts';
import type { MintedSample } from '../../src/federation/samples.node.ts';
import { type SystemKeys, systemKeysOf } from '../../src/federation/system-keys.node.ts';
import { subjectDigest, writeConsent } from '../../src/record/consent.ts';
import { type Federation, loadFederation } from '../../src/region/federation.ts';
import { declarations, NOW } from './federation.ts';

type Draft = { -readonly [Name in keyof SystemStage]: SystemStage[Name] };

/** The reference federation with its regions' systems running, at a clock that stands still until it is moved. */
export interface SystemStage {
  now: number;
  readonly federation: Federation;
  /** Its store. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Signed with its keys. */
  readonly samples: readonly MintedSample[];
  readonly systems: ReferenceSystems;
  /** One that remembers nothing of the others. */
  resolver(): Resolver;
  /** The keys of a region's system, `<region>/<id>`. */
  keys(system: string): SystemKeys;
  /** A consent of a holder of 310000 for 330000's kiosk, changed as wished, signed by `by` (the holder's region if absent). */
  consent(change?: Partial<HolderConsent>, by?: string): Promise<string>;
}

/** What a consent may be about. */
const SUBJECTS = [
  ['cardNumber', '91310000MA0000B073'],
  ['plate', '皖A12345'],
] as const;
const SALT = 'AAAAAAAAAAAAAAAAAAAAAA';

export async function systemStage(): Promise<SystemStage> {
  const minted = await mint(declarations, NOW);
  const federation = loadFederation(minted.store, nodePlatform);
  const stage = { now: NOW, federation, files: minted.store, samples: minted.samples } as unknown as Draft;
  const clock = (): number => stage.now;
  stage.systems = await startSystems(minted, clock);
  stage.keys = (system) => systemKeysOf(minted.systems.find((each) => each.system === system)!);
  let consents = 0;
  stage.consent = (change = {}, by = '310000/consents') =>
    writeConsent(
      {
        id: `consent-${String(++consents).padStart(16, '0')}`,
        federation: federation.manifest.federation,
        region: '310000',
        gateway: '330000',
        askers: ['330000/kiosk-1'],
        documentTypes: ['business-licence', 'freight-pass'],
        purposes: ['exchange'],
        subjects: SUBJECTS.map(([kind, value]) => ({ salt: SALT, digest: subjectDigest(SALT, kind, value) })),
        uses: 3,
        from: instantOf(NOW - 60_000),
        until: instantOf(NOW + 86_400_000),
        ...change,
      },
      stage.keys(by).signer,
    );
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
