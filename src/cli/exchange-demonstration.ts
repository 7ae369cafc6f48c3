import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePlatform } from '../crypto/platform.node.ts';
import type {
  ExchangeAnswer,
  ExchangeAsk2 as ExchangeAsk,
  HolderConsent,
  Notice,
  Objection,
} from '../document/generated/types.ts';
import { validateNotice } from '../document/generated/validators.js';
import { instantOf } from '../document/time.ts';
import { readHosts } from '../exchange/address.ts';
import { type Exchanging, startExchanging } from '../exchange/exchanging.node.ts';
import { signRequest } from '../exchange/message-signature.ts';
import { createInbox, createOutbox, type Inbox } from '../exchange/notices.ts';
import { ExchangeRefused } from '../exchange/permission.ts';
import { regionClient } from '../exchange/region-client.node.ts';
import { createResolver } from '../exchange/resolve.ts';
import { openBody, SEALED_MEDIA, sealBody } from '../exchange/sealed-body.ts';
import { sealer } from '../exchange/sealed-text.node.ts';
import { conversionIssuer } from '../federation/conversion-keys.node.ts';
import type { mint } from '../federation/mint.node.ts';
import type { ReferenceSystems } from '../federation/reference-systems.node.ts';
import { type SystemKeys, systemKeysOf } from '../federation/system-keys.node.ts';
import { subjectDigest, writeConsent } from '../record/consent.ts';
import { answerObjection, fileObjection } from '../record/objections.ts';
import { receiptOf } from '../record/receipt.ts';
import type { Federation } from '../region/federation.ts';
import { newId } from '../store/ids.ts';
import { openStore, type Store } from '../store/store.ts';
import { randomOctets } from './store.ts';

const STATES: Readonly<Record<ExchangeAnswer['state'], string>> = {
  accepted: '已受理 accepted',
  done: '已取得 done',
  empty: '未取得 empty',
  forgotten: '已清除 forgotten',
};
const CORRECTED = '已更正 corrected';

/** One step of it: what was asked, what came of it, and whether that is what must come of it. */
export interface Step {
  readonly what: string;
  readonly came: string;
  readonly right: boolean;
}

const KIOSK = { id: '330000/kiosk-1', region: '330000' };
const [GATEWAY, HOLDERS, ISSUER] = ['330000', '310000', '340000'] as const;
const USE = {
  orgName: '浙江示范政务服务中心（虚构）',
  username: 'kiosk-1',
  itemName: '道路货运登记（示范）',
  itemCode: 'DEMO-HY-01',
  businessCode: 'DEMO-0001',
};
const LICENCE = { documentType: 'business-licence', reference: { cardNumber: '91310000MA0000B073', region: HOLDERS } };
const PASS = { documentType: 'freight-pass', reference: { plate: '皖A12345', region: ISSUER } };

/**
 * Zhejiang's kiosk obtains a Shanghai licence and an Anhui pass in Zhejiang's formats, with one consent of a holder in Shanghai:
 * the real exchange, a real database, real messages between the regions, against the reference federation's systems. Everything is
 * thrown away afterwards. In: what was minted, and its systems.
 */
