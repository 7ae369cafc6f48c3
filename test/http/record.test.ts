import { beforeAll, describe, expect, it, test } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { writeQr } from '../../src/codec/picture.node.ts';
import { instantOf } from '../../src/document/time.ts';
import type { Records } from '../../src/http/gateway.ts';
import { StoreError } from '../../src/store/error.ts';
import type { Shown } from '../../src/store/replay.ts';
import { keyRow, keyringOf, linesOf, useGateway } from './harness.ts';

const RECORDED = { Prefer: 'recorded' };

describe('a verdict that is recorded', () => {
  const gateway = useGateway();
  const verify = (body: object, headers: Record<string, string> = RECORDED) =>
    gateway.call('POST', '/v1/verify', { body, headers });

  it('comes with its receipt, which is there by then', async () => {
    const headers = {
      ...RECORDED,
      'Tongren-Officer': 'A17',
      'Tongren-Business-Code': '31-7.2',
      'Tongren-Checkpoint': 'G2-01',
    };
    const answer = await verify({ text: gateway.wire('expired') }, headers);
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, 'recorded']);
    const { verdict, receipt } = answer.json;
    expect([verdict.outcome, verdict.reasons]).toEqual(['refuse', ['EXPIRED']]);
    expect(receipt).toMatchObject({ officer: 'A17', businessCode: '31-7.2', checkpoint: 'G2-01', outcome: 'refuse' });
    expect(answer.headers.get('tongren-receipt')).toBe(receipt.id);
    const { recorder } = await gateway.gateway.records();
    expect(await recorder.findReceipt(receipt.id)).toEqual(receipt);
    expect((await gateway.call('GET', `/v1/receipts/${receipt.id}`)).json).toEqual(receipt);
  });

  it('has the digest of exactly what was handed in', async () => {
    const { recorder } = await gateway.gateway.records();
    const wire = gateway.wire('vaccination');
    const picture = await writeQr(wire);
    const reference = { region: '310000', passNumber: 'REF-0001' };
    const handed: readonly [{ body: object | string | Uint8Array; type?: string }, string | Uint8Array][] = [
      [{ body: { text: wire } }, wire],
      [{ body: `${wire}\r\n`, type: 'text/plain' }, `${wire}\r\n`],
      [{ body: new Uint8Array([0x48, 0xff]), type: 'text/plain' }, new Uint8Array([0x48, 0xff])],
      [{ body: picture, type: 'image/png' }, picture],
      [{ body: { bytes: encodeBase64(picture) } }, picture],
      [{ body: { reference } }, '{"passNumber":"REF-0001","region":"310000"}'],
    ];
    for (const [{ body, type }, input] of handed) {
      const { json } = await gateway.call('POST', '/v1/verify', {
        body,
        ...(type === undefined ? {} : { type }),
        headers: RECORDED,
      });
      expect(await recorder.compare(json.receipt.id, input)).toBe('same');
      expect(await recorder.compare(json.receipt.id, `${input} `)).toBe('different');
    }
  });

  it('is asked for by the head or by the Ask, and what the Ask says goes before the head', async () => {
    const own = await verify(
      { text: 'x', record: { officer: 'B2' } },
      { 'Tongren-Checkpoint': 'G2-01', 'Tongren-Officer': 'A1' },
    );
    expect(own.json.receipt).toMatchObject({ officer: 'B2', checkpoint: 'G2-01' });
    // RFC 7240 §3: applied is only what was preferred.
    expect(own.headers.has('preference-applied')).toBe(false);
    const plain = await verify({ text: 'x' }, { 'Tongren-Officer': 'A1' });
    expect(plain.json.outcome).toBe('undetermined');
    expect(plain.headers.has('tongren-receipt')).toBe(false);
  });

  test.each<[string, boolean]>([
    ['recorded', true],
    ['Recorded', true],
    ['respond-async, recorded', true],
    ['foo="a, b"; bar, recorded', true],
    ['recorded;foo="x"', true],
    ['recorded=""', true],
    ['recorded =', true],
    ['return=minimal', false],
    ['recorded-not', false],
    ['recorded=no', false],
    ['foo="recorded"', false],
    ['foo=", recorded,"', false],
    ['foo; recorded', false],
  ])('Prefer: %s (RFC 7240 §2)', async (Prefer, recorded) => {
    const { json } = await verify({ text: 'x' }, { Prefer });
    expect(json.receipt !== undefined).toBe(recorded);
  });

  test.each<[string, string, string]>([
    ['Tongren-Officer', 'Zhang San', 'a name is no number'],
    ['Tongren-Officer', 'A\u00e917', 'a letter beyond ASCII'],
    ['Tongren-Officer', '13800000000', 'a telephone number'],
    ['Tongren-Checkpoint', 'G2 01', 'a space'],
    ['Tongren-Business-Code', '310101199001011234', 'a citizen number'],
    ['Tongren-Checkpoint', 'x'.repeat(61), 'too long'],
    ['Tongren-Checkpoint', '', 'nothing'],
  ])('%s: "%s" is refused and not repeated (%s)', async (name, value) => {
    const { status, json, text } = await verify({ text: 'x' }, { ...RECORDED, [name]: value });
    expect([status, json.type, json.at]).toEqual([400, 'urn:tongren:problem:invalid-header', name]);
    if (value !== '') expect(text).not.toContain(value);
  });

  it('takes no other words in an Ask', async () => {
    for (const record of [{ officer: '张三' }, { name: 'A1' }, { checkpoint: 7 }, 'A1']) {
      const { status, json } = await verify({ text: 'x', record });
      expect([status, json.type, json.at]).toEqual([
        400,
        'urn:tongren:problem:invalid-ask',
        expect.stringMatching(/^\/record/),
      ]);
    }
  });
});

