import { randomBytes } from 'node:crypto';
import type { Localized } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { StoreError } from '../store/error.ts';

interface ProblemRow {
  readonly status: number;
  readonly title: Localized;
  readonly next: Localized;
}

const seeDocs = say('请对照 /docs 修改请求。', 'Correct the request; /docs says what is expected.');
const smaller = say('请减小内容，或分几次提交。', 'Send less, or send it in parts.');
const later = say('请稍后重试；多次出现请联系运维。', 'Try again shortly; if it keeps happening, tell the operator.');
const named = say(
  '请使用本网关配置的名称访问；在本机可用 127.0.0.1 或 localhost。',
  'Ask under a name that this gateway is configured for; on its own machine 127.0.0.1 or localhost.',
);
const otherKey = say(
  '请改用有相应权限的密钥，或向本网关运维申请；地区的系统，由该地区在 systems.json 中登记权限。',
  'Use a key that may do this, or ask the operator of this gateway for one; what a region’s system may do stands in systems.json of its region.',
);

/**
 * The closed list of what can be wrong with a request, RFC 9457. Trouble with a document is never here: that is a
 * verdict, and a 200.
 */
export const PROBLEMS = {
  'bad-request': { status: 400, title: say('不是合法的 HTTP 请求', 'Not a proper HTTP request'), next: seeDocs },
  'host-missing': {
    status: 400,
    title: say('请求未指明唯一的主机', 'The request does not name one host'),
    next: named,
  },
  'invalid-json': {
    status: 400,
    title: say('内容不是合法的 JSON', 'The body is not proper JSON'),
    next: say('请检查 JSON 语法；同一对象中名称不得重复。', 'Check the JSON; a name may stand only once in an object.'),
  },
  'invalid-ask': { status: 400, title: say('请求内容不合要求', 'The body does not fit its schema'), next: seeDocs },
  'invalid-header': { status: 400, title: say('请求头不合要求', 'A header does not fit'), next: seeDocs },
  'invalid-query': { status: 400, title: say('查询参数不合要求', 'The query does not fit'), next: seeDocs },
  'unknown-region': {
    status: 400,
    title: say('联盟中没有这个地区', 'The federation has no such region'),
    next: say('请改用所列地区之一。', 'Name one of the regions listed.'),
  },
  'unknown-purpose': {
    status: 400,
    title: say('目录中没有这个用途', 'The catalogue has no such purpose'),
    next: say('请改用所列用途之一。', 'Name one of the purposes listed.'),
  },
  'unknown-composition': {
    status: 400,
    title: say('没有这种证照组合', 'There is no such composition'),
    next: say('请改用所列组合之一，或不指明。', 'Name one of those listed, or none.'),
  },
  'unknown-target': {
    status: 400,
    title: say('没有这种目标格式', 'There is no such format to write'),
    next: say('请改用所列目标之一。', 'Name one of the targets listed.'),
  },
  'stated-clock': {
    status: 400,
    title: say('生产环境不接受自报时间', 'A stated clock is not taken in production'),
    next: say('请去掉 at，以本机时钟为准。', 'Leave "at" out; this machine’s clock counts.'),
  },
  'too-many-challenges': {
    status: 429,
    title: say('尚未应答的问询过多', 'Too many challenges are open'),
    next: say(
      '请待已有问询应答或过期（一分钟）后再试。',
      'Wait until some are answered or over: they live for a minute.',
    ),
  },
  'invalid-signature': {
    status: 401,
    title: say('请求签名无效', 'The signature of the request is not good'),
    next: say(
      '请用本地区信任库中登记的密钥按 /docs 重新签名，并核对本机时钟；签名所用的主机名（含端口）和路径须与网关收到的一致。',
      'Sign it again as /docs says, with a key that your region lists, and check your clock; host, port and path have to be those that reach the gateway.',
    ),
  },
  'forbidden-header': {
    status: 400,
    title: say('请求含有不得自报的客户端证书', 'The request names a client certificate that it may not name'),
    next: say(
      '请去掉 Client-Cert 头；它只由受信任的代理添加。',
      'Leave Client-Cert out; only a trusted proxy adds it.',
    ),
  },
  'altered-body': {
    status: 400,
    title: say('内容与签名的摘要不符', 'The body is not what the signed digest says'),
    next: say('请检查传输途径，重新签名后再发送。', 'Check what lies on the way, and send it again, signed anew.'),
  },
  'sealed-body': {
    status: 400,
    title: say('加密的内容无法打开', 'The sealed body cannot be opened'),
    next: say(
      '请用接收地区当前公布的密钥，按 /docs 重新加密。',
      'Seal it again as /docs says, under the key that the receiving region publishes now.',
    ),
  },
  'replayed-request': {
    status: 409,
    title: say('该请求已收到过', 'This request was here before'),
    next: say(
      '请重新签名后再发送；若不是您重发的，请报告安全负责人。',
      'Sign it anew to send it again; if it was not you who sent it twice, tell your security officer.',
    ),
  },
  unauthorized: {
    status: 401,
    title: say('缺少或无效的接口密钥或证书', 'There is no API key or certificate, or not a good one'),
    next: say(
      '请在 Authorization 头中以 Bearer 方式提供密钥（由本网关运维发放）；地区的系统请签名，或出示本地区信任库中登记的证书。',
      'Send a key as Authorization: Bearer (the operator of this gateway gives them out); a region’s system signs, or shows a certificate that its region lists.',
    ),
  },
  'forbidden-scope': {
    status: 403,
    title: say('该密钥无权使用此功能', 'The key may not be used for this'),
    next: otherKey,
  },
  'forbidden-ask': {
    status: 403,
    title: say('该密钥不得查询此地区或用途', 'The key may not ask for this region or purpose'),
    next: say(
      '应答列出可查询的（allowed）时，请改查其中之一；否则请改用有相应权限的密钥，或向本网关运维（地区的系统：向本地区）申请。',
      'Ask for one of those listed, where some are; else use a key that may do this, or ask the operator of this gateway (a region’s system: its region).',
    ),
  },
  'exchange-refused': {
    status: 403,
    title: say('不得调用此证照', 'The exchange is not allowed'),
    next: say(
      '请对照 reason 所述修改；问题在授权的，请持证人在所属地区重新授权。',
      'Mend what the reason says; where it is the consent, the holder gives a new one in the region that looks after it.',
    ),
  },
  'exchange-off': {
    status: 503,
    title: say('本网关未开启地区间交换', 'This gateway does not exchange with other regions'),
    next: say('请联系本网关运维（TONGREN_EXCHANGE_HOSTS）。', 'Ask its operator (TONGREN_EXCHANGE_HOSTS).'),
  },
  'not-objectable': {
    status: 422,
    title: say('此结论不能提出跨地区异议', 'There is nobody to object to'),
    next: say(
      '没有地区为该证照作证：请向出具结论的检查站提出。',
      'No region vouched for the document: object at the checkpoint that gave the verdict.',
    ),
  },
  'no-bundle': {
    status: 404,
    title: say('本网关没有带签名的信任库', 'This gateway has no signed trust store'),
    next: say('请改用读取带签名信任库的网关。', 'Use a gateway that reads a signed store.'),
  },
  'not-found': {
    status: 404,
    title: say('没有这个地址', 'There is nothing at this address'),
    next: say('全部地址见 /docs。', 'All addresses are in /docs.'),
  },
  'no-such-record': {
    status: 404,
    title: say('没有这条记录', 'There is no such record'),
    next: say(
      '请核对编号；记录只对提出它的一方，或获准查看其地区和用途的调用方可见，到期后删除。',
      'Check its number; a record is shown only to whoever made it, or may ask for its region and purpose, and is forgotten when its time is over.',
    ),
  },
  'nothing-yet': {
    status: 404,
    title: say('还没有内容', 'There is nothing yet'),
    next: say('新的记录每分钟写入一次：请一分钟后再试。', 'What is new is entered each minute: ask again in a minute.'),
  },
  'method-not-allowed': {
    status: 405,
    title: say('此地址不支持该方法', 'This address does not take that method'),
    next: say('可用方法见 Allow 头。', 'The Allow header lists the methods.'),
  },
  timeout: { status: 408, title: say('请求未及时发完', 'The request did not arrive in time'), next: later },
  'too-many-dispositions': {
    status: 409,
    title: say('该回执的处置记录已满', 'The receipt can take no more dispositions'),
    next: say('请报告值班负责人。', 'Report to the duty officer in charge.'),
  },
  'too-large': { status: 413, title: say('内容过大', 'The body is too large'), next: smaller },
  'line-too-large': { status: 413, title: say('这一行过大', 'This line is too large'), next: smaller },
  'too-many-lines': {
    status: 413,
    title: say('行数过多，其余未处理', 'Too many lines; the rest was not looked at'),
    next: smaller,
  },
  'too-many-members': {
    status: 413,
    title: say('一次提交的证照过多', 'Too many documents for one case'),
    next: say('请只提交同一事项的证照。', 'Send only the documents of one case.'),
  },
  'unsupported-media-type': {
    status: 415,
    title: say('不支持这种内容类型', 'This media type is not supported'),
    next: say('请改用所列类型之一。', 'Use one of the media types listed.'),
  },
  'unsupported-encoding': {
    status: 415,
    title: say('不支持压缩的内容', 'Compressed bodies are not taken'),
    next: say('请不加 Content-Encoding 直接发送。', 'Send it as it is, without Content-Encoding.'),
  },
  misdirected: {
    status: 421,
    title: say('本机不以此名称提供服务', 'This machine does not serve under that name'),
    next: named,
  },
  'not-convertible': {
    status: 422,
    title: say('此证照不能转换', 'This document cannot be converted'),
    next: say(
      '请改用允许完整传递的用途，或请持证人出示原件。',
      'Ask for a purpose that allows it, or for the original.',
    ),
  },
  'target-cannot-say': {
    status: 422,
    title: say('目标格式无法表达此证照', 'The target’s format cannot say this document'),
    next: say(
      '请改用其他目标格式，或转换为通用格式（document）。',
      'Choose another format, or the shared words (document).',
    ),
  },
  'too-many-requests': {
    status: 429,
    title: say('请求过于频繁', 'Too much was asked in too short a time'),
    next: say('请按 Retry-After 所示时间稍后再试。', 'Wait as long as Retry-After says.'),
  },
  'headers-too-large': { status: 431, title: say('请求头过大', 'The headers are too large'), next: smaller },
  internal: {
    status: 500,
    title: say('系统内部错误', 'Something went wrong on our side'),
    next: say(
      '请把事件编号告知运维；此次没有结论，请人工核对。',
      'Tell the operator the incident number; there is no verdict, check by hand.',
    ),
  },
  busy: { status: 503, title: say('系统繁忙', 'Too much is being looked at right now'), next: later },
  'store-unavailable': {
    status: 503,
    title: say('回执库不可用', 'The store of receipts cannot be used'),
    next: say(
      '无法留下回执时不给出须留痕的结论：请稍后重试或人工核对，并告知运维。',
      'What has to be recorded gets no verdict without a receipt: try again, or check by hand, and tell the operator.',
    ),
  },
  'not-ready': {
    status: 503,
    title: say('没有可用的签发方名单', 'No region’s list of issuers can be used'),
    next: say('请更新信任库；期间请人工核对。', 'Refresh the trust store; check by hand until then.'),
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof PROBLEMS;

/**
 * A name that a request made up, to be said back to its sender alone: of letters only, so that no number of a person is ever in it.
 * Undefined for what has no such form.
 */
export const nameToSay = (name: string): string | undefined =>
  /^[A-Za-z][A-Za-z_-]{0,39}$/.test(name) ? name : undefined;

/**
 * What a problem may add to its row. Never a value from a document; of a request only a region, a purpose, or the name of a member or
 * parameter, that has its form.
 */
export interface ProblemExtra {
  /** A JSON Pointer into the body, or the name of a query parameter or header. */
  readonly at?: string;
  /** What there is instead. */
  readonly allowed?: readonly string[];
  /** The limit that was passed: bytes, characters, lines, milliseconds or requests a minute. */
  readonly limit?: number;
  /** As Retry-After: a line of a batch has no head of its own. */
  readonly retryAfterSeconds?: number;
  /** What our own log knows it by. */
  readonly incident?: string;
  /** For `exchange-refused`: why. */
  readonly reason?: { readonly code: string } & Localized;
  /** For `not-ready`: the ages of the parts. */
  readonly readiness?: unknown;
}

/** Trouble with a request, thrown anywhere in this room and answered in one place. `headers` go with the answer. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly extra: ProblemExtra;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: ProblemCode,
    detail: string,
    extra: ProblemExtra = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.code = code;
    this.extra = extra;
    this.headers = headers;
  }
}

export interface ProblemBody extends ProblemExtra {
  readonly type: string;
  readonly title: string;
  readonly titleZh: string;
  readonly status: number;
  readonly detail: string;
  readonly next: Localized;
}

/** RFC 9457 §3.1, with the title in Chinese beside it and the next step in both languages. */
export function problemBody(problem: Problem): ProblemBody {
  const { status, title, next } = PROBLEMS[problem.code];
  const type = `urn:tongren:problem:${problem.code}`;
  return { type, title: title.en, titleZh: title.zh, status, detail: problem.message, next, ...problem.extra };
}

/** Any thrown thing as a problem: what we did not expect becomes `internal`, its text kept back. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // Express and its router say so when a path cannot be decoded; the path then names nothing.
  if (error instanceof URIError) return new Problem('not-found', 'the path cannot be decoded');
  // Its sentences are a closed list and hold no value.
  if (error instanceof StoreError) {
    const code = error.code === 'too-many' ? 'too-many-dispositions' : 'store-unavailable';
    return new Problem(code, error.message, {}, code === 'store-unavailable' ? { 'Retry-After': '5' } : {});
  }
  const incident = randomBytes(6).toString('hex');
  return new Problem('internal', `unexpected; it is in the log as ${incident}`, { incident });
}