export async function demonstrateExchange(
  minted: Pick<Awaited<ReturnType<typeof mint>>, 'systems'>,
  systems: ReferenceSystems,
  federation: Federation,
  clock: () => number,
): Promise<Step[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tongren-'));
  const open = (name: string): Promise<Store> => openStore(join(folder, `${name}.sqlite`), { random: randomOctets });
  const [own, theirs] = [await open('gateway'), await open('others')];
  try {
    const keys = (name: string): SystemKeys => systemKeysOf(minted.systems.find(({ system }) => system === name)!);
    const stage = stageOf(federation, systems, clock, keys, { own, theirs, folder });
    try {
      return await stepsOf(stage, systems, keys);
    } finally {
      await stage.exchanging.stop();
      for (const region of [GATEWAY, HOLDERS, ISSUER]) systems.hears(region, undefined);
    }
  } finally {
    await Promise.all([own.close(), theirs.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Stage {
  readonly federation: Federation;
  readonly clock: () => number;
  readonly exchanging: Exchanging;
  /** What the other regions keep. */
  readonly theirs: Store;
  /** Anhui's, for its answer. */
  readonly answering: { deliver(): Promise<number> };
}

function stageOf(
  federation: Federation,
  systems: ReferenceSystems,
  clock: () => number,
  keys: (name: string) => SystemKeys,
  { own, theirs, folder }: { readonly own: Store; readonly theirs: Store; readonly folder: string },
): Stage {
  const shared = { platform: nodePlatform, clock, random: randomOctets };
  const clientOf = (region: string) =>
    regionClient({
      hosts: readHosts(systems.hosts),
      regions: () => federation.regions,
      sign: ({ method, url, contentType, body }) =>
        signRequest({ method, url, headers: { 'Content-Type': contentType }, body }, keys(`${region}/gateway`).signer, {
          digester: nodePlatform,
          now: clock(),
          random: randomOctets,
        }),
    });
  const sealTo = (from: string) => async (to: string, body: Uint8Array) => {
    const [key] = federation.systems.encryption(to, clock());
    const ends = { from: `${from}/gateway`, to };
    return (
      key && { contentType: SEALED_MEDIA, body: await sealBody({ contentType: 'application/json', body }, key, ends) }
    );
  };
  const client = clientOf(GATEWAY);
  const undelivered = (): void => {};
  const exchanging = startExchanging({
    ...shared,
    store: own,
    region: GATEWAY,
    federation: () => federation,
    client,
    resolver: createResolver({ ...shared, client }),
    sealer: sealer(randomOctets(32)),
    seal: sealTo(GATEWAY),
    issuer: () => conversionIssuer(join(folder, 'conversion-keys.json')),
    told: () => {},
    undelivered,
    failed: (error) => {
      throw error;
    },
  });
  // Each region opens what is sealed to it, and takes what its sender may tell.
  const hear = (region: string, from: string, inbox: Exchanging['inbox']): void =>
    systems.hears(region, async (_type, sealed) => {
      const { decryption } = keys(`${region}/gateway`);
      const { body } = await openBody(sealed, decryption, { from: `${from}/gateway`, to: region });
      const notice = JSON.parse(Buffer.from(body).toString('utf8')) as Notice;
      if (validateNotice(notice)) await inbox(notice, from);
    });
  const inboxOf = (region: string): Inbox =>
    createInbox({ store: theirs, region, federation: () => federation.manifest.federation, clock });
  for (const region of [HOLDERS, ISSUER]) hear(region, GATEWAY, inboxOf(region));
  hear(GATEWAY, ISSUER, exchanging.inbox);
  const answering = createOutbox({
    store: theirs,
    region: ISSUER,
    inbox: inboxOf(ISSUER),
    client: clientOf(ISSUER),
    seal: sealTo(ISSUER),
    clock,
    random: Math.random,
    failed: undelivered,
  });
  return { federation, clock, exchanging, theirs, answering };
}

async function stepsOf(stage: Stage, systems: ReferenceSystems, keys: (name: string) => SystemKeys): Promise<Step[]> {
  const { exchanging, theirs, clock } = stage;
  const steps: Step[] = [];
  const step = (what: string, came: string, wanted: string): void =>
    void steps.push({ what, came, right: came === wanted });
  const one = await consentOf(stage, keys, 'one');
  const other = await consentOf(stage, keys, 'other');

  let asked = 0;
  const ask = async (change: Partial<ExchangeAsk>): Promise<string> => {
    const ask = {
      use: USE,
      purpose: 'exchange',
      to: 'document',
      consent: one.jws,
      ...LICENCE,
      ...change,
    } as ExchangeAsk;
    try {
      const said = await exchanging.exchanges.ask(ask, KIOSK, `demonstration-${++asked}`, 10_000);
      const { answer } = said;
      if (answer?.conversion === undefined)
        return `${STATES[said.state]}: ${answer?.verdict.reasons[0] ?? said.because ?? '-'}`;
      const { word, outcome } = answer.verdict;
      return `${STATES[said.state]}: ${word.zh} ${outcome} → ${ask.to}`;
    } catch (error) {
      if (error instanceof ExchangeRefused) return `拒绝 refused: ${error.code}`;
      throw error;
    }
  };

  step(
    '上海营业执照，按浙江格式 Shanghai licence, in Zhejiang’s format',
    await ask({ to: '330000/zj-licence/1' }),
    '已取得 done: 认可 accept → 330000/zj-licence/1',
  );
  step(
    '安徽货通证，按浙江格式 Anhui freight pass, in Zhejiang’s format',
    await ask({ ...PASS, to: '330000/zj-freight/1' }),
    '已取得 done: 认可 accept → 330000/zj-freight/1',
  );
  step(
    '同一授权第三次使用，通用格式 The same consent once more, in the shared words',
    await ask({}),
    '已取得 done: 认可 accept → document',
  );
  step('同一授权第四次使用 A fourth time', await ask({}), '拒绝 refused: used-up');
  step('授权以外的用途 A purpose that it does not allow', await ask({ purpose: 'counter' }), '拒绝 refused: purpose');
  await exchanging.store.exchanges.revoke(other.id, HOLDERS, clock());
  step('已撤回的另一授权 Another consent, withdrawn', await ask({ consent: other.jws }), '拒绝 refused: revoked');
  systems.trouble(HOLDERS, 'resets');
  const third = await consentOf(stage, keys, 'third');
  step('上海系统停机 Shanghai’s system is down', await ask({ consent: third.jws }), '未取得 empty: REGION_SILENT');
  systems.trouble(HOLDERS, undefined);

  while ((await exchanging.store.notices.waiting()).count > 0) await exchanging.round();
  const uses = await theirs.notices.usesOf(one.id, HOLDERS);
  step(
    '上海可查的使用记录 What Shanghai can show its holder of the first consent',
    `${uses.filter(({ outcome }) => outcome === 'given').length} 次给出 given, ${uses.filter(({ number }) => number === 0).length} 次拒绝 refused`,
    '3 次给出 given, 2 次拒绝 refused',
  );
  const objection = await objectionOf(stage);
  step(
    '对安徽货通证结论的异议 An objection to the verdict on Anhui’s pass',
    objection?.state === 'corrected' ? CORRECTED : (objection?.state ?? '没有 none'),
    CORRECTED,
  );
  return steps;
}

/** A consent that the holder's region signed: three uses for a day. */
async function consentOf(
  { federation, clock }: Stage,
  keys: (name: string) => SystemKeys,
  name: string,
): Promise<{ id: string; jws: string }> {
  const salt = Buffer.from(randomOctets(16)).toString('base64url');
  const subjects = [
    ['cardNumber', LICENCE.reference.cardNumber],
    ['plate', PASS.reference.plate],
  ] as const;
  const consent: HolderConsent = {
    id: `demonstration-${name}-${salt}`.slice(0, 64),
    federation: federation.manifest.federation,
    region: HOLDERS,
    gateway: GATEWAY,
    askers: [KIOSK.id],
    documentTypes: [LICENCE.documentType, PASS.documentType],
    purposes: ['exchange'],
    subjects: subjects.map(([kind, value]) => ({ salt, digest: subjectDigest(salt, kind, value) })),
    uses: 3,
    from: instantOf(clock() - 60_000),
    until: instantOf(clock() + 86_400_000),
  };
  return { id: consent.id, jws: await writeConsent(consent, keys(`${HOLDERS}/consents`).signer) };
}

/** Filed at Zhejiang, delivered to Anhui, answered there, and the answer delivered back. */
async function objectionOf({
  federation,
  clock,
  exchanging,
  theirs,
  answering,
}: Stage): Promise<Objection | undefined> {
  const standpoint = federation.standpoint(GATEWAY, clock)!;
  const { journey } = await exchanging.resolver.resolve(PASS.reference, standpoint, { purpose: 'checkpoint' });
  const id = newId(clock(), randomOctets);
  // Nothing is compared with it: a digest of zeros.
  const digest = { algorithm: 'HMAC-SM3', keyId: '0'.repeat(16), value: 'A'.repeat(43) } as const;
  const receipt = receiptOf(journey.verdict, { id, digest });
  const desk = { federation: federation.manifest.federation, clock, random: randomOctets };
  const filed = await fileObjection(
    receipt,
    { ground: 'data-wrong', by: 'holder' },
    { ...desk, store: exchanging.store, region: GATEWAY },
  );
  if (filed === undefined) return undefined;
  await exchanging.round();
  await answerObjection(filed.id, 'corrected', { ...desk, store: theirs, region: ISSUER });
  await answering.deliver();
  return exchanging.store.objections.find(filed.id, clock());
}
