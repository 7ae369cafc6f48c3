import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Command } from 'commander';
import { nodePictureReader } from '../codec/picture.node.ts';
import { type Config, ConfigError } from '../config.ts';
import { useCore } from '../crypto/core/use.ts';
import { say } from '../document/say.ts';
import { readHosts } from '../exchange/address.ts';
import { sealerAt } from '../exchange/sealed-text.node.ts';
import { conversionKeys } from '../federation/conversion-keys.node.ts';
import { gatewaySystemKeys } from '../federation/system-keys.node.ts';
import type { Gateway } from '../http/gateway.ts';
import { readinessOf } from '../http/health.ts';
import { type Keyring, readKeys } from '../http/keys.ts';
import { createLog, type Log, type LogEvent, type LogLevel, traceOf } from '../http/log.ts';
import { type Archive, archiveAt } from '../http/records.node.ts';
import { type Running, serve, type Tls } from '../http/serve.node.ts';
import { type WatchedCore, watchCore } from '../http/watched-core.ts';
import { type Following, follow } from '../region/follow.ts';
import { PackError } from '../region/pack.ts';
import { markServed } from '../region/state.node.ts';
import type { TrustStore } from '../region/store.node.ts';
import { isAddress, isLoopback } from '../settings.ts';
import { StoreError } from '../store/error.ts';
import { createThreads } from '../threads/pool.node.ts';
import { trustedProxies } from '../trusted-proxies.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { unfitKeys } from './keys.ts';
import { exchangeDesk, othersOf } from './others.ts';
import { openTrustStore, randomOctets } from './store.ts';
import { tell } from './tell.ts';
import { badDatabase, thereAre } from './usage.ts';

/** `tongren serve`: the HTTP interface on a store. */
export function serveCommand(program: Command, io: Io): void {
  program
    .command('serve')
    .summary('启动 HTTP 接口 · serve the HTTP interface')
    .option('--store <dir>', '信任库 · trust store')
    .action(async (options: { store?: string }) => {
      const watch = beginWatch(io);
      const store = await openTrustStore(options.store, io);
      await runServer(store, options.store ?? configOf(io).store, io, watch);
    });
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What the reference federation brings along. */
export interface ReferenceSettings {
  /** File of the keys that were minted for this gateway. */
  readonly exchangeKeys?: string | undefined;
  /** Where its regions' systems are reached, as an operator would state it. */
  readonly exchangeHosts?: string;
}

/** What a gateway writes of itself; `serve` begins it before it opens its store. */
export interface Watch {
  readonly logger: Log;
  readonly core: WatchedCore;
}

export function beginWatch(io: Io): Watch {
  const config = configOf(io);
  const logger = createLog(config.logLevel as LogLevel);
  const core = watchCore(config.core, logger, io.clock);
  useCore(core);
  return { logger, core };
}

/**
 * Serves until the process is asked to end (SIGINT, SIGTERM): then what is under way is finished first. In: the store, and the
 * folder or addresses that it was opened from.
 */
export async function runServer(
  store: TrustStore,
  place: string,
  io: Io,
  { logger, core }: Watch,
  reference: ReferenceSettings = {},
): Promise<void> {
  const stated = configOf(io);
  const { exchangeKeys, exchangeHosts } = reference;
  // What the operator states goes before: whoever plays one region's system leaves the others as they are.
  const config =
    exchangeHosts === undefined
      ? stated
      : { ...stated, exchangeHosts: new Map([...readHosts(exchangeHosts), ...stated.exchangeHosts]) };
  const { region, purpose, host, port, fast } = config;
  checkDefaults(config, store);
  const archive = archiveAt(config.database, {
    clock: io.clock,
    random: randomOctets,
    log: logger,
    // A clock that is years ahead would remove everything. By such a one no list is in force either.
    keepDays: () =>
      readinessOf(store.federation, io.clock()).regions.some(({ usable }) => usable) ? config.keepDays : undefined,
  });
  const ownKeys = once(() => conversionKeys(config.conversionKeys));
  const keysFile = exchangeKeys ?? config.exchangeKeys;
  const systemKeys = once(() => gatewaySystemKeys(keysFile, region));
  // Found now and not with the first question to another region. Where there are none, they are made when they are first needed.
  if (existsSync(keysFile))
    await systemKeys().catch((error: unknown) => {
      throw error instanceof PackError ? unfitKeys(error) : error;
    });
  await usableIfThere('TONGREN_CONVERSION_KEYS', config.conversionKeys, ownKeys);
  await usableIfThere('TONGREN_EXCHANGE_SECRET', config.exchangeSecret, () => sealerAt(config.exchangeSecret));
  const tls = await tlsOf(config);
  const keyring = await keyringOf(config, io, logger);
  const base = {
    federation: () => store.federation,
    conversionIssuer: async () => (await ownKeys()).issuer,
    ...othersOf(config, io, () => store.federation, systemKeys),
  };
  const exchange = exchangeDesk(config, io, base, { archive, log: logger, systemKeys });
  const threads = createThreads({
    count: config.threads,
    store,
    failed: (error) => logger.write('internal', traceOf(error)),
  });
  const gateway: Gateway = {
    ...base,
    threads,
    core,
    exchanging: exchange?.exchanging,
    news: () => store.news,
    signed: () => store.signed,
    defaults: { region, purpose },
    clock: io.clock,
    pictures: nodePictureReader,
    logger,
    keyring,
    perMinute: config.perMinute,
    keepOpenedSeconds: config.keepOpenedSeconds,
    hosts: config.allowedHosts,
    trustedProxies: trustedProxies(config.trustedProxies),
    systemsPerMinute: config.systemsPerMinute,
    systemKeys,
    conversionJwks: async () => (await ownKeys()).jwks,
    records: archive.records,
  };
  const endHousekeeping = await keepHouse(archive, io, logger);
  const following = followStore(store, config, io, logger);
  const served = store.news.signed && !isAddress(place) ? await markServed(place) : undefined;
  // What was accepted before goes on now, not with the next request; a database that cannot be had is asked again then.
  exchange?.exchanging().catch((error: unknown) => {
    if (error instanceof StoreError) logger.write('store-failed', { code: error.code });
    else logger.write('internal', traceOf(error));
  });
  try {
    const running = await serve(gateway, { host, port, tls, fast }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      throw new UsageError(
        say(`端口 ${port} 已被占用`, `port ${port} is in use`),
        say('请把 TONGREN_PORT 设为其他端口', 'set TONGREN_PORT to another one'),
      );
    });
    hintServing(running.url, store, io);
    if (!isLoopback(host) && tls === undefined) tell(io.hint, NO_TLS);
    if (tls !== undefined) followTls(config, running, io, logger);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await running.close();
  } finally {
    following.stop();
    await served?.();
    endHousekeeping();
    await threads.close();
    await exchange?.stop();
    await archive.close();
  }
}

