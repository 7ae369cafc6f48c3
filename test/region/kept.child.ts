import { readFileSync } from 'node:fs';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { readKept, writeKept } from '../../src/region/kept.node.ts';
import type { KeptStore } from '../../src/region/signed.ts';

/** Writes two states in turn until it is killed; says when it has begun. In: the two folders, and where to write. */
const [one, other, target] = process.argv.slice(2) as [string, string, string];
const read = async (place: string): Promise<KeptStore> =>
  (await readKept(place, readFileSync(`${place}.root.json`), nodePlatform))!;
const states = [await read(one), await read(other)];
process.stdout.write('begun\n');
for (let i = 0; ; i++) await writeKept(target, states[i % 2]!, Date.now() + 7_200_000);
