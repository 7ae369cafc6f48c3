import type { AgreementList } from '../document/generated/types.ts';
import { validateAgreements } from '../document/generated/validators.js';
import { ancestorsOf } from '../document/region-id.ts';
import { isBelow } from '../trust/tuf/regions.ts';
import { type Files, PackError, readJson } from './pack.ts';
import { TOP, unitOf } from './quarantine.ts';

/** Whose desk it is, and what is asked there. */
export interface Lane {
  /** The verifying region. */
  readonly region: string;
  /** All, if absent. */
  readonly purposes?: readonly string[] | undefined;
}

/** Larger than all the rest, or no business of a desk: nobody calls it, and it asks its own gateway alone. */
const NEVER = /\.confirm$|^regions\/[^/]+\/((samples|connectors)\/|systems\.json$)/;
/** What it takes to name a document that is not recognised here. */
const DECLARATIONS = /^regions\/[^/]+\/(region\.json|(formats|references|codes)\/[^/]+)$/;

/**
 * Which files of a store a lane needs: what lies beside the regions, all of its own region and those above and below it, all of the
 * regions that these recognise for one of its purposes (with what stands above and below them), and of everybody else the
 * declarations, so that their documents are named and not accepted. It depends on signed files and on nothing that whoever
 * serves them could say: left out, a file is missed.
 *
 * @param files with the agreements of the own regions; without them, only what does not depend on these is wanted
 */
export function laneWants(lane: Lane, files?: Files): (path: string) => boolean {
  const own = new Set([lane.region, ...ancestorsOf(lane.region)]);
  const recognised = files === undefined ? new Set<string>() : recognisedBy([...own], lane.purposes, files);
  const isWhole = (region: string): boolean =>
    own.has(region) ||
    isBelow(region, lane.region) ||
    recognised === EVERYBODY ||
    [...recognised].some((each) => each === region || isBelow(region, each) || isBelow(each, region));
  const whole = new Map<string, boolean>();
  return (path) => {
    if (NEVER.test(path)) return false;
    const unit = unitOf(path);
    if (unit === TOP || DECLARATIONS.test(path)) return true;
    let wanted = whole.get(unit);
    if (wanted === undefined) {
      wanted = isWhole(unit);
      whole.set(unit, wanted);
    }
    return wanted;
  };
}

/** Where an agreement cannot be read, nobody knows whom it names. */
const EVERYBODY: ReadonlySet<string> = new Set();

function recognisedBy(own: readonly string[], purposes: Lane['purposes'], files: Files): ReadonlySet<string> {
  const regions = new Set<string>();
  for (const region of own) {
    const file = `regions/${region}/agreements.json`;
    if (!files.has(file)) continue;
    try {
      for (const row of readJson<AgreementList>(file, files.get(file), validateAgreements).agreements)
        if (purposes === undefined || row.purposes.some((purpose) => purposes.includes(purpose)))
          regions.add(row.issuingRegion);
    } catch (error) {
      if (error instanceof PackError) return EVERYBODY;
      throw error;
    }
  }
  return regions;
}