/** Errors: UsageError where the store does not know the region or the purpose that hold for whoever states none. */
function checkDefaults({ region, purpose }: Config, { federation }: TrustStore): void {
  const { regions, catalogue } = federation;
  if (!regions.has(region))
    throw new UsageError(
      say(`TONGREN_REGION：信任库中没有地区 ${region}`, `TONGREN_REGION: no region ${region} in the store`),
      thereAre(regions.keys()),
    );
  const purposes = catalogue.purposes.map(({ code }) => code);
  if (!purposes.includes(purpose))
    throw new UsageError(
      say(`TONGREN_PURPOSE：目录中没有用途 ${purpose}`, `TONGREN_PURPOSE: no purpose ${purpose} in the catalogue`),
      thereAre(purposes),
    );
}

function hintServing(url: string, { news }: TrustStore, io: Io): void {
  io.hint(`网关已启动 serving on ${url}`);
  io.hint(`接口说明 interface described at ${url}/docs`);
  io.hint(`卡口页面 checkpoint page at ${url}/checkpoint/`);
  if (!news.signed) tell(io.hint, UNSIGNED);
}

const UNSIGNED = say(
  '信任库是无人签名的普通文件夹，不得用于生产',
  'the trust store is a plain folder that nobody signed: never production',
);
const NO_TLS = say(
  '本机未启用 TLS，只能经由前置的 TLS 代理访问',
  'there is no TLS here: let callers reach it only through something that ends TLS',
);

/** A signed store is looked for again and again, and each one at SIGHUP. What is under way keeps the view it began with. */
function followStore(store: TrustStore, { pollSeconds }: Config, io: Io, log: Log): Following {
  const look = async (): Promise<void> => {
    const changed = await store.refresh();
    const { troubles, sources } = store.news;
    if (changed) log.write('store-taken', { rejected: store.federation.rejected.length });
    for (const code of new Set(troubles.map((each) => each.code)))
      log.write('store-refused', { code: code.toLowerCase().replaceAll('_', '-') });
    for (const { said } of sources) if (!ANSWERS.has(said)) log.write('store-silent', { code: said });
  };
  const failed = (error: unknown): void => {
    log.write('store-refused', traceOf(error));
    const said = error instanceof PackError ? say(`${error.file} 有误`, error.message) : OUR_FAULT;
    tell(io.hint, say(`信任库未重新读取：${said.zh}`, `the store was not read again: ${said.en}`));
  };
  const seconds = store.news.signed ? pollSeconds : Number.POSITIVE_INFINITY;
  const following = follow(look, { seconds, random: Math.random, failed });
  const now = (): void => following.now();
  process.on('SIGHUP', now);
  return {
    now,
    stop: () => {
      process.off('SIGHUP', now);
      following.stop();
    },
  };
}

const OUR_FAULT = say('通认自身的故障', 'a fault of tongren');

const ANSWERS: ReadonlySet<string> = new Set(['same', 'good', 'refused']);

/** A file of the gateway's own is looked at now, and not with the first request that needs it. Errors: UsageError. */
async function usableIfThere(name: string, file: string, open: () => Promise<unknown>): Promise<void> {
  if (!existsSync(file)) return;
  await open().catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (!(error instanceof PackError) && code === undefined) throw error;
    const why = error instanceof PackError ? error.message : `${file}: ${code}`;
    throw new UsageError(
      say(`${name} 不能用：${why}`, `${name}: ${why}`),
      say(
        '请从备份恢复，或另指一个文件：没有时会新建',
        'put it back from a copy, or name another file: one is made where there is none',
      ),
    );
  });
}

