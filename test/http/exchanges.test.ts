import { describe, expect, it } from 'vitest';
import type { Notice } from '../../src/document/generated/types.ts';
import { RegionSilent } from '../../src/exchange/region-client.node.ts';
import { NOW, samples } from '../support/federation.ts';
import type { SystemStage } from '../support/systems.ts';
import { useExchanging } from './exchanging.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';
import { send, signedCall } from './signed.ts';

const h = useGateway();
const kiosk = keyRow({
  id: 'kiosk-of-a-counter-in-the-third-hall-001',
  scopes: ['verify', 'record', 'resolve', 'exchange', 'objection'],
  purposes: ['exchange', 'counter', 'checkpoint'],
});
/** As consents and traces name it: the longest id that a key may have. */
const ASKER = '330000/kiosk-of-a-counter-in-the-third-hall-001';
const office = keyRow({ id: 'office', scopes: ['trace', 'consent', 'notice', 'objection', 'decide'] });

/** What the gateway posted, by region. */
const posted: Notice[] = [];
const made = useExchanging(
  h,
  {
    post: async (region, { body }) => {
      if (region === '340000') throw new RegionSilent('unreachable', region);
      posted.push(JSON.parse(Buffer.from(body).toString()) as Notice);
      return new Uint8Array(0);
    },
    seal: async (_, body) => ({ contentType: 'application/json', body }),
  },
  kiosk,
  office,
);

const USE = {
  orgName: '参考政务服务中心',
  username: 'desk-01',
  itemName: '道路货运登记',
  itemCode: 'HY-01',
  businessCode: 'CASE-1',
};
let names = 0;
const ask = async (change: object = {}, headers: object = {}) =>
  h.call('POST', '/v1/exchanges', {
    body: {
      documentType: 'business-licence',
      reference: { cardNumber: '91310000MA0000B073', region: '310000' },
      purpose: 'exchange',
      use: USE,
      to: '330000/zj-licence/1',
      consent: await made.stage.consent({ askers: [ASKER] }),
      ...change,
    },
    headers: { ...kiosk.headers, 'Idempotency-Key': `exchange-${++names}-xxxxxx`, ...headers },
  });

describe('what a document refers to', () => {
  const plate = { reference: { plate: '皖A12345', region: '340000' }, purpose: 'checkpoint' };

  it('is asked for on behalf of this gateway’s own region, not of another’s system', async () => {
    const { json } = await h.call('POST', '/v1/verify', { body: plate, headers: kiosk.headers });
    expect(json.outcome).toBe('accept');
    const { signer } = made.stage.keys('320000/gateway');
    for (const more of [{}, { for: '310000' }]) {
      const call = await signedCall(h, signer, {
        path: '/v1/verify',
        body: { ...plate, ...more },
        now: made.stage.now,
      });
      const { status, json: said } = await send(h, call);
      expect([status, said.outcome, said.document]).toEqual([200, 'undetermined', undefined]);
      // Not that a network is missing: another try would end the same.
      expect(said.reasons).toContain('NOBODY_TO_ASK');
    }
  });

  it('is not asked for in the name of a region that this gateway does not serve', async () => {
    const { json } = await h.call('POST', '/v1/verify', { body: { ...plate, for: '310000' }, headers: kiosk.headers });
    expect([json.outcome, json.document]).toEqual(['undetermined', undefined]);
  });
});

