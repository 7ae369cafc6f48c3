import type { Config } from '../config.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { type Exchanging, startExchanging } from '../exchange/exchanging.node.ts';
import { signRequest } from '../exchange/message-signature.ts';
import { ocspClient } from '../exchange/ocsp.node.ts';
import { type RegionClient, regionClient, type SignRequest } from '../exchange/region-client.node.ts';
import { ASKS_NOBODY, createResolver } from '../exchange/resolve.ts';
import { SEALED_MEDIA, sealBody } from '../exchange/sealed-body.ts';
import { sealerAt } from '../exchange/sealed-text.node.ts';
import type { Others } from '../exchange/status.ts';
import type { SystemKeys } from '../federation/system-keys.node.ts';
import type { Gateway } from '../http/gateway.ts';
import { type Log, traceOf } from '../http/log.ts';
import type { Archive } from '../http/records.node.ts';
import type { Federation } from '../region/federation.ts';
import type { Io } from './io.ts';
import { randomOctets } from './store.ts';

const JSON_MEDIA = 'application/json';

/** Whoever may be asked: responders about certificates and regions' systems, if any of their hosts may. */
export interface Reachable extends Others {
  /** Undefined where no region's system may be asked. */
  readonly client?: RegionClient;
}

export function othersOf(
  { ocspHosts, exchangeHosts: hosts }: Config,
  { clock }: Pick<Io, 'clock'>,
  federation: () => Federation,
  systemKeys?: () => Promise<SystemKeys>,
): Reachable {
  const shared = { platform: nodePlatform, clock, random: randomOctets };
  const ocsp = ocspHosts.length === 0 ? {} : { ocsp: ocspClient({ ...shared, hosts: ocspHosts }) };
  if (hosts.size === 0) return { ...ocsp, resolver: ASKS_NOBODY };
  const sign: SignRequest | undefined =
    systemKeys &&
    (async ({ method, url, contentType, body }) =>
      signRequest({ method, url, headers: { 'Content-Type': contentType }, body }, (await systemKeys()).signer, {
        digester: nodePlatform,
        now: clock(),
        random: randomOctets,
      }));
  const client = regionClient({ hosts, regions: () => federation().regions, sign });
  return { ...ocsp, client, resolver: createResolver({ ...shared, client }) };
}

export interface ExchangeDesk {
  /** Opened when it is first asked for, and again if that failed. Errors: StoreError. */
  readonly exchanging: () => Promise<Exchanging>;
  stop(): Promise<void>;
}

/** What a gateway needs to exchange with other regions; undefined where none of them may be asked. */
export function exchangeDesk(
  config: Config,
  io: Pick<Io, 'clock'>,
  gateway: Pick<Gateway, 'federation' | 'conversionIssuer'> & Reachable,
  { archive, log, systemKeys }: { archive: Archive; log: Log; systemKeys: () => Promise<SystemKeys> },
): ExchangeDesk | undefined {
  const { client, resolver } = gateway;
  if (client === undefined || resolver === undefined) return undefined;
  let opening: Promise<Exchanging> | undefined;
  const open = async (): Promise<Exchanging> =>
    startExchanging({
      store: await archive.store(),
      sealer: await sealerAt(config.exchangeSecret),
      region: config.region,
      federation: gateway.federation,
      client,
      resolver,
      // To the receiving region's key, where it lists one.
      async seal(region, body) {
        const [key] = gateway.federation().systems.encryption(region, io.clock());
        if (key === undefined) return undefined;
        const ends = { from: (await systemKeys()).name, to: region };
        return { contentType: SEALED_MEDIA, body: await sealBody({ contentType: JSON_MEDIA, body }, key, ends) };
      },
      issuer: gateway.conversionIssuer,
      platform: nodePlatform,
      clock: io.clock,
      random: randomOctets,
      told: ({ id, asker, state, code }) => log.write('exchange', { exchange: id, caller: asker, state, code }),
      undelivered: ({ id, to, kind }, code) => log.write('undelivered', { notice: id, region: to, kind, code }),
      failed: (error) => log.write('internal', traceOf(error)),
    });
  return {
    exchanging() {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async stop() {
      await (await opening?.catch(() => undefined))?.stop();
    },
  };
}
