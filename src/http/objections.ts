import type {
  Objection,
  ObjectionAnswer,
  ObjectionAsk2 as ObjectionAsk,
  Receipt,
} from '../document/generated/types.ts';
import { validateObjectionAnswer, validateObjectionAsk } from '../document/generated/validators.js';
import { answerObjection, fileObjection, type ObjectionDesk } from '../record/objections.ts';
import { answering } from '../region/answering.ts';
import { ID } from '../store/ids.ts';
import { answer, answerJson, type Desk, type Exchange } from './exchange.ts';
import { askIn, exchangingOf, systemOf } from './exchanges.ts';
import { type Gateway, isOwnCaller } from './gateway.ts';
import { queryOf } from './guard.ts';
import type { Caller } from './keys.ts';
import { Problem } from './problems.ts';
import { mayRead } from './receipts.ts';

const MOST_BYTES = 8 * 1024;
const MOST_LISTED = 200;

/** POST /v1/objections: objects to a verdict that this gateway gave. */
export async function objectTo(desk: Desk, gateway: Gateway, exchange: Exchange): Promise<void> {
  const ask = await askIn<ObjectionAsk>(desk, exchange, MOST_BYTES, validateObjectionAsk, 'objection-ask');
  const objection = await fileObjection(await receiptOf(gateway, exchange.caller, ask), ask, await deskOf(gateway));
  if (objection === undefined)
    throw new Problem('not-objectable', 'the receipt names no issuing region of this federation');
  answerJson(exchange, objection);
}

/**
 * A case code is not unique for ever: the newest one counts. One that the caller may not read is none to it, as in receipts.ts; a system
 * of another region may object for the holders of what its region issued. Errors: Problem `no-such-record`.
 */
async function receiptOf(gateway: Gateway, caller: Caller, { receipt, caseCode }: ObjectionAsk): Promise<Receipt> {
  const { recorder } = await gateway.records();
  const found =
    receipt === undefined ? await recorder.findByCaseCode(caseCode!) : [await recorder.findReceipt(receipt)];
  const issuedBelow = ({ issuingRegion }: Receipt): boolean =>
    issuingRegion !== undefined && gateway.federation().chain(issuingRegion).includes(caller.region!);
  const readable = found.find(
    (each) => each !== undefined && mayRead(caller, each) && (isOwnCaller(gateway, caller) || issuedBelow(each)),
  );
  if (readable === undefined) throw new Problem('no-such-record', 'there is no such receipt');
  return readable;
}

/** GET /v1/objections/{id}: where it stands. */
export async function readObjection(gateway: Gateway, exchange: Exchange, id: string): Promise<void> {
  queryOf(exchange.req, []);
  const { store } = await exchangingOf(gateway);
  const objection = ID.test(id) ? await store.objections.find(id, gateway.clock()) : undefined;
  if (objection === undefined || !concerns(gateway, exchange.caller, objection)) throw none();
  if (!(await isOfItsKey(gateway, exchange.caller, objection))) throw none();
  answerJson(exchange, objection);
}

/** GET /v1/objections: those that wait for the caller's region, or for one that it answers for. */
export async function listObjections(gateway: Gateway, exchange: Exchange): Promise<void> {
  queryOf(exchange.req, []);
  const { store } = await exchangingOf(gateway);
  const { region } = systemOf(gateway, exchange.caller);
  const answersFor = answersAt(gateway);
  const issuing = [...gateway.federation().regions.keys()].filter((each) => answersFor(each) === region);
  // Its own even where the federation no longer has it.
  const regions = [...new Set([region, ...issuing])];
  answerJson(exchange, { objections: await store.objections.waitingFor(regions, gateway.clock(), MOST_LISTED) });
}

/** POST /v1/objections/{id}/answer: by the region that issued the document, or answers for that one. */
export async function decide(desk: Desk, gateway: Gateway, exchange: Exchange, id: string): Promise<void> {
  const body = await askIn<ObjectionAnswer>(desk, exchange, MOST_BYTES, validateObjectionAnswer, 'objection-answer');
  const { decision } = body;
  const own = await deskOf(gateway);
  const may = systemOf(gateway, exchange.caller).region === own.region && ID.test(id);
  if (!may || !(await answerObjection(id, decision, own)))
    throw new Problem('no-such-record', 'there is no such objection that waits for this region’s answer');
  answer(exchange, 204, {}, '');
}

/** GET /v1/objections/statistics: how many there were, for each pair of regions. */
export async function objectionStatistics(gateway: Gateway, exchange: Exchange): Promise<void> {
  queryOf(exchange.req, []);
  systemOf(gateway, exchange.caller);
  const { store } = await exchangingOf(gateway);
  const counts = await store.objections.statistics(gateway.clock());
  answerJson(exchange, { counts: counts.filter((pair) => concerns(gateway, exchange.caller, pair)) });
}

/** Whether it is the caller's region's: this gateway's own callers see all of it, another region's systems what they are part of. */
const concerns = (
  gateway: Gateway,
  caller: Caller,
  { verifyingRegion, issuingRegion }: Pick<Objection, 'verifyingRegion' | 'issuingRegion'>,
): boolean =>
  isOwnCaller(gateway, caller) ||
  [verifyingRegion, issuingRegion, answersAt(gateway)(issuingRegion)].includes(caller.region!);

/**
 * An own caller that may not ask for everything: one that was filed here is of a receipt, and shown to whoever may read that; one that
 * another region told, to whoever may ask for this gateway's region.
 */
async function isOfItsKey(
  gateway: Gateway,
  caller: Caller,
  { verifyingRegion, issuingRegion, receipt }: Objection,
): Promise<boolean> {
  const { regions, purposes } = caller;
  const own = gateway.defaults.region;
  if (!isOwnCaller(gateway, caller) || (regions === undefined && purposes === undefined)) return true;
  const ofRegion = regions?.has(own) !== false;
  // One that waits for this region's answer stands in its list.
  if (verifyingRegion !== own || answersAt(gateway)(issuingRegion) === own) return ofRegion;
  const { recorder } = await gateway.records();
  const found = await recorder.findReceipt(receipt);
  // Receipts may be kept for a shorter time.
  return found === undefined ? ofRegion : mayRead(caller, found);
}

const answersAt = ({ federation, defaults }: Gateway) => answering(federation(), defaults.region);

async function deskOf(gateway: Gateway): Promise<ObjectionDesk> {
  const { store, random } = await exchangingOf(gateway);
  const { defaults, clock } = gateway;
  const { federation } = gateway.federation().manifest;
  return { store, region: defaults.region, federation, answersFor: answersAt(gateway), clock, random };
}

const none = (): Problem => new Problem('no-such-record', 'there is no such objection of this caller’s region');
