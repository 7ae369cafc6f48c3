import { describe, expect, it, test } from 'vitest';
import { encodeBase64 } from '../../src/codec/base64url.ts';
import { writeQr } from '../../src/codec/picture.node.ts';
import { StoreError } from '../../src/store/error.ts';
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
    const handed: readonly [{ body: object | string | Uint8Array; type?: string }, string | Uint8Array][] = [
      [{ body: { text: wire } }, wire],
      [{ body: `${wire}\r\n`, type: 'text/plain' }, `${wire}\r\n`],
      [{ body: new Uint8Array([0x48, 0xff]), type: 'text/plain' }, new Uint8Array([0x48, 0xff])],
      [{ body: picture, type: 'image/png' }, picture],
      [{ body: { bytes: encodeBase64(picture) } }, picture],
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

  it('has no digest of a number by which a document was looked up: whoever tried all numbers would find it', async () => {
    const { recorder } = await gateway.gateway.records();
    const reference = { region: '310000', passNumber: 'REF-0001' };
    const record = () => verify({ reference, record: {} }, { 'Tongren-Checkpoint': 'G2-01' });
    const [one, other] = [(await record()).json.receipt, (await record()).json.receipt];
    expect(one.documentDigest.keyId).toBe(other.documentDigest.keyId);
    expect(one.documentDigest.value).not.toBe(other.documentDigest.value);
    for (const text of [JSON.stringify(reference), '{"passNumber":"REF-0001","region":"310000"}', 'REF-0001'])
      expect(await recorder.compare(one.id, text)).toBe('different');
  });

  it('of the same document has another digest for each caller that names no checkpoint', async () => {
    const keys = [
      keyRow({ id: 'one', scopes: ['verify', 'record'] }),
      keyRow({ id: 'two', scopes: ['verify', 'record'] }),
    ];
    gateway.keyring = keyringOf(...keys.map(({ row }) => row));
    const { recorder } = await gateway.gateway.records();
    try {
      const text = gateway.wire('vaccination');
      const made = [];
      for (const { headers } of [keys[0]!, keys[0]!, keys[1]!])
        made.push((await gateway.call('POST', '/v1/verify', { body: { text, record: {} }, headers })).json.receipt);
      const [first, again, others] = made.map(({ documentDigest }) => documentDigest);
      expect(again).toEqual(first);
      expect(others.keyId).not.toBe(first.keyId);
      expect(others.value).not.toBe(first.value);
      for (const { id } of made) expect(await recorder.compare(id, text)).toBe('same');
    } finally {
      gateway.keyring = undefined;
    }
  });

  it('of a file and its signature file is of both, one after the other, wherever the one ends', async () => {
    const { recorder } = await gateway.gateway.records();
    const parts = [['file', 'signature'], ['filesig', 'nature'], ['file', 'signatur'], ['file']] as const;
    const told = [];
    for (const [file, beside] of parts) {
      const [bytes, ...more] = [file, beside].map((each) => each && Buffer.from(each).toString('base64'));
      const { json } = await verify({ bytes, beside: more[0], record: {} });
      told.push(await recorder.compare(json.receipt.id, 'filesignature'));
    }
    expect(told).toEqual(['same', 'same', 'different', 'different']);
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
