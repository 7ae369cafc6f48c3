import type { Notice, Objection, ObjectionAsk2 as ObjectionAsk, Receipt } from '../document/generated/types.ts';
import { instantOf } from '../document/time.ts';
import { newId, type Random } from '../store/ids.ts';
import type { Decision } from '../store/objections.ts';
import type { Store } from '../store/store.ts';

/** How long the issuing region has to answer. The reference federation's own number: no standard's text was at hand. */
export const ANSWER_DAYS = 15;
export const DAY_MS = 86_400_000;

export interface ObjectionDesk {
  readonly store: Pick<Store, 'objections'>;
  /** The region whose gateway this is. */
  readonly region: string;
  /** The name of the federation that is in force. */
  readonly federation: string;
  /** Who answers for what a region issued (region/answering.ts); that region itself if absent. */
  readonly answersFor?: (issuingRegion: string) => string;
  readonly clock: () => number;
  readonly random: Random;
}

/** As where every region has a gateway of its own. */
export const itself = (issuingRegion: string): string => issuingRegion;

/**
 * Objects to a verdict (跨地区异议处理): remembered, and told to the region that issued the document, in one step. In: the receipt and
 * what is said to be wrong with it; nothing of a person. Out: the objection; the one that is open already, if there is one;
 * undefined if no region of this federation vouched for the document, so that there is nobody to tell. Errors: StoreError.
 */
export async function fileObjection(
  receipt: Receipt,
  { ground, by }: Pick<ObjectionAsk, 'ground' | 'by'>,
  { store, region, federation: tellsIn, answersFor = itself, clock, random }: ObjectionDesk,
): Promise<Objection | undefined> {
  const { issuingRegion, documentType, reasons, federation } = receipt;
  // What was noted in another federation, before this one was, is told to nobody in this one.
  if (issuingRegion === undefined || federation !== tellsIn) return undefined;
  const now = clock();
  const open = await store.objections.open(receipt.id, ground, region, now);
  if (open !== undefined) return open;
  const objection: Objection = {
    id: newId(now, random),
    at: instantOf(now),
    due: instantOf(now + ANSWER_DAYS * DAY_MS),
    federation,
    receipt: receipt.id,
    verifyingRegion: region,
    issuingRegion,
    ...(documentType === undefined ? {} : { documentType }),
    reasons,
    ground,
    by,
    state: 'filed',
  };
  const notice: Notice = {
    id: newId(now, random),
    at: instantOf(now),
    federation: tellsIn,
    from: region,
    to: answersFor(issuingRegion),
    kind: 'objection',
    objection,
  };
  await store.objections.file(objection, [notice]);
  return objection;
}

/**
 * Answers an objection about a document for which this region answers, and tells the region where it was filed. The same answer again
 * changes nothing. Out: false if there is no such objection to this region, or its answer was another. Errors: StoreError.
 */
export async function answerObjection(
  id: string,
  decision: Decision,
  { store, region, federation, answersFor = itself, clock, random }: ObjectionDesk,
): Promise<boolean> {
  const now = clock();
  const objection = await store.objections.find(id, now);
  if (objection === undefined || answersFor(objection.issuingRegion) !== region) return false;
  const { verifyingRegion: to } = objection;
  const answer = { objection: id, decision, at: instantOf(now) };
  const notice: Notice = {
    id: newId(now, random),
    at: instantOf(now),
    federation,
    from: region,
    to,
    kind: 'objection-answer',
    answer,
  };
  // Filed here as well: the answer is in the same row already.
  if (await store.objections.answer(id, decision, now, to === region ? [] : [notice])) return true;
  // Who lost the answer to its answer sends it again.
  return (await store.objections.find(id, now))?.state === decision;
}
