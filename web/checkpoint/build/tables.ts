import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const findings = readdirSync(`${root}src/document/findings`).filter((file) => file !== 'row.ts');

/** Modules that hold nothing but tables (texts in two languages, codes, schemas), by the file of data that they come in. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  words: ['web/checkpoint/word-tables.ts'],
  tables: [
    ...findings.map((file) => `src/document/findings/${file}`),
    'src/document/area-table.ts',
    'src/document/generated/schemas.small.js',
    'src/trust/tuf/trouble-words.ts',
  ],
};
const PREFIX = 'virtual:tables/';

type Exports = Readonly<Record<string, unknown>>;
interface Held {
  fileName: string;
  /** By module id. */
  readonly modules: Map<string, Exports>;
}

/** Tables as files of data, which are read in a fraction of the time that script takes. Only what the page uses is in them. */
export function tableFiles(base: string): Plugin {
  const files = new Map<string, Held>();
  const holding = (id: string): readonly [string, Exports] | undefined => {
    for (const [file, { modules }] of files) if (modules.has(id)) return [file, modules.get(id)!];
    return undefined;
  };
  return {
    name: 'tables',
    enforce: 'pre',
    apply: 'build',
    async buildStart() {
      for (const [file, sources] of Object.entries(TABLES)) {
        const modules = new Map<string, Exports>();
        for (const source of sources) modules.set(root + source, await import(root + source));
        const digest = createHash('sha256')
          .update(JSON.stringify([...modules.values()]))
          .digest('hex');
        files.set(file, { fileName: `${file}-${digest.slice(0, 8)}.json`, modules });
      }
    },
    resolveId: (id) => (id.startsWith(PREFIX) ? id : null),
    load(id) {
      if (id.startsWith(PREFIX)) {
        const { fileName } = files.get(id.slice(PREFIX.length))!;
        return `const rows = await fetch('${base}${fileName}').then((answer) => answer.json());
export const table = (name) => rows[name];`;
      }
      const held = holding(id);
      if (held === undefined) return null;
      const [file, exported] = held;
      const lines = Object.keys(exported).map((name) => `export const ${name} = /* @__PURE__ */ table('${name}');`);
      return [`import { table } from '${PREFIX}${file}';`, ...lines].join('\n');
    },
    generateBundle(_options, bundle) {
      const rows = new Map<string, Record<string, unknown>>();
      for (const made of Object.values(bundle)) {
        if (made.type !== 'chunk') continue;
        for (const [id, { renderedExports }] of Object.entries(made.modules)) {
          const [file, exported] = holding(id) ?? [];
          for (const name of file === undefined ? [] : renderedExports) {
            const all = rows.get(file!) ?? {};
            if (name in all) throw new Error(`two tables are called ${name}`);
            rows.set(file!, { ...all, [name]: exported![name] });
          }
        }
      }
      for (const [file, { fileName }] of files)
        this.emitFile({ type: 'asset', fileName, source: JSON.stringify(rows.get(file)) });
    },
    /** Asked for with the page, not when the script that needs them is there. */
    transformIndexHtml: () =>
      [...files.values()].map(({ fileName }) => ({
        tag: 'link',
        attrs: { rel: 'preload', as: 'fetch', crossorigin: '', href: base + fileName },
        injectTo: 'head' as const,
      })),
  };
}