describe('recorded lines of a batch', () => {
  const gateway = useGateway();
  const batch = async (lines: readonly object[], headers: Record<string, string> = {}) => {
    const body = lines.map((line) => JSON.stringify(line)).join('\n');
    const answer = await gateway.call('POST', '/v1/verify/batch', { type: 'application/x-ndjson', body, headers });
    return { ...answer, lines: linesOf(answer.text) };
  };

  it('have a receipt each, in their order, however many are written at a time', async () => {
    const moment = (i: number) => new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString().replace('.000Z', 'Z');
    const asks = Array.from({ length: 450 }, (_, i) => ({ text: `${i}`, at: moment(i), record: { officer: `A${i}` } }));
    const { lines, headers } = await batch(asks, { ...RECORDED, 'Tongren-Checkpoint': 'G2-01' });
    expect(headers.get('preference-applied')).toBe('recorded');
    expect(lines.map(({ receipt }) => [receipt.clock.at, receipt.officer, receipt.checkpoint])).toEqual(
      asks.map(({ at, record }) => [at, record.officer, 'G2-01']),
    );
    const ids = lines.map(({ receipt }) => receipt.id);
    expect(new Set(ids).size).toBe(450);
    const { recorder } = await gateway.gateway.records();
    for (const id of [ids[0], ids[200], ids[449]]) expect(await recorder.findReceipt(id)).toBeDefined();
  });

  it('stand among others that are not', async () => {
    const { lines } = await batch([
      { text: 'a' },
      { text: 'b', record: {} },
      { text: 'c', record: { officer: '张三' } },
      { text: 'd' },
      { text: 'e', record: { officer: 'A1' } },
    ]);
    expect(lines.map((line) => Object.keys(line).slice(0, 2).join())).toEqual([
      'outcome,word',
      'verdict,receipt',
      'problem,line',
      'outcome,word',
      'verdict,receipt',
    ]);
    expect(lines[2].line).toBe(3);
  });

  it('a head that does not fit is refused before anything is looked at', async () => {
    const { status, json } = await batch([{ text: 'x' }], { ...RECORDED, 'Tongren-Officer': 'nobody' });
    expect([status, json.type]).toEqual([400, 'urn:tongren:problem:invalid-header']);
  });

  it('get a problem and no verdict when the receipt cannot be written; the others go on', async () => {
    const whole = gateway.records;
    gateway.records = () => Promise.reject(new StoreError('full'));
    try {
      const { lines } = await batch([{ text: 'a', record: {} }, { text: 'b' }, { text: 'c', record: {} }]);
      expect(lines.map((line) => line.problem?.type ?? line.outcome)).toEqual([
        'urn:tongren:problem:store-unavailable',
        'undetermined',
        'urn:tongren:problem:store-unavailable',
      ]);
      expect([lines[0].line, lines[2].line]).toEqual([1, 3]);
    } finally {
      gateway.records = whole;
    }
  });
});

