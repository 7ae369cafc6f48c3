import type { AcceptedType, Agreement, CatalogueType, Evidence, OtherType } from '../document/generated/types.ts';
import type { Federation } from '../region/federation.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { waysToAsk } from './resolve.ts';

export interface EvidenceQuestion {
  /** A requirement of the catalogue. */
  readonly proves: string;
  /** The issuing region. */
  readonly region: string;
  readonly purpose: string;
}

/**
 * From a requirement to the documents that meet it ("what proves residence in 34?"): what the catalogue says a type proves, what
 * that region says it issues, and what the asking region agreed to. Nobody is asked. In: the asking region's standpoint. Out:
 * undefined if the catalogue has no such requirement.
 */
export function evidenceFor(
  { proves, region, purpose }: EvidenceQuestion,
  { catalogue }: Pick<Federation, 'catalogue'>,
  standpoint: Standpoint,
): Evidence | undefined {
  const requirement = catalogue.requirements?.find(({ code }) => code === proves);
  if (requirement === undefined) return undefined;
  const types: AcceptedType[] = [];
  const others: OtherType[] = [];
  for (const type of catalogue.documentTypes.filter((each) => each.proves?.includes(proves))) {
    const said = standingOf(type, region, purpose, standpoint);
    if ('because' in said) others.push(said);
    else types.push(said);
  }
  return { proves: requirement, region, for: standpoint.region, purpose, types, others };
}

function standingOf(
  { code: documentType, name }: CatalogueType,
  region: string,
  purpose: string,
  standpoint: Standpoint,
): AcceptedType | OtherType {
  const named = { documentType, name };
  if (!standpoint.regions.get(region)?.issues.includes(documentType)) return { ...named, because: 'not-issued' };
  const issuerChain = standpoint.chain(region);
  const said = standpoint.agreements.accepts({ issuerChain, documentType, purpose, now: standpoint.clock() });
  if (said.as === 'excluded') return { ...named, because: 'excluded', basis: said.basis };
  if (said.as === 'not-agreed') return { ...named, because: 'not-agreed' };
  return {
    ...named,
    agreements: said.as === 'own' ? [] : said.agreements.map(under),
    ...(said.exceptUnits.length === 0 ? {} : { exceptUnits: [...said.exceptUnits] }),
    askedBy: waysToAsk(region, { documentType, purpose }, standpoint),
  };
}

const under = ({ basis, formats, requires, withoutConsent }: Agreement): AcceptedType['agreements'][number] => ({
  basis,
  ...(formats === undefined ? {} : { formats }),
  ...(requires === undefined ? {} : { requires }),
  ...(withoutConsent === undefined ? {} : { withoutConsent }),
});
