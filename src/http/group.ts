import { randomBytes } from 'node:crypto';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { GroupVerdict, Receipt } from '../document/generated/types.ts';
import { type GroupMember, judgeGroup } from '../group.ts';
import type { RecordContext } from '../record/receipt.ts';
import { newId } from '../store/ids.ts';
import { type GroupAsk, readGroupAsk } from './ask.ts';
import { readBody } from './body.ts';
import { count } from './door.ts';
import { answer, countVerdict, type Desk, type Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { JSON_MEDIA, mediaTypeOf, queryOf } from './guard.ts';
import { Problem } from './problems.ts';
import { askerOf, record, whoAsks, wishOf } from './record.ts';
import type { Asker, Verifier } from './verifier.ts';
import { VERDICT_HEADERS } from './verify.ts';

/** A group's verdict of which there are receipts: one for each document, in the same order. */
interface RecordedGroup {
  readonly verdict: GroupVerdict;
  /** Stands in each of the receipts. */
  readonly group: string;
  readonly receipts: readonly Receipt[];
}

/**
 * POST /v1/verify/group: the documents of one case in, one verdict out. Each document counts against the caller's limit,
 * and all of them before the first is looked at.
 */
export async function group(desk: Desk, gateway: Gateway, verifier: Verifier, exchange: Exchange): Promise<void> {
  const { req, limits, caller } = exchange;
  mediaTypeOf(req, JSON_MEDIA);
  queryOf(req, []);
  const wish = wishOf(req);
  const ask = readGroupAsk(await readBody(desk, exchange, limits.json));
  const { standpoint, ...question } = verifier.question(ask, caller);
  const { compositions } = standpoint;
  if (ask.composition !== undefined && !compositions.all.some(({ id }) => id === ask.composition))
    throw new Problem('unknown-composition', 'this region has no such composition', {
      at: '/composition',
      allowed: compositions.all.map(({ id }) => id),
    });
  const who = whoAsks(wish, ask, caller);
  for (const _ of ask.members) count(desk, exchange, 1);
  const context = who && { ...who, group: newId(gateway.clock(), randomBytes) };
  const { members, receipts } = await walk(gateway, verifier, ask, askerOf(wish, caller, ask), context);
  const { composition, occupants } = ask;
  const asked = {
    ...question,
    ...(composition === undefined ? {} : { composition }),
    ...(occupants === undefined ? {} : { occupants }),
  };
  const verdict = judgeGroup(members, standpoint, asked, nodePlatform);
  for (const member of verdict.members) countVerdict(desk, member.verdict);
  exchange.outcome = verdict.outcome;
  exchange.reasons = verdict.reasons;
  const body: GroupVerdict | RecordedGroup = context ? { verdict, group: context.group, receipts } : verdict;
  const headers = { ...VERDICT_HEADERS, ...(wish.preferred ? { 'Preference-Applied': 'recorded' } : {}) };
  answer(exchange, 200, headers, JSON.stringify(body));
}

/**
 * One document after the other, so that a group waits with one picture at a time; each is recorded, if that is asked for,
 * before the group is judged.
 */
async function walk(
  gateway: Gateway,
  verifier: Verifier,
  { members: asked, record: _, composition: __, occupants: ___, ...named }: GroupAsk,
  asker: Asker,
  who: RecordContext | undefined,
): Promise<{ members: GroupMember[]; receipts: Receipt[] }> {
  const members: GroupMember[] = [];
  const receipts: Receipt[] = [];
  for (const [i, { role, ...content }] of asked.entries()) {
    const judged = await placed(i, () => verifier.judge({ ...named, ...content }, asker));
    const given = role === undefined ? {} : { role };
    members.push({ walked: judged, presented: judged.presented, ...given });
    if (who !== undefined) receipts.push((await record(gateway, judged, who)).receipt);
  }
  return { members, receipts };
}

const PLACES: ReadonlySet<string> = new Set(['/bytes', '/beside']);

/** A fault of one document's base64 is told by where it stands in the body. */
async function placed<T>(i: number, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Problem) || !PLACES.has(error.extra.at!)) throw error;
    throw new Problem(error.code, error.message, { ...error.extra, at: `/members/${i}${error.extra.at}` });
  }
}
