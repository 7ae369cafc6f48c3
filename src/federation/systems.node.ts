import { writeJson } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import type { EncryptionKey, SystemEntry, SystemKeysFile, SystemRecipe } from '../document/generated/types.ts';
import { validateSystemRecipe } from '../document/generated/validators.js';
import { type Files, readJson } from '../region/pack.ts';
import { newSystemKeys, publicPartsOf } from './system-keys.node.ts';

/**
 * Mints a region's systems from its recipe. Out: its systems.json, and the private keys, which go to whoever plays these
 * systems and are kept nowhere else. Undefined for a region without a recipe. Errors: PackError for a faulty one.
 */
export function mintSystems(
  source: Files,
  region: string,
): { file: string; bytes: Uint8Array; keys: readonly SystemKeysFile[] } | undefined {
  const recipeFile = `regions/${region}/systems.recipe.json`;
  if (!source.has(recipeFile)) return undefined;
  const recipe = readJson<SystemRecipe>(recipeFile, source.get(recipeFile), validateSystemRecipe);
  const systems: SystemEntry[] = [];
  const encryption: EncryptionKey[] = [];
  const keys = recipe.systems.map(({ algorithm, certificate, encryption: crv, ...entry }) => {
    const made = newSystemKeys({ name: `${region}/${entry.id}`, algorithm, certificate, encryption: crv });
    const parts = publicPartsOf(made);
    systems.push({ ...entry, ...parts.entry } as SystemEntry);
    encryption.push(...parts.encryption);
    return made;
  });
  const list = { systems, ...(encryption.length === 0 ? {} : { encryption }) };
  return { file: `regions/${region}/systems.json`, bytes: encodeUtf8(writeJson(list as unknown as Value)), keys };
}
