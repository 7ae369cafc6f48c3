/**
 * A gateway's exchanges, to be killed: asks for what is named in its standard input (JSON: store, hosts, consent, keys), one after
 * the other and some at once, says `done <name>` for each, and delivers what others are to be told. Ends when all is done and told.
 */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { readHosts } from '../../src/exchange/address.ts';
import { startExchanging } from '../../src/exchange/exchanging.node.ts';
import { regionClient } from '../../src/exchange/region-client.node.ts';
import { createResolver } from '../../src/exchange/resolve.ts';
import { sealer } from '../../src/exchange/sealed-text.node.ts';
import { conversionIssuer } from '../../src/federation/conversion-keys.node.ts';
import { loadFederation } from '../../src/region/federation.ts';
import { openStore } from '../../src/store/store.ts';
import { NOW } from '../support/federation-now.ts';

const { files, hosts, consent, names, database, secret, conversionKeys } = JSON.parse(await text(process.stdin)) as {
  files: [string, string][];
  hosts: string;
  consent: string;
  names: string[];
  database: string;
  secret: string;
  conversionKeys: string;
};
const federation = loadFederation(
  new Map(files.map(([name, bytes]) => [name, Buffer.from(bytes, 'base64')])),
  nodePlatform,
);
const started = Date.now();
// Runs on from the moment that the documents were made for; leases of the one that was killed are over at once.
const clock = (): number => NOW + (Date.now() - started);
const random = (octets: number) => new Uint8Array(randomBytes(octets));
const client = regionClient({ hosts: readHosts(hosts), regions: () => federation.regions });
const store = await openStore(database, { random });
const exchanging = startExchanging({
  store,
  region: '330000',
  federation: () => federation,
  client,
  resolver: createResolver({ client, platform: nodePlatform, random, clock }),
  sealer: sealer(Buffer.from(secret, 'base64')),
  seal: async (_, body) => ({ contentType: 'application/json', body }),
  issuer: () => conversionIssuer(conversionKeys),
  platform: nodePlatform,
  clock,
  random,
  told: () => {},
  undelivered: () => {},
  failed: (error) => {
    throw error;
  },
});
const use = { orgName: '测试', username: 'desk-01', itemName: '测试', itemCode: 'T-1', businessCode: 'T-1' };
const ask = async (name: string): Promise<void> => {
  const asked = {
    documentType: 'business-licence',
    reference: { cardNumber: '91310000MA0000B073', region: '310000' },
    purpose: 'exchange',
    to: 'document',
    use,
    consent,
  };
  const asker = { id: '330000/kiosk-1', region: '330000' };
  for (;;) {
    const { state } = await exchanging.exchanges.ask(asked, asker, name, 50);
    if (state === 'done') break;
    if (state !== 'accepted') throw new Error(state);
  }
  process.stdout.write(`done ${name}\n`);
};
const waiting = [...names];
await Promise.all(
  Array.from({ length: 4 }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await ask(name);
  }),
);
while ((await store.notices.waiting()).count > 0) await exchanging.round();
await exchanging.stop();
await store.close();
process.stdout.write('all told\n');
