import { writeJson } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import type { Notice } from '../document/generated/types.ts';
import { exists, instantOf } from '../document/time.ts';
import { ANSWER_DAYS, DAY_MS, itself } from '../record/objections.ts';
import { StoreError } from '../store/error.ts';
import type { Store } from '../store/store.ts';
import { NOTICES_PATH, type RegionClient, RegionSilent } from './region-client.node.ts';

/** A notice was refused: it is not its sender's to tell. Nothing of it is kept. */
export class NoticeRefused extends Error {
  override readonly name = 'NoticeRefused';
}

export interface InboxOptions {
  readonly store: Pick<Store, 'exchanges' | 'notices' | 'objections'>;
  /** The region whose gateway this is. */
  readonly region: string;
  /** The name of the federation that is in force. */
  readonly federation: () => string;
  /** Who answers for what a region issued (region/answering.ts); that region itself if absent. */
  readonly answersFor?: (issuingRegion: string) => string;
  /** Takes lists of states; where there is none, they are refused. In: the list as it was signed, and whose it is. */
  readonly takeList?: ((jws: string, from: string) => Promise<Heard>) | undefined;
  /** Epoch ms. */
  readonly clock: () => number;
}

/** outdated: it changed nothing, for what it tells is over, or was told before. */
export type Heard = 'taken' | 'outdated';

/** In: a notice (valid by its schema), and the region whose system handed it in. Errors: NoticeRefused, StoreError. */
export type Inbox = (notice: Notice, from: string) => Promise<Heard>;

/** Takes what other regions tell. A notice that comes again changes nothing: whoever got no answer may send it again. */
export function createInbox(options: InboxOptions): Inbox {
  const { store, region, federation, answersFor = itself, takeList, clock } = options;
  return async (notice, from) => {
    // Regions have the same ids, and may have the same keys and names of hosts, in a federation that is only tried out.
    if ([notice, notice.objection].some((each) => each !== undefined && each.federation !== federation()))
      throw new NoticeRefused('it is of another federation');
    if (notice.from !== from) throw new NoticeRefused('it says that it is from another region');
    if (notice.to !== region) throw new NoticeRefused('it is to another region');
    if (!momentsOf(notice).every((moment) => exists(moment)))
      throw new NoticeRefused('it names a moment that does not exist');
    if (notice.kind !== 'list') await TAKES[notice.kind](notice, from, store, clock(), answersFor);
    else if (notice.list === undefined) throw lacks('list');
    else if (takeList === undefined) throw new NoticeRefused('no lists are taken here');
    else return takeList(notice.list, from);
    return 'taken';
  };
}

type Take = (
  notice: Notice,
  from: string,
  store: InboxOptions['store'],
  now: number,
  answersFor: (issuingRegion: string) => string,
) => Promise<void>;

/** All that it says of times: what is none would neither begin nor end anything. */
const momentsOf = ({ at, use, objection, answer, revoked }: Notice): string[] =>
  [at, use?.at, objection?.at, objection?.due, answer?.at, revoked?.at].filter((moment) => moment !== undefined);

const lacks = (what: string): NoticeRefused => new NoticeRefused(`it holds no ${what}`);

