import { describe, expect, it } from 'vitest';
import { headersOf, verifyResponse } from '../../src/exchange/message-signature.ts';
import { openStore } from '../../src/store/store.ts';
import { NOON, random, receipt } from '../record/verdicts.ts';
import { temporary } from '../support/cli.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';
import { codeOf, send, signedCall, signerOf } from './signed.ts';

describe('GET /v1/receipt-log/head', () => {
  const gateway = useGateway();
  const key = keyRow({ scopes: ['exchange'] });
  const path = '/v1/receipt-log/head';

  it('is told to whom it concerns, as soon as there is one, and signed for a system that signed', async () => {
    const { folder, remove } = temporary();
    const store = await openStore(`${folder}/log.sqlite`, { random });
    try {
      gateway.keyring = keyringOf(key.row);
      const records = await gateway.records();
      gateway.records = async () => ({ ...records, receiptLog: store.receiptLog });
      const ask = () => gateway.call('GET', path, { headers: key.headers });
      expect(codeOf(await ask())).toEqual([404, 'nothing-yet']);
      await store.receipts.append(receipt());
      const head = await store.receiptLog.extend(NOON);
      expect((await ask()).json).toEqual(head);

      const ready = await signedCall(gateway, signerOf(gateway, '330000/gateway'), { method: 'GET', path });
      const answer = await send(gateway, ready);
      expect(answer.json).toEqual(head);
      const signed = { status: answer.status, headers: headersOf(Object.fromEntries(answer.headers)) };
      const { key: by } = verifyResponse(
        signed,
        ready.headers['Signature']!,
        gateway.federation.systems.key,
        Date.now(),
      );
      expect(by.system.name).toBe('310000/gateway');
    } finally {
      await store.close();
      remove();
    }
  });

  it('is not told to others', async () => {
    const other = keyRow({ scopes: ['verify', 'record'] });
    gateway.keyring = keyringOf(other.row);
    expect(codeOf(await gateway.call('GET', path, { headers: other.headers }))).toEqual([403, 'forbidden-scope']);
    expect(codeOf(await gateway.call('GET', path))).toEqual([401, 'unauthorized']);
  });
});