describe('when receipts cannot be kept', () => {
  const gateway = useGateway();
  const failing = async (records: () => Promise<Records>, run: () => Promise<void>) => {
    const whole = gateway.records;
    gateway.records = records;
    await run().finally(() => {
      gateway.records = whole;
    });
  };
  const verdicts = async () => (await gateway.call('GET', '/metrics')).text.match(/^tongren_verdicts_total.*$/gm) ?? [];

  it('503: there is never a verdict that should have been recorded and was not', async () => {
    const before = await verdicts();
    const broken = { ...(await gateway.gateway.records()) };
    const recorder = { ...broken.recorder, record: () => Promise.reject(new StoreError('unavailable')) };
    for (const records of [
      () => Promise.reject(new StoreError('unavailable')),
      async () => ({ ...broken, recorder }),
    ]) {
      await failing(records, async () => {
        const { status, json, text, headers } = await gateway.call('POST', '/v1/verify', {
          body: { text: gateway.wire('vaccination') },
          headers: RECORDED,
        });
        expect([status, json.type]).toEqual([503, 'urn:tongren:problem:store-unavailable']);
        expect(headers.get('retry-after')).toBe('5');
        expect(text).not.toMatch(/accept|outcome|vaccination/);
        expect(headers.has('tongren-receipt')).toBe(false);
      });
    }
    expect(await verdicts()).toEqual(before);
  });

  it('says in the log what failed, and not what the database said of it', async () => {
    const cause = new Error('cannot insert 张三 into postgres://user:secret@host');
    await failing(
      () => Promise.reject(new StoreError('refused', cause)),
      async () => {
        await gateway.call('POST', '/v1/verify', { body: { text: 'x' }, headers: RECORDED });
      },
    );
    const entry = gateway.log.map((line) => JSON.parse(line)).find(({ code }) => code === 'refused');
    expect(entry).toMatchObject({ level: 50, error: 'Error' });
    expect(gateway.log.join('')).not.toMatch(/张三|secret/);
  });

  it('what we did not expect there is our fault, and no verdict either', async () => {
    await failing(
      () => Promise.reject(new TypeError('张三')),
      async () => {
        const { status, json, text } = await gateway.call('POST', '/v1/verify', {
          body: { text: 'x' },
          headers: RECORDED,
        });
        expect([status, json.type]).toEqual([500, 'urn:tongren:problem:internal']);
        expect(text).not.toContain('张三');
      },
    );
  });

  it('others are verified all the same', async () => {
    await failing(
      () => Promise.reject(new StoreError('unavailable')),
      async () => {
        expect((await gateway.verify({ text: gateway.wire('vaccination') })).outcome).toBe('accept');
      },
    );
  });
});

