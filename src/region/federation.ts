import type { Platform } from '../crypto/platform.ts';
import type {
  Catalogue,
  Composition,
  FederationManifest,
  Memory,
  RegionManifest,
} from '../document/generated/types.ts';
import { once } from '../document/once.ts';
import { ancestorsOf } from '../document/region-id.ts';
import type { Format } from '../format/compile.ts';
import type { Connector } from '../format/connector.ts';
import type { OwnersOf } from '../format/open.ts';
import type { ReferenceFormat } from '../format/reference.ts';
import { agreementTable, type RegionAgreements } from '../judge/agreements.ts';
import type { CompositionBook } from '../judge/compositions.ts';
import { nextStepsOf } from '../judge/next-steps.ts';
import { ruleBook } from '../judge/rules.ts';
import { buildTrustView, type FileTimes, type Rejected, type TrustPart, type TrustView } from '../trust/view.ts';
import { agreedReader } from './agreed.ts';
import { readAllotments } from './allotments.ts';
import { type ClockFloor, floorOf } from './clock.ts';
import { memoryOf, remember, seenOf } from './memory.ts';
import {
  type Files,
  type Pack,
  PackError,
  type ReadFilePart,
  readCatalogue,
  readManifest,
  readTimestamperLists,
  regionIds,
} from './pack.ts';
import { type LastGood, TOP, unitOf, withLastGood } from './quarantine.ts';
import { readInForce } from './read.ts';
import type { Standpoint, StoreTrouble } from './standpoint.ts';
import { type Systems, systemsOf } from './systems.ts';
import type { VerifiedRegions } from './verified.ts';
import { wordsOf } from './words.ts';

/** A store, read and compiled: everything that standpoints share. Immutable. */
export interface Federation {
  readonly manifest: FederationManifest;
  readonly catalogue: Catalogue;
  readonly regions: ReadonlyMap<string, RegionManifest>;
  readonly formats: readonly Format[];
  readonly references: readonly ReferenceFormat[];
  readonly ownersOf: OwnersOf;
  /** How regions' own systems are asked. */
  readonly connectors: readonly Connector[];
  readonly trust: TrustView;
  /** The members' own systems that may call gateways. */
  readonly systems: Systems;
  /** Everything in the store that could not be used, and why. Worked out when first asked: it takes reading every certificate. */
  readonly rejected: readonly Rejected[];
  /** What is to be remembered from now on, and given to the next load. */
  readonly memory: Memory;
  readonly floor: ClockFloor;
  /** What the lists of issuers came to: to be kept for the next load. */
  readonly verified: VerifiedRegions;
  /** Regions whose lists were not taken over as they were kept. */
  readonly checkedAnew: readonly string[];
  /** Regions, and perhaps TOP, of which a file is at fault, so that an earlier version is in force, or none. */
  readonly faulty: ReadonlySet<string>;
  /** What its signatures say; undefined for a store without any. */
  readonly signed: SignedBy | undefined;
  /** The region and those it stands under, nearest first. */
  chain(region: string): readonly string[];
  /** How this region judges. Undefined if the federation has no such region. */
  standpoint(region: string, clock?: () => number): Standpoint | undefined;
}

/** What vouches for a store's files. */
export interface SignedBy {
  /** As the root names them. */
  readonly federation: string;
  readonly environment: string;
  /** Of a file with the content that is in force. */
  timesOf(file: string, content: Uint8Array | undefined): FileTimes | undefined;
  /** What was refused, in the words of verdicts. */
  readonly troubles: readonly StoreTrouble[];
  /** The same, as what could not be used. */
  readonly rejected: readonly Rejected[];
}

/** What a store is loaded with, besides its files. */
export interface LoadOptions {
  /** Absent for files that nobody signed: they are never production. */
  readonly signed?: SignedBy | undefined;
  /** What stays in force of a unit whose files cannot be used as they are now. */
  readonly lastGood?: LastGood | undefined;
  /** What was remembered of earlier stores. Of another federation it is not looked at. */
  readonly memory?: Memory | undefined;
  /** What was kept of an earlier load: a region's issuers are not checked again while its files are the same. */
  readonly verified?: VerifiedRegions;
  /** This gateway's own log: when it first saw what has this SHA-256 (base64url), epoch ms. */
  readonly remembered?: (digest: string) => number | undefined;
  /** Epoch ms, to tell what can be remembered. */
  readonly now?: number;
  /** Reads the files that are too large for memory; without it they are looked for among the others. */
  readonly readPart?: ReadFilePart;
}