describe('POST /v1/exchanges', () => {
  it('gives another region’s document in the asker’s format', async () => {
    const { status, json } = await ask();
    expect([status, json.state, json.answer.verdict.outcome]).toEqual([200, 'done', 'accept']);
    expect(json.answer.conversion.wireBytes).toEqual(expect.any(String));
  });

  it('answers 202 where it takes longer, and is fetched by whoever asked', async () => {
    made.stage.systems.trouble('310000', { slowMs: 400 });
    const { status, headers, json } = await ask({}, { Prefer: 'respond-async' });
    made.stage.systems.trouble('310000', undefined);
    expect([status, json.state, headers.get('location')]).toEqual([202, 'accepted', `/v1/exchanges/${json.id}`]);
    await made.exchanging.exchanges.idle();
    const later = await h.call('GET', `/v1/exchanges/${json.id}`, { headers: kiosk.headers });
    expect([later.status, later.json.state]).toEqual([200, 'done']);
    const other = keyRow({ id: 'other', scopes: ['exchange'] });
    h.keyring = keyringOf(kiosk.row, office.row, other.row);
    expect((await h.call('GET', `/v1/exchanges/${json.id}`, { headers: other.headers })).status).toBe(404);
  });

  it('a key that is called like a system of the region is not taken for it', async () => {
    const { signer } = made.stage.keys('330000/kiosk-1');
    const now = made.stage.now;
    const body = {
      ...{ documentType: 'business-licence', reference: { cardNumber: '91310000MA0000B073', region: '310000' } },
      ...{ purpose: 'exchange', use: USE, to: 'document', consent: await made.stage.consent() },
    };
    const headers = { 'Idempotency-Key': 'exchange-of-the-kiosk' };
    const own = await send(h, await signedCall(h, signer, { path: '/v1/exchanges', body, headers, now }));
    expect([own.status, own.json.state]).toEqual([200, 'done']);

    const namesake = keyRow({ id: 'kiosk-1', scopes: ['verify', 'record', 'exchange', 'objection'] });
    h.keyring = keyringOf(kiosk.row, office.row, namesake.row);
    const place = `/v1/exchanges/${own.json.id}`;
    const refused = await h.call('GET', place, { headers: namesake.headers });
    expect([refused.status, refused.json.type]).toEqual([403, 'urn:tongren:problem:forbidden-ask']);
    expect(refused.json.detail).toContain('330000/kiosk-1');
    const asked = await h.call('POST', '/v1/exchanges', { body, headers: { ...namesake.headers, ...headers } });
    expect([asked.status, asked.json.type]).toEqual([403, 'urn:tongren:problem:forbidden-ask']);
    // What is no act of the region it may do.
    const verified = await h.call('POST', '/v1/verify', { body: { text: 'x' }, headers: namesake.headers });
    expect(verified.status).toBe(200);
    expect((await send(h, await signedCall(h, signer, { method: 'GET', path: place, now }))).status).toBe(200);
  });

  it('says why it refuses, in both languages', async () => {
    const consent = await made.stage.consent({ askers: [ASKER], until: '2026-11-23T03:00:00Z' });
    const { status, json } = await ask({ consent });
    expect([status, json.type, json.reason.code]).toEqual([403, 'urn:tongren:problem:exchange-refused', 'over']);
    expect([json.reason.zh, json.reason.en].every((words) => words.length > 3)).toBe(true);
  });

  it.each<[string, object, object, number, string]>([
    ['a purpose that no catalogue has', { purpose: 'credit-scoring' }, {}, 403, 'forbidden-ask'],
    ['no name of its own', {}, { 'Idempotency-Key': '' }, 400, 'invalid-header'],
    ['neither consent nor basis', { consent: undefined }, {}, 400, 'invalid-ask'],
    ['both', { basis: 'x1' }, {}, 400, 'invalid-ask'],
    ['elements left out', { use: { ...USE, itemCode: undefined } }, {}, 400, 'invalid-ask'],
    [
      'a person’s number in its words',
      { use: { ...USE, itemName: '张三 310101 19900101 1234' } },
      {},
      400,
      'invalid-ask',
    ],
    ['a format that nobody has', { to: '330000/none/1' }, {}, 403, 'exchange-refused'],
  ])('takes no request with %s', async (_, change, headers, status, code) => {
    const answer = await ask(change, headers);
    expect([answer.status, answer.json.type]).toEqual([status, `urn:tongren:problem:${code}`]);
  });

  it('is off where nobody may be asked', async () => {
    const { exchanging: own } = h.gateway;
    Object.assign(h.gateway, { exchanging: undefined });
    expect((await ask()).json.type).toBe('urn:tongren:problem:exchange-off');
    Object.assign(h.gateway, { exchanging: own });
  });
});

