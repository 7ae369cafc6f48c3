import type { MapRow } from '../../src/document/generated/types.ts';
import { codeTable } from '../../src/format/codes.ts';
import { type CompiledMap, compileMap } from '../../src/format/map.ts';

const colours = codeTable({
  list: 'colours',
  version: 1,
  name: { zh: '颜色', en: 'Colours' },
  codes: [
    { raw: '01', shared: 'yellow' },
    { raw: 1, shared: 'green' },
  ],
});
export const context = { codes: new Map([['colours', colours]]) };
export const SECTIONS = [
  '/docId',
  '/holder',
  '/validity',
  '/status',
  '/vehicle',
  '/route',
  '/crew',
  '/goods',
  '/commitments',
  '/faceFields',
  '/usage',
  '/presentation',
];

/** Compiles rows alone: every section that no row fills is named absent. */
export function mapOf(rows: readonly MapRow[], ignore: { from: string; write?: string }[] = []): CompiledMap {
  const absent = SECTIONS.filter((section) => !rows.some(({ to }) => to === section || to.startsWith(`${section}/`)));
  return compileMap(
    rows.map((row, i) => ({ row, at: `/map/${i}` })),
    ignore,
    absent,
    context,
  );
}
