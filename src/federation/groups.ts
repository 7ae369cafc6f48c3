import type { GroupRecipe, Localized } from '../document/generated/types.ts';
import { validateGroupRecipe } from '../document/generated/validators.js';
import { type Files, PackError, readJson } from '../region/pack.ts';
import type { MintedSample } from './samples.node.ts';

/** Samples that are shown together, and the verdict they must get. */
export interface MintedGroup {
  readonly name: string;
  readonly title: Localized;
  readonly members: readonly MintedSample[];
  readonly occupants: number | undefined;
  readonly expect: GroupRecipe['expect'];
}

/** The groups of `groups/*.recipe.json`. Errors: PackError for a member that is no sample. */
export function groupsOf(source: Files, samples: readonly MintedSample[]): MintedGroup[] {
  const named = new Map(samples.map((sample) => [`${sample.region}/${sample.name}`, sample]));
  const files = [...source.keys()].filter((file) => file.startsWith('groups/') && file.endsWith('.recipe.json')).sort();
  return files.map((file) => {
    const recipe = readJson<GroupRecipe>(file, source.get(file), validateGroupRecipe);
    const members = recipe.members.map((member, i) => {
      const sample = named.get(member);
      if (sample === undefined) throw new PackError(file, `/members/${i}`, `there is no sample ${member}`);
      return sample;
    });
    return { name: recipe.name, title: recipe.title, members, occupants: recipe.occupants, expect: recipe.expect };
  });
}
