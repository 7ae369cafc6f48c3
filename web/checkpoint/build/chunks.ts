import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('../', import.meta.url));
/** What the first screen needs is one file, what judges another; all else is cut where it is loaded later. */
const ENTRIES = { first: `${here}main.tsx`, judges: `${here}station.ts` };

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** The file that a module goes into, if it is one of these: the first whose entry imports it, by whatever way. */
export function chunkOf(id: string, modules: Modules): string | null {
  for (const [name, entry] of Object.entries(ENTRIES)) {
    const reached = new Set([entry]);
    for (const each of reached)
      for (const imported of modules.getModuleInfo(each)?.importedIds ?? []) reached.add(imported);
    if (reached.has(id)) return name;
  }
  return null;
}
