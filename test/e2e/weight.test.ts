import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { context, openPage, page, paste, station, useStation } from './page.ts';
import { START_MS } from './station.ts';

useStation();

const get = (path: string, encoding: string): Promise<Response> =>
  fetch(`${station.url}/checkpoint/${path}`, { headers: { 'Accept-Encoding': encoding } });

const kept = async (): Promise<string[]> => {
  const worker = await (await get('service-worker.js', 'identity')).text();
  return [...worker.matchAll(/"([^"]+\.(?:js|json))"/g)].map(([, file]) => file!);
};

/** Bytes as they travel. */
const weightOf = async (files: readonly string[]): Promise<number> => {
  const lengths = await Promise.all(files.map(async (file) => (await get(file, 'gzip')).headers.get('content-length')));
  return lengths.reduce((sum, length) => sum + Number(length), 0);
};

/** Scripts that the browser has loaded until now, by what it says itself. */
const loaded = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const names = performance.getEntriesByType('resource').map(({ name }) => name.split('/').pop()!);
    return [...new Set(names)].filter((name) => name.endsWith('.js') && name !== 'service-worker.js');
  });

it('the page travels compressed where that is understood', async () => {
  const plain = await get('', 'identity');
  expect([plain.headers.get('content-encoding'), plain.headers.get('vary')]).toEqual([null, 'Accept-Encoding']);
  expect((await get('', 'gzip;q=0, br')).headers.get('content-encoding')).toBeNull();
  for (const file of await kept()) {
    const packed = await get(file, 'gzip, br');
    // One that is not there, and the worker would keep none.
    expect(packed.status, file).toBe(200);
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(await packed.text()).toBe(await (await get(file, 'identity')).text());
  }
});

/** In kilobytes as they travel: script before the first verdict on a code, for most formats, for frames and signed JSON, and for those in CBOR; and all there is. */
const MOST_KB = { usual: 100.4, rarer: 102.8, cbor: 103.8, everything: 188.2, tables: 27 };

it(
  'what is loaded before the first verdict stays within its bounds, format by format',
  async () => {
    const all = await kept();
    const scripts = all.filter((file) => file.endsWith('.js'));
    expect((await weightOf(scripts)) / 1000).toBeLessThan(MOST_KB.everything);
    expect((await weightOf(all.filter((file) => file.endsWith('.json')))) / 1000).toBeLessThan(MOST_KB.tables);
    const link = await station.pair({ id: 'weight' });
    for (const { region, name, most } of [
      { region: '330000', name: 'pass', most: MOST_KB.usual },
      { region: '320000', name: 'pass', most: MOST_KB.usual },
      { region: '310000', name: 'pass', most: MOST_KB.rarer },
      { region: '340000', name: 'code-green', most: MOST_KB.cbor },
    ]) {
      await openPage();
      await page.goto(link);
      await page.locator('.scan h1').waitFor();
      await paste(station.wire(region, name));
      await page.locator('.outcome').waitFor();
      const before = await loaded(page);
      // A browser that told nothing would weigh nothing; and what is loaded later is kept for work without a network all the same.
      expect(before.length).toBeGreaterThan(1);
      expect(scripts).toEqual(expect.arrayContaining(before));
      expect(before.length).toBeLessThan(scripts.length);
      expect((await weightOf(before)) / 1000, `${region}/${name}: ${before.join(', ')}`).toBeLessThan(most);
      await context.close();
    }
  },
  START_MS,
);