/** What is done with each kind, one row each. A region tells of what is its own. */
const TAKES: Readonly<Record<Exclude<Notice['kind'], 'list'>, Take>> = {
  // Who told it stands beside it: that a region says something of a consent does not make it so.
  use: async ({ id, use, to }, from, { notices }, now) => {
    if (use === undefined) throw lacks('use');
    await notices.keepUse({ sender: from, id, region: to, use }, now);
  },
  objection: async ({ objection: told, to }, from, { objections }, now, answersFor) => {
    if (told === undefined) throw lacks('objection');
    // Whether it is answered is for this region to say.
    const { answeredAt: _, ...objection } = told;
    if (objection.verifyingRegion !== from) throw new NoticeRefused('the verdict is another region’s');
    if (answersFor(objection.issuingRegion) !== to) throw new NoticeRefused('the document is another region’s');
    // From when it is here, the time to answer runs.
    const due = instantOf(now + ANSWER_DAYS * DAY_MS);
    if (await objections.file({ ...objection, state: 'delivered', due }, [])) return;
    const known = await objections.find(objection.id, now);
    if (known?.verifyingRegion !== from || known.receipt !== objection.receipt)
      throw new NoticeRefused('another objection has this id');
  },
  'objection-answer': async ({ answer }, from, { objections }, _now, answersFor) => {
    if (answer === undefined) throw lacks('answer');
    const known = await objections.find(answer.objection, 0);
    if (known === undefined || answersFor(known.issuingRegion) !== from)
      throw new NoticeRefused('there is no such objection to it');
    await objections.answer(answer.objection, answer.decision, Date.parse(answer.at), []);
  },
  revocation: async ({ revoked }, from, { exchanges }) => {
    if (revoked === undefined) throw lacks('revocation');
    await exchanges.revoke(revoked.consent, from, Date.parse(revoked.at));
  },
  // For the asker's own systems, which fetch the answer; a gateway has nothing to do with it.
  exchange: async () => {},
};

export interface OutboxOptions {
  readonly store: Pick<Store, 'notices' | 'objections'>;
  readonly region: string;
  readonly inbox: Inbox;
  readonly client: RegionClient;
  /** Encrypts a body to a region; undefined where it has no key for that, and then it waits: nothing goes unsealed. */
  readonly seal: (region: string, body: Uint8Array) => Promise<SealedBody | undefined>;
  readonly clock: () => number;
  /** 0 … 1. */
  readonly random: () => number;
  readonly failed: (notice: Pick<Notice, 'id' | 'to' | 'kind'>, code: string) => void;
}

export interface SealedBody {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Of each region. */
const AT_ONCE = 8;
/** As long as a verdict can be objected to, and twice that. */
const GIVE_UP_MS = 60 * DAY_MS;
/** Whoever delivers has one for so long. */
const LEASE_MS = 60_000;
/** A list has megabytes. */
const LIST_TIMEOUT_MS = 30_000;
const FIRST_MS = 2_000;
const MOST_MS = 600_000;

/**
 * Delivers what waits in the outbox: each until it is acknowledged, however often. A region that is down keeps nobody
 * waiting but itself. Out: how many were delivered. Errors: StoreError.
 */
export function createOutbox(options: OutboxOptions): { deliver(): Promise<number> } {
  const { store, region, inbox, client, clock } = options;
  const send = async (notice: Notice): Promise<void> => {
    // That an exchange is done is for the region's own systems, and goes to their endpoint.
    if (notice.to === region && notice.kind !== 'exchange') await inbox(notice, region);
    else {
      const body = encodeUtf8(writeJson(notice as unknown as Value));
      const sealed = await options.seal(notice.to, body);
      if (sealed === undefined) throw new RegionSilent('no-key', notice.to);
      const timeoutMs = notice.kind === 'list' ? LIST_TIMEOUT_MS : undefined;
      await client.post(notice.to, { path: NOTICES_PATH, ...sealed, timeoutMs });
    }
    if (notice.kind === 'objection') await store.objections.delivered(notice.objection!.id);
  };
  const deliverOne = async (notice: Notice, attempts: number): Promise<boolean> => {
    try {
      await send(notice);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const code = error instanceof RegionSilent ? error.code : error instanceof NoticeRefused ? 'refused' : 'failed';
      options.failed(notice, code);
      if (clock() - Date.parse(notice.at) > GIVE_UP_MS) {
        // So long nobody has taken it: told above, and no longer in the way of what is new.
        await store.notices.delivered(notice.id);
        return false;
      }
      // Twice as long each time, and each a little otherwise, so that not all come back at once.
      const wait = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20)) * (0.75 + options.random() / 2);
      await store.notices.failed(notice.id, clock() + Math.round(wait));
      return false;
    }
    await store.notices.delivered(notice.id);
    return true;
  };
  return {
    async deliver() {
      const waiting = await store.notices.due(clock(), clock() + LEASE_MS, AT_ONCE);
      const done = await Promise.all(waiting.map(({ notice, attempts }) => deliverOne(notice, attempts)));
      return done.filter(Boolean).length;
    },
  };
}