describe('what other regions tell, and are told', () => {
  const notice = (change: Partial<Notice>): Notice => ({
    id: `01JDZZZZZZ${String(++names).padStart(16, '0')}`,
    at: '2026-11-23T04:00:00Z',
    federation: made.stage.federation.manifest.federation,
    from: '330000',
    to: '330000',
    kind: 'revocation',
    ...change,
  });
  const tell = (body: object) => h.call('POST', '/v1/notices', { body, headers: office.headers });

  it('a use is told to the holder’s region, which can read its trace', async () => {
    await made.exchanging.round();
    const use = posted.find(({ kind, use }) => kind === 'use' && use?.asker === ASKER)!;
    expect([use.to, use.use?.asker, use.use?.itemCode]).toEqual(['310000', ASKER, 'HY-01']);
    const own = notice({ kind: 'use', use: use.use! });
    expect([(await tell(own)).status, (await tell(own)).status]).toEqual([204, 204]);
    const { json } = await h.call('GET', `/v1/consents/${use.use!.consent}/uses`, { headers: office.headers });
    expect(json.uses).toEqual([{ ...use.use, toldBy: '330000' }]);
    const none = await h.call('GET', '/v1/consents/abc/uses', { headers: office.headers });
    expect([none.status, none.json.type]).toEqual([404, 'urn:tongren:problem:no-such-record']);
  });

  it('nobody tells in another’s name', async () => {
    expect(
      (await tell(notice({ from: '310000', revoked: { consent: 'x'.repeat(22), at: '2026-11-23T04:00:00Z' } }))).status,
    ).toBe(403);
    expect((await tell(notice({ to: '310000' }))).status).toBe(403);
    expect((await tell({ kind: 'gossip' })).status).toBe(400);
  });

  it('nor what was made in another federation', async () => {
    const revoked = { consent: 'consent-of-this-region-2', at: '2026-11-23T04:00:00Z' };
    const mine = await made.stage.consent(
      { askers: [ASKER], id: revoked.consent, region: '330000' },
      '330000/consents',
    );
    const { status, json } = await tell(notice({ federation: 'yangtze-delta-trial', revoked }));
    expect([status, json.detail]).toEqual([403, 'it is of another federation']);
    expect((await tell(notice({ revoked, federation: undefined as never }))).status).toBe(400);
    expect((await ask({ consent: mine })).status).toBe(200);
  });

  it('a consent is withdrawn by its region alone', async () => {
    const id = 'consent-of-another-region';
    const revoked = await h.call('POST', `/v1/consents/${id}/revocation`, { headers: office.headers });
    expect(revoked.status).toBe(204);
    const full = await h.call('POST', `/v1/consents/${id}/revocation`, { body: {}, headers: office.headers });
    expect([full.status, full.json.detail]).toEqual([413, 'no body is taken here: send none']);
    // 330000's word does not withdraw what 310000 signed.
    expect((await ask({ consent: await made.stage.consent({ askers: [ASKER], id }) })).status).toBe(200);
    const mine = await made.stage.consent(
      { askers: [ASKER], id: 'consent-of-this-region-1', region: '330000' },
      '330000/consents',
    );
    expect((await ask({ consent: mine })).status).toBe(200);
    await h.call('POST', '/v1/consents/consent-of-this-region-1/revocation', { headers: office.headers });
    expect((await ask({ consent: mine })).json.reason.code).toBe('revoked');
  });
});

