import type { Platform } from '../crypto/platform.ts';
import { compileDisclosure, type Disclose } from '../document/disclose.ts';
import type {
  Catalogue,
  CatalogueType,
  Composition,
  FederationManifest,
  Memory,
  RegionManifest,
} from '../document/generated/types.ts';
import { type StatusTable, statusTable } from '../document/statuses.ts';
import { type CodeTable, codeTable } from '../format/codes.ts';
import { compileFormat, type Format, type FormatContext } from '../format/compile.ts';
import { compileReference, type ReferenceFormat } from '../format/reference.ts';
import { checkScheme } from '../format/status.ts';
import { agreementTable, type RegionAgreements } from '../judge/agreements.ts';
import { type CompositionBook, checkCompositions } from '../judge/compositions.ts';
import { ruleBook } from '../judge/rules.ts';
import { buildTrustView, type Rejected, type TrustView } from '../trust/view.ts';
import { type ClockFloor, floorOf } from './clock.ts';
import { memoryOf, remember, seenOf } from './memory.ts';
import {
  ancestorsOf,
  attempt,
  type Files,
  type Pack,
  PackError,
  type ReadFilePart,
  readCatalogue,
  readManifest,
  readPack,
  readTimestamperLists,
  regionIds,
} from './pack.ts';
import type { Standpoint } from './standpoint.ts';
import { type VerifiedRegions, verifiedRegion } from './verified.ts';

/** A store, read and compiled: everything that standpoints share. Immutable. */
export interface Federation {
  readonly manifest: FederationManifest;
  readonly catalogue: Catalogue;
  readonly regions: ReadonlyMap<string, RegionManifest>;
  readonly formats: readonly Format[];
  readonly references: readonly ReferenceFormat[];
  readonly trust: TrustView;
  /** Everything in the store that could not be used, and why. */
  readonly rejected: readonly Rejected[];
  /** What is to be remembered from now on, and given to the next load. */
  readonly memory: Memory;
  readonly floor: ClockFloor;
  /** What the lists of issuers came to: to be kept for the next load. */
  readonly verified: VerifiedRegions;
  /** Regions whose lists were not taken over as they were kept. */
  readonly checkedAnew: readonly string[];
  /** The region and those it stands under, nearest first. */
  chain(region: string): readonly string[];
  /** How this region judges. Undefined if the federation has no such region. */
  standpoint(region: string, clock?: () => number): Standpoint | undefined;
}

