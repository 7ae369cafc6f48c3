import type { Command } from 'commander';
import { nodePictureReader } from '../codec/picture.node.ts';
import { createLog, type LogLevel } from '../http/log.ts';
import { serve } from '../http/serve.node.ts';
import type { Federation } from '../region/federation.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { loadStore } from './store.ts';

/** `tongren serve`: the HTTP interface on a store. */
export function serveCommand(program: Command, io: Io): void {
  program
    .command('serve')
    .summary('serve the HTTP interface')
    .option('--store <dir>', 'trust store')
    .action(async (options: { store?: string }) => {
      const config = configOf(io);
      await runServer(await loadStore(options.store ?? config.store, io), io);
    });
}

/** Serves until the process is asked to end (SIGINT, SIGTERM): then what is under way is finished first. */
export async function runServer(federation: Federation, io: Io): Promise<void> {
  const { region, purpose, host, port, logLevel } = configOf(io);
  if (federation.standpoint(region) === undefined)
    throw new UsageError(`TONGREN_REGION: no region ${region} in the store`);
  const gateway = {
    federation: () => federation,
    defaults: { region, purpose },
    clock: io.clock,
    pictures: nodePictureReader,
    logger: createLog(logLevel as LogLevel),
  };
  const running = await serve(gateway, { host, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new UsageError(`port ${port} is in use`, 'set TONGREN_PORT to another one');
  });
  io.hint(`serving on ${running.url} (interface described at ${running.url}/docs)`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await running.close();
}
