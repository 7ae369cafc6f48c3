import type { Platform } from '../crypto/platform.ts';
import type { CatalogueType, FormatDeclaration, ReferenceDeclaration } from '../document/generated/types.ts';
import type { StatusTable } from '../document/statuses.ts';
import { type CodeTable, codeTable } from '../format/codes.ts';
import { compileFormat, type Format, type FormatContext } from '../format/compile.ts';
import { type Connector, compileConnector } from '../format/connector.ts';
import { compileReference, type ReferenceFormat } from '../format/reference.ts';
import { checkScheme } from '../format/status.ts';
import { type CompositionBook, checkCompositions } from '../judge/compositions.ts';
import type { Rejected } from '../trust/key.ts';
import type { Allotments } from './allotments.ts';
import { attempt, type Files, type Pack, PackError, type ReadFilePart, readPack, refusing } from './pack.ts';
import { type LastGood, withAllLastGood, withholds, withLastGood } from './quarantine.ts';
import { packInputs, type VerifiedRegion, type VerifiedRegions, verifiedRegion } from './verified.ts';

/** What a region's pack is read with. */
export interface ReadContext {
  readonly types: ReadonlyMap<string, CatalogueType>;
  readonly statuses: StatusTable;
  readonly platform: Platform;
  /** What the federation allots; undefined if it allots nothing. */
  readonly allotments: Allotments | undefined;
  /** What was kept of an earlier load. */
  readonly verified?: VerifiedRegions | undefined;
  readonly readPart?: ReadFilePart | undefined;
}

/** A region's pack, with all that can be made of it alone. */
export interface ReadRegion {
  /** Undefined without a manifest that can be read. */
  readonly made: MadeRegion | undefined;
  /** Files that are at fault as a whole. An entry of a list that cannot be used is none. */
  readonly faults: readonly Rejected[];
}

export interface MadeRegion extends CompiledPack {
  readonly pack: Pack;
  readonly verified: VerifiedRegion;
  /** Undefined if the region says nothing of its own. */
  readonly compositions: CompositionBook | undefined;
}

function readRegion(id: string, files: Files, context: ReadContext): ReadRegion {
  const { platform, verified, readPart, types } = context;
  const faults: Rejected[] = [];
  const reject = (item: Rejected): void => {
    faults.push(item);
  };
  const { allotments } = context;
  const kept = verified?.get(id);
  const inputs = packInputs(id, files, platform);
  const sound = kept?.sound === inputs;
  const pack = attempt(() => {
    allotments?.checkBytes(id, files);
    return readPack(id, files, reject, { readPart, sound });
  }, reject);
  if (pack === undefined) return { made: undefined, faults };
  const made = {
    pack,
    compositions: compositionsOf(id, pack, types, reject),
    ...compilePack(id, pack, { ...context, sound }, reject),
    verified: verifiedRegion(id, pack, files, platform, kept),
  };
  const allotted = attempt(() => {
    allotments?.checkPack(id, made);
    return made;
  }, reject);
  const all = [...faults, ...made.verified.rejected];
  const inOrder = allotted !== undefined && !sound && all.length === 0;
  return {
    made: inOrder ? { ...allotted, verified: { ...allotted.verified, sound: inputs } } : allotted,
    faults: all,
  };
}

/** A region as it is in force: by its files as they are now or, where these are at fault, by what was last good. */
export interface RegionInForce extends ReadRegion {
  readonly id: string;
  /** The store's files, with what of this region had to go back. */
  readonly files: Files;
  /** Whether newer lists could not be used (`withholds`). */
  readonly withheld: boolean;
}

export function readInForce(
  id: string,
  files: Files,
  context: ReadContext,
  lastGood: LastGood | undefined,
): RegionInForce {
  const now = readRegion(id, files, context);
  const good = now.faults.length === 0 ? undefined : lastGood?.(id);
  if (good === undefined) return { id, files, withheld: false, ...now };
  const part = withLastGood(id, files, now.faults, good);
  const partRead = readRegion(id, part, context);
  const whole = partRead.made === undefined;
  const back = whole ? withAllLastGood(id, files, good) : part;
  const read = fallenBack(now, whole ? readRegion(id, back, context) : partRead);
  return { id, files: back, withheld: withholds(id, files, back, whole), ...read };
}

/** What is at fault now is listed, with whether something good took its place. */
function fallenBack(now: ReadRegion, good: ReadRegion): ReadRegion {
  const still = new Set(good.faults.map(({ file }) => file));
  const faults = now.faults.map((each) => (still.has(each.file) ? each : { ...each, lastGood: true as const }));
  return { made: good.made, faults };
}

interface CompiledPack {
  readonly codes: ReadonlyMap<string, CodeTable>;
  readonly formats: readonly Format[];
  readonly references: readonly ReferenceFormat[];
  readonly connectors: readonly Connector[];
}

function compilePack(
  region: string,
  pack: Pack,
  { types, statuses, platform, allotments, sound }: ReadContext & { readonly sound: boolean },
  reject: (item: Rejected) => void,
): CompiledPack {
  const codes = new Map<string, CodeTable>();
  const context: Pick<FormatContext, 'types' | 'digest'> = { types, digest: platform.digest };
  for (const { file, list } of pack.codes) {
    const table = attempt(() => {
      if (codes.has(list.list)) throw new PackError(file, '/list', `another file has a list ${list.list} already`);
      return refusing(file, () => {
        const made = codeTable(list);
        checkScheme(made, statuses);
        return made;
      });
    }, reject);
    if (table !== undefined) codes.set(list.list, table);
  }
  const ids = new Set<string>();
  const compiled = <Declared extends FormatDeclaration | ReferenceDeclaration, Made>(
    files: readonly { readonly file: string; readonly declaration: Declared }[],
    compile: (declaration: Declared) => Made,
  ): Made[] =>
    files.flatMap(({ file, declaration }) => {
      const made = attempt(() => {
        // Both would claim every document of the format, which would then be ambiguous.
        if (ids.has(declaration.format))
          throw new PackError(file, '/format', `another file declares ${declaration.format} already`);
        ids.add(declaration.format);
        return refusing(file, () => {
          allotments?.check(region, declaration);
          return compile(declaration);
        });
      }, reject);
      return made ?? [];
    });
  return {
    codes,
    formats: compiled(pack.formats, (declaration) => compileFormat(declaration, { ...context, region, codes, sound })),
    references: compiled(pack.references, (declaration) => compileReference(declaration, region)),
    connectors: connectorsOf(region, pack, reject),
  };
}

/** How its systems are asked. A faulty declaration is rejected alone. */
function connectorsOf(region: string, { connectors, manifest }: Pack, reject: (item: Rejected) => void): Connector[] {
  const ids = new Set<string>();
  return connectors.flatMap(({ file, declaration }) => {
    const made = attempt(() => {
      const { connector, documentTypes, stands } = declaration;
      if (manifest.endpoint === undefined) throw new PackError(file, '', 'the region names no endpoint (region.json)');
      if (ids.has(connector)) throw new PackError(file, '/connector', `another file declares ${connector} already`);
      ids.add(connector);
      const foreign = stands === undefined && documentTypes.find((type) => !manifest.issues.includes(type));
      if (foreign) throw new PackError(file, '/documentTypes', `the region does not issue ${foreign}`);
      return refusing(file, () => compileConnector(declaration, region));
    }, reject);
    return made ?? [];
  });
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
