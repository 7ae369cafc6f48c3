import type {
  Allotment,
  AllotmentList,
  FormatDeclaration,
  Quotas,
  Recognise,
  ReferenceDeclaration,
} from '../document/generated/types.ts';
import { validateAllotments } from '../document/generated/validators.js';
import { ancestorsOf } from '../document/region-id.ts';
import type { OwnersOf } from '../format/open.ts';
import { compileRecognise } from '../format/recognise.ts';
import { type Files, type Pack, PackError, readJson, refusing } from './pack.ts';
import type { VerifiedRegion } from './verified.ts';

/**
 * What the federation allots to each member: beginnings of texts and types of JWS, of which a declaration that trespasses is at fault
 * before any document is looked at; and documents by what is in them, which may fit another's declaration as well.
 */
export interface Allotments {
  /** Documents that fit a row are its region's alone: no other's format is asked about them. */
  readonly ownersOf: OwnersOf;
  /** Errors: an Error with place and reason, for a declaration that claims what is another's. */
  check(region: string, declaration: FormatDeclaration | ReferenceDeclaration): void;
  /** Before anything of a pack is read. Errors: PackError for one that is larger than it may be. */
  checkBytes(region: string, files: Files): void;
  /** Errors: PackError for a pack that holds more than it may, or names hosts that it may not. */
  checkPack(region: string, sized: SizedPack): void;
}

export interface SizedPack {
  readonly pack: Pack;
  readonly verified: VerifiedRegion;
}

const FILE = 'allotments.json';

/** The federation's own file; undefined if it has none, and then nothing is allotted. Errors: PackError. */
export function readAllotments(files: Files): Allotments | undefined {
  if (!files.has(FILE)) return undefined;
  const { allotments, quotas } = readJson<AllotmentList>(FILE, files.get(FILE), validateAllotments);
  const rows = new Map(allotments.map((row) => [row.region as string, row]));
  if (rows.size < allotments.length) throw new PackError(FILE, '/allotments', 'a region stands twice');
  return {
    ownersOf: ownersIn(allotments),
    check(region, declaration) {
      for (const { at, recognise } of claimsOf(declaration)) {
        const fault = faultOfClaim(recognise, region, rows);
        if (fault !== undefined) throw new Error(`${at}: ${fault}`);
      }
    },
    checkBytes(region, files) {
      const fault = faultOfQuotas({ bytes: bytesOf(region, files) }, rows.get(region)?.quotas ?? quotas);
      if (fault !== undefined) throw atFault(region, fault);
    },
    checkPack(region, sized) {
      const row = rows.get(region);
      const fault = faultOfQuotas(sizeOf(sized), row?.quotas ?? quotas) ?? faultOfHosts(sized.pack, region, rows);
      if (fault !== undefined) throw atFault(region, fault);
    },
  };
}

const atFault = (region: string, reason: string): PackError =>
  new PackError(`regions/${region}/region.json`, '', reason);

interface Claim {
  readonly at: string;
  readonly recognise: Recognise;
}

function claimsOf(declaration: FormatDeclaration | ReferenceDeclaration): Claim[] {
  if ('prefix' in declaration) return [{ at: '/prefix', recognise: { prefix: declaration.prefix } }];
  const also = (declaration.also ?? []).map(({ recognise }, i) => ({ at: `/also/${i}/recognise`, recognise }));
  return [{ at: '/recognise', recognise: declaration.recognise }, ...also];
}

/** Texts that begin like JSON or like a JWS are told apart by what is in them, and nobody's to claim by their beginning. */
const SHARED = ['{', '[', 'eyJ'];

function faultOfClaim(
  { prefix, begins, jws }: Recognise,
  region: string,
  rows: ReadonlyMap<string, Allotment>,
): string | undefined {
  // A city signs its province's formats. What it declares among what is its province's needs a row of its own to be asked.
  const own = [region, ...ancestorsOf(region)];
  const isOwn = (row: Allotment): boolean => own.includes(row.region);
  const texts = [prefix, begins].filter((text) => text !== undefined);
  const type = jws?.['typ'];
  for (const row of rows.values()) {
    if (isOwn(row)) continue;
    const touched = row.prefixes?.find((theirs) => texts.some((text) => touches(text, theirs)));
    if (touched !== undefined) return `what begins with ${touched} is allotted to ${row.region}`;
    if (typeof type === 'string' && row.jwsTypes?.includes(type))
      return `the JWS type ${type} is allotted to ${row.region}`;
  }
  const allotted = own.flatMap((each) => rows.get(each)?.prefixes ?? []);
  const bounded = rows.get(region)?.prefixes !== undefined;
  for (const text of texts) {
    if (allotted.some((mine) => text.startsWith(mine))) continue;
    if (bounded) return 'it begins with nothing that is allotted to the region';
    if (SHARED.some((shared) => touches(text, shared))) return 'JSON and JWS are not claimed by their beginning';
  }
  return undefined;
}

