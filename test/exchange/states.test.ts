import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Notice, StatesAsk } from '../../src/document/generated/types.ts';
import { validateNotice } from '../../src/document/generated/validators.js';
import { readHosts } from '../../src/exchange/address.ts';
import { createInbox, createOutbox, NoticeRefused } from '../../src/exchange/notices.ts';
import { regionClient } from '../../src/exchange/region-client.node.ts';
import { openBody, SEALED_MEDIA, sealBody } from '../../src/exchange/sealed-body.ts';
import { sealer } from '../../src/exchange/sealed-text.node.ts';
import { createStates, NotAskable, type States } from '../../src/exchange/states.ts';
import { type Listed, type NewList, writeStateList } from '../../src/record/state-list.ts';
import type { Federation } from '../../src/region/federation.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { formsOf } from '../http/planted.ts';
import { allDatabases, query, START_MS } from '../store/databases.ts';
import { NOW } from '../support/federation.ts';
import { type SystemStage, systemStage } from '../support/systems.ts';

const DAY = 86_400_000;
const random = (octets: number) => new Uint8Array(randomBytes(octets));
const SECRET = sealer(random(32));
const USE = { orgName: '参考检查站', username: 'desk-01', itemName: '查验', itemCode: 'CY-01', businessCode: 'CASE-1' };
/** Nobody's: the days of birth are none. */
const RED = '31000019900230001X';
const YELLOW = '310000199002310001';
const OTHER = '310000199002320001';
const JIANGSU = '320583199902300018';
const PEOPLE: readonly Listed[] = [
  { idType: '111', idNumber: RED, state: 'red' },
  { idType: '111', idNumber: YELLOW, state: 'yellow' },
];

let stage: SystemStage;
beforeAll(async () => {
  stage = await systemStage();
}, START_MS);
afterEach(() => {
  stage.now = NOW;
  stage.systems.trouble('320000', undefined);
});
afterAll(() => stage.systems.close());

