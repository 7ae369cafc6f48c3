import type {
  AgreedList,
  AgreedVersion,
  Agreement,
  AgreementList,
  CodeList,
  Localized,
} from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { typesOf } from '../format/cases.ts';
import { listsOf } from '../format/codes.ts';
import { changeInWords, newerThanAgreed, type VersionChange } from '../judge/versions.ts';
import { means } from '../region/agreed.ts';
import type { Pack } from '../region/pack.ts';
import { isBelow } from '../trust/tuf/regions.ts';

/** What of a region's pack agreements are made on. */
export type Declared = Pick<Pack, 'codes' | 'formats'> & { readonly manifest: Pick<Pack['manifest'], 'region'> };

/** An agreement that is not on what the issuing region has now. */
export interface Renewal {
  readonly agreement: Agreement;
  readonly changes: readonly VersionChange[];
}

/** What the agreement is called, and what has changed. */
export function renewalInWords({ agreement: { basis }, changes }: Renewal): Localized {
  const words = changes.map(changeInWords);
  return say(
    `${basis.number ?? basis.title.zh}：${words.map(({ zh }) => zh).join('；')}`,
    `${basis.number ?? basis.title.en}: ${words.map(({ en }) => en).join('; ')}`,
  );
}

/** `pin`: agreements that name no code lists are put on those of today, too. */
export interface Renewing {
  readonly pin?: boolean;
}

/** Which agreements of a list would have to be renewed for this pack. Those that name no versions never have to. */
export const renewals = (list: AgreementList, pack: Declared, { pin = false }: Renewing = {}): Renewal[] =>
  list.agreements.flatMap((agreement) => {
    if (!concerns(agreement, pack.manifest.region)) return [];
    const changes = [...changedFormats(agreement, pack), ...changedLists(list, agreement, pack, pin)];
    return changes.length === 0 ? [] : [{ agreement, changes }];
  });

/** The list of agreements with what the pack has now accepted: nothing else in it changes. */
export function renewed(list: AgreementList, pack: Declared, { pin = false }: Renewing = {}): AgreementList {
  const { region } = pack.manifest;
  const agreements = list.agreements.map((agreement) => {
    if (!concerns(agreement, region)) return agreement;
    const newer = pack.formats
      .map(({ declaration }) => declaration.format)
      .filter((id) => newerThanAgreed(agreement.formats, id) !== undefined);
    const used = usedFor(agreement, pack).map(({ list, version }) => ({ region, list, version }));
    const named = agreement.codeLists ?? (pin && used.length > 0 ? [] : undefined);
    const lists = named && [...named.filter((each) => each.region !== region), ...used];
    return {
      ...agreement,
      ...(newer.length === 0 ? {} : { formats: [...(agreement.formats ?? []), ...newer] }),
      ...(lists === undefined ? {} : { codeLists: lists }),
    };
  });
  const today = pack.codes.map(({ list: each }) => agreedOf(region, each));
  const annex = [...today, ...(list.annex ?? [])].filter(
    (each, i, all) =>
      agreements.some(({ codeLists = [] }) => codeLists.some((named) => same(named, each))) &&
      all.findIndex((other) => same(other, each)) === i,
  );
  return { ...list, agreements, ...(annex.length === 0 && list.annex === undefined ? {} : { annex }) };
}

/** Documents of an agreement may be in a format of the region itself, or of one above or below it. */
const concerns = ({ issuingRegion }: Agreement, region: string): boolean =>
  issuingRegion === region || isBelow(issuingRegion, region) || isBelow(region, issuingRegion);

const same = (one: AgreedVersion, other: AgreedVersion): boolean =>
  one.region === other.region && one.list === other.list && one.version === other.version;

const agreedOf = (region: string, { list, version, codes }: CodeList): AgreedList => ({
  region,
  list,
  version,
  codes: codes.map(({ raw, shared }) => ({ raw, shared })),
});

const changedFormats = ({ formats }: Agreement, pack: Declared): VersionChange[] =>
  pack.formats.flatMap(({ declaration }) => newerThanAgreed(formats, declaration.format) ?? []);

function changedLists(
  { annex = [] }: AgreementList,
  agreement: Agreement,
  pack: Declared,
  pin: boolean,
): VersionChange[] {
  const codeLists = agreement.codeLists ?? (pin ? [] : undefined);
  if (codeLists === undefined) return [];
  const { region } = pack.manifest;
  return usedFor(agreement, pack).flatMap((list) => {
    const agreed = annex.find(
      (each) => each.region === region && each.list === list.list && codeLists.some((named) => same(named, each)),
    );
    if (agreed !== undefined && means(agreed.codes) === means(list.codes)) return [];
    return [{ what: `${region} ${list.list}`, agreed: agreed?.version, now: list.version }];
  });
}

/** The lists by which documents of an agreement are read. */
function usedFor({ documentTypes, formats }: Agreement, pack: Declared): CodeList[] {
  const used = new Set(
    pack.formats
      .filter(
        ({ declaration: { format }, declaration }) =>
          (formats === undefined || formats.includes(format) || newerThanAgreed(formats, format) !== undefined) &&
          typesOf(declaration).some((type) => documentTypes.includes(type)),
      )
      .flatMap(({ declaration }) => listsOf(declaration, documentTypes)),
  );
  return pack.codes.map(({ list }) => list).filter(({ list }) => used.has(list));
}
