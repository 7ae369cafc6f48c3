import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeBase64, encodeBase64url } from '../codec/base64url.ts';
import { canonicalJson, writeJson } from '../codec/json.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { beijingTime } from '../document/time.ts';
import type { MintedSample } from './samples.node.ts';

/**
 * The regions' own systems, as the reference federation has them: small servers, each with an interface of its own kind and its
 * own ways (a form or JSON, 200 with an error inside, JSON as text, single quotes). They hold reference documents only. What is
 * wrong with one of them can be said, to try out what gateways make of it.
 */
export interface ReferenceSystems {
  /** `host=http://127.0.0.1:port`, one for each region: what an operator would set. */
  readonly hosts: string;
  /** From now on this region's system has this trouble; undefined: none. */
  trouble(region: string, trouble: SystemTrouble | undefined): void;
  /** Who gets what a region is told (notices of other regions' gateways), instead of nobody. */
  hears(region: string, take: TakeNotice | undefined): void;
  /** How many questions each has had. */
  asked(region: string): number;
  close(): Promise<void>;
}

/** In: a notice as it came: media type, and body. */
export type TakeNotice = (contentType: string, body: Uint8Array) => Promise<void>;

export type SystemTrouble =
  | 'hangs'
  | 'resets'
  | 'garbage'
  | 'error-inside'
  | 'wrong-signature'
  | 'wrong-person'
  | 'replays'
  | 'redirects'
  | { readonly slowMs: number };

/** What a system answers with. */
interface Holdings {
  readonly samples: readonly MintedSample[];
  /** Of its region's keys, by name. */
  signer(name: string): EnvelopeSigner | undefined;
  readonly clock: () => number;
  readonly trouble: SystemTrouble | undefined;
  /** What it answered last. */
  readonly said: { last?: string };
}

type Fields = Readonly<Record<string, unknown>>;
/** In: the question's members. Out: the answer's text. */
type System = (fields: Fields, holdings: Holdings) => string;

interface SystemRow {
  readonly host: string;
  readonly paths: Readonly<Record<string, System>>;
}

/** One row for each region; paths as its connectors declare them. */
const SYSTEMS: Readonly<Record<string, SystemRow>> = {
  '000000': { host: 's00.example', paths: { '/gateway/pass': national } },
  '310000': { host: 's31.example', paths: { '/cert/usage/gb/secGetCertificateDataByHolder.do': shanghai } },
  '320000': { host: 's32.example', paths: { '/jkm/2/queryToken': jiangsuToken, '/jkm/2/queryState': jiangsuState } },
  '330000': { host: 's33.example', paths: { '/elssp/v1/GetCertificateFileByHolder': zhejiang } },
  '340000': {
    host: 's34.example',
    paths: { '/openapi/pass/query': anhuiPass, '/openapi/licence/query': anhuiLicence },
  },
};