describe.each(allDatabases())('states on $name', (databases) => {
  let url: string;
  let store: Store;
  let sequence = 0;
  beforeAll(async () => {
    await databases.start();
    url = await databases.fresh();
    store = await openStore(url, { random });
  }, START_MS);
  afterAll(async () => {
    await store?.close();
    await databases.stop();
  }, START_MS);

  /** As in a process of its own: nothing is remembered of what was checked before. */
  const states = (federation: () => Federation = () => stage.federation): States =>
    createStates({
      store,
      region: '330000',
      federation,
      standpoint: (region) => stage.federation.standpoint(region, () => stage.now),
      resolver: stage.resolver(),
      sealer: SECRET,
      clock: () => stage.now,
    });
  const list = (change: Partial<NewList> = {}, people = PEOPLE, by = '310000/gateway'): Promise<string> =>
    writeStateList(
      {
        federation: stage.federation.manifest.federation,
        region: '310000',
        to: '330000',
        scheme: 'health',
        sequence: ++sequence,
        issued: stage.now,
        until: stage.now + 2 * DAY,
        ...change,
      },
      people,
      stage.keys(by).signer,
      random,
    );
  const asking = (idNumber: string, change: Partial<StatesAsk> = {}): StatesAsk => ({
    region: '310000',
    scheme: 'health',
    idType: '111',
    idNumber,
    purpose: 'checkpoint',
    use: USE,
    ...change,
  });
  const short = async (idNumber: string, change: Partial<StatesAsk> = {}, service = states()): Promise<string> => {
    const { told, state, age, basis } = await service.ask(asking(idNumber, change));
    return [told, state, age, basis].filter((each) => each !== undefined).join(' ');
  };
  const past = async (sql: string): Promise<unknown> => {
    if (databases.name === 'postgres') return query(url, sql);
    const file = new DatabaseSync(url);
    try {
      return file.prepare(sql).all();
    } finally {
      file.close();
    }
  };

  it('where nobody told anything, and the region declares no question, it cannot be told', async () => {
    expect(await short(RED)).toBe('cannot-tell block');
  });

  it('a list travels sealed to its receiver; who stands in it has that state, and others are not listed', async () => {
    const notice: Notice = {
      id: '01JDZZZZZZ1111111111111111',
      at: '2026-11-23T04:00:00Z',
      federation: stage.federation.manifest.federation,
      from: '310000',
      to: '330000',
      kind: 'list',
      list: await list(),
    };
    const inbox = createInbox({
      store,
      region: '330000',
      federation: () => stage.federation.manifest.federation,
      clock: Date.now,
      takeList: states().take,
    });
    const bodies: Uint8Array[] = [];
    stage.systems.hears('330000', async (type, body) => {
      expect(type).toBe(SEALED_MEDIA);
      bodies.push(body);
      const opened = await openBody(body, stage.keys('330000/gateway').decryption, {
        from: '310000/gateway',
        to: '330000',
      });
      const heard = JSON.parse(Buffer.from(opened.body).toString()) as Notice;
      expect(validateNotice(heard)).toBe(true);
      await inbox(heard, '310000');
    });
    await store.notices.put([notice]);
    const hosts = readHosts(stage.systems.hosts);
    const outbox = createOutbox({
      store,
      region: '310000',
      inbox: () => Promise.reject(new Error('not for itself')),
      client: regionClient({ hosts, regions: () => stage.federation.regions }),
      seal: async (region, body) => {
        const [key] = stage.federation.systems.encryption(region, stage.now);
        const ends = { from: '310000/gateway', to: region };
        return {
          contentType: SEALED_MEDIA,
          body: await sealBody({ contentType: 'application/json', body }, key!, ends),
        };
      },
      clock: () => stage.now,
      random: () => 0.5,
      failed: (_, code) => expect.unreachable(code),
    });
    expect(await outbox.deliver()).toBe(1);
    expect(Buffer.from(bodies[0]!).toString()).not.toContain(notice.list!.slice(0, 40));

    expect([await short(RED), await short(YELLOW), await short(OTHER)]).toEqual([
      'state red fresh list',
      'state yellow fresh list',
      'not-listed fresh list',
    ]);
    expect(await short(RED.toLowerCase())).toBe('state red fresh list');
    // The same number of another kind is another person.
    expect(await short(RED, { idType: '414' })).toBe('not-listed fresh list');
    expect(await states().ask(asking(RED))).toMatchObject({
      asOf: '2026-11-23T04:00:00Z',
      name: { zh: '红', en: 'Red' },
      words: { zh: expect.stringContaining('不是对本人的结论') },
    });
  });

  it('an older list, or the same once more, changes nothing and is told', async () => {
    const service = states();
    const before = await list({}, []);
    const newest = await list({ issued: stage.now - 1000 });
    expect(await service.take(newest, '310000')).toBe('taken');
    expect([await service.take(newest, '310000'), await service.take(before, '310000')]).toEqual([
      'outdated',
      'outdated',
    ]);
    expect(await service.take(await list({ sequence }, []), '310000')).toBe('outdated');
    expect(await short(RED)).toBe('state red fresh list');
    expect(await service.take(await list({}, []), '310000')).toBe('taken');
    // What a process had read before does not hold it up.
    expect([await short(RED, {}, service), await short(RED)]).toEqual([
      'not-listed fresh list',
      'not-listed fresh list',
    ]);
  });

  it('two processes that take lists at once end with the newest', async () => {
    const lists = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => list({ scheme: 'health' }, n === 6 ? PEOPLE : [])));
    const heard = await Promise.all([...lists].reverse().map((each) => states().take(each, '310000')));
    expect(heard[0]).toBe('taken');
    expect(await short(RED)).toBe('state red fresh list');
    // The first of a region: nothing stands there yet that could be replaced.
    const rows = [1, 2, 3].map((number) => ({
      ...{ region: 'x-first', scheme: 'health', sequence: number, issued: 0, until: 1, list: 'x' },
    }));
    await Promise.all(rows.map((row) => store.stateLists.keep(row)));
    expect((await store.stateLists.newest('x-first', 'health'))?.sequence).toBe(3);
  });

  it('older than a day is told as such; when its time is over it says nothing, least of all “not listed”', async () => {
    const service = states();
    await service.take(await list(), '310000');
    stage.now += DAY + 1;
    expect([await short(RED, {}, service), await short(OTHER)]).toEqual([
      'state red warn list',
      'not-listed warn list',
    ]);
    stage.now = NOW + 2 * DAY - 1;
    expect(await short(OTHER, {}, service)).toBe('not-listed warn list');
    stage.now = NOW + 2 * DAY;
    for (const each of [service, states()])
      expect([await short(RED, {}, each), await short(OTHER, {}, each)]).toEqual([
        'cannot-tell block',
        'cannot-tell block',
      ]);
    expect(await service.take(await list({ issued: NOW, until: NOW + DAY }), '310000')).toBe('outdated');
    await store.stateLists.forget(stage.now);
    expect(await store.stateLists.text('310000', 'health', sequence - 1)).toBe('');
    // Its number stays: an older one does not come back in its place.
    stage.now = NOW;
    expect(await service.take(await list({ sequence: sequence - 2 }), '310000')).toBe('outdated');
    expect(await short(RED)).toBe('cannot-tell block');
  });

  it('is taken only from the region whose it is, for this receiver and federation, in words of its scheme', async () => {
    const good = await list();
    const [header, payload, signature] = good.split('.');
    const changed = Buffer.from(payload!, 'base64url').toString().replace('"red"', '"green"');
    const refused: [string, string][] = [
      [await list({}, PEOPLE, '340000/gateway'), '310000'],
      [await list({}, PEOPLE, '310000/consents'), '310000'],
      [await list({ region: '340000' }, PEOPLE, '340000/gateway'), '310000'],
      [good, '340000'],
      [await list({ to: '340000' }), '310000'],
      [await list({ federation: 'another' }), '310000'],
      [await list({ scheme: 'licence' }), '310000'],
      // Without entries no word shows that the catalogue has no such scheme.
      [await list({ scheme: 'made-up' }, []), '310000'],
      [await list({}, [{ ...PEOPLE[0]!, state: 'wanted' }]), '310000'],
      [await list({}, [PEOPLE[0]!, { ...PEOPLE[0]!, state: 'green' }]), '310000'],
      [await list({ issued: stage.now + 120_000 }), '310000'],
      [await list({ until: stage.now + 8 * DAY }), '310000'],
      [`${header}.${Buffer.from(changed).toString('base64url')}.${signature}`, '310000'],
      [`${header}.${payload}.`, '310000'],
      ['nothing', '310000'],
    ];
    for (const [jws, from] of refused) await expect(states().take(jws, from)).rejects.toThrow(NoticeRefused);
    // None of the reasons above is that of all of them.
    expect(await states().take(good, '310000')).toBe('taken');
  });

  it('is read a few times an hour: reading a large one holds up everybody', async () => {
    const service = states();
    const good = await list();
    for (let time = 0; time < 12; time++)
      expect(await service.take(good, '310000')).toBe(time === 0 ? 'taken' : 'outdated');
    await expect(service.take(good, '310000')).rejects.toThrow('more than 12 lists within an hour');
    // Another region's are its own.
    await expect(service.take('nothing', '340000')).rejects.toThrow('it is no list of this region for us');
    stage.now += 3_600_000;
    expect(await service.take(good, '310000')).toBe('outdated');
  });

  it('altered, exchanged or dated otherwise in the database it is none', async () => {
    await states().take(await list(), '310000');
    const kept = (await store.stateLists.text('310000', 'health', sequence))!;
    expect(await short(RED)).toBe('state red fresh list');
    const jws = SECRET.open(kept, 'list 310000 health');
    for (const text of [
      `${kept.slice(0, 40)}${kept[40] === 'A' ? 'B' : 'A'}${kept.slice(41)}`,
      '',
      jws,
      // With the gateway's own secret, but signed by nobody.
      SECRET.seal(`${jws.slice(0, -8)}AAAAAAAA`, 'list 310000 health'),
      // Good, and another one than its row says.
      SECRET.seal(await list(), 'list 310000 health'),
      SECRET.seal(await list({ sequence: --sequence, until: NOW + DAY }), 'list 310000 health'),
    ]) {
      await past(`update state_lists set list = '${text}' where region = '310000'`);
      expect([await short(RED), await short(OTHER)]).toEqual(['cannot-tell block', 'cannot-tell block']);
    }
    await past(`update state_lists set list = '${kept}', until = ${NOW + 6 * DAY} where region = '310000'`);
    stage.now = NOW + 3 * DAY;
    expect(await short(OTHER)).toBe('cannot-tell block');
  });

  it('a key that its region has taken out vouches for nothing from then on', async () => {
    sequence += 10;
    await states().take(await list(), '310000');
    let federation = stage.federation;
    const service = states(() => federation);
    expect(await short(RED, {}, service)).toBe('state red fresh list');
    federation = { ...federation, systems: { ...federation.systems, key: () => undefined } };
    expect(await short(RED, {}, service)).toBe('cannot-tell block');
  });

  it('no number stands in the database, nor can it be tried there without the gateway’s key', async () => {
    sequence += 10;
    const jws = await list();
    await states().take(jws, '310000');
    await short(RED);
    await short(JIANGSU, { region: '320000' });
    const rows = JSON.stringify(await past('select * from state_lists'));
    const { key, entries } = JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString());
    const bytes =
      databases.name === 'sqlite'
        ? readdirSync(dirname(url))
            .map((name) => readFileSync(join(dirname(url), name)).toString('latin1'))
            .join()
        : '';
    for (const form of [RED, YELLOW, JIANGSU].flatMap(formsOf))
      expect([rows.includes(form), bytes.includes(form)]).toEqual([false, false]);
    for (const text of [key, entries[0].digest])
      expect([rows.includes(text), bytes.includes(text)]).toEqual([false, false]);
  });

  it('only another region is asked, in a scheme of the catalogue, for its purposes', async () => {
    for (const change of [
      { region: '330000' },
      { region: '999999' },
      { scheme: 'horoscope' },
      { scheme: 'licence' },
      { purpose: 'counter' },
      { purpose: 'hotel' },
    ])
      await expect(states().ask(asking(RED, change))).rejects.toThrow(NotAskable);
    expect(await short(RED, { purpose: 'road-police' })).toContain('state red');
  });
});

