import { afterAll, beforeAll, expect, it } from 'vitest';
import { START_MS, type Station, startStation } from './station.ts';

let station: Station;
beforeAll(async () => {
  station = await startStation();
}, START_MS);
afterAll(() => station?.stop(), START_MS);

const get = (path: string, encoding: string): Promise<Response> =>
  fetch(`${station.url}/checkpoint/${path}`, { headers: { 'Accept-Encoding': encoding } });

/** What the page loads before anybody opens the camera, by kilobytes as they travel. */
const MOST_KB = 190;

it('the page travels compressed where that is understood, and its scripts stay within their bounds', async () => {
  const plain = await get('', 'identity');
  expect([plain.headers.get('content-encoding'), plain.headers.get('vary')]).toEqual([null, 'Accept-Encoding']);
  expect((await get('', 'gzip;q=0, br')).headers.get('content-encoding')).toBeNull();
  const html = await plain.text();
  const worker = await (await get('service-worker.js', 'identity')).text();
  const scripts = [...worker.matchAll(/"([^"]+\.js)"/g)].map(([, file]) => file!);
  expect(scripts.some((file) => html.includes(file))).toBe(true);
  // The decoder of pictures, and what calls it, come with the scanner.
  const before = scripts.filter((file) => !/^(reader|picture)-/.test(file));
  let sum = 0;
  for (const file of before) {
    const packed = await get(file, 'gzip, br');
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    const length = Number(packed.headers.get('content-length'));
    sum += length;
    expect(await packed.text()).toBe(await (await get(file, 'identity')).text());
  }
  expect(sum).toBeGreaterThan(0);
  expect(sum / 1000).toBeLessThan(MOST_KB);
});
