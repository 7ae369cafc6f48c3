import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { instantOf } from '../src/document/time.ts';
import { readHosts } from '../src/exchange/address.ts';
import { createExchanges } from '../src/exchange/exchanges.ts';
import { regionClient } from '../src/exchange/region-client.node.ts';
import { createResolver, type Resolver } from '../src/exchange/resolve.ts';
import { sealer } from '../src/exchange/sealed-text.node.ts';
import { conversionIssuer } from '../src/federation/conversion-keys.node.ts';
import { mint } from '../src/federation/mint.node.ts';
import { type ReferenceSystems, type SystemTrouble, startSystems } from '../src/federation/reference-systems.node.ts';
import { systemKeysOf } from '../src/federation/system-keys.node.ts';
import { subjectDigest, writeConsent } from '../src/record/consent.ts';
import { type Federation, loadFederation } from '../src/region/federation.ts';
import { DECLARATIONS, readFolder } from '../src/region/folder.node.ts';
import { openStore } from '../src/store/store.ts';
import type { Row } from './bench.ts';
import { quantile, spreadOf } from './measure.ts';

const ROUNDS = 5;
const ASKS = 150;
/** Enough that not two or three moments decide what the slowest of a hundred is. */
const ASKS_BESIDE = 500;
const HOLDER = '91310000MA0000B073';
const KIOSK = { id: '330000/kiosk-1', region: '330000' };
const USE = { orgName: '测量', username: 'bench-1', itemName: '测量', itemCode: 'BENCH', businessCode: 'BENCH-1' };
const random = (octets: number): Uint8Array => new Uint8Array(randomBytes(octets));

/** What can be wrong with one region's system while another is asked. */
const TROUBLES: readonly (readonly [words: string, trouble: SystemTrouble])[] = [
  ['resets', 'resets'],
  ['hangs', 'hangs'],
  ['answers garbage', 'garbage'],
  ['answers with a wrong signature', 'wrong-signature'],
  ['answers about another person', 'wrong-person'],
  ['answers after a second', { slowMs: 1000 }],
];

/**
 * What an exchange takes beyond the region's own answer, and what the others notice of a region whose system is in trouble.
 * Asker, gateway and regions share one process here, so all of their work counts as the gateway's.
 */
