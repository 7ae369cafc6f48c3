import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import type {
  ExchangeAsk2 as ExchangeAsk,
  HolderConsent,
  Notice,
  Objection,
} from '../../src/document/generated/types.ts';
import { createExchanges, type Exchanges } from '../../src/exchange/exchanges.ts';
import { createInbox, createOutbox } from '../../src/exchange/notices.ts';
import { ExchangeRefused } from '../../src/exchange/permission.ts';
import { type RegionClient, RegionSilent } from '../../src/exchange/region-client.node.ts';
import { sealer } from '../../src/exchange/sealed-text.node.ts';
import { conversionIssuer } from '../../src/federation/conversion-keys.node.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { allDatabases, START_MS } from '../store/databases.ts';
import { temporary } from '../support/cli.ts';
import { NOW } from '../support/federation.ts';
import { type SystemStage, systemStage } from '../support/systems.ts';

const KIOSK = { id: '330000/kiosk-1', region: '330000' };
const USE = {
  orgName: '参考政务服务中心',
  username: 'desk-01',
  itemName: '道路货运登记',
  itemCode: 'HY-01',
  businessCode: 'CASE-1',
};
const LICENCE = { documentType: 'business-licence', reference: { cardNumber: '91310000MA0000B073', region: '310000' } };
const PASS = { documentType: 'freight-pass', reference: { plate: '皖A12345', region: '340000' } };
const random = (octets: number) => new Uint8Array(randomBytes(octets));
const { folder, remove } = temporary();

let stage: SystemStage;
let keys: number;
beforeAll(async () => {
  stage = await systemStage();
  keys = 0;
}, START_MS);
afterEach(() => {
  stage.now = NOW;
  for (const region of ['310000', '340000', '000000']) stage.systems.trouble(region, undefined);
});
afterAll(async () => {
  await stage.systems.close();
  remove();
});

const key = (): string => `exchange-${String(++keys).padStart(8, '0')}`;