describe('objections', () => {
  const verified = async (name: string, from: SystemStage['samples'] = samples): Promise<{ id: string }> => {
    const wire = from.find((each) => each.name === name)!.wire as string;
    const { json } = await h.call('POST', '/v1/verify', {
      body: { text: wire, record: { checkpoint: 'G2-01' } },
      headers: kiosk.headers,
    });
    return json.receipt;
  };
  const object = (body: object) => h.call('POST', '/v1/objections', { body, headers: kiosk.headers });
  const find = async (id: string) => (await h.call('GET', `/v1/objections/${id}`, { headers: kiosk.headers })).json;

  it('reach the issuing region, and its answer comes back', async () => {
    const receipt = await verifiedReceipt();
    const { status, json } = await object({ receipt: receipt.id, ground: 'state-outdated', by: 'holder' });
    expect([status, json.state, json.issuingRegion, json.verifyingRegion]).toEqual([200, 'filed', '340000', '330000']);
    // The same once more is the same objection.
    expect((await object({ receipt: receipt.id, ground: 'state-outdated', by: 'officer' })).json.id).toBe(json.id);
    const refused = await h.call('POST', `/v1/objections/${json.id}/answer`, {
      body: { decision: 'upheld' },
      headers: office.headers,
    });
    expect(refused.status).toBe(404);
    made.stage.now = NOW + 16 * 86_400_000;
    expect((await find(json.id)).state).toBe('overdue');
    made.stage.now = NOW;
    await made.exchanging.inbox(
      {
        id: '01JDZZZZZZ9999999999999999',
        at: '2026-11-23T05:00:00Z',
        federation: made.stage.federation.manifest.federation,
        from: '340000',
        to: '330000',
        kind: 'objection-answer',
        answer: { objection: json.id, decision: 'corrected', at: '2026-11-23T05:00:00Z' },
      },
      '340000',
    );
    expect(await find(json.id)).toMatchObject({ state: 'corrected', answeredAt: '2026-11-23T05:00:00Z' });
    const { json: counted } = await h.call('GET', '/v1/objections/statistics', { headers: kiosk.headers });
    expect(counted.counts).toEqual([
      { issuingRegion: '340000', verifyingRegion: '330000', state: 'corrected', count: 1 },
    ]);
  });

  it('to another region’s document of this region are answered here', async () => {
    const objection = {
      id: '01JDZZZZZZ7777777777777777',
      at: '2026-11-23T04:00:00Z',
      due: '2026-12-08T04:00:00Z',
      federation: made.stage.federation.manifest.federation,
      receipt: '01JDZZZZZZ8888888888888888',
      verifyingRegion: '310000',
      issuingRegion: '330000',
      ground: 'data-wrong',
      by: 'holder',
      state: 'filed',
    } as const;
    await made.exchanging.inbox(
      {
        id: '01JDZZZZZZ6666666666666666',
        at: objection.at,
        federation: objection.federation,
        from: '310000',
        to: '330000',
        kind: 'objection',
        objection,
      },
      '310000',
    );
    const { json } = await h.call('GET', '/v1/objections', { headers: office.headers });
    expect(json.objections.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
      [objection.id, 'delivered'],
    ]);
    const decide = async (decision: string) =>
      (await h.call('POST', `/v1/objections/${objection.id}/answer`, { body: { decision }, headers: office.headers }))
        .status;
    // The first answer holds; whoever heard nothing sends it again, and it is told once.
    expect([await decide('rejected'), await decide('rejected'), await decide('upheld')]).toEqual([204, 204, 404]);
    await made.exchanging.round();
    expect(
      posted.filter(({ kind }) => kind === 'objection-answer').map(({ to, answer }) => [to, answer?.decision]),
    ).toEqual([['310000', 'rejected']]);
  });

  it('to a city’s document are told to the region above it, where the city has no gateway, and answered there', async () => {
    const filed = await object({
      receipt: (await verified('port-pass', made.stage.samples)).id,
      ground: 'data-wrong',
      by: 'holder',
    });
    expect([filed.json.issuingRegion, filed.json.verifyingRegion]).toEqual(['330200', '330000']);
    await made.exchanging.round();
    const { json } = await h.call('GET', '/v1/objections', { headers: office.headers });
    expect(json.objections.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
      [filed.json.id, 'delivered'],
    ]);
    const { status } = await h.call('POST', `/v1/objections/${filed.json.id}/answer`, {
      body: { decision: 'upheld' },
      headers: office.headers,
    });
    expect([status, (await find(filed.json.id)).state]).toEqual([204, 'upheld']);
  });

  it('to a city’s document come from, and are answered to, other regions by the region above it', async () => {
    const objection = {
      id: '01JDZZZZZZ4444444444444444',
      at: '2026-11-23T04:00:00Z',
      due: '2026-12-08T04:00:00Z',
      // Whether it is answered is not its sender's to say.
      answeredAt: '2026-11-23T04:00:00Z',
      federation: made.stage.federation.manifest.federation,
      receipt: '01JDZZZZZZ3333333333333333',
      verifyingRegion: '310000',
      issuingRegion: '330200',
      ground: 'data-wrong',
      by: 'holder',
      state: 'upheld',
    } as const;
    const { at, federation } = objection;
    const told = { id: '01JDZZZZZZ2222222222222222', at, federation, from: '310000', to: '330000' };
    await made.exchanging.inbox({ ...told, kind: 'objection', objection }, '310000');
    const waiting = await find(objection.id);
    expect([waiting.state, waiting.answeredAt]).toEqual(['delivered', undefined]);
    // 340000 answers for none of 330200's.
    const other = { ...objection, id: '01JDZZZZZZ1111111111111111', issuingRegion: '340000' };
    await expect(made.exchanging.inbox({ ...told, kind: 'objection', objection: other }, '310000')).rejects.toThrow(
      'the document is another region’s',
    );
    const answer = { objection: objection.id, decision: 'rejected', at: objection.at } as const;
    await expect(
      made.exchanging.inbox({ ...told, from: '340000', kind: 'objection-answer', answer }, '340000'),
    ).rejects.toThrow('there is no such objection to it');
  });

  it('are none of a third region’s', async () => {
    const receipt = await verifiedReceipt();
    const { json } = await object({ receipt: receipt.id, ground: 'data-wrong', by: 'holder' });
    const by = async (system: string, path: string) => {
      const { signer } = made.stage.keys(system);
      return send(h, await signedCall(h, signer, { method: 'GET', path, now: made.stage.now }));
    };
    const found = async (system: string) => (await by(system, `/v1/objections/${json.id}`)).status;
    expect([await found('340000/gateway'), await found('320000/gateway')]).toEqual([200, 404]);
    const counted = async (system: string): Promise<number> =>
      (await by(system, '/v1/objections/statistics')).json.counts.length;
    expect(await counted('340000/gateway')).toBeGreaterThan(0);
    expect(await counted('320000/gateway')).toBe(0);
  });

  it('are of receipts that the caller may read: whoever knows a case code learns nothing by objecting', async () => {
    const { id } = await verifiedReceipt();
    const caseCode = `${id.slice(10, 14)}-${id.slice(14, 18)}`;
    const hotel = keyRow({ id: 'hotel', scopes: ['objection'], regions: ['310000'], purposes: ['hotel'] });
    h.keyring = keyringOf(kiosk.row, office.row, hotel.row);
    for (const named of [{ caseCode }, { receipt: id }]) {
      const body = { ...named, ground: 'misread', by: 'officer' };
      expect((await h.call('POST', '/v1/objections', { body, headers: hotel.headers })).status).toBe(404);
      // The document is Anhui's: Jiangsu's system cannot object to it, Anhui's can.
      const by = async (system: string) => {
        const { signer } = made.stage.keys(system);
        return (await send(h, await signedCall(h, signer, { path: '/v1/objections', body, now: made.stage.now })))
          .status;
      };
      expect(await by('320000/gateway')).toBe(404);
      expect(await by('340000/gateway')).toBe(200);
    }
  });

  it('are shown to a key of certain regions as its receipts are, and what is for this region’s own not at all', async () => {
    const scopes = ['verify', 'record', 'objection', 'decide', 'trace', 'consent', 'notice', 'exchange', 'resolve'];
    const shanghais = keyRow({ id: 'shanghais', scopes, regions: ['310000'] });
    const counters = keyRow({ id: 'counters', scopes: ['objection'], purposes: ['counter'] });
    const own = keyRow({ id: 'own', scopes: ['objection'], regions: ['330000'] });
    h.keyring = keyringOf(kiosk.row, office.row, shanghais.row, counters.row, own.row);
    const as = async (key: typeof own, method: 'GET' | 'POST', path: string, body?: object) =>
      (await h.call(method, path, { headers: key.headers, ...(body === undefined ? {} : { body }) })).status;

    const receipt = await verifiedReceipt();
    const { json } = await object({ receipt: receipt.id, ground: 'misread', by: 'officer' });
    const place = `/v1/objections/${json.id}`;
    expect([await as(kiosk, 'GET', place), await as(own, 'GET', place)]).toEqual([200, 200]);
    // It could not read the receipt of that verdict either.
    expect([await as(shanghais, 'GET', place), await as(counters, 'GET', place)]).toEqual([404, 404]);
    // Told by Shanghai, about a document of this region (above): for whoever acts for this region.
    const told = '/v1/objections/01JDZZZZZZ7777777777777777';
    expect([await as(own, 'GET', told), await as(shanghais, 'GET', told)]).toEqual([200, 404]);

    // What it objected to itself it can follow, though this gateway filed it in its own region's name.
    const wire = made.stage.samples.find(({ name }) => name === 'pass')!.wire as string;
    const { json: seen } = await h.call('POST', '/v1/verify', {
      body: { text: wire, for: '310000', purpose: 'checkpoint', record: { checkpoint: 'G2-01' } },
      headers: shanghais.headers,
    });
    const { json: filed } = await h.call('POST', '/v1/objections', {
      body: { receipt: seen.receipt.id, ground: 'misread', by: 'officer' },
      headers: shanghais.headers,
    });
    const followed = `/v1/objections/${filed.id}`;
    expect([await as(shanghais, 'GET', followed), await as(own, 'GET', followed)]).toEqual([200, 404]);

    for (const path of ['/v1/objections', '/v1/objections/statistics']) {
      expect([path, await as(own, 'GET', path)]).toEqual([path, 200]);
      expect([path, await as(shanghais, 'GET', path)]).toEqual([path, 403]);
    }
    // Nor does it act for this region in any other way.
    const consent = '/v1/consents/consent-of-this-region-1';
    const states = {
      ...{ region: '320000', scheme: 'health', idType: '111', idNumber: '320583199902300018' },
      ...{ purpose: 'checkpoint', use: USE },
    };
    expect(await as(shanghais, 'GET', `${consent}/uses`)).toBe(403);
    expect(await as(shanghais, 'POST', `${consent}/revocation`)).toBe(403);
    expect(await as(shanghais, 'POST', `${told}/answer`, { decision: 'rejected' })).toBe(403);
    expect(await as(shanghais, 'POST', '/v1/states', states)).toBe(403);
  });

  it('need a region that vouched for the document', async () => {
    const nothing = await verified('pass-from-nobody');
    expect((await object({ receipt: nothing.id, ground: 'misread', by: 'officer' })).status).toBe(422);
    expect((await object({ receipt: '01JDZZZZZZ5555555555555555', ground: 'misread', by: 'officer' })).status).toBe(
      404,
    );
    expect((await object({ caseCode: '7K2M-Q9XA', ground: 'misread', by: 'officer' })).status).toBe(404);
  });

  async function verifiedReceipt(): Promise<{ id: string }> {
    const { json } = await h.call('POST', '/v1/verify', {
      body: { reference: { plate: '皖A12345', region: '340000' }, record: { checkpoint: 'G2-01' } },
      headers: kiosk.headers,
    });
    expect(json.verdict.outcome).toBe('accept');
    return json.receipt;
  }
});
