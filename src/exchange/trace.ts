import type { ConsentUse, ExchangeAsk2 as ExchangeAsk, Notice } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import type { Federation } from '../region/federation.ts';
import { newId, type Random } from '../store/ids.ts';

/** `<region>/<id>`: a region's system that asks. */
export interface AskingSystem {
  readonly id: string;
  readonly region: string;
}

/** What is asked, by whom, and with whose consent. The consent itself is not needed once it was read. */
export interface Question {
  readonly ask: Omit<ExchangeAsk, 'consent'>;
  readonly asker: AskingSystem;
  readonly consent?: { readonly id: string; readonly region: string } | undefined;
}

/** What other regions are told of a use, and of a refused one (number 0): nothing of the document, and of nobody. */
export const useOf = (
  { ask, asker, consent }: Question,
  came: Pick<ConsentUse, 'number' | 'outcome' | 'exchange'>,
  now: number,
): ConsentUse => ({
  ...(consent === undefined ? {} : { consent: consent.id }),
  ...(ask.basis === undefined ? {} : { basis: ask.basis }),
  ...came,
  at: instantOf(now),
  asker: asker.id,
  purpose: ask.purpose,
  documentType: ask.documentType,
  ...(ask.reference.region === undefined ? {} : { issuingRegion: ask.reference.region }),
  itemCode: ask.use.itemCode,
  itemName: ask.use.itemName,
  orgName: ask.use.orgName,
});

/** One for each region that is told, each with an id of its own. */
export const noticesOf = (
  from: string,
  to: Iterable<string>,
  what: Pick<Notice, 'kind' | 'use' | 'exchange'>,
  { federation, now, random }: { readonly federation: Federation; readonly now: number; readonly random: Random },
): Notice[] => {
  const said = { at: instantOf(now), federation: federation.manifest.federation, from };
  return Array.from(to, (region) => ({ id: newId(now, random), ...said, to: region, ...what }));
};