describe('a region that answers by itself', () => {
  const service = (change: Partial<Parameters<typeof createStates>[0]> = {}): States =>
    createStates({
      store: {
        stateLists: {
          newest: async () => undefined,
          text: async () => undefined,
          keep: async () => false,
          forget: async () => {},
        },
      },
      region: '330000',
      federation: () => stage.federation,
      standpoint: (region) => stage.federation.standpoint(region, () => stage.now),
      resolver: stage.resolver(),
      sealer: SECRET,
      clock: () => stage.now,
      ...change,
    });
  const ask = (idNumber = JIANGSU, idType = '111') =>
    service().ask({ region: '320000', scheme: 'health', idType, idNumber, purpose: 'checkpoint', use: USE });

  it('is asked first: what holds now', async () => {
    const said = await ask();
    expect(said).toMatchObject({ told: 'state', state: 'green', age: 'fresh', basis: 'region' });
    expect(JSON.stringify(said)).not.toContain(JIANGSU);
  });

  it('is asked anew each time: nothing of the number is remembered', async () => {
    const before = stage.systems.asked('320000');
    const one = service();
    for (let i = 0; i < 2; i++)
      await one.ask({
        region: '320000',
        scheme: 'health',
        idType: '111',
        idNumber: JIANGSU,
        purpose: 'checkpoint',
        use: USE,
      });
    expect(stage.systems.asked('320000') - before).toBe(2);
  });

  it.each(['wrong-person', 'wrong-signature', 'garbage', 'resets', 'error-inside'] as const)(
    '%s: no answer to this question, and nothing is told',
    async (trouble) => {
      stage.systems.trouble('320000', trouble);
      expect(await ask()).toMatchObject({ told: 'cannot-tell', age: 'block' });
      expect((await ask()).state).toBeUndefined();
    },
  );

  it('an old answer, once more, is none', async () => {
    await ask();
    stage.systems.trouble('320000', 'replays');
    expect((await ask()).told).toBe('cannot-tell');
  });

  it('that it knows no such number is signed by nobody, and is not “not listed”', async () => {
    expect((await ask(OTHER)).told).toBe('cannot-tell');
    expect((await ask(JIANGSU, '414')).told).toBe('cannot-tell');
  });

  it('is asked for states alone: no document, and no other question, comes by that way', async () => {
    const standpoint = stage.federation.standpoint('330000', () => stage.now)!;
    const before = stage.systems.asked('320000');
    for (const documentType of [undefined, 'health-code'])
      for (const purpose of ['checkpoint', 'counter', 'exchange']) {
        const asked = { purpose, documentType, use: USE };
        const { journey, presented } = await stage
          .resolver()
          .resolve({ cardNumber: JIANGSU, region: '320000' }, standpoint, asked);
        expect([journey.verdict.reasons, presented]).toEqual([['NOBODY_TO_ASK', 'REFERENCE_UNRESOLVED'], undefined]);
      }
    expect(stage.systems.asked('320000')).toBe(before);
  });
});
