import { compileDisclosure, type Disclose } from '../document/disclose.ts';
import type { Catalogue, CatalogueType, Composition } from '../document/generated/types.ts';
import { checkRequirements } from '../document/requirements.ts';
import { type StatusTable, statusTable } from '../document/statuses.ts';
import { checkCompositions } from '../judge/compositions.ts';
import { PackError, refusing } from './pack.ts';

/** The catalogue made ready: its words by their codes. */
export interface Words {
  readonly types: ReadonlyMap<string, CatalogueType>;
  /** What documents can say of their own state, and what follows from it. */
  readonly statuses: StatusTable;
  /** The purposes that can be asked for, and what each shows. */
  readonly purposes: ReadonlyMap<string, Disclose>;
  /** Those for which a document may be asked for in its region, only to be looked at. */
  readonly asking: ReadonlySet<string>;
  /** Their codes, by code and by name in either language: copies are made for a purpose in words. */
  readonly purposeNames: ReadonlyMap<string, string>;
}

/** Out: its words, and the compositions that hold for all. Errors: PackError. */
export function wordsOf(catalogue: Catalogue): { readonly words: Words; readonly common: readonly Composition[] } {
  const file = 'catalogue.json';
  const types = new Map(catalogue.documentTypes.map((type) => [type.code, type]));
  const statuses = refusing(file, () => statusTable(catalogue.statusSchemes));
  refusing(file, () => checkRequirements(catalogue));
  const common = catalogue.compositions ?? [];
  refusing(file, () => checkCompositions(common, types));
  const words = {
    types,
    statuses,
    purposes: new Map(
      catalogue.purposes.map((row, i) => [row.code, disclosureOf(row.discloses, `/purposes/${i}/discloses`)]),
    ),
    asking: new Set(catalogue.purposes.filter(({ asks }) => asks === true).map(({ code }) => code)),
    purposeNames: new Map(
      catalogue.purposes.flatMap(({ code, name }) => [code, name.zh, name.en].map((word) => [word, code] as const)),
    ),
  };
  return { words, common };
}

function disclosureOf(pointers: readonly string[], at: string): Disclose {
  if (pointers.includes(''))
    throw new PackError('catalogue.json', at, 'the whole document is no part of it: name what a purpose may see');
  return compileDisclosure(pointers);
}