describe('a code that may be shown once', () => {
  const gateway = useGateway();
  const lanes = keyRow({ id: 'lanes' });
  const counter = keyRow({ id: 'counter' });
  beforeAll(() => {
    gateway.keyring = keyringOf(lanes.row, counter.row);
    // These codes live for a minute: here it does not pass.
    gateway.clock = () => gateway.mintedAt;
  });
  const show = async (name: string, checkpoint: string | undefined, more: object = {}, key = lanes) => {
    const body = { text: gateway.wire(name), ...more, record: checkpoint === undefined ? {} : { checkpoint } };
    const { json } = await gateway.call('POST', '/v1/verify', { body, headers: key.headers });
    return json;
  };

  it('is refused where it is shown again elsewhere, and the receipt says so', async () => {
    const first = await show('330000/code-green', 'east');
    expect(first.verdict.outcome).toBe('accept');
    const again = await show('330000/code-green', 'east');
    expect(again.verdict).toMatchObject({ outcome: 'accept', reasons: [] });
    const { verdict, receipt } = await show('330000/code-green', 'west');
    expect([verdict.outcome, verdict.reasons]).toEqual(['refuse', ['REPLAYED']]);
    expect(verdict.sentence.zh).toContain('出示');
    expect(verdict.next.zh).toContain('刷新');
    expect(verdict.findings.at(-1)).toMatchObject({ code: 'REPLAYED', stage: 'judge', result: 'fail' });
    expect([receipt.outcome, receipt.reasons]).toEqual(['refuse', ['REPLAYED']]);
    expect(receipt.findings).toContain('REPLAYED');
    // The place that saw it first is not troubled by what somebody else does with a copy.
    expect((await show('330000/code-green', 'east')).verdict.outcome).toBe('accept');
  });

  it('whoever names no checkpoint is one place', async () => {
    expect((await show('310000/code-green', undefined)).verdict.outcome).toBe('accept');
    expect((await show('310000/code-green', undefined)).verdict.outcome).toBe('accept');
    const elsewhere = await show('310000/code-green', undefined, {}, counter);
    expect(elsewhere.verdict.reasons).toEqual(['REPLAYED']);
  });

  it('is remembered for its issuer and as long as it lives, and only where it was accepted, now, for the record', async () => {
    const remembered: Shown[] = [];
    const whole = gateway.records;
    gateway.records = async () => {
      const records = await whole();
      const remember = (shown: Shown) => {
        remembered.push(shown);
        return records.replay.remember(shown);
      };
      return { ...records, replay: { ...records.replay, remember } };
    };
    const text = gateway.wire('330000/code-green');
    await gateway.call('POST', '/v1/verify', { body: { text }, headers: lanes.headers });
    await show('330000/code-green', 'east', { at: instantOf(gateway.clock()) });
    await show('330000/code-altered', 'east');
    await show('330000/code-screenshot', 'east');
    await show('330000/code-green', 'east', { purpose: 'hotel' });
    await show('340000/freight', 'east');
    expect(remembered).toEqual([]);
    await show('330000/code-green', 'east');
    expect(remembered).toEqual([
      {
        region: '330000',
        onceId: expect.stringMatching(/^ZJ-/),
        expiresAt: expect.any(Number),
        checkpoint: 'east',
        device: 'lanes',
        at: gateway.clock(),
      },
    ]);
    // It lives for fifty seconds more, and clocks may differ by a minute.
    expect(remembered[0]!.expiresAt - gateway.clock()).toBeGreaterThan(60_000);
    expect(remembered[0]!.expiresAt - gateway.clock()).toBeLessThanOrEqual(110_000);
    gateway.records = whole;
  });

  it('is remembered for as long as it might be accepted', async () => {
    const end = Date.parse((await show('330000/code-green', 'east')).verdict.document.validity.until);
    gateway.clock = () => end + 50_000;
    expect((await show('330000/code-green', 'west')).verdict.reasons).toEqual(['REPLAYED']);
    gateway.clock = () => end + 61_000;
    expect((await show('330000/code-green', 'west')).verdict.reasons).toContain('EXPIRED');
    gateway.clock = () => gateway.mintedAt;
  });
});

