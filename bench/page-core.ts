import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { rolldown } from 'rolldown';
import type { Row } from './bench.ts';
import { prepared } from './core-driver.ts';
import { quantile, rowOf } from './measure.ts';

const DRIVER = fileURLToPath(new URL('./core-driver.ts', import.meta.url));
const ROUNDS = 31;
const REPEATS = 4;
/** How many times longer than in Node it may take. */
const MOST = 1.5;

/** The same WebAssembly in Chromium and in Node, in turns, neither slowed. */
export async function coreInBrowser(browser: Browser): Promise<Row> {
  const bundle = await rolldown({ input: DRIVER, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'iife', name: 'driver', codeSplitting: false });
  const page = await browser.newPage();
  await page.addScriptTag({ content: output[0].code });
  await page.evaluate('driver.prepared().then((run) => { globalThis.run = run; })');
  const here = await prepared();
  const nodes: number[] = [];
  const there: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    nodes.push(here(REPEATS));
    there.push((await page.evaluate(`run(${REPEATS})`)) as number);
  }
  await page.close();
  const longer = quantile(
    there.map((micros, round) => micros / nodes[round]!),
    0.5,
  );
  return rowOf(
    `an SM2 check in Chromium, against ${MOST} × as long as in Node`,
    there,
    nodes.map((micros) => MOST * micros),
    `${longer.toFixed(2)} × as long, neither of them slowed: ${quantile(there, 0.5).toFixed(1)} µs`,
  );
}
