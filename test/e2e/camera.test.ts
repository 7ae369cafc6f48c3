import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeFilm } from './film.ts';
import { PICTURES, START_MS, type Station, startBrowser, startStation } from './station.ts';

let station: Station;
beforeAll(async () => {
  station = await startStation();
}, START_MS);
afterAll(() => station?.stop(), START_MS);

/** The way of the light: a film of a code before a camera, to the verdict. */
it.each<[string, string, string]>([
  ['330000', 'pass', 'accept'],
  ['340000', 'freight', 'accept'],
  ['340000', 'freight-altered', 'refuse'],
])('a camera that sees %s %s: %s', async (region, name, wanted) => {
  const film = join(station.place.folder, `${name}.y4m`);
  await writeFilm(film, station.wire(region, name));
  const browser = await startBrowser([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    const context = await browser.newContext({ locale: 'zh-CN', permissions: ['camera'] });
    const page = await context.newPage();
    await page.goto(await station.pair({ id: `camera-${name}` }));
    await page.getByRole('button', { name: '打开摄像头' }).click();
    await page.locator('.outcome').waitFor();
    expect(await page.locator('.outcome').getAttribute('class')).toBe(`outcome ${wanted}`);
    // The camera stays on, and a code that is still before it is the same showing.
    await page.getByRole('button', { name: '关闭' }).click();
    await page.locator('.camera video').waitFor();
    await page.waitForTimeout(1_500);
    expect(await page.locator('.outcome').count()).toBe(0);
    await page.screenshot({ path: join(PICTURES, `camera-${name}.png`), fullPage: true });
  } finally {
    await browser.close();
  }
});