/**
 * Reads and compiles a store. A faulty part is rejected with file, pointer and reason, its last good version stays in
 * force where there is one, and the rest goes on; without federation.json or catalogue.json nothing can (PackError).
 */
export function loadFederation(files: Files, platform: Platform, options: LoadOptions = {}): Federation {
  try {
    return load(files, platform, options, []);
  } catch (error) {
    const good = error instanceof PackError ? options.lastGood?.(TOP) : undefined;
    if (!(error instanceof PackError) || good === undefined) throw error;
    const { file, at, reason } = error;
    return load(withLastGood(TOP, files, [], good), platform, options, [{ file, at, reason, lastGood: true }]);
  }
}

function load(files: Files, platform: Platform, options: LoadOptions, faultsOfTop: readonly Rejected[]): Federation {
  const { signed, lastGood } = options;
  const rejected: Rejected[] = [...faultsOfTop];
  const reject = (item: Rejected): void => {
    rejected.push(item);
  };
  const manifest = environmentOf(readManifest(files), signed, reject);
  const seen = memoryOf(manifest, options.memory);
  const catalogue = readCatalogue(files);
  const { words, common } = wordsOf(catalogue);
  const allotments = readAllotments(files);

  const context = { ...words, platform, allotments, verified: options.verified, readPart: options.readPart };
  const inForce = new Map(regionIds(files).map((id) => [id, readInForce(id, files, context, lastGood)]));
  for (const { faults } of inForce.values()) rejected.push(...faults);
  const usable = new Map([...inForce].flatMap(([id, { made }]) => (made === undefined ? [] : [[id, made] as const])));
  const packs = new Map([...usable].map(([id, { pack }]) => [id, pack]));
  const chain = (region: string): string[] => chainOf(region, packs);
  const isWithheld = (region: string): boolean => inForce.get(region)!.withheld;
  const timesOf: TimesOf = (file) => signed?.timesOf(file, (inForce.get(unitOf(file))?.files ?? files).get(file));

  const verified = new Map([...usable].map(([id, { verified: own }]) => [id, own]));
  const sources = [...packs].map(([region, pack]) => ({
    ...pack,
    lists: verified.get(region)!.lists,
    revocations: {
      ...pack.revocations,
      unreadable: pack.revocations.unreadable || isWithheld(region),
      seen: seenOf(seen, region),
    },
    chain: chain(region),
  }));
  const trust = buildTrustView(sources, platform, readTimestamperLists(files, reject), timesOf);
  // A page never asks.
  const callers = once(() => callersOf(packs, isWithheld, timesOf, platform));
  const book = ruleBook([...packs].map(([region, pack]) => ({ region, chain: chain(region), ...pack })));
  const everything = once(() => [
    ...(signed?.rejected ?? []),
    ...rejected,
    ...trust.rejected,
    ...book.rejected,
    ...callers().rejected,
  ]);
  const agreements = new Map<string, RegionAgreements>(
    [...packs].flatMap(([id, pack]) => (pack.agreements ? [[id, pack.agreements]] : [])),
  );
  const compositions = new Map(
    [...usable].flatMap(([id, { compositions: own }]) => (own === undefined ? [] : [[id, own]])),
  );
  const codes = new Map([...usable].map(([id, made]) => [id, made.codes]));
  const regions = new Map([...packs].map(([id, pack]) => [id, pack.manifest]));
  const latest = latestOf(regions.keys(), trust);
  const made = [...usable.values()];
  const shared = {
    regions,
    chain,
    formats: made.flatMap((region) => region.formats),
    references: made.flatMap((region) => region.references),
    ownersOf: allotments?.ownersOf ?? (() => []),
    connectors: made.flatMap((region) => region.connectors),
    trust,
    floor: floorOf(seen, latest),
  };
  const readAsAgreed = agreedReader(codes, { ...words, digest: platform.digest });

  return {
    ...shared,
    manifest,
    catalogue,
    get systems() {
      return callers().systems;
    },
    get rejected() {
      return everything();
    },
    memory: remember(manifest, seen, latest, trust, options.now ?? Infinity),
    verified,
    checkedAnew: [...verified].flatMap(([id, each]) => (options.verified?.get(id)?.lists === each.lists ? [] : [id])),
    faulty: new Set([
      ...(faultsOfTop.length === 0 ? [] : [TOP]),
      ...[...inForce].flatMap(([id, { faults }]) => (faults.length === 0 ? [] : [id])),
    ]),
    signed,
    standpoint: (region, clock = Date.now) =>
      regions.has(region)
        ? {
            ...shared,
            ...words,
            federation: manifest.federation,
            environment: manifest.environment,
            ages: manifest.ages,
            region,
            parts: ownParts(chain(region), packs, timesOf),
            troubles: signed?.troubles ?? [],
            agreements: agreementTable(chain(region), agreements),
            readAsAgreed,
            rules: book.ruleSet(chain(region)),
            nextSteps: nextStepsOf(chain(region).flatMap((each) => packs.get(each)?.nextSteps ?? [])),
            compositions: compositionBook(common, chain(region), compositions),
            clock,
            ...(options.remembered === undefined ? {} : { remembered: options.remembered }),
          }
        : undefined,
  };
}

