import { expect } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import type { ValueObject } from '../../src/codec/value.ts';
import type { EnvelopeAlgorithmName } from '../../src/crypto/algorithms.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { type MintedKey, mintKey } from '../../src/federation/signer.node.ts';
import {
  newest,
  placeRoot,
  publishNews,
  publishRole,
  type Repository,
  type RoleContent,
} from '../../src/federation/tuf-publish.ts';
import { type Holders, rootSigned, signedFile } from '../../src/federation/tuf-write.ts';
import { FEDERATION, type FederationRoot } from '../../src/trust/tuf/federation-profile.ts';
import type { TopRole } from '../../src/trust/tuf/metadata.ts';
import type { Profile } from '../../src/trust/tuf/profile.ts';
import { type Refreshed, refreshFrom } from '../../src/trust/tuf/refresh.ts';
import { beginWith } from '../../src/trust/tuf/root.ts';
import type { TufContext, TufState } from '../../src/trust/tuf/state.ts';
import { viewOf } from '../../src/trust/tuf/view.ts';

/**
 * A small federation with a signed store, and what is needed to attack it: four members (three must sign), one online
 * key each for snapshot and timestamp, Shanghai, Zhejiang with Ningbo below it, guests, and the federation's own files.
 */
export const T0 = Date.parse('2026-11-23T04:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export type Json = Record<string, unknown> & { signed: Record<string, unknown> };
export const jsonOf = (bytes: Uint8Array): Json => JSON.parse(decodeUtf8(bytes)) as Json;
export const text = (content: string): Uint8Array => encodeUtf8(content);

export const OWN_ROOT: FederationRoot = {
  federation: 'test-federation',
  environment: 'reference',
  kinds: {},
  waitingHours: 168,
};

export const packOf = (region: string, note = 'first'): Map<string, Uint8Array> =>
  new Map([
    [`regions/${region}/region.json`, text(`{"region":"${region}","note":"${note}"}`)],
    [`regions/${region}/formats/pass.json`, text(`{"format":"${region}-pass"}`)],
  ]);

const holders = (keys: readonly MintedKey[], threshold: number): Holders => ({
  keys: keys.map(({ publicKey }) => publicKey),
  threshold,
});

type Signers = readonly MintedKey[];

/** A federation whose parts tests replace one by one. */
export interface Stage {
  now: number;
  own: FederationRoot;
  members: MintedKey[];
  threshold: number;
  online: { snapshot: MintedKey[]; timestamp: MintedKey[] };
  regions: Map<string, MintedKey>;
  repository: Repository;
  /** Role → ms; delegated roles 72 hours. */
  lifetimes: Record<string, number>;
  /** A fresh key. */
  key(): MintedKey;
  rootRoles(): Record<TopRole, Holders>;
  delegations(roles?: readonly string[]): Map<string, Holders>;
  /** Signs the next version with these keys. */
  root(signers?: Signers, change?: Readonly<Record<string, unknown>>): Promise<void>;
  targets(content?: RoleContent, signers?: Signers): Promise<void>;
  region(role: string, content?: RoleContent, signers?: Signers): Promise<void>;
  news(signers?: { snapshot: Signers; timestamp: Signers }): Promise<void>;
  /** Everybody signs again. */
  everything(note?: string): Promise<void>;
  context(change?: Partial<TufContext>): TufContext;
  /** A client that knows the first root. */
  begin(profile?: Profile): TufState;
  refresh(state: TufState, change?: Partial<TufContext>, repository?: Repository): Refreshed;
  /** A file of the repository replaced by what `change` makes of its `signed`; signed again by these keys. */
  forge(name: string, change: (signed: Record<string, unknown>) => void, signers: Signers): Promise<void>;
  put(name: string, bytes: Uint8Array | undefined): void;
}

export async function stage(
  algorithm: EnvelopeAlgorithmName = 'EdDSA',
  own: FederationRoot = OWN_ROOT,
): Promise<Stage> {
  const key = (): MintedKey => mintKey(algorithm);
  const members = [key(), key(), key(), key()];
  const online = { snapshot: [key()], timestamp: [key()] };
  const lifetime = (role: string): number => fed.lifetimes[role] ?? 72 * HOUR;
  const regions = new Map(['federation', '310000', '330000', '330200', 'guests'].map((role) => [role, key()] as const));
  const fed: Stage = {
    now: T0,
    lifetimes: {
      root: 365 * DAY,
      targets: 365 * DAY,
      federation: 365 * DAY,
      snapshot: 72 * HOUR,
      timestamp: 24 * HOUR,
    },
    own,
    members,
    threshold: 3,
    online,
    regions,
    repository: new Map() as Repository,
    key,

    rootRoles: (): Record<TopRole, Holders> => ({
      root: holders(fed.members, fed.threshold),
      targets: holders(fed.members, fed.threshold),
      snapshot: holders(fed.online.snapshot, 1),
      timestamp: holders(fed.online.timestamp, 1),
    }),
    async root(
      signers: readonly MintedKey[] = fed.members,
      change: Readonly<Record<string, unknown>> = {},
    ): Promise<void> {
      const version = (newest(fed.repository, 'root')?.version ?? 0) + 1;
      const head = { version, issued: fed.now, expires: fed.now + lifetime('root') };
      const signed = { ...rootSigned(head, fed.rootRoles(), fed.own, nodePlatform), ...change } as ValueObject;
      fed.repository = placeRoot(fed.repository, await signedFile(signed, signers, nodePlatform));
    },
    delegations: (roles: readonly string[] = ['federation', '310000', '330000', 'guests']): Map<string, Holders> =>
      new Map(roles.map((role) => [role, holders([fed.regions.get(role)!], 1)])),
    async targets(content: RoleContent = {}, signers: readonly MintedKey[] = fed.members) {
      const whole = { delegations: fed.delegations(), ...content };
      const times = { now: fed.now, lifetime: lifetime('targets') };
      fed.repository = await publishRole(fed.repository, 'targets', whole, signers, times, nodePlatform);
    },
    async region(
      role: string,
      content: RoleContent = { files: packOf(role) },
      signers = [fed.regions.get(role)!],
    ): Promise<void> {
      const times = { now: fed.now, lifetime: lifetime(role) };
      fed.repository = await publishRole(fed.repository, role, content, signers, times, nodePlatform);
    },
    async news(
      signers: { snapshot: readonly MintedKey[]; timestamp: readonly MintedKey[] } = fed.online,
    ): Promise<void> {
      const timesOf = (role: string) => ({ now: fed.now, lifetime: lifetime(role) });
      const times = { snapshot: timesOf('snapshot'), timestamp: timesOf('timestamp') };
      fed.repository = await publishNews(fed.repository, signers, times, nodePlatform);
    },
    async everything(note = 'first'): Promise<void> {
      await fed.targets();
      await fed.region('federation', { files: new Map([['catalogue.json', text('{}')]]) });
      await fed.region('310000', { files: packOf('310000', note) });
      await fed.region('330000', { files: packOf('330000'), delegations: fed.delegations(['330200']) });
      await fed.region('330200');
      await fed.region('guests', { files: packOf('x-guest') });
      await fed.news();
    },

    context: (change: Partial<TufContext> = {}): TufContext => ({
      platform: nodePlatform,
      profile: FEDERATION,
      now: fed.now,
      ...change,
    }),
    begin: (profile: Profile = FEDERATION): TufState =>
      beginWith(fed.repository.get('metadata/1.root.json')!, { platform: nodePlatform, profile }),
    refresh: (state: TufState, change: Partial<TufContext> = {}, repository: Repository = fed.repository): Refreshed =>
      refreshFrom(state, repository, fed.context(change)),
    async forge(
      name: string,
      change: (signed: Record<string, unknown>) => void,
      signers: readonly MintedKey[],
    ): Promise<void> {
      const { signed } = jsonOf(fed.repository.get(name)!);
      change(signed);
      fed.put(name, await signedFile(signed as ValueObject, signers, nodePlatform));
    },
    put(name: string, bytes: Uint8Array | undefined) {
      const after = new Map(fed.repository);
      if (bytes === undefined) after.delete(name);
      else after.set(name, bytes);
      fed.repository = after;
    },
  };
  await fed.root();
  await fed.everything();
  return fed;
}

export const codes = ({ troubles }: Pick<Refreshed, 'troubles'>): string[] =>
  troubles.map(({ role, code }) => `${role} ${code}`);
export const read = ({ view }: Refreshed, path: string): string | undefined => {
  const file = view.files.get(path);
  return file && decodeUtf8(file.content);
};
export const versions = ({ view }: Refreshed): Record<string, number> =>
  Object.fromEntries([...view.roles].map(([name, { version }]) => [name, version]));

/** A federation, and a client that has seen its store. */
export async function seen(): Promise<{ fed: Stage; state: TufState }> {
  const fed = await stage();
  const first = fed.refresh(fed.begin());
  expect(codes(first)).toEqual([]);
  return { fed, state: first.state };
}

/** What is offered now is refused with exactly this, and the last good state stays. */
export function refused(fed: Stage, state: TufState, ...expected: string[]): void {
  const after = fed.refresh(state);
  expect(codes(after)).toEqual(expected);
  expect([...after.view.files.keys()]).toEqual([...viewOf(state, fed.context()).files.keys()]);
  expect(read(after, 'regions/310000/region.json')).toContain('first');
}
