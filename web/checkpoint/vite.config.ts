import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { WASM } from '../../src/crypto/core/generated.ts';
import { chunkOf } from './build/chunks.ts';
import { laterParts } from './build/later.ts';
import { readsOnly } from './build/reads-only.ts';
import { tableFiles } from './build/tables.ts';

const BASE = '/checkpoint/';
const source = fileURLToPath(new URL('../../src/', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

/** The worker that keeps the page for work without a network: it knows every file of this build by name. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    // Behind what takes files away that turned out to be empty: a worker that finds one missing keeps none.
    enforce: 'post',
    apply: 'build',
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).sort();
      const digest = createHash('sha256');
      for (const file of files) {
        const made = bundle[file]!;
        digest.update(file).update(made.type === 'chunk' ? made.code : made.source);
      }
      const kept = ['./', 'manifest.webmanifest', 'icon.svg', ...files.filter((file) => file !== 'index.html')];
      const source = readFileSync(`${here}service-worker.js`, 'utf8')
        .replace("'__VERSION__'", JSON.stringify(digest.digest('hex').slice(0, 16)))
        .replace("['__FILES__']", JSON.stringify(kept));
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
    },
  };
}

/** The core as a file of its own, whose address the page is told. */
function coreFile(): Plugin {
  const id = 'virtual:core';
  return {
    name: 'core-file',
    resolveId: (source) => (source === id ? id : null),
    load(source) {
      if (source !== id) return null;
      const bytes = Buffer.from(WASM, 'base64');
      const fileName = `core-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.wasm`;
      this.emitFile({ type: 'asset', fileName, source: bytes });
      return `export default '${BASE}${fileName}';`;
    },
  };
}

/** Parts and pictures are loaded by `import()` alone: they bring no styles, and the worker keeps what they import. */
function plainImports(): Plugin {
  return {
    name: 'plain-imports',
    enforce: 'pre',
    load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
  };
}

/**
 * SHA-2 is one file of its library, and what it shares with the rest another: twice in the page, each time with what is used of it, so
 * that SHA-512, its tables and what curves need come with the curves that need them (`build/later.ts`).
 */
function shaApart(): Plugin {
  return {
    name: 'sha-apart',
    enforce: 'pre',
    async resolveId(id, importer) {
      const begins = id === '@noble/hashes/sha2.js' && importer === `${source}crypto/sha256.ts`;
      if (!begins && importer?.endsWith(SHA256) !== true) return null;
      const found = await this.resolve(id, importer!.replace(SHA256, ''), { skipSelf: true });
      return found && `${found.id}${SHA256}`;
    },
  };
}
const SHA256 = '?sha256';

export default defineConfig({
  root: here,
  base: BASE,
  plugins: [coreFile(), plainImports(), shaApart(), readsOnly(), laterParts(), tableFiles(BASE), serviceWorker()],
  resolve: {
    alias: [
      // The same validators, in a tenth of the size; and the core as a file of its own.
      { find: /^.*\/validators\.js$/, replacement: `${source}document/generated/validators.small.js` },
      { find: /^\.\/module\.ts$/, replacement: `${here}core.ts` },
    ],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    emptyOutDir: true,
    // Chromium 97 (January 2022) is the first whose content policy allows WebAssembly without allowing code from strings.
    target: 'chrome97',
    // One folder: the server looks files up by their names alone.
    assetsDir: '',
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      // How long a busy machine takes is nothing to be told before `npm start` says its own.
      checks: { bundlerTimings: false },
      // Fields of classes are assigned: this target would else have each one defined by a function of its own.
      transform: {
        assumptions: { setPublicClassFields: true },
        typescript: { removeClassFieldsWithoutInitializer: true },
      },
      output: {
        codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: chunkOf, debugName: 'chunks' }] },
      },
    },
  },
});
