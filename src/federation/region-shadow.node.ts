import { encodeUtf8 } from '../codec/utf8.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { AgreementList } from '../document/generated/types.ts';
import { type Federation, loadFederation } from '../region/federation.ts';
import { attempt, type Files, type Pack, readAgreements, readPack, regionIds } from '../region/pack.ts';
import type { MintedSample } from './mint.node.ts';
import { inWords, sampleVerdict } from './rehearse.node.ts';
import { type Declared, type Renewal, renewals, renewed } from './renewal.ts';

/** What a changed pack means for one region that recognises its documents. Looked at, and never acted on. */
export interface Shadow {
  /** Whose agreements they are: its desks, and those of the regions that stand on them. */
  readonly region: string;
  readonly renewals: readonly Renewal[];
  readonly verdicts: readonly ShadowVerdict[];
}

export interface ShadowVerdict {
  readonly sample: string;
  readonly purpose: string;
  /** With the pack as it was; as it is to be; and with that accepted. */
  readonly before: string;
  readonly after: string;
  readonly accepted: string;
}

/** A store in which the changed pack is in force. */
export interface ShadowStore {
  readonly files: Files;
  readonly federation: Federation;
}

const fileOf = (region: string): string => `regions/${region}/agreements.json`;

/** The regions whose agreements would have to be renewed for a pack, and these. */
export function renewalsFor(pack: Declared, files: Files): ReadonlyMap<string, readonly Renewal[]> {
  return new Map(
    [...agreementsIn(files)].flatMap(([region, list]) => {
      const found = renewals(list, pack);
      return found.length === 0 ? [] : [[region, found] as const];
    }),
  );
}

/**
 * Judges samples at every region that is concerned: as before, with the new pack, and with the new pack accepted.
 *
 * @param id the region whose pack changes
 * @param samples what it issues
 * @param before the store with the pack as it was
 * @param next the same with the pack as it is to be
 */
export function shadowRun(
  id: string,
  samples: readonly MintedSample[],
  before: Federation,
  next: ShadowStore,
  now: number,
): Shadow[] {
  const pack = declaredBy(id, next.files);
  const concerned = pack === undefined ? new Map<string, readonly Renewal[]>() : renewalsFor(pack, next.files);
  if (pack === undefined || concerned.size === 0) return [];
  const accepted = loadFederation(withAccepted(pack, next.files), nodePlatform);
  return [...concerned].map(([region, found]) => {
    const judged = (sample: MintedSample, purpose: string, federation: Federation): string =>
      inWords(sampleVerdict(forRegion(sample, region, purpose), federation, { now, region, purpose }));
    const verdicts = samples.flatMap((sample) => {
      const purpose = sample.expect.purpose ?? found[0]!.agreement.purposes[0]!;
      const [was, after, then] = [before, next.federation, accepted].map((each) => judged(sample, purpose, each));
      if (was === after && after === then) return [];
      return [{ sample: sample.name, purpose, before: was!, after: after!, accepted: then! }];
    });
    return { region, renewals: found, verdicts };
  });
}

/** The sample as it is judged at another region than its recipe says. */
const forRegion = (sample: MintedSample, region: string, purpose: string): MintedSample => ({
  ...sample,
  expect: { ...sample.expect, for: region, purpose },
});

/** The store as if everybody had accepted the pack. */
function withAccepted(pack: Declared, files: Files): Files {
  const next = [...agreementsIn(files)].map(
    ([region, list]) => [fileOf(region), encodeUtf8(JSON.stringify(renewed(list, pack)))] as const,
  );
  return new Map([...files, ...next]);
}

function agreementsIn(files: Files): Map<string, AgreementList> {
  return new Map(
    regionIds(files).flatMap((region) => {
      const file = fileOf(region);
      const list = files.has(file)
        ? attempt(
            () => readAgreements(file, files.get(file)),
            () => {},
          )
        : undefined;
      return list === undefined ? [] : [[region, list] as const];
    }),
  );
}

/** What of a pack can be read; undefined without its manifest. What cannot is told by `region check`. */
export const declaredBy = (id: string, files: Files): Pack | undefined =>
  attempt(
    () => readPack(id, files, () => {}),
    () => {},
  );

/** Ids that whole lists of a pack revoke. Series keep what they revoked by themselves, and packed sets name no ids. */
const revokedBy = (id: string, files: Files): Set<string> =>
  new Set(
    (declaredBy(id, files)?.revocations.lists ?? [])
      .filter(({ list }) => list.cursor === undefined)
      .flatMap(({ list }) => list.revoked.map((revoked) => revoked.id)),
  );

/** What the pack of a region revoked before and does not now: whoever publishes a folder of his own from before takes it back. */
export function noLongerRevoked(id: string, older: Files, files: Files): string[] {
  const now = revokedBy(id, files);
  return [...revokedBy(id, older)].filter((revoked) => !now.has(revoked));
}