/** In: what was minted. Out: all systems, listening on loopback. */
export async function startSystems(
  minted: {
    readonly samples: readonly MintedSample[];
    signer(region: string, name: string): EnvelopeSigner | undefined;
  },
  clock: () => number,
): Promise<ReferenceSystems> {
  const troubles = new Map<string, SystemTrouble>();
  const counts = new Map<string, number>();
  const hearing = new Map<string, TakeNotice>();
  const running = await Promise.all(
    Object.entries(SYSTEMS).map(async ([region, row]) => {
      const samples = minted.samples.filter((each) => each.region === region);
      const said = {};
      const server = serverOf(
        row,
        () => {
          counts.set(region, (counts.get(region) ?? 0) + 1);
          return { samples, signer: (name) => minted.signer(region, name), clock, trouble: troubles.get(region), said };
        },
        () => hearing.get(region),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { server, entry: `${row.host}=http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    }),
  );
  return {
    hosts: running.map(({ entry }) => entry).join(','),
    trouble(region, trouble) {
      if (trouble === undefined) troubles.delete(region);
      else troubles.set(region, trouble);
    },
    hears(region, take) {
      if (take === undefined) hearing.delete(region);
      else hearing.set(region, take);
    },
    asked: (region) => counts.get(region) ?? 0,
    close: async () => {
      await Promise.all(
        running.map(({ server }) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

const MOST_QUESTION = 65_536;

const NOTICES = '/v1/notices';

function serverOf({ paths }: SystemRow, holdings: () => Holdings, hears: () => TakeNotice | undefined): Server {
  return createServer((req, res) => {
    answer(req, res).catch(() => {
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const isNotice = req.url === NOTICES;
    const known = req.method === 'POST' && (isNotice || Object.hasOwn(paths, req.url ?? ''));
    const body = await bodyOf(req);
    if (!known || body === undefined) {
      res.writeHead(404).end();
      return;
    }
    const held = holdings();
    const { trouble } = held;
    if (trouble === 'hangs') return;
    if (trouble === 'resets') {
      req.socket.destroy();
      return;
    }
    if (trouble === 'redirects') {
      res.writeHead(307, { Location: 'http://127.0.0.1:1/' }).end();
      return;
    }
    if (isNotice) {
      await hears()?.(req.headers['content-type'] ?? '', body);
      res.writeHead(200).end();
      return;
    }
    const system = paths[req.url!]!;
    const say = (): void => {
      const answer = trouble === 'garbage' ? '<html>502 Bad Gateway</html>' : system(fieldsOf(req, body), held);
      res.writeHead(200, { 'Content-Type': 'text/html;charset=UTF-8' }).end(answer);
    };
    if (typeof trouble === 'object') await new Promise((resolve) => setTimeout(resolve, trouble.slowMs));
    say();
  }
}

async function bodyOf(req: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of req) {
    size += (part as Buffer).length;
    if (size > MOST_QUESTION) return undefined;
    parts.push(part as Buffer);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function fieldsOf(req: IncomingMessage, body: Uint8Array): Fields {
  const text = Buffer.from(body).toString('utf8');
  return req.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
    ? Object.fromEntries(new URLSearchParams(text))
    : (JSON.parse(text) as Fields);
}

/**
 * Of these samples, the holder's of the type that is asked for; where that is the trouble, somebody else's. In: what each says of
 * both stands in its recipe's document.
 */
function documentFor(
  { samples, trouble }: Holdings,
  names: readonly string[],
  holder: unknown,
  type: unknown,
): MintedSample | undefined {
  return samples.find(({ name, says }) => {
    if (!names.includes(name) || says === undefined) return false;
    const isHolder = says.holder === holder;
    return says.type === type && (trouble === 'wrong-person' ? !isHolder : isHolder);
  });
}

/** The same length, and not signed by anybody. */
const spoiled = (wire: string, { trouble }: Holdings): string =>
  trouble === 'wrong-signature' ? wire.replace(/[0-9](?=[^0-9]*$)/, (digit) => String((Number(digit) + 1) % 10)) : wire;

/** A form in; a certificate as JSON within JSON out. */
function shanghai(fields: Fields, held: Holdings): string {
  const head = (status: string, message: string): object => ({ status, message });
  if (held.trouble === 'error-inside') return writeJson({ head: head('1', '系统繁忙') } as unknown as Value);
  const found = documentFor(
    held,
    ['licence', 'licence-transport'],
    fields['CertificateHolderCode'],
    fields['CertificateType'],
  );
  if (found === undefined) return writeJson({ head: head('2', '未查询到证照') } as unknown as Value);
  const certificate = spoiled(found.wire as string, held);
  return writeJson({ head: head('0', ''), data: { certificate } } as unknown as Value);
}

/** JSON in; a file in base64 out. */
function zhejiang(fields: Fields, held: Holdings): string {
  if (held.trouble === 'error-inside') return writeJson({ success: false, errCode: 'BUSY' });
  const [found] = held.samples.filter(
    ({ name }) => name === (fields['type'] === 'business-licence' ? 'licence' : 'licence-transport'),
  );
  if (found === undefined) return writeJson({ success: false, errCode: 'NO_CERT' });
  return writeJson({ success: true, data: { file: encodeBase64(found.wire as Uint8Array) } });
}

/** `data` is JSON as text, with single quotes. */
function anhuiPass(fields: Fields, held: Holdings): string {
  if (held.trouble === 'error-inside') return writeJson({ flag: '9', errMsg: '服务异常' });
  const plate = String(fields['vehicle']);
  const [found] = held.samples.filter(
    ({ name }) => name === (held.trouble === 'wrong-person' ? 'freight-crew' : 'freight'),
  );
  if (found === undefined || plate !== '皖A12345') return writeJson({ flag: '3', errMsg: '无此通行证' });
  return writeJson({ flag: '0', errMsg: '', data: `{'passCode':'${spoiled(found.wire as string, held)}'}` });
}

function anhuiLicence(fields: Fields, held: Holdings): string {
  const found = documentFor(held, ['licence', 'licence-transport-valid'], fields['holderNo'], fields['kind']);
  if (found === undefined) return writeJson({ flag: '3', errMsg: '无此证照' });
  return writeJson({ flag: '0', data: JSON.parse(found.wire as string) as Value });
}

/** Answers for Anhui, with what the national platform signed itself. */
function national(fields: Fields, held: Holdings): string {
  const [found] = held.samples.filter(({ name }) => name === 'key-goods-anhui');
  if (found === undefined || fields['plateNo'] !== '皖A12345') return writeJson({ status: 404 });
  return writeJson({ status: 200, result: { code: found.wire as string } });
}

const LIVES_MS = 60_000;
/** The one code that the reference federation's Jiangsu knows: that of its sample. */
const KNOWN_TOKEN = /^0123456789abcdef/;

/** The one number that it knows, and nobody's: its day of birth is none. */
const KNOWN_NUMBER = '111320583199902300018';

function jiangsuToken(fields: Fields, held: Holdings): string {
  const token = String(fields['token']);
  return jiangsu(KNOWN_TOKEN.test(token) ? token : undefined, fields, held);
}

function jiangsuState(fields: Fields, held: Holdings): string {
  const number = `${fields['cardType']}${fields['cardNo']}`;
  return jiangsu(number === KNOWN_NUMBER ? number : undefined, fields, held);
}

/** Signs what holds now, over the asker's nonce and the digest of what was asked about. In: that; undefined if nothing is known of it. */
function jiangsu(about: string | undefined, fields: Fields, held: Holdings): string {
  if (held.trouble === 'error-inside') return writeJson({ code: '500', errMsg: '系统异常' });
  if (about === undefined) return writeJson({ code: '4004', errMsg: '二维码已失效' });
  if (held.trouble === 'replays' && held.said.last !== undefined) return held.said.last;
  const signer = held.signer('js-live')!;
  const now = Math.floor(held.clock() / 1000) * 1000;
  const asked = held.trouble === 'wrong-person' ? `${about}0` : about;
  const data = {
    uuid: 'P20261126001',
    areaCode: '320583',
    leveldata: 'green',
    tokenDigest: encodeBase64url(nodePlatform.digest('SM3', encodeUtf8(asked))),
    nonce: String(fields['nonce']),
    aud: String(fields['aud']),
    answerTime: textOf(now),
    expireTime: textOf(now + LIVES_MS),
    data_fields: `{'mName':'周*','userRef':'js-p-4Rt8','updateTime':'${textOf(now)}'}`,
  };
  const signed = encodeUtf8(canonicalJson(data));
  const sign = encodeBase64url(signer.sign(signed) as Uint8Array);
  const answer = spoiled(writeJson({ code: '0', errMsg: '', data, signAlg: 'SM2SM3', kid: signer.keyId, sign }), held);
  held.said.last = answer;
  return answer;
}

const textOf = (ms: number): string => beijingTime(ms).slice(0, 19).replace('T', ' ');
