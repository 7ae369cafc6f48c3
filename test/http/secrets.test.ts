import { beforeAll, describe, expect, it } from 'vitest';
import { readKeys } from '../../src/http/keys.ts';
import { createLog } from '../../src/http/log.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';
import { formsOf, IDENTITIES } from './planted.ts';
import { rawCall } from './raw.ts';

describe('a gateway with keys', () => {
  const gateway = useGateway();
  const good = keyRow({ id: 'good', perMinute: 40 });
  const poor = keyRow({ id: 'poor', scopes: ['metrics'] });
  const over = keyRow({ id: 'over', notAfter: '2020-01-01T00:00:00Z' });
  const unknown = keyRow({ id: 'unknown' });
  const keys = [good, poor, over, unknown];
  const answers: string[] = [];
  const statuses = new Set<number>();
  const call = async (...request: Parameters<typeof gateway.call>) => {
    const { status, headers, text } = await gateway.call(...request);
    answers.push(text, JSON.stringify([...headers]));
    statuses.add(status);
  };
  beforeAll(() => {
    gateway.keyring = keyringOf(good.row, poor.row, over.row);
  });

  it('is asked with keys of every kind, wherever a caller may put them', async () => {
    for (const { key, headers } of keys) {
      for (const Authorization of [headers.Authorization, key, `Basic ${key}`, `Bearer ${key}, ${key}`]) {
        for (const [method, path] of [
          ['GET', '/metrics'],
          ['POST', '/v1/verify'],
          ['POST', '/v1/convert'],
          ['GET', '/v1/receipts/01HX0000000123456789ABCDEF'],
        ] as const) {
          const body = method === 'GET' ? {} : { body: { text: IDENTITIES.name, to: 'document', audience: key } };
          await call(method, path, { ...body, headers: { Authorization } });
        }
      }
      const { Authorization } = good.headers;
      for (const name of [
        'X-Api-Key',
        'Cookie',
        'Prefer',
        'Tongren-Officer',
        'Content-Type',
        `X-${key.replaceAll('_', '-')}`,
      ])
        await call('POST', '/v1/verify', { body: '{}', headers: { Authorization, [name]: key } });
      for (const path of [`/${key}`, `/healthz?key=${key}`, `/v1/receipts/${key}`, `/schemas/${key}`])
        await call('GET', path, { headers: { Authorization } });
      await call('POST', `/v1/verify?key=${key}`, { type: 'text/plain', body: key, headers: { Authorization } });
      const lines = `{"text":"${key}"}\n{"${key}":1}\n${key}\n{"text":"x","for":"${key}"}`;
      await call('POST', '/v1/verify/batch', { type: 'application/x-ndjson', body: lines, headers: { Authorization } });
      answers.push(await rawCall(gateway.port, `GET /${key} HTTP/1.1 ${key}\r\nAuthorization: Bearer ${key}\r\n\r\n`));
    }
    expect([...statuses].sort()).toEqual([200, 400, 401, 403, 404, 415, 429]);
  });

  it('reads a list that is spoiled', () => {
    const log = createLog('trace', { write: (line) => gateway.log.push(line) });
    for (const { key } of keys) {
      for (const list of [`[${key}`, JSON.stringify([{ ...good.row, id: key }]), JSON.stringify([{ [key]: key }])]) {
        try {
          readKeys(new Uint8Array(Buffer.from(list)));
        } catch (error) {
          answers.push(String(error));
          log.write('keys-refused', { keys: key, caller: key, code: key, error });
        }
      }
    }
    expect(gateway.log.filter((line) => line.includes('"refused":4'))).toHaveLength(12);
  });

  it('neither logs nor repeats a key, in any form', async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [log, said] = [gateway.log.join(''), answers.join('')];
    expect(log).toContain('"caller":"good"');
    for (const { key, row } of keys) {
      const { sha256 } = row as { sha256: string };
      for (const form of [...formsOf(key), ...formsOf(sha256)]) {
        expect(log.includes(form), 'in the log').toBe(false);
        expect(said.includes(form), 'in an answer').toBe(false);
      }
    }
    for (const form of formsOf(IDENTITIES.name)) expect(log.includes(form)).toBe(false);
  });
});