const claimsOfRow = ({ prefixes = [], jwsTypes = [], documents = [] }: Allotment): Recognise[] => [
  ...prefixes.map((prefix) => ({ prefix })),
  ...jwsTypes.map((typ) => ({ jws: { typ } })),
  ...documents,
];

/** Errors: PackError for a row that cannot be used, or one whose documents are all another's too: both would have none. */
function ownersIn(rows: readonly Allotment[]): OwnersOf {
  const begins = rows.flatMap(({ region, prefixes = [] }) => prefixes.map((prefix) => ({ region, prefix })));
  const tests = rows.flatMap((row) =>
    claimsOfRow(row).map((claim) => ({ region: row.region, fits: refusing(FILE, () => compileRecognise(claim)) })),
  );
  for (const [i, { region, documents = [] }] of rows.entries())
    for (const other of rows) {
      if (ancestorsOf(region).includes(other.region) || other.region === region) continue;
      if (documents.some((one) => claimsOfRow(other).some((broad) => implies(one, broad))))
        throw new PackError(FILE, `/allotments/${i}/documents`, `these are allotted to ${other.region} already`);
    }
  return (specimen) => {
    const { text } = specimen;
    // Most documents are texts that begin like no JSON and no JWS: then nothing else is to be looked at.
    if (text !== undefined && !SHARED.some((shared) => text.startsWith(shared))) {
      const begun = begins.filter(({ prefix }) => text.startsWith(prefix));
      if (begun.length > 0) return begun.map(({ region }) => region);
    }
    return tests.flatMap(({ region, fits }) => (fits(specimen) === undefined ? [] : [region]));
  };
}

/** Whether whatever fits the one fits the other. */
function implies(narrow: Recognise, broad: Recognise): boolean {
  const { prefix, begins, suffix, jws = {}, json = [], zip = [], metadata = {} } = broad;
  const begun = narrow.prefix ?? narrow.begins;
  return (
    [prefix, begins].every((text) => text === undefined || begun?.startsWith(text) === true) &&
    (suffix === undefined || narrow.suffix?.endsWith(suffix) === true) &&
    Object.entries(jws).every(([name, value]) => narrow.jws?.[name] === value) &&
    json.every((pointer) => narrow.json?.includes(pointer)) &&
    zip.every((name) => narrow.zip?.includes(name)) &&
    Object.entries(metadata).every(([name, beginning]) => narrow.metadata?.[name]?.startsWith(beginning))
  );
}

const touches = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);

function sizeOf({ pack, verified }: SizedPack): Omit<Quotas, 'bytes'> {
  const { lists, sets = [] } = pack.revocations;
  return {
    keys:
      sum(verified.lists.map(({ keys, rejected }) => keys.length + rejected.length)) +
      sum(pack.anchors.map(({ list }) => list.issuers.length)) +
      sum(
        (pack.systems?.list.systems ?? []).map(({ keys = [], certificates = [] }) => keys.length + certificates.length),
      ),
    formats: pack.formats.length + pack.references.length,
    revocations: sum(lists.map(({ list }) => list.revoked.length)) + sum(sets.map(({ list }) => list.count)),
  };
}

function bytesOf(region: string, files: Files): number {
  const base = `regions/${region}/`;
  return sum([...files].map(([file, bytes]) => (file.startsWith(base) ? bytes.length : 0)));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

function faultOfQuotas(size: Partial<Quotas>, most: Quotas): string | undefined {
  const beyond = (['bytes', 'keys', 'formats', 'revocations'] as const).find((each) => (size[each] ?? 0) > most[each]);
  return beyond && `its pack has ${size[beyond]} ${beyond}, and ${most[beyond]} are allotted`;
}

/** Questions go to the endpoint, with what identifies people in them: it must not be another member's host. */
function faultOfHosts(
  { manifest: { ocsp = [], endpoint } }: Pack,
  region: string,
  rows: ReadonlyMap<string, Allotment>,
): string | undefined {
  const own = rows.get(region)?.hosts;
  const named = [...ocsp.map((url) => new URL(url).hostname), ...(endpoint === undefined ? [] : [endpoint])];
  const other = own && named.find((host) => !own.includes(host));
  if (other !== undefined) return `the host ${other} is not allotted to it`;
  const above = [region, ...ancestorsOf(region)];
  const taken =
    endpoint && [...rows.values()].find((row) => !above.includes(row.region) && row.hosts?.includes(endpoint));
  return taken && `the host ${endpoint} is allotted to ${taken.region}`;
}
