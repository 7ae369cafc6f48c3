import type { ExchangeAnswer, ExchangeAsk2 as ExchangeAsk, Localized, Notice } from '../document/generated/types.ts';
import { type Validate, validateExchangeAsk, validateNotice } from '../document/generated/validators.js';
import { NoticeRefused } from '../exchange/notices.ts';
import { ExchangeRefused, type RefusedCode } from '../exchange/permission.ts';
import type { AskingSystem } from '../exchange/trace.ts';
import { ID } from '../store/ids.ts';
import { readJson, unfitting } from './ask.ts';
import { readBody } from './body.ts';
import { answer, answerJson, type Desk, type Exchange } from './exchange.ts';
import type { Exchanging, Gateway } from './gateway.ts';
import { JSON_MEDIA, mediaTypeOf, queryOf } from './guard.ts';
import type { Caller } from './keys.ts';
import { Problem } from './problems.ts';
import { mayAsk } from './verifier.ts';

const MOST_BYTES = 64 * 1024;
const ASK_JSON = { depth: 8, items: 2_000 };
/** A caller's own name for an exchange: the same one again is the same exchange. */
const KEY = /^[A-Za-z0-9_-]{8,80}$/;
/** RFC 7240 §4.3: how long the caller would wait, seconds. */
const WAIT_SECONDS = 5;
const MOST_WAIT_SECONDS = 10;

/** Why an exchange is refused, in words. */
const REFUSALS: Readonly<Record<RefusedCode, Localized>> = {
  'not-signed': {
    zh: '授权不是持证人所属地区签发的，或无法读取。',
    en: 'The consent was not signed by the holder’s region, or it cannot be read.',
  },
  'other-federation': { zh: '授权属于另一联盟。', en: 'The consent is of another federation.' },
  'other-gateway': { zh: '授权不在本网关使用。', en: 'The consent is to be used at another gateway.' },
  asker: { zh: '授权未给予本单位。', en: 'The consent is not given to this system.' },
  'document-type': { zh: '授权不含此类证照。', en: 'The consent does not include this type of document.' },
  purpose: { zh: '授权不含此用途。', en: 'The consent does not include this purpose.' },
  region: {
    zh: '联盟中没有所指的签发地区，或该地区不接受这一地区出具的授权。',
    en: 'The issuing region that was named is none of this federation, or takes no consents of that region.',
  },
  subject: { zh: '授权不含所查对象。', en: 'The consent is not about what is asked for.' },
  'not-yet': { zh: '授权尚未开始。', en: 'The consent has not begun.' },
  over: { zh: '授权已到期。', en: 'The consent is over.' },
  revoked: { zh: '授权已撤回。', en: 'The consent was withdrawn.' },
  'used-up': { zh: '授权次数已用完。', en: 'The consent has been used as often as it allows.' },
  basis: {
    zh: '没有此编号（basis）的协议允许不经授权调用。',
    en: 'No agreement of this number (basis) allows this without consent.',
  },
  target: {
    zh: '没有这种目标格式：写 document，或某一可写格式的编号。',
    en: 'There is no such format to write: name document, or the id of a format that can be written.',
  },
  'target-type': {
    zh: '目标格式不含此类证照，授权次数未动：请写 document，或能表达此类证照的格式。',
    en: 'The target’s format does not carry this type of document, and no use was counted: name document, or a format that does.',
  },
  idempotency: {
    zh: '同一编号已用于另一请求：新的请求请用新的编号。',
    en: 'This Idempotency-Key was used for another request: give a new request a new one.',
  },
};

/** POST /v1/exchanges: a document of another region, in the asker's own format. 202 where it takes longer than the asker waits. */
export async function exchangeDocument(desk: Desk, gateway: Gateway, exchange: Exchange): Promise<void> {
  const { req, caller } = exchange;
  mediaTypeOf(req, JSON_MEDIA);
  queryOf(req, []);
  const idempotency = req.headers['idempotency-key'];
  if (typeof idempotency !== 'string' || !KEY.test(idempotency))
    throw new Problem('invalid-header', 'one of 8 to 80 letters, digits, _ or - is expected', {
      at: 'Idempotency-Key',
    });
  const ask = read<ExchangeAsk>(await readBody(desk, exchange, MOST_BYTES), validateExchangeAsk, 'exchange-ask');
  mayAsk('/purpose', ask.purpose, caller.purposes);
  const asker = systemOf(gateway, caller);
  const { exchanges } = await exchangingOf(gateway);
  try {
    const said = await exchanges.ask(ask, asker, idempotency, waitOf(req.headers['prefer']));
    give(exchange, said);
  } catch (error) {
    if (!(error instanceof ExchangeRefused)) throw error;
    throw new Problem('exchange-refused', REFUSALS[error.code].en, {
      reason: { code: error.code, ...REFUSALS[error.code] },
    });
  }
}

/** GET /v1/exchanges/{id}: how one of the caller's own stands. */
export async function readExchange(gateway: Gateway, exchange: Exchange, id: string): Promise<void> {
  queryOf(exchange.req, []);
  const { exchanges } = await exchangingOf(gateway);
  const said = ID.test(id) ? await exchanges.find(id, systemOf(gateway, exchange.caller)) : undefined;
  if (said === undefined) throw new Problem('no-such-record', 'there is no such exchange of this caller');
  give(exchange, said);
}

