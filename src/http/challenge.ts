import { randomBytes } from 'node:crypto';
import { qrModules } from '../codec/picture.node.ts';
import { CHALLENGE_MS, openChallenge } from '../record/challenge.ts';
import { placeOf } from '../record/settle.ts';
import { MOST_OPEN } from '../store/challenges.ts';
import { readChallengeAsk } from './ask.ts';
import { readBody } from './body.ts';
import { answerJson, type Desk, type Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { JSON_MEDIA, mediaTypeOf, queryOf } from './guard.ts';
import { Problem } from './problems.ts';
import { askerOf, wishOf } from './record.ts';
import type { Verifier } from './verifier.ts';

const MOST_BYTES = 8 * 1024;
const RETRY_SECONDS = CHALLENGE_MS / 1_000;

/**
 * POST /v1/challenges: what the holder's app is to answer, so that its code is good here and now and nowhere else. Errors:
 * Problem `too-many-challenges`; StoreError, for a challenge that is not remembered could be answered twice.
 */
export async function challenge(desk: Desk, gateway: Gateway, verifier: Verifier, exchange: Exchange): Promise<void> {
  const { req, caller } = exchange;
  mediaTypeOf(req, JSON_MEDIA);
  queryOf(req, []);
  const wish = wishOf(req);
  const ask = readChallengeAsk(await readBody(desk, exchange, MOST_BYTES));
  const { standpoint, purpose } = verifier.question(ask, caller);
  const checkpoint = ask.checkpoint ?? askerOf(wish, caller).checkpoint;
  const place = placeOf({ checkpoint, device: caller.id });
  const bound = { region: standpoint.region, purpose, place, caller: caller.id };
  const { challenges } = await gateway.records();
  const opened = await openChallenge(challenges, bound, randomBytes, gateway.clock());
  if (opened === undefined)
    throw new Problem(
      'too-many-challenges',
      `at most ${MOST_OPEN} of one caller are open`,
      { limit: MOST_OPEN, retryAfterSeconds: RETRY_SECONDS },
      { 'Retry-After': String(RETRY_SECONDS) },
    );
  const modules = ask.picture === true ? { modules: await qrModules(JSON.stringify(opened)) } : {};
  answerJson(exchange, { ...opened, ...modules });
}