/** A file of the configuration. Errors: ConfigError. */
const configured = (name: string, file: string): Promise<Uint8Array> =>
  readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(
      say(`${name}：文件读不出来（${error.code}）`, `${name}: the file cannot be read (${error.code})`),
    );
  });

/** Undefined where no TLS is spoken. Errors: ConfigError for files that cannot be read, or that do not go together. */
async function tlsOf({ tlsKey, tlsCert }: Config): Promise<Tls | undefined> {
  if (tlsKey === undefined || tlsCert === undefined) return undefined;
  const tls = { key: await configured('TONGREN_TLS_KEY', tlsKey), cert: await configured('TONGREN_TLS_CERT', tlsCert) };
  try {
    createSecureContext({ key: Buffer.from(tls.key), cert: Buffer.from(tls.cert) });
  } catch (error) {
    // Node's words name no content of the files.
    const { message } = error as Error;
    throw new ConfigError(
      say(
        `TONGREN_TLS_KEY、TONGREN_TLS_CERT：私钥与证书不能用，或不是一对：${message}`,
        `TONGREN_TLS_KEY, TONGREN_TLS_CERT: ${message}`,
      ),
    );
  }
  return tls;
}

/** Certificates end in weeks, and a gateway serves for longer: both files are read again on SIGHUP. */
function followTls(config: Config, running: Running, io: Io, log: Log): void {
  const renew = async (): Promise<void> => {
    running.renewTls((await tlsOf(config))!);
    log.write('tls-read', {});
  };
  onHup(renew, 'tls-refused', io, log);
}

/** Reads the file of callers' keys, and reads it again on SIGHUP: a file that cannot be used changes nothing then. */
async function keyringOf(config: Config, io: Io, log: Log): Promise<() => Keyring | undefined> {
  const { apiKeys } = config;
  if (apiKeys === undefined) return () => undefined;
  let keyring: Keyring;
  const read = async (): Promise<void> => {
    keyring = readKeys(new Uint8Array(await configured('TONGREN_API_KEYS', apiKeys)));
    log.write('keys-read', { keys: keyring.size });
    if (keyring.size === 0)
      tell(
        io.hint,
        say(
          'TONGREN_API_KEYS：文件中没有密钥，只有成员地区的系统（签名或证书）能调用；用 tongren keys new 生成',
          'TONGREN_API_KEYS: no key is in the file, so only systems of member regions are served (signature, certificate); tongren keys new makes one',
        ),
      );
  };
  await read();
  onHup(read, 'keys-refused', io, log);
  return () => keyring;
}

/** Reads something again on SIGHUP; where it cannot, that is told. */
function onHup(read: () => Promise<void>, refused: LogEvent, io: Io, log: Log): void {
  // One after the other, or an older file could come in last.
  let reading = Promise.resolve();
  process.on('SIGHUP', () => {
    reading = reading.then(read).catch((error: unknown) => {
      log.write(refused, traceOf(error));
      const said = error instanceof ConfigError ? error.said : OUR_FAULT;
      tell(io.hint, say(`未重新读取，仍用原来的：${said.zh}`, `not read again: ${said.en}`));
    });
  });
}

/**
 * At the start and every hour, keys of digests whose time is over are destroyed, though nothing be recorded any more; every minute
 * receipts are entered into their log. A database that cannot be had is no reason not to verify: only what is to be recorded gets no
 * verdict then. Out: ends it.
 */
async function keepHouse(archive: Archive, io: Io, log: Log): Promise<() => void> {
  let isThere = true;
  await archive.tidy().catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
    isThere = false;
    if (error.code === 'bad-url') throw badDatabase(error);
    log.write('store-failed', { code: error.code });
    tell(
      io.hint,
      say(
        `TONGREN_DATABASE：数据库连不上，需留痕的核验暂不给结论`,
        `TONGREN_DATABASE: ${error.message}; what is to be recorded gets no verdict until it can be`,
      ),
    );
  });
  const regularly = (work: () => Promise<void>, ms: number, atOnce = false): NodeJS.Timeout => {
    let busy = false;
    const run = (): void => {
      // What takes longer than that is not begun a second time.
      if (busy) return;
      busy = true;
      work()
        .catch((error: unknown) => {
          if (error instanceof StoreError) log.write('store-failed', { code: error.code, ...traceOf(error.cause) });
          else log.write('internal', traceOf(error));
        })
        .finally(() => {
          busy = false;
        });
    };
    if (atOnce) run();
    return setInterval(run, ms).unref();
  };
  const timers = [regularly(archive.tidy, HOUR_MS), regularly(archive.enter, MINUTE_MS, isThere)];
  return () => timers.forEach(clearInterval);
}

/** Runs it when it is first needed; if it fails, again the next time. */
function once<Keys>(run: () => Promise<Keys>): () => Promise<Keys> {
  let running: Promise<Keys> | undefined;
  return () => {
    running ??= run().catch((error) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}
