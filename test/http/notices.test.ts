import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConsentUse, Notice } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import type { Exchanging } from '../../src/exchange/exchanging.node.ts';
import { signRequest } from '../../src/exchange/message-signature.ts';
import { createInbox, createOutbox } from '../../src/exchange/notices.ts';
import { regionClient } from '../../src/exchange/region-client.node.ts';
import { SEALED_MEDIA, sealBody } from '../../src/exchange/sealed-body.ts';
import { newId } from '../../src/store/ids.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { temporary } from '../support/cli.ts';
import { useGateway } from './harness.ts';
import { signerOf, toolsAt } from './signed.ts';

/** Zhejiang's gateway, under the name by which others reach it; Shanghai's outbox tells it something. */
const h = useGateway({}, { hosts: ['s33.example'], system: '330000/gateway' });
const { folder, remove } = temporary();
const random = (octets: number) => new Uint8Array(randomBytes(octets));
const FROM = '310000';
const TO = '330000';
const federation = () => h.federation.manifest.federation;

let [theirs, own] = [undefined, undefined] as unknown as [Store, Store];
beforeAll(async () => {
  [theirs, own] = [
    await openStore(`${folder}/shanghai.sqlite`, { random }),
    await openStore(`${folder}/zhejiang.sqlite`, { random }),
  ];
  Object.assign(h.gateway, {
    defaults: { region: TO, purpose: 'checkpoint' },
    exchanging: async () =>
      ({
        store: own,
        inbox: createInbox({ store: own, region: TO, federation, clock: Date.now }),
      }) as unknown as Exchanging,
  });
});
afterAll(async () => {
  await Promise.all([theirs.close(), own.close()]);
  remove();
});

const useOfConsent = (): ConsentUse => ({
  consent: 'consent-of-a-zhejianger-1',
  number: 1,
  at: instantOf(Date.now()),
  asker: '310000/local',
  purpose: 'exchange',
  documentType: 'business-licence',
  itemCode: 'HY-01',
  itemName: '道路货运登记',
  orgName: '参考政务服务中心',
  outcome: 'given',
});

const noticeOf = (use: ConsentUse): Notice => ({
  id: newId(Date.now(), random),
  at: use.at,
  federation: federation(),
  from: FROM,
  to: TO,
  kind: 'use',
  use,
});

/** An outbox of Shanghai, as its gateway has one. */
function outbox(failed: (code: string) => void): { deliver(): Promise<number> } {
  const signer = signerOf(h, `${FROM}/gateway`);
  return createOutbox({
    store: theirs,
    region: FROM,
    inbox: createInbox({ store: theirs, region: FROM, federation, clock: Date.now }),
    client: regionClient({
      hosts: new Map([['s33.example', h.url]]),
      regions: () => h.federation.regions,
      sign: ({ method, url, contentType, body }) =>
        signRequest({ method, url, headers: { 'Content-Type': contentType }, body }, signer, toolsAt(Date.now())),
    }),
    seal: async (to, body) => {
      const [key] = h.federation.systems.encryption(to, Date.now());
      const ends = { from: `${FROM}/gateway`, to };
      return (
        key && { contentType: SEALED_MEDIA, body: await sealBody({ contentType: 'application/json', body }, key, ends) }
      );
    },
    clock: Date.now,
    random: Math.random,
    failed: (_, code) => failed(code),
  });
}

it('what one gateway tells another is signed, sealed, taken, and acknowledged once', async () => {
  const use = useOfConsent();
  const notice = noticeOf(use);
  await theirs.notices.put([notice]);
  const codes: string[] = [];
  const { deliver } = outbox((code) => codes.push(code));
  expect([await deliver(), codes]).toEqual([1, []]);
  expect(await own.notices.usesOf(use.consent!, TO)).toEqual([{ ...use, toldBy: FROM }]);
  // It is not told again.
  expect([(await theirs.notices.waiting()).count, await deliver()]).toEqual([0, 0]);
});

it('what is told in a federation that is only tried out counts in no other, though regions, keys and names are the same', async () => {
  const use = { ...useOfConsent(), consent: 'consent-of-a-trial-0001' };
  await theirs.notices.put([{ ...noticeOf(use), federation: 'yangtze-delta-trial' }]);
  const { federation: _, ...silent } = noticeOf(use);
  await theirs.notices.put([silent as Notice]);
  const codes: string[] = [];
  expect([await outbox((code) => codes.push(code)).deliver(), codes.length]).toEqual([0, 2]);
  expect(await own.notices.usesOf(use.consent, TO)).toEqual([]);
});