describe.each(allDatabases())('exchanges on $name', (databases) => {
  let store: Store;
  let url: string;
  const failures: unknown[] = [];
  beforeAll(async () => {
    await databases.start();
    url = await databases.fresh();
    store = await openStore(url, { random });
  }, START_MS);
  afterAll(async () => {
    await store?.close();
    await databases.stop();
  }, START_MS);
  afterEach(() => expect(failures).toEqual([]));

  const SECRET = sealer(random(32));
  const service = (change: Partial<Parameters<typeof createExchanges>[0]> = {}): Exchanges =>
    createExchanges({
      store,
      federation: () => stage.federation,
      region: '330000',
      standpoint: (region) => stage.federation.standpoint(region, () => stage.now),
      resolver: stage.resolver(),
      sealer: SECRET,
      issuer: () => conversionIssuer(`${folder}/keys.json`),
      platform: nodePlatform,
      clock: () => stage.now,
      random,
      failed: (error) => failures.push(error),
      ...change,
    });
  const asked = async (
    change: Partial<ExchangeAsk> = {},
    consent: Partial<HolderConsent> = {},
  ): Promise<ExchangeAsk> => ({
    ...LICENCE,
    use: USE,
    purpose: 'exchange',
    to: 'document',
    consent: await stage.consent(consent),
    ...change,
  });
  const refusal = async (ask: ExchangeAsk, asker = KIOSK): Promise<string> =>
    service()
      .ask(ask, asker, key(), 5_000)
      .then(
        ({ state }) => state,
        (error) => (error instanceof ExchangeRefused ? error.code : Promise.reject(error)),
      );
  const inboxOf = (region: string) =>
    createInbox({ store, region, federation: () => stage.federation.manifest.federation, clock: () => stage.now });
  /** Everything that waits, taken by the region it is to. */
  const delivered = async (): Promise<Notice[]> => {
    const seen: Notice[] = [];
    for (const { notice } of await store.notices.due(stage.now, stage.now + 1, 1_000)) {
      seen.push(notice);
      await inboxOf(notice.to)(notice, notice.from);
      await store.notices.delivered(notice.id);
    }
    return seen;
  };

  it('gives the document in the words asked for, bound to the asker, and traces each use', async () => {
    const consent = await stage.consent();
    const exchanges = service();
    const ask = { ...(await asked()), consent };
    const licence = await exchanges.ask({ ...ask, to: '330000/zj-licence/1' }, KIOSK, key(), 10_000);
    const pass = await exchanges.ask({ ...ask, ...PASS }, KIOSK, key(), 10_000);
    expect([licence.state, pass.state, licence.because]).toEqual(['done', 'done', undefined]);
    expect(licence.answer?.conversion?.proof).toMatchObject({
      notOriginal: true,
      audience: '330000/kiosk-1',
      original: { issuingRegion: '310000', format: 'sh-licence/1' },
    });
    expect(licence.answer?.conversion?.fileName).toMatch(/\.ofd$/);
    expect(pass.answer?.conversion?.document?.vehicle?.plateNo).toBe('皖A12345');
    const uses = (await delivered()).map(({ to, use }) => [
      to,
      use?.number,
      use?.outcome,
      use?.documentType,
      use?.itemCode,
    ]);
    expect(uses.sort()).toEqual([
      ['310000', 1, 'given', 'business-licence', 'HY-01'],
      ['310000', 2, 'given', 'freight-pass', 'HY-01'],
      // The region whose document it is hears of it as well.
      ['340000', 2, 'given', 'freight-pass', 'HY-01'],
    ]);
  });

  it('asked again under the same name is the same exchange: one question, one use', async () => {
    const exchanges = service();
    const ask = await asked();
    const before = stage.systems.asked('310000');
    const name = key();
    const [first, second] = await Promise.all([
      exchanges.ask(ask, KIOSK, name, 5_000),
      exchanges.ask(ask, KIOSK, name, 5_000),
    ]);
    const third = await exchanges.ask(ask, KIOSK, name, 5_000);
    expect([second.id, third.id, third.state]).toEqual([first.id, first.id, 'done']);
    expect([stage.systems.asked('310000') - before, (await delivered()).length]).toEqual([1, 1]);
    // One name for another question gets no answer, though the first question is not kept any more.
    await expect(exchanges.ask({ ...ask, to: '330000/zj-licence/1' }, KIOSK, name, 5_000)).rejects.toMatchObject({
      code: 'idempotency',
    });
    // What was accepted can be fetched by its name when the consent is over.
    stage.now += 86_400_000 * 2;
    expect((await exchanges.ask(ask, KIOSK, name, 5_000)).id).toBe(first.id);
    stage.now = NOW;
    // Another asker's name of the same form is another exchange, which this consent does not allow.
    await expect(exchanges.ask(ask, { id: '330000/other', region: '330000' }, name, 5_000)).rejects.toMatchObject({
      code: 'asker',
    });
    await delivered();
  });

  it('is never used more often than it allows, by however many at once', async () => {
    const consent = await stage.consent({ uses: 2 });
    const ask = { ...(await asked()), consent };
    const said = await Promise.all(Array.from({ length: 6 }, () => refusal(ask)));
    expect(said.sort()).toEqual(['done', 'done', 'used-up', 'used-up', 'used-up', 'used-up']);
    const uses = (await delivered()).map(({ use }) => use!);
    expect(uses.map(({ outcome }) => outcome).sort()).toEqual([
      'given',
      'given',
      'used-up',
      'used-up',
      'used-up',
      'used-up',
    ]);
    expect(await store.notices.usesOf(uses[0]!.consent!, '310000')).toHaveLength(6);
  });

  it('is counted for the region that signed it: another region’s consent of the same id is another one', async () => {
    const id = 'consent-of-one-id-00001';
    const theirs = await stage.consent({ id, region: '340000', uses: 1 }, '340000/consents');
    expect(await refusal({ ...(await asked()), consent: theirs })).toBe('done');
    expect(await refusal({ ...(await asked()), consent: theirs })).toBe('used-up');
    expect(await refusal(await asked({}, { id, uses: 1 }))).toBe('done');
    await delivered();
  });

  it.each<[string, Partial<ExchangeAsk>, Partial<HolderConsent>]>([
    ['document-type', { documentType: 'road-transport-certificate' }, {}],
    ['purpose', { purpose: 'counter' }, {}],
    ['subject', { reference: { cardNumber: '91340100MA0000B15F', region: '310000' } }, {}],
    ['subject', { reference: { cardNumber: '91310000MA0000B073', plate: '皖A12345', region: '310000' } }, {}],
    ['over', {}, { until: '2026-11-23T03:59:59Z' }],
    ['not-yet', {}, { from: '2026-11-23T04:00:01Z' }],
    ['asker', {}, { askers: ['330000/gateway'] }],
    ['other-gateway', {}, { gateway: '340000' }],
    ['other-federation', {}, { federation: 'another' }],
  ])('refuses what a consent does not say (%s), and tells its region', async (code, ask, consent) => {
    const before = stage.systems.asked('310000');
    expect(await refusal(await asked(ask, consent))).toBe(code);
    expect(stage.systems.asked('310000')).toBe(before);
    expect((await delivered()).map(({ to, use }) => [to, use?.outcome, use?.number])).toEqual([['310000', code, 0]]);
  });

  it('takes no consent that another region signed, that was changed, or that no consent service signed', async () => {
    const good = await asked();
    const [header, payload, signature] = good.consent!.split('.');
    const changed = Buffer.from(payload!, 'base64url').toString().replace('"uses":3', '"uses":9');
    for (const consent of [
      await stage.consent({}, '340000/consents'),
      await stage.consent({}, '330000/kiosk-1'),
      await stage.consent({}, '310000/gateway'),
      `${header}.${Buffer.from(changed).toString('base64url')}.${signature}`,
      `${header}.${payload}.`,
      'nothing',
    ])
      expect(await refusal({ ...good, consent })).toBe('not-signed');
    expect(await delivered()).toEqual([]);
  });

  it('a withdrawn consent allows nothing more; only its own region can withdraw it', async () => {
    const id = 'consent-withdrawn-0001';
    const ask = await asked({}, { id });
    const inbox = inboxOf('330000');
    const revocation = (from: string): Notice => ({
      id: `01J${'0'.repeat(22)}${from[0]}`,
      at: '2026-11-23T04:00:00Z',
      federation: stage.federation.manifest.federation,
      from,
      to: '330000',
      kind: 'revocation',
      revoked: { consent: id, at: '2026-11-23T04:00:00Z' },
    });
    await inbox(revocation('340000'), '340000');
    const name = key();
    const before = await service().ask(ask, KIOSK, name, 5_000);
    expect([before.state, before.answer?.conversion === undefined]).toEqual(['done', false]);
    await expect(inbox(revocation('310000'), '340000')).rejects.toThrow(/another region/);
    const tried = { ...revocation('310000'), federation: 'yangtze-delta-trial' };
    await expect(inbox(tried, '310000')).rejects.toThrow(/another federation/);
    expect((await service().ask(ask, KIOSK, name, 5_000)).state).toBe('done');
    await inbox(revocation('310000'), '310000');
    await inbox(revocation('310000'), '310000');
    expect(await refusal(ask)).toBe('revoked');
    // What was given by it a moment ago is not given once more.
    const gone = { id: before.id, state: 'forgotten', at: before.at };
    expect(await service().find(before.id, KIOSK)).toEqual(gone);
    expect(await service().ask(ask, KIOSK, name, 5_000)).toEqual(gone);
    expect((await delivered()).map(({ use }) => use?.outcome).sort()).toEqual(['given', 'revoked']);
  });

  it('a consent that is withdrawn while the document is asked for gives nothing, and that is told', async () => {
    const id = 'consent-withdrawn-0002';
    const ask = await asked({}, { id });
    const resolver = stage.resolver();
    const slow = service({
      resolver: {
        ...resolver,
        resolve: async (...question) => {
          const found = await resolver.resolve(...question);
          await store.exchanges.revoke(id, '310000', stage.now);
          return found;
        },
      },
    });
    const said = await slow.ask(ask, KIOSK, key(), 5_000);
    expect([said.state, said.answer?.conversion]).toEqual(['empty', undefined]);
    expect(JSON.stringify(said)).not.toContain('91310000MA');
    expect((await delivered()).map(({ use }) => use?.outcome)).toEqual(['revoked']);
  });

  it('one that is withdrawn in the moment of the end gives nothing either', async () => {
    const id = 'consent-withdrawn-0003';
    const ask = await asked({}, { id });
    const ending: Store['exchanges']['finish'] = async (...end) => {
      await store.exchanges.revoke(id, '310000', stage.now);
      return store.exchanges.finish(...end);
    };
    const slow = service({
      store: { notices: store.notices, exchanges: { ...store.exchanges, finish: ending } },
    });
    const said = await slow.ask(ask, KIOSK, key(), 5_000);
    expect([said.state, said.answer?.conversion]).toEqual(['empty', undefined]);
    expect(JSON.stringify(said)).not.toContain('91310000MA');
    expect((await delivered()).map(({ use }) => use?.outcome)).toEqual(['revoked']);
  });

  it('what is refused again and again is told once an hour', async () => {
    await delivered();
    const exchanges = service();
    const id = 'consent-refused-000001';
    const ask = await asked({}, { id, purposes: ['checkpoint'] });
    const refusals = async (): Promise<number> => {
      for (let time = 0; time < 5; time++)
        await expect(exchanges.ask(ask, KIOSK, key(), 5_000)).rejects.toThrow(ExchangeRefused);
      return (await delivered()).filter(({ use }) => use?.consent === id && use.number === 0).length;
    };
    expect([await refusals(), await refusals()]).toEqual([1, 0]);
    stage.now += 3_600_000;
    expect(await refusals()).toBe(1);
    stage.now = NOW;
  });

  it('what one region tells of uses and objections hides nothing of what others tell', async () => {
    const at = new Date(stage.now).toISOString();
    const use = { consent: 'a-consent-of-310000-0001', number: 1, at, asker: '330000/kiosk-1', purpose: 'exchange' };
    const rest = { documentType: 'business-licence', outcome: 'given', ...USE };
    const told = (sender: string, i: number) =>
      store.notices.keepUse(
        { sender, id: `use-${sender}-${i}`, region: '310000', use: { ...use, ...rest } as never },
        stage.now + i,
      );
    await told('330000', 0);
    for (let i = 1; i <= 250; i++) await told('340000', i);
    const uses = await store.notices.usesOf(use.consent, '310000');
    expect(uses.map(({ toldBy }) => toldBy)).toEqual([...Array.from({ length: 200 }, () => '340000'), '330000']);

    const objection = (verifyingRegion: string, i: number): Objection => ({
      id: `01JD${verifyingRegion}${String(i).padStart(16, '0')}`,
      at,
      due: new Date(stage.now + i * 1000).toISOString(),
      federation: stage.federation.manifest.federation,
      receipt: `01JDRECEIPT${String(i).padStart(15, '0')}`,
      verifyingRegion,
      issuingRegion: '310000',
      reasons: ['REVOKED'],
      ground: 'data-wrong',
      by: 'holder',
      state: 'delivered',
    });
    for (let i = 1; i <= 210; i++) await store.objections.file(objection('340000', i), []);
    await store.objections.file(objection('320000', 300), []);
    const waiting = await store.objections.waitingFor(['310000'], stage.now, 200);
    expect([waiting.length, waiting.at(-1)?.verifyingRegion]).toEqual([101, '320000']);
    // Nor is a stranger's objection about a receipt of ours taken for our own.
    const { receipt, ground } = objection('340000', 1);
    expect((await store.objections.open(receipt, ground, '340000', stage.now))?.verifyingRegion).toBe('340000');
    expect(await store.objections.open(receipt, ground, '310000', stage.now)).toBeUndefined();
  });

  it('takes consents about a region’s documents only from those whose consents it takes', async () => {
    const ask = await asked();
    expect(await refusal({ ...ask, consent: await stage.consent({ region: '320000' }, '320000/consents') })).toBe(
      'region',
    );
    expect(await refusal({ ...ask, consent: await stage.consent({ region: '340000' }, '340000/consents') })).toBe(
      'done',
    );
    await delivered();
  });

  it('nobody’s own agreements let its own systems in at another region’s gateway', async () => {
    const { consent: _, ...ask } = await asked({ basis: 'OWN-1' });
    const lenient = service({
      standpoint: (region) => {
        const own = stage.federation.standpoint(region, () => stage.now)!;
        return { ...own, agreements: { ...own.agreements, withoutConsent: () => true } };
      },
    });
    await expect(lenient.ask(ask, { id: '340000/gateway', region: '340000' }, key(), 5_000)).rejects.toMatchObject({
      code: 'basis',
    });
    // This gateway's own agreements let its own region's systems in, and the issuing region hears of it.
    expect((await lenient.ask(ask, KIOSK, key(), 5_000)).state).toBe('done');
    expect((await delivered()).map(({ to, use }) => [to, use?.basis, use?.consent, use?.outcome])).toEqual([
      ['310000', 'OWN-1', undefined, 'given'],
    ]);
  });

  it('a target that does not carry this type of document is told before a use is counted', async () => {
    const ask = await asked({ to: '330000/zj-pass/1' }, { uses: 1 });
    expect(await refusal(ask)).toBe('target-type');
    // The consent allows one use, and still has it.
    expect(await refusal({ ...ask, to: 'document' })).toBe('done');
    await delivered();
  });

  it('where nothing is given, nothing of the document is shown', async () => {
    const unable = service({
      standpoint: (region) => {
        const own = stage.federation.standpoint(region, () => stage.now)!;
        const write = (): never => {
          throw new Broken('/holder/name', 'no room for it', 'FIELD_INVALID');
        };
        return { ...own, formats: own.formats.map((format) => ({ ...format, write })) };
      },
    });
    const said = await unable.ask(await asked({ to: '310000/sh-licence/1' }), KIOSK, key(), 5_000);
    const { verdict } = said.answer!;
    expect([said.state, said.because, verdict.document, verdict.status, verdict.typeName]).toEqual([
      'empty',
      'target-cannot-say',
      undefined,
      undefined,
      undefined,
    ]);
    expect(JSON.stringify(said)).not.toContain('91310000MA');
    await delivered();
  });

  it('without consent, only an agreement that says so allows it', async () => {
    const { consent: _, ...ask } = await asked({ basis: '参考互认〔2026〕REF-1号' });
    expect(await refusal(ask)).toBe('basis');
  });

  it('a region that is down gives no document, and says so; the use is traced as empty', async () => {
    stage.systems.trouble('310000', 'resets');
    const ask = await asked({}, { uses: 1 });
    const name = key();
    const said = await service().ask(ask, KIOSK, name, 10_000);
    expect([said.state, said.answer?.verdict.outcome, said.answer?.verdict.reasons]).toEqual([
      'empty',
      'undetermined',
      ['REGION_SILENT', 'REFERENCE_UNRESOLVED'],
    ]);
    // It is a use all the same: the region may have heard what was asked. Under its own name it is no other one.
    expect(await service().ask(ask, KIOSK, name, 10_000)).toEqual(said);
    stage.systems.trouble('310000', undefined);
    expect(await refusal(ask)).toBe('used-up');
    expect((await delivered()).map(({ use }) => [use?.outcome, use?.number]).sort()).toEqual([
      ['empty', 1],
      ['used-up', 0],
    ]);
  });

  it('takes longer than the asker waits: fetched later, by nobody else', async () => {
    stage.systems.trouble('310000', { slowMs: 300 });
    const exchanges = service();
    const said = await exchanges.ask(await asked({ notify: true }), KIOSK, key(), 0);
    expect([said.state, said.answer]).toEqual(['accepted', undefined]);
    await exchanges.idle();
    expect((await exchanges.find(said.id, KIOSK))?.state).toBe('done');
    expect(await exchanges.find(said.id, { id: '330000/gateway', region: '330000' })).toBeUndefined();
    expect((await delivered()).map(({ kind, to }) => `${kind} ${to}`).sort()).toEqual([
      'exchange 330000',
      'use 310000',
    ]);
  });

  it('goes on after its process was killed: nothing lost, nothing counted or told twice', async () => {
    const dead = service({ resolver: { resolve: () => new Promise(() => {}) } });
    const ask = await asked();
    const said = await dead.ask(ask, KIOSK, key(), 0);
    expect(said.state).toBe('accepted');
    const next = service();
    expect(await next.resume()).toBe(0);
    stage.now += 60_000;
    // Two processes may find it at once.
    const third = service();
    expect((await Promise.all([next.resume(), third.resume()])).sort()).toEqual([0, 1]);
    await Promise.all([next.idle(), third.idle()]);
    expect((await next.find(said.id, KIOSK))?.state).toBe('done');
    expect((await delivered()).map(({ use }) => [use?.number, use?.outcome])).toEqual([[1, 'given']]);
  });

  it('what could not be done in its time is told as empty, and then forgotten', async () => {
    const dead = service({ resolver: { resolve: () => new Promise(() => {}) } });
    const said = await dead.ask(await asked(), KIOSK, key(), 0);
    stage.now += 600_000;
    await store.exchanges.forget(stage.now, 0);
    const before = stage.systems.asked('310000');
    const next = service();
    expect(await next.resume()).toBe(1);
    await next.idle();
    expect(stage.systems.asked('310000')).toBe(before);
    expect((await delivered()).map(({ use }) => [use?.number, use?.outcome])).toEqual([[1, 'empty']]);
    stage.now += 600_000;
    await store.exchanges.forget(stage.now, 0);
    expect((await next.find(said.id, KIOSK))?.state).toBe('forgotten');
  });

  it('keeps nothing that can be read, and nothing for longer than ten minutes', async () => {
    const exchanges = service();
    const said = await exchanges.ask(await asked(), KIOSK, key(), 5_000);
    const row = (await store.exchanges.find(said.id, KIOSK.id))!;
    expect([row.asked, JSON.stringify(row).includes('示例'), JSON.stringify(row).includes('91310000MA')]).toEqual([
      null,
      false,
      false,
    ]);
    stage.now += 600_000;
    expect((await exchanges.find(said.id, KIOSK))?.state).toBe('forgotten');
    await store.exchanges.forget(stage.now, 0);
    expect(await store.exchanges.find(said.id, KIOSK.id)).toMatchObject({ answer: null, state: 'forgotten' });
    await delivered();
  });

  it('is delivered until it is acknowledged, and taken once however often it comes', async () => {
    await service().ask(await asked(), KIOSK, key(), 5_000);
    const sent: string[] = [];
    let down = true;
    const client: RegionClient = {
      ask: () => Promise.reject(new Error('not asked')),
      post: async (region, { body }) => {
        const notice = JSON.parse(Buffer.from(body).toString()) as Notice;
        sent.push(notice.id);
        await inboxOf('310000')(notice, notice.from);
        // It was taken, and the acknowledgement got lost.
        if (down) throw new RegionSilent('unreachable', region);
        return new Uint8Array(0);
      },
    };
    const failed: string[] = [];
    const outbox = createOutbox({
      store,
      region: '330000',
      inbox: inboxOf('330000'),
      client,
      seal: async (_, body) => ({ contentType: 'application/json', body }),
      clock: () => stage.now,
      random: () => 0.5,
      failed: (_, code) => failed.push(code),
    });
    expect(await outbox.deliver()).toBe(0);
    expect(await outbox.deliver()).toBe(0);
    down = false;
    stage.now += 2_000;
    expect(await outbox.deliver()).toBe(1);
    expect([sent.length, new Set(sent).size, failed]).toEqual([2, 1, ['unreachable']]);
    expect(await store.notices.waiting()).toEqual({ count: 0 });
  });
});
