import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { START_MS, type Station, startBrowser, startStation } from './station.ts';

/** What an officer sees of it who has a telephone in one hand, and does not scroll. */
let station: Station;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const trouble: string[] = [];

beforeAll(async () => {
  [station, browser] = await Promise.all([startStation(), startBrowser()]);
}, START_MS);
afterAll(async () => {
  await browser?.close();
  await station?.stop();
}, START_MS);
afterEach(async () => {
  await context?.close();
  expect(trouble.splice(0)).toEqual([]);
});

const USUAL = { width: 390, height: 700 };

let paired = 0;
async function ready(viewport = USUAL, lane = 'vehicle'): Promise<void> {
  context = await browser.newContext({ viewport, locale: 'zh-CN' });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => trouble.push(error.message));
  paired += 1;
  await page.goto(await station.pair({ id: `phone-${paired}`, lane }));
  await page.getByRole('heading', { name: '请扫码' }).waitFor();
}

const paste = (text: string): Promise<void> =>
  page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
  }, text);

const outcome = () => page.locator('.outcome');
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

describe('the result before it', () => {
  it('does not stand for what comes next, whatever that is', async () => {
    await ready();
    for (const next of ['https://example.invalid/poster', 'half a code']) {
      await paste(station.wire('330000', 'pass'));
      await outcome().waitFor();
      await paste(next);
      await expect.poll(() => page.locator('.notice').textContent()).toContain('不是证码');
      expect(await outcome().count()).toBe(0);
    }
  });

  it('of a case does not stand while the next one is put together', async () => {
    await ready(USUAL, 'freight');
    await paste(station.wire('330000', 'paper-driving-licence'));
    await paste(station.wire('340000', 'freight-crew'));
    await page.locator('.tray legend', { hasText: '2' }).waitFor();
    await press('完成');
    await outcome().waitFor();
    await paste(station.wire('330000', 'paper-road-transport'));
    await page.locator('.tray legend', { hasText: '1' }).waitFor();
    expect(await outcome().count()).toBe(0);
  });
});

it('a space in a scanner’s code does not press the button that was touched last', async () => {
  await ready();
  await press('English');
  const spaced = station.samples.find(({ wire }) => typeof wire === 'string' && /^HC1:[^ ]* [^ ]*$/.test(wire));
  // One of them would be enough, and two would undo each other.
  const text = (spaced?.wire as string | undefined) ?? `HC1:${'A'.repeat(20)} ${'B'.repeat(20)}`;
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await page.locator('.outcome, .notice').first().waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
});
