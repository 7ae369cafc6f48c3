import type { FindingCode } from '../document/findings.ts';
import type { AgeLimits, Environment, Localized, RegionManifest } from '../document/generated/types.ts';
import type { Connector } from '../format/connector.ts';
import type { Register } from '../format/open.ts';
import type { AgreementTable } from '../judge/agreements.ts';
import type { CompositionBook } from '../judge/compositions.ts';
import type { NextSteps } from '../judge/next-steps.ts';
import type { RuleSet } from '../judge/rules.ts';
import type { TrustPart, TrustView } from '../trust/view.ts';
import type { ReadAsAgreed } from './agreed.ts';
import type { ClockFloor } from './clock.ts';
import type { Words } from './words.ts';

/** How a holder objects to what a region's document states: by the nearest region above that says so. */
export const objectionOf = ({ regions, chain }: Standpoint, region: string): Localized | undefined =>
  chain(region)
    .map((each) => regions.get(each)?.objections)
    .find((words) => words !== undefined);

/** What a verdict on a document of this region rests on: its lists, and what the verifying region says itself. */
export const partsFor = (standpoint: Standpoint, region: string): readonly TrustPart[] => {
  let found = PARTS.get(standpoint);
  if (found === undefined) {
    found = new Map();
    PARTS.set(standpoint, found);
  }
  let all = found.get(region);
  if (all === undefined) {
    const lists = standpoint.trust.parts(region);
    const named = new Set(lists.map(({ part }) => part));
    all = [...lists, ...standpoint.parts.filter(({ part }) => !named.has(part))];
    found.set(region, all);
  }
  return all;
};

/** A standpoint never changes, so that this is worked out once for each region. */
const PARTS = new WeakMap<Standpoint, Map<string, readonly TrustPart[]>>();

/** Something that was refused of a signed store, so that what was there before is still in force. */
export interface StoreTrouble {
  readonly code: FindingCode;
  /** Undefined where it concerns all of them. */
  readonly regions: readonly string[] | undefined;
  readonly detail: string;
}

/** All that the journey stands on for one verifying region. Immutable; a change of the store makes a new one. */
export interface Standpoint extends Register, Words {
  readonly federation: string;
  readonly environment: Environment;
  readonly ages: AgeLimits;
  /** The verifying region. */
  readonly region: string;
  readonly regions: ReadonlyMap<string, RegionManifest>;
  /** A region and those it stands under, nearest first. */
  chain(region: string): readonly string[];
  /** How regions' own systems are asked. */
  readonly connectors: readonly Connector[];
  readonly trust: TrustView;
  /** What every verdict rests on besides the issuers' lists: the region's own agreements and rules, where they are signed. */
  readonly parts: readonly TrustPart[];
  /** What of the signed store was refused when it was last looked for. */
  readonly troubles: readonly StoreTrouble[];
  readonly agreements: AgreementTable;
  /** For agreements that name the versions of code lists. */
  readonly readAsAgreed: ReadAsAgreed;
  /** Acceptance rules of the region and those it stands under, and of the issuers. */
  readonly rules: RuleSet;
  /** What to do where nobody can tell, in the region's own words. */
  readonly nextSteps: NextSteps;
  /** What makes several documents one case. */
  readonly compositions: CompositionBook;
  /** Epoch ms. */
  readonly clock: () => number;
  /** What is known of the time besides. */
  readonly floor: ClockFloor;
  /** When this gateway's own log first saw what was signed (its SHA-256, base64url), epoch ms; undefined if it did not. */
  readonly remembered?: (digest: string) => number | undefined;
}
