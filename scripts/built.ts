import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Where the built gateway begins (scripts/build.ts). What the engine compiled is kept for the next start, in a folder beside the
// built files: whoever can write into it decides what runs, so it is never one that others share.
enableCompileCache(fileURLToPath(new URL('../compiled/', import.meta.url)));
const { main } = await import('../src/cli/tongren.ts');
await main();
