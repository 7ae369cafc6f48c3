import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { rolldown } from 'rolldown';
import type { Row } from './bench.ts';
import { prepared } from './core-driver.ts';

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
  const ratios: number[] = [];
  const there: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = here(REPEATS);
    const other = (await page.evaluate(`run(${REPEATS})`)) as number;
    there.push(other);
    ratios.push(other / one);
  }
  await page.close();
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const ratio = median(ratios);
  return {
    name: `an SM2 check in Chromium, against ${MOST} × as long as in Node`,
    ratio: MOST / ratio,
    micros: median(there),
    spread: 0,
    said: `${ratio.toFixed(2)} × as long: ${median(there).toFixed(1)} µs`,
  };
}