type TimesOf = (file: string) => FileTimes | undefined;

/** The regions' own systems. Of a region whose newest lists could not be used, nobody knows whom it has taken out of them. */
function callersOf(
  packs: ReadonlyMap<string, Pack>,
  isWithheld: (region: string) => boolean,
  timesOf: TimesOf,
  platform: Platform,
): ReturnType<typeof systemsOf> {
  const sources = [...packs].flatMap(([region, { systems }]) => {
    if (systems === undefined || isWithheld(region)) return [];
    return [{ region, ...systems, expires: timesOf(systems.file)?.expires ?? Number.POSITIVE_INFINITY }];
  });
  return systemsOf(sources, platform);
}

/**
 * Whoever writes into a folder without signatures could call it production: that word needs the root's signatures. What
 * a signed store calls itself must be what its root says.
 */
function environmentOf(
  manifest: FederationManifest,
  signed: SignedBy | undefined,
  reject: (item: Rejected) => void,
): FederationManifest {
  if (signed !== undefined) {
    for (const [at, word] of Object.entries({ federation: signed.federation, environment: signed.environment }))
      if (manifest[at as 'federation' | 'environment'] !== word)
        throw new PackError('federation.json', `/${at}`, `the root of the store says ${word}`);
    return manifest;
  }
  if (manifest.environment !== 'production') return manifest;
  const reason = 'nobody signed this store, so it counts as reference: production needs a signed one';
  reject({ file: 'federation.json', at: '/environment', reason });
  return { ...manifest, environment: 'reference' };
}

/** What every verdict of a region rests on besides the issuers' lists: what the region says itself, where it is signed. */
function ownParts(chain: readonly string[], packs: ReadonlyMap<string, Pack>, timesOf: TimesOf): TrustPart[] {
  const files = chain.flatMap((region) => {
    const { agreements, rules } = packs.get(region)!;
    const first = agreements === undefined ? rules[0]?.file : `regions/${region}/agreements.json`;
    return first === undefined ? [] : [[region, first] as const];
  });
  return files.flatMap(([region, part]) => {
    const times = timesOf(part);
    return times === undefined ? [] : [{ part, region, ...times }];
  });
}

/** The latest time that each region's own lists say. */
function latestOf(regions: Iterable<string>, trust: TrustView): Map<string, number> {
  const latest = new Map<string, number>();
  for (const region of regions) {
    const own = trust.parts(region).filter((part) => part.region === region);
    if (own.length > 0) latest.set(region, Math.max(...own.map(({ issued }) => issued)));
  }
  return latest;
}

/** What holds for all, and over it what the region and those it stands under say themselves: the nearest of an id counts. */
function compositionBook(
  common: readonly Composition[],
  chain: readonly string[],
  own: ReadonlyMap<string, CompositionBook>,
): CompositionBook {
  const books = chain.flatMap((region) => own.get(region) ?? []);
  const nearestLast = [...common, ...books.toReversed().flatMap(({ all }) => all)];
  return {
    all: [...new Map(nearestLast.map((each) => [each.id, each])).values()],
    readable: books.every(({ readable }) => readable),
  };
}

/**
 * Cities and counties stand under their province, by GB/T 2260 (330421 → 330400 → 330000). A county that its province governs
 * itself names it as its parent, and the city is left out; whatever stands above the parent it cannot leave out.
 */
function chainOf(region: string, packs: ReadonlyMap<string, Pack>): string[] {
  const above = ancestorsOf(region);
  const parent = packs.get(region)?.manifest.parent;
  const from = parent === undefined ? 0 : above.indexOf(parent);
  return [region, ...above.slice(from).filter((each) => packs.has(each))];
}
