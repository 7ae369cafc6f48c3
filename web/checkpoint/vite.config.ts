import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The worker that keeps the page for work without a network: it knows every file of this build by name. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
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

export default defineConfig({
  root: here,
  base: '/checkpoint/',
  plugins: [serviceWorker()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/checkpoint', import.meta.url)),
    emptyOutDir: true,
    // Chromium 97 (January 2022) is the first whose content policy allows WebAssembly without allowing code from strings.
    target: 'chrome97',
    // One folder: the server looks files up by their names alone.
    assetsDir: '',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