describe('GET /v1/receipts/{id} and what was then done', () => {
  const gateway = useGateway();
  let id = '';
  beforeAll(async () => {
    const { json } = await gateway.call('POST', '/v1/verify', { body: { text: 'x', record: { officer: 'A1' } } });
    id = json.receipt.id;
  });
  const dispose = (body: object | string, receipt = id) =>
    gateway.call('POST', `/v1/receipts/${receipt}/disposition`, {
      type: 'application/json',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('adds what was done; what was said before stays, the same again changes nothing', async () => {
    const first = await dispose({ action: 'turn-back' });
    expect(first.status).toBe(200);
    expect(first.json.dispositions).toEqual([{ action: 'turn-back', at: expect.any(String) }]);
    await dispose({ action: 'turn-back' });
    const second = await dispose({
      action: 'let-pass-by-hand',
      reason: '证件原件已人工核对',
      officer: 'B2',
      at: '2026-01-01T00:00:00Z',
    });
    expect(second.json.dispositions.map(({ action }: { action: string }) => action)).toEqual([
      'turn-back',
      'let-pass-by-hand',
    ]);
    expect(second.json.dispositions[1]).toMatchObject({
      reason: '证件原件已人工核对',
      officer: 'B2',
      at: '2026-01-01T00:00:00Z',
    });
    expect((await gateway.call('GET', `/v1/receipts/${id}`)).json).toEqual(second.json);
  });

  test.each<[string, object | string, string, string | undefined]>([
    ['nothing is said', {}, 'invalid-ask', ''],
    ['it is no JSON', '{', 'invalid-json', undefined],
    ['it is no object', '"turn-back"', 'invalid-ask', undefined],
    ['it is a list', '[]', 'invalid-ask', ''],
    ['the action is none', { action: 'arrest' }, 'invalid-ask', '/action'],
    ['passing by hand has no reason', { action: 'let-pass-by-hand' }, 'invalid-ask', ''],
    [
      'the reason holds a number of a person',
      { action: 'hand-over', reason: '号码 13800000000' },
      'invalid-ask',
      '/reason',
    ],
    ['the officer is a name', { action: 'hand-over', officer: '张三' }, 'invalid-ask', '/officer'],
    ['there is more', { action: 'hand-over', name: 'x' }, 'invalid-ask', ''],
    ['the day is none', { action: 'hand-over', at: '2026-02-30T00:00:00Z' }, 'invalid-ask', '/at'],
    ['it is too long', `{"action":"${'x'.repeat(9000)}"}`, 'too-large', undefined],
  ])('is refused where %s', async (_, body, problem, at) => {
    const { json, text } = await dispose(body);
    expect([json.type, json.at]).toEqual([`urn:tongren:problem:${problem}`, at]);
    expect(text).not.toMatch(/13800000000|张三|arrest/);
  });

  it('404 for a receipt that there is not, and for what is no id', async () => {
    for (const none of ['01HX0000000123456789ABCDEF', 'x', '..', '%00', `${id}%20`, id.toLowerCase()]) {
      const answer = await gateway.call('GET', `/v1/receipts/${none}`);
      expect([answer.status, answer.json.type], none).toEqual([404, 'urn:tongren:problem:not-found']);
    }
    expect((await dispose({ action: 'turn-back' }, '01HX0000000123456789ABCDEF')).status).toBe(404);
    expect((await gateway.call('GET', `/v1/receipts/${id}?all=1`)).status).toBe(400);
  });

  it('409 when a receipt has as many as it can take', async () => {
    for (let i = 0; i < 60; i++) {
      const { status, json } = await dispose({ action: i % 2 === 0 ? 'turn-back' : 'hand-over' });
      if (status === 200) continue;
      expect([status, json.type]).toEqual([409, 'urn:tongren:problem:too-many-dispositions']);
      return;
    }
    expect.unreachable('there is no end to it');
  });
});