/** What a store is loaded with, besides its files. */
export interface LoadOptions {
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
 * Reads and compiles a store. A faulty part is rejected with file, pointer and reason, and the rest goes on; without
 * federation.json or catalogue.json nothing can (PackError).
 */
export function loadFederation(files: Files, platform: Platform, options: LoadOptions = {}): Federation {
  const manifest = readManifest(files);
  const seen = memoryOf(manifest, options.memory);
  const catalogue = readCatalogue(files);
  const types = new Map(catalogue.documentTypes.map((type) => [type.code, type]));
  const statuses = refusing('catalogue.json', () => statusTable(catalogue.statusSchemes));
  const rejected: Rejected[] = [];
  const reject = (item: Rejected): void => {
    rejected.push(item);
  };

  const packs = new Map<string, Pack>();
  for (const id of regionIds(files)) {
    const pack = attempt(() => readPack(id, files, reject, options.readPart), reject);
    if (pack !== undefined) packs.set(id, pack);
  }
  const chain = (region: string): string[] => chainOf(region, packs);
  const common = catalogue.compositions ?? [];
  refusing('catalogue.json', () => checkCompositions(common, types));
  const compositions = new Map(
    [...packs].flatMap(([id, pack]) => {
      const own = compositionsOf(id, pack, types, reject);
      return own === undefined ? [] : [[id, own]];
    }),
  );
  const compiled = [...packs].map(([region, pack]) =>
    compilePack(region, pack, { types, statuses, digest: platform.digest }, reject),
  );
  const formats = compiled.flatMap((pack) => pack.formats);
  const references = compiled.flatMap((pack) => pack.references);
  const verified = new Map(
    [...packs].map(([id, pack]) => [id, verifiedRegion(id, pack, files, platform, options.verified?.get(id))] as const),
  );
  for (const each of verified.values()) rejected.push(...each.rejected);
  const sources = [...packs].map(([region, pack]) => ({
    manifest: pack.manifest,
    lists: [],
    verified: verified.get(region)!.lists,
    anchors: pack.anchors,
    crls: pack.crls,
    certificates: pack.certificates,
    timestampers: pack.timestampers,
    issuance: pack.issuance,
    revocations: { ...pack.revocations, seen: seenOf(seen, region) },
    chain: chain(region),
  }));
  const trust = buildTrustView(sources, platform, readTimestamperLists(files, reject));
  const book = ruleBook([...packs].map(([region, pack]) => ({ region, chain: chain(region), ...pack })));
  const agreements = new Map<string, RegionAgreements>(
    [...packs].flatMap(([id, pack]) => (pack.agreements ? [[id, pack.agreements]] : [])),
  );
  const purposes = new Map<string, Disclose>(
    catalogue.purposes.map((row, i) => [row.code, disclosureOf(row.discloses, `/purposes/${i}/discloses`)]),
  );
  const purposeNames = new Map(
    catalogue.purposes.flatMap(({ code, name }) => [code, name.zh, name.en].map((word) => [word, code] as const)),
  );
  const regions = new Map([...packs].map(([id, pack]) => [id, pack.manifest]));
  const latest = latestOf(regions.keys(), trust);
  const floor = floorOf(seen, latest);

  return {
    manifest,
    catalogue,
    regions,
    formats,
    references,
    trust,
    rejected: [...rejected, ...trust.rejected, ...book.rejected],
    memory: remember(manifest, seen, latest, trust, options.now ?? Infinity),
    floor,
    verified,
    checkedAnew: [...verified].flatMap(([id, each]) => (options.verified?.get(id) === each ? [] : [id])),
    chain,
    standpoint: (region, clock = Date.now) =>
      regions.has(region)
        ? {
            federation: manifest.federation,
            environment: manifest.environment,
            ages: manifest.ages,
            region,
            regions,
            chain,
            types,
            statuses,
            purposes,
            purposeNames,
            formats,
            references,
            trust,
            agreements: agreementTable(chain(region), agreements),
            rules: book.ruleSet(chain(region)),
            compositions: compositionBook(common, chain(region), compositions),
            clock,
            floor,
            ...(options.remembered === undefined ? {} : { remembered: options.remembered }),
          }
        : undefined,
  };
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

function disclosureOf(pointers: readonly string[], at: string): Disclose {
  if (pointers.includes(''))
    throw new PackError('catalogue.json', at, 'the whole document is no part of it: name what a purpose may see');
  return compileDisclosure(pointers);
}

interface CompiledPack {
  readonly formats: readonly Format[];
  readonly references: readonly ReferenceFormat[];
}

function compilePack(
  region: string,
  pack: Pack,
  context: Pick<FormatContext, 'types' | 'digest'> & { readonly statuses: StatusTable },
  reject: (item: Rejected) => void,
): CompiledPack {
  const codes = new Map<string, CodeTable>();
  for (const { file, list } of pack.codes) {
    const table = attempt(() => {
      if (codes.has(list.list)) throw new PackError(file, '/list', `another file has a list ${list.list} already`);
      return refusing(file, () => {
        const made = codeTable(list);
        checkScheme(made, context.statuses);
        return made;
      });
    }, reject);
    if (table !== undefined) codes.set(list.list, table);
  }
  const ids = new Set<string>();
  const compiled = <Declared extends { readonly format: string }, Made>(
    files: readonly { readonly file: string; readonly declaration: Declared }[],
    compile: (declaration: Declared) => Made,
  ): Made[] =>
    files.flatMap(({ file, declaration }) => {
      const made = attempt(() => {
        // Both would claim every document of the format, which would then be ambiguous.
        if (ids.has(declaration.format))
          throw new PackError(file, '/format', `another file declares ${declaration.format} already`);
        ids.add(declaration.format);
        return refusing(file, () => compile(declaration));
      }, reject);
      return made ?? [];
    });
  return {
    formats: compiled(pack.formats, (declaration) => compileFormat(declaration, { ...context, region, codes })),
    references: compiled(pack.references, (declaration) => compileReference(declaration, region)),
  };
}

/** What a region itself declares. One that cannot be used is still there: then nobody knows what it asks for. */
function compositionsOf(
  region: string,
  { compositions, compositionsUnreadable }: Pack,
  types: ReadonlyMap<string, CatalogueType>,
  reject: (item: Rejected) => void,
): CompositionBook | undefined {
  if (compositionsUnreadable) return { all: [], readable: false };
  if (compositions === undefined) return undefined;
  const all = attempt(() => {
    refusing(`regions/${region}/compositions.json`, () => checkCompositions(compositions.compositions, types));
    return compositions.compositions;
  }, reject);
  return { all: all ?? [], readable: all !== undefined };
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

/** A compiler's Error says where and why; the file is known here. */
function refusing<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { message } = error as Error;
    const [, at = '', reason = message] = /^(\/[^:]*): (.*)$/s.exec(message) ?? [];
    throw new PackError(file, at, reason);
  }
}

/** Cities and counties stand under their province: by GB/T 2260 (330421 → 330400 → 330000), or by a named parent. */
function chainOf(region: string, packs: ReadonlyMap<string, Pack>): string[] {
  const chain = [region];
  const above = packs.get(region)?.manifest.parent;
  const candidates = above !== undefined ? [above] : ancestorsOf(region);
  for (const candidate of candidates) {
    if (!chain.includes(candidate) && packs.has(candidate)) chain.push(candidate);
  }
  return chain;
}