export async function benchExchange(): Promise<{ source: string; rows: Row[] }> {
  const minted = await mint(await readFolder(DECLARATIONS), Date.now());
  const federation = loadFederation(minted.store, nodePlatform);
  const systems = await startSystems(minted, Date.now);
  const folder = mkdtempSync(join(tmpdir(), 'tongren-bench-'));
  const store = await openStore(join(folder, 'exchange.sqlite'), { random });
  try {
    const rows = [await overhead(minted, federation, systems, store, folder)];
    for (const [words, trouble] of TROUBLES) rows.push(await beside(words, trouble, federation, systems));
    return { source: `${ASKS} questions a round, ${ROUNDS} interleaved rounds, wall time`, rows };
  } finally {
    await store.close();
    await systems.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function resolverOf(federation: Federation, systems: ReferenceSystems): Resolver {
  const client = regionClient({ hosts: readHosts(systems.hosts), regions: () => federation.regions });
  return createResolver({ client, platform: nodePlatform, random, clock: Date.now });
}

async function overhead(
  minted: Awaited<ReturnType<typeof mint>>,
  federation: Federation,
  systems: ReferenceSystems,
  store: Awaited<ReturnType<typeof openStore>>,
  folder: string,
): Promise<Row> {
  const client = regionClient({ hosts: readHosts(systems.hosts), regions: () => federation.regions });
  const issuer = await conversionIssuer(join(folder, 'keys.json'));
  const exchanges = createExchanges({
    store,
    federation: () => federation,
    region: '330000',
    standpoint: (region) => federation.standpoint(region, Date.now),
    resolver: createResolver({ client, platform: nodePlatform, random, clock: Date.now }),
    sealer: sealer(random(32)),
    issuer: async () => issuer,
    platform: nodePlatform,
    clock: Date.now,
    random,
    failed: (error) => {
      throw error;
    },
  });
  const salt = Buffer.from(random(16)).toString('base64url');
  const { signer } = systemKeysOf(minted.systems.find(({ system }) => system === '310000/consents')!);
  const consentOf = (): Promise<string> =>
    writeConsent(
      {
        id: Buffer.from(random(24)).toString('base64url'),
        federation: federation.manifest.federation,
        region: '310000',
        gateway: '330000',
        askers: [KIOSK.id],
        documentTypes: ['business-licence'],
        purposes: ['exchange'],
        subjects: [{ salt, digest: subjectDigest(salt, 'cardNumber', HOLDER) }],
        uses: 1000,
        from: instantOf(Date.now() - 60_000),
        until: instantOf(Date.now() + 3_600_000),
      },
      signer,
    );
  const connector = federation.connectors.find(({ id }) => id === 'sh-certificate/1')!;
  const question = { CertificateHolderCode: HOLDER, CertificateType: 'business-licence' };
  const body = new TextEncoder().encode(new URLSearchParams(question).toString());
  const reference = { cardNumber: HOLDER, region: '310000' };
  const ask = { documentType: 'business-licence', purpose: 'exchange', to: 'document', reference, use: USE };
  const overheads: number[] = [];
  const direct: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const consent = await consentOf();
    let n = 0;
    const alone = await times(ASKS, () => client.ask(connector, body));
    const whole = await times(ASKS, async () => {
      const { state } = await exchanges.ask({ ...ask, consent }, KIOSK, `bench-${round}-${++n}-xxxx`, 10_000);
      if (state !== 'done') throw new Error(state);
    });
    // The first round warms up.
    if (round === 0) continue;
    direct.push(quantile(alone, 0.5));
    overheads.push(quantile(whole, 0.5) - quantile(alone, 0.5));
  }
  const ms = quantile(overheads, 0.5);
  const said = `p50 ${ms.toFixed(1)} ms beyond the region's own ${quantile(direct, 0.5).toFixed(1)} ms: consent, durable store, verdict, conversion`;
  return {
    name: 'an exchange beyond the region’s own answer, against 10 ms',
    ratio: 10 / ms,
    micros: ms * 1000,
    spread: spreadOf(overheads),
    said,
  };
}

/** p99 of questions to 310000 while 340000 is in trouble and asked all the time, over the same while it is well. */
async function beside(
  words: string,
  trouble: SystemTrouble,
  federation: Federation,
  systems: ReferenceSystems,
): Promise<Row> {
  const standpoint = federation.standpoint('330000', Date.now)!;
  const other = { reference: { plate: '皖A12345', region: '340000' }, purpose: 'exchange' };
  const asked = {
    reference: { cardNumber: HOLDER, region: '310000' },
    documentType: 'business-licence',
    purpose: 'exchange',
  };
  const ratios: number[] = [];
  let answered = 0;
  let troubled = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const p99: number[] = [];
    for (const state of [undefined, trouble]) {
      const resolver = resolverOf(federation, systems);
      systems.trouble('340000', state);
      let going = true;
      const crowd = Array.from({ length: 4 }, async () => {
        while (going) {
          const { journey } = await resolver.resolve(other.reference, standpoint, other);
          if (state !== undefined) {
            troubled++;
            answered += journey.verdict.findings.length > 0 ? 1 : 0;
          }
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      });
      p99.push(quantile(await times(ASKS_BESIDE, () => resolver.resolve(asked.reference, standpoint, asked)), 0.99));
      going = false;
      await Promise.all(crowd);
    }
    systems.trouble('340000', undefined);
    if (round > 0) ratios.push(p99[1]! / p99[0]!);
  }
  const ratio = quantile(ratios, 0.5);
  const sorted = ratios.toSorted((a, b) => a - b);
  const said = `${ratio.toFixed(2)} × as long as without, rounds ${sorted[0]!.toFixed(2)}–${sorted.at(-1)!.toFixed(2)}; ${answered} of ${troubled} questions to the troubled one got a verdict`;
  return {
    name: `p99 of others while one region ${words}, against 1.2 ×`,
    ratio: 1.2 / ratio,
    micros: 0,
    spread: spreadOf(ratios),
    said,
  };
}

async function times(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await run();
    taken.push(performance.now() - began);
  }
  return taken;
}
