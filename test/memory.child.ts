import { getHeapStatistics } from 'node:v8';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { mint } from '../src/federation/mint.node.ts';
import { journey } from '../src/journey.ts';
import { loadFederation } from '../src/region/federation.ts';
import { DECLARATIONS, readFolder } from '../src/region/folder.node.ts';

/** Says how many octets are left of documents that have their verdicts, which only a full collection finds; and how many documents. */
const { store, samples } = await mint(await readFolder(DECLARATIONS), Date.now());
const standpoint = loadFederation(store, nodePlatform).standpoint('310000')!;
const texts = samples.flatMap(({ wire }) => (typeof wire === 'string' ? [wire] : []));
const walk = (times: number): void => {
  for (let i = 0; i < times; i++) for (const text of texts) journey({ text }, standpoint, { purpose: 'checkpoint' });
};
const { gc } = globalThis as unknown as { gc(options?: { type: 'minor' }): void };
const used = (): number => getHeapStatistics().used_heap_size;
walk(40);
const left: number[] = [];
for (let round = 0; round < 9; round++) {
  gc();
  walk(1);
  // What survives one collection of young objects is old in the next.
  for (let time = 0; time < 3; time++) gc({ type: 'minor' });
  const young = used();
  gc();
  left.push(young - used());
}
process.stdout.write(`${left.sort((one, other) => one - other)[4]} ${texts.length}\n`);
