import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds the pages (web/) into dist/, from where the gateway serves them. */
await build({
  configFile: fileURLToPath(new URL('../web/checkpoint/vite.config.ts', import.meta.url)),
  logLevel: process.argv.includes('--quiet') ? 'warn' : 'info',
});
