import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/**
 * Parts of what judges that are loaded when they are first called (`../later.ts`): for each the files through which the rest calls
 * into it. What only these import goes with them.
 */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  // Signatures that the WebAssembly core does not check, and what it cannot tell.
  curves: [
    'crypto/ecdsa.ts',
    'crypto/ed25519.ts',
    'crypto/points.ts',
    'crypto/pss.ts',
    'crypto/rsa.ts',
    'crypto/sha512.ts',
    'crypto/sum.ts',
  ],
  // Paths of certificates and timestamps, for documents that bring them along.
  certificates: ['trust/chain.ts', 'trust/timestamps.ts'],
  // Documents that are files.
  files: [
    'codec/cms.ts',
    'codec/cms-envelope.ts',
    'codec/ofd.ts',
    'codec/ofd-metadata.ts',
    'codec/ofd-package.ts',
    'codec/seal-json.ts',
    'codec/zip.ts',
    'trust/sealed.ts',
  ],
  // Whose systems may call a gateway, and how a gateway asks theirs: no page's concern.
  systems: ['region/systems.ts', 'format/connector.ts'],
  // New keys of a region.
  rekey: ['trust/tuf/rekey.ts'],
  // Codes in CBOR.
  cbor: ['codec/base45.ts', 'codec/cbor.ts', 'codec/cose.ts'],
  // Codes of digits, and of several parts.
  parts: ['codec/numeric.ts', 'codec/parts.ts'],
  // Frames, and JSON that has its signature in a member or JSON inside a text.
  codes: [
    'codec/fixed.ts',
    'codec/json-writer.ts',
    'codec/signed-json.ts',
    'codec/signed-params.ts',
    'format/folded.ts',
  ],
  // Several documents of one case.
  group: ['group.ts', 'judge/comparisons.ts', 'judge/together.ts'],
};

const source = fileURLToPath(new URL('../../../src/', import.meta.url));
const mechanism = fileURLToPath(new URL('../later.ts', import.meta.url));
const PREFIX = 'later:';
/** The file itself, not what stands in its place. */
const ITSELF = '?itself';

const partOf = new Map(
  Object.entries(PARTS).flatMap(([part, files]) => files.map((file, i) => [source + file, { part, i }] as const)),
);

/** Puts in place of these files what loads their part. They may export functions; of constants, what is plain data is there before. */
export function laterParts(): Plugin {
  return {
    name: 'later-parts',
    enforce: 'pre',
    async resolveId(id, importer) {
      if (id.startsWith(PREFIX) || id.endsWith(ITSELF)) return id;
      // Files of one part call each other as they are.
      const own = importer?.endsWith(ITSELF) ? partOf.get(importer.slice(0, -ITSELF.length)) : undefined;
      const found = own && (await this.resolve(id, importer, { skipSelf: true }));
      return found && partOf.get(found.id)?.part === own?.part ? found.id + ITSELF : undefined;
    },
    async load(id) {
      if (id.startsWith(PREFIX))
        return PARTS[id.slice(PREFIX.length)]!.map(
          (file, i) => `export * as _${i} from '${source}${file}${ITSELF}';`,
        ).join('\n');
      if (id.endsWith(ITSELF)) {
        const file = id.slice(0, -ITSELF.length);
        return { code: await this.fs.readFile(file, { encoding: 'utf8' }), moduleType: 'ts' };
      }
      const own = partOf.get(id);
      if (own === undefined) return null;
      const exported: Record<string, unknown> = await import(id);
      const load = `() => import('${PREFIX}${own.part}')`;
      return [
        `import { partNamed } from '${mechanism}';`,
        `const own = () => partNamed('${own.part}', ${load})._${own.i};`,
        ...Object.entries(exported).map(([name, value]) =>
          typeof value === 'function'
            ? `export const ${name} = (...given) => own().${name}(...given);`
            : `export const ${name} = ${JSON.stringify(value)};`,
        ),
      ].join('\n');
    },
  };
}