function give(exchange: Exchange, said: ExchangeAnswer): void {
  const under = said.state === 'accepted';
  const headers = {
    'Content-Type': 'application/json',
    'Content-Language': 'zh-CN, en',
    'Cache-Control': 'no-store',
    ...(under ? { Location: `/v1/exchanges/${said.id}`, 'Retry-After': '2' } : {}),
  };
  exchange.outcome = said.answer?.verdict.outcome ?? said.state;
  answer(exchange, under ? 202 : 200, headers, JSON.stringify(said));
}

/** GET /v1/consents/{id}/uses: what was done with a consent, for the region of its holder alone. */
export async function readUses(gateway: Gateway, exchange: Exchange, id: string): Promise<void> {
  queryOf(exchange.req, []);
  mustBeConsent(id);
  const { store } = await exchangingOf(gateway);
  const uses = await store.notices.usesOf(id, systemOf(gateway, exchange.caller).region);
  answerJson(exchange, { consent: id, uses });
}

/** POST /v1/consents/{id}/revocation: withdrawn by the region that signed it. From then on nothing is given. */
export async function revokeConsent(desk: Desk, gateway: Gateway, exchange: Exchange, id: string): Promise<void> {
  queryOf(exchange.req, []);
  await readBody(desk, exchange, 0);
  mustBeConsent(id);
  const { store } = await exchangingOf(gateway);
  await store.exchanges.revoke(id, systemOf(gateway, exchange.caller).region, gateway.clock());
  answer(exchange, 204, {}, '');
}

/** Errors: Problem `no-such-record`. */
function mustBeConsent(id: string): void {
  if (!/^[A-Za-z0-9_-]{22,64}$/.test(id)) throw new Problem('no-such-record', 'no id of a consent');
}

/** POST /v1/notices: what another region's gateway has to tell. The same one again changes nothing. */
export async function takeNotice(desk: Desk, gateway: Gateway, exchange: Exchange): Promise<void> {
  const { caller, limits } = exchange;
  const notice = await askIn<Notice>(desk, exchange, limits.json, validateNotice, 'notice');
  const { inbox } = await exchangingOf(gateway);
  try {
    exchange.outcome = await inbox(notice, systemOf(gateway, caller).region);
  } catch (error) {
    if (error instanceof NoticeRefused) throw new Problem('forbidden-ask', error.message);
    throw error;
  }
  answer(exchange, 204, {}, '');
}

/** Errors: Problem `exchange-off`. */
export async function exchangingOf({ exchanging }: Gateway): Promise<Exchanging> {
  if (exchanging === undefined) throw new Problem('exchange-off', 'no host of another region may be asked');
  return exchanging();
}

/**
 * Who asks, as a system of a region: callers with a key of this gateway's own file are its own region's, if the key is for that
 * region at all, and is not called like a system that the region lists: that one is known by what it lists, and by nothing else.
 * Errors: Problem `forbidden-ask`.
 */
export function systemOf({ defaults, federation }: Gateway, { id, region, regions }: Caller): AskingSystem {
  if (region !== undefined) return { id, region };
  const name = `${defaults.region}/${id}`;
  if (federation().systems.lists(name))
    throw new Problem(
      'forbidden-ask',
      `the key is called like the system ${name}, which signs its requests or shows a certificate`,
    );
  if (regions?.has(defaults.region) === false)
    throw new Problem('forbidden-ask', `the key does not act for ${defaults.region}`, { allowed: [...regions] });
  return { id: name, region: defaults.region };
}

/** The JSON body of a route that takes no query. In: its most bytes, and its schema. Errors: Problem as of any body, and `invalid-ask`. */
export async function askIn<T>(
  desk: Desk,
  exchange: Exchange,
  most: number,
  validate: Validate,
  name: string,
): Promise<T> {
  mediaTypeOf(exchange.req, JSON_MEDIA);
  queryOf(exchange.req, []);
  return read<T>(await readBody(desk, exchange, most), validate, name);
}

/** Errors: Problem `invalid-json`, `invalid-ask`. */
function read<T>(bytes: Uint8Array, validate: Validate, name: string): T {
  const value = readJson(bytes, ASK_JSON);
  if (validate(value)) return value as T;
  const [error] = validate.errors ?? [];
  throw unfitting('invalid-ask', error, `${name}.schema.json`);
}

/** `respond-async`, `wait=3` (RFC 7240 §4.1, §4.3). Out: ms. */
function waitOf(field: string | string[] | undefined): number {
  const preferences = String(field ?? '')
    .split(',')
    .map((each) => each.trim());
  const wait = preferences.map((each) => /^wait=(\d{1,3})$/.exec(each)?.[1]).find((each) => each !== undefined);
  if (wait !== undefined) return Math.min(Number(wait), MOST_WAIT_SECONDS) * 1000;
  return preferences.includes('respond-async') ? 0 : WAIT_SECONDS * 1000;
}
