import type { PictureReader } from '../codec/picture.ts';
import type { ConversionIssuer } from '../convert.ts';
import type { Exchanges } from '../exchange/exchanges.ts';
import type { Inbox } from '../exchange/notices.ts';
import type { OcspClient } from '../exchange/ocsp.node.ts';
import type { Resolver } from '../exchange/resolve.ts';
import type { States } from '../exchange/states.ts';
import type { ConversionJwk } from '../federation/conversion-keys.node.ts';
import type { SystemKeys } from '../federation/system-keys.node.ts';
import { createLately, type Lately } from '../format/lately.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Memory } from '../record/settle.ts';
import type { Federation } from '../region/federation.ts';
import type { Standpoint } from '../region/standpoint.ts';
import type { StoreNews, TrustStore } from '../region/store.node.ts';
import type { Random } from '../store/ids.ts';
import type { ReceiptLog } from '../store/receipt-log.ts';
import type { Store } from '../store/store.ts';
import type { Threads } from '../threads/pool.node.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import type { Caller, Keyring } from './keys.ts';
import type { Log } from './log.ts';
import { Problem } from './problems.ts';
import type { WatchedCore } from './watched-core.ts';

/** What the HTTP interface needs of the gateway behind it. */
export interface Gateway {
  /** The federation as it is now: asked for with every document, so that a refreshed store acts at once. */
  federation(): Federation;
  /** What is known of its store besides; undefined where it follows none. */
  readonly news?: () => StoreNews;
  /** The signed metadata in force: checkpoint bundles are made of it. Undefined for a folder that nobody signed. */
  readonly signed?: () => TrustStore['signed'];
  /** Where a request names no verifying region or no purpose. */
  readonly defaults: { readonly region: string; readonly purpose: string };
  /** Epoch ms. */
  readonly clock: () => number;
  readonly pictures: () => Promise<PictureReader>;
  readonly logger: Log;
  /** The keys of callers as they are now; undefined if none are configured, and then only this machine is served. */
  keyring(): Keyring | undefined;
  /** What this machine's callers may ask for in a minute where no keys are configured. */
  readonly perMinute: number;
  /** Names under which the gateway is called, beside those of loopback; lower case, without port. */
  readonly hosts: readonly string[];
  /** Who may name the certificates of their callers (RFC 9440); nobody if absent. */
  readonly trustedProxies?: TrustedProxies;
  /** Most that a region's system may ask for in a minute, whatever its region says. */
  readonly systemsPerMinute?: number;
  /** The gateway's own keys as a system of its region: they sign what it sends, and open what is sealed to the region. */
  readonly systemKeys?: () => Promise<SystemKeys>;
  /** Asks whether certificates were revoked; undefined where nobody may be asked. */
  readonly ocsp?: OcspClient | undefined;
  /** Asks regions for what codes and numbers refer to; undefined where nobody may be asked. */
  readonly resolver?: Resolver | undefined;
  /** Other threads that walk the documents of batches; undefined for none. */
  readonly threads?: Threads | undefined;
  /** What came of judging the core that checks signatures. */
  readonly core?: Pick<WatchedCore, 'counted'>;
  /** How long what a genuine document says may stay in memory; undefined: it does not. */
  readonly keepOpenedSeconds?: number | undefined;
  /** Signs conversions, and nothing else. */
  readonly conversionIssuer: () => Promise<ConversionIssuer>;
  readonly conversionJwks: () => Promise<readonly ConversionJwk[]>;
  /** Exchanges with other regions; undefined where nobody may be asked. Opened when it is first asked for. Errors: StoreError. */
  readonly exchanging?: (() => Promise<Exchanging>) | undefined;
  /** What is remembered of verdicts. Opened when it is first asked for. Errors: StoreError. */
  readonly records: () => Promise<Records>;
}

export interface Exchanging {
  readonly exchanges: Exchanges;
  readonly inbox: Inbox;
  readonly states: States;
  readonly store: Pick<Store, 'exchanges' | 'notices' | 'objections'>;
  readonly random: Random;
}

export interface Records extends Memory {
  readonly recorder: Recorder;
  readonly receiptLog: Pick<ReceiptLog, 'head'>;
}

/** Whether it is no other region's system. */
export const isOwnCaller = ({ defaults }: Gateway, { region }: Pick<Caller, 'region'>): boolean =>
  (region ?? defaults.region) === defaults.region;

/** A standpoint is compiled once for each federation and region, not with every document. */
export function standpoints(gateway: Gateway): (region: string) => Standpoint | undefined {
  let federation: Federation | undefined;
  let made = new Map<string, Standpoint>();
  let lately: Lately | undefined;
  return (region) => {
    const current = gateway.federation();
    if (current !== federation) {
      federation = current;
      made = new Map();
      // One for each federation, and for all its regions: what was read by other formats counts for nothing, and goes.
      lately?.end();
      lately = latelyOf(gateway);
    }
    let standpoint = made.get(region);
    if (standpoint === undefined) {
      // Only regions of the federation get in, so callers cannot make this grow.
      const found = current.standpoint(region, gateway.clock);
      standpoint = found && { ...found, lately };
      if (standpoint !== undefined) made.set(region, standpoint);
    }
    return standpoint;
  };
}

const latelyOf = ({ keepOpenedSeconds: seconds }: Gateway): Lately | undefined =>
  seconds === undefined ? undefined : createLately(seconds * 1000, (work, ms) => setTimeout(work, ms).unref());

/**
 * The picture reader with a short queue. Pictures are read one after the other, and one can be made to take long: whoever
 * sends many of those must not keep everybody else's waiting behind them. Beyond the queue: Problem `busy`.
 */
export function boundedPictures(gateway: Gateway, limit: number): () => Promise<PictureReader> {
  let waiting = 0;
  return async () => {
    const reader = await gateway.pictures();
    return {
      async read(bytes) {
        if (waiting >= limit)
          throw new Problem('busy', 'too many pictures are waiting', { limit }, { 'Retry-After': '5' });
        waiting += 1;
        try {
          return await reader.read(bytes);
        } finally {
          waiting -= 1;
        }
      },
    };
  };
}
