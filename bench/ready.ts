/**
 * Loads a store as the gateway does at its start. Prints the processor time of that and of the whole process in ms, and
 * of one look for a key in ns: each in a process of its own, so that one store's compiled code does not serve another's.
 */
import { loadStore } from '../src/cli/store.ts';
import { quantile } from './measure.ts';

const [store = '', region = '', ...keyIds] = process.argv.slice(2);
const spent = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;
const before = process.cpuUsage();
const { trust } = await loadStore(store, {
  env: {},
  clock: Date.now,
  out: () => {},
  hint: () => {},
  progress: () => {},
  stdin: async () => new Uint8Array(0),
});
if (trust.size < 10) throw new Error('the store is empty');
const ready = [spent(process.cpuUsage(before)), spent(process.cpuUsage())];

const ROUNDS = 20_000;
let found = 0;
function look(): number {
  const started = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) {
    for (const keyId of keyIds) found += trust.candidates(region, keyId).length;
  }
  return (spent(process.cpuUsage(started)) * 1e6) / (ROUNDS * keyIds.length);
}
const looks = Array.from({ length: 12 }, look);
if (keyIds.length > 0 && found !== 12 * ROUNDS * keyIds.length) throw new Error('a key was not found');
process.stdout.write(JSON.stringify([...ready, quantile(looks.slice(2), 0.5)]));
