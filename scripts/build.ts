import { readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Plugin, rolldown } from 'rolldown';

/**
 * `npm run build [-- --out DIR]`: puts gateway and command line into dist/gateway/, every file in that one folder, to be run as
 * `node dist/gateway/tongren.js`. Nothing but Node and what lies at the project's root (declarations, schemas, pages) is
 * needed then: packages are built in.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SRC = `${ROOT}src/`;

/**
 * What every verdict needs lies in one file: whatever reads documents, checks and judges, but the reader of pictures. One file is
 * loaded faster than many, and the snapshot's digest is over it (region/snapshot.node.ts).
 */
const CHECKERS =
  /\/src\/(document|codec\/(?!picture\.|picture-thread)|crypto|format|trust|judge|region|record\/settle|group|journeys?|intake)|\/node_modules\/@noble\//;

/** What every command line needs, and what most of them are for. */
const COMMAND =
  /\/src\/(config|trusted-proxies|cli\/(tongren|io|inputs|render|store|verify)|threads\/pool)|\/node_modules\/commander\//;

/** In: an absolute folder; what lies in it is removed. */
async function build(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  const bundle = await rolldown({
    input: { tongren: `${ROOT}scripts/built.ts` },
    cwd: ROOT,
    platform: 'node',
    external: ['pg-native'],
    // `verify` lies with what loads it when it is asked for; on a busy machine every build takes long.
    checks: { ineffectiveDynamicImport: false, bundlerTimings: false },
    plugins: [beside(out), together, directly, ascii],
  });
  await bundle.write({
    dir: out,
    format: 'es',
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash:21].js',
    assetFileNames: '[name][extname]',
    codeSplitting: {
      groups: [
        { name: 'checkers', test: CHECKERS },
        { name: 'command', test: COMMAND },
      ],
    },
  });
}

const ADDRESS = /new URL\(\s*'([^']+)',\s*import\.meta\.url\s*\)/g;
const RESOLVED = /import\.meta\.resolve\(\s*'([^']+)'\s*\)/g;

/**
 * What a source finds by its own place, the built file finds by its own: a thread's file and a package's file lie beside it, all
 * of src/ is the folder itself, and what lies at the project's root is there.
 */
function beside(out: string): Plugin {
  const root = `${relative(out, ROOT).split(sep).join('/')}/`;
  return {
    name: 'beside',
    transform(code, id) {
      if (!id.startsWith(SRC)) return null;
      const place = (path: string): string => {
        const target = fileURLToPath(new URL(path, pathToFileURL(id)));
        if (target === SRC) return './';
        if (!target.startsWith(SRC))
          return `${root}${relative(ROOT, target).split(sep).join('/')}${path.endsWith('/') ? '/' : ''}`;
        if (!target.endsWith('.ts')) this.error(`${id}: ${path} would not lie where the built file looks for it`);
        const name = target
          .slice(SRC.length)
          .replace(/(\.node)?\.ts$/, '')
          .replaceAll('/', '-');
        this.emitFile({ type: 'chunk', id: target, fileName: `${name}.js` });
        return `./${name}.js`;
      };
      return code
        .replaceAll(ADDRESS, (_, path: string) => `new URL('${place(path)}', import.meta.url)`)
        .replaceAll(RESOLVED, (_, specifier: string) => {
          const source = readFileSync(fileURLToPath(import.meta.resolve(specifier)));
          this.emitFile({ type: 'asset', fileName: basename(specifier), source });
          return `new URL('./${basename(specifier)}', import.meta.url).href`;
        });
    },
  };
}

/** No build without the digest being over all that checks. */
const together: Plugin = {
  name: 'together',
  generateBundle(_, bundle) {
    const holders = Object.values(bundle).filter(
      (file) => file.type === 'chunk' && file.moduleIds.some((id) => CHECKERS.test(id)),
    );
    if (holders.length !== 1) this.error(`what checks lies in ${holders.length} files`);
  },
};

const IMPORT = /(?<=^|[;}\n])import\s*([\w$]+)?\s*,?\s*(?:\{([^{}]*)\}|\*\s*as\s+([\w$]+))?\s*from\s*"([\w:/]+)";?/g;

/**
 * An import of a module of Node asks it for everything it has, and some of that (streams, decoders) is loaded only then. Asked
 * for by name alone, a start is some ten milliseconds sooner.
 */
const directly: Plugin = {
  name: 'directly',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      file.code = file.code.replaceAll(IMPORT, (whole, own?: string, names?: string, all?: string, module = '') => {
        if (!isBuiltin(module)) return whole;
        if (/\bdefault\b/.test(names ?? '')) this.error(`${file.fileName}: the default of ${module} by another name`);
        const picked = names === undefined ? all : `{${names.replaceAll(/\s+as\s+/g, ':')}}`;
        const bound = [own, picked].filter((name) => name !== undefined);
        return `const ${bound.map((name) => `${name}=globalThis.process.getBuiltinModule("${module}")`).join(',')};`;
      });
    }
  },
};

/** Text beyond ASCII makes the engine keep all of a file in two octets a character, and read it three times as slowly. */
const ascii: Plugin = {
  name: 'ascii',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      if (/\\[^\0-\x7f]/.test(file.code)) this.error(`${file.fileName}: an escaped character that is not ASCII`);
      file.code = file.code.replaceAll(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

const { values } = parseArgs({ options: { out: { type: 'string' } } });
await build(resolve(values.out ?? `${ROOT}dist/gateway`));
