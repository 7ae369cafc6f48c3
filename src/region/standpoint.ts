import type { Disclose } from '../document/disclose.ts';
import type { AgeLimits, CatalogueType, Environment, Localized, RegionManifest } from '../document/generated/types.ts';
import type { StatusTable } from '../document/statuses.ts';
import type { Format } from '../format/compile.ts';
import type { ReferenceFormat } from '../format/reference.ts';
import type { AgreementTable } from '../judge/agreements.ts';
import type { CompositionBook } from '../judge/compositions.ts';
import type { RuleSet } from '../judge/rules.ts';
import type { TrustView } from '../trust/view.ts';
import type { ClockFloor } from './clock.ts';

/** How a holder objects to what a region's document states: by the nearest region above that says so. */
export const objectionOf = ({ regions, chain }: Standpoint, region: string): Localized | undefined =>
  chain(region)
    .map((each) => regions.get(each)?.objections)
    .find((words) => words !== undefined);

/** All that the journey stands on for one verifying region. Immutable; a change of the store makes a new one. */
export interface Standpoint {
  readonly federation: string;
  readonly environment: Environment;
  readonly ages: AgeLimits;
  /** The verifying region. */
  readonly region: string;
  readonly regions: ReadonlyMap<string, RegionManifest>;
  /** A region and those it stands under, nearest first. */
  chain(region: string): readonly string[];
  readonly types: ReadonlyMap<string, CatalogueType>;
  /** What documents can say of their own state, and what follows from it. */
  readonly statuses: StatusTable;
  /** The purposes that can be asked for, and what each shows. */
  readonly purposes: ReadonlyMap<string, Disclose>;
  /** Their codes, by code and by name in either language: copies are made for a purpose in words. */
  readonly purposeNames: ReadonlyMap<string, string>;
  readonly formats: readonly Format[];
  /** Codes that only refer to documents. */
  readonly references: readonly ReferenceFormat[];
  readonly trust: TrustView;
  readonly agreements: AgreementTable;
  /** Acceptance rules of the region and those it stands under, and of the issuers. */
  readonly rules: RuleSet;
  /** What makes several documents one case. */
  readonly compositions: CompositionBook;
  /** Epoch ms. */
  readonly clock: () => number;
  /** What is known of the time besides. */
  readonly floor: ClockFloor;
  /** When this gateway's own log first saw what was signed (its SHA-256, base64url), epoch ms; undefined if it did not. */
  readonly remembered?: (digest: string) => number | undefined;
}
