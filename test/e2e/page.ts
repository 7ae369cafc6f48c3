import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { PICTURES, START_MS, type Station, startBrowser, startStation } from './station.ts';

/** What the tests of one file work with: there once `useStation` was called; context and page are those of the last `openPage`. */
export let station: Station;
export let browser: Browser;
export let context: BrowserContext;
export let page: Page;
const trouble: string[] = [];

/** One station and one browser for all tests of a file. In: what `startStation` takes. */
export function useStation(more?: Parameters<typeof startStation>[0]): void {
  beforeAll(async () => {
    [station, browser] = await Promise.all([startStation(more), startBrowser()]);
  }, START_MS);
  afterAll(async () => {
    await browser?.close();
    await station?.stop();
  }, START_MS);
  afterEach(async () => {
    await context?.close();
    // Nothing that the page's policy had to stop, and nothing thrown.
    expect(trouble.splice(0)).toEqual([]);
  });
}

/** A device of its own, with nothing on it yet. */
export async function openPage(options: BrowserContextOptions = {}): Promise<void> {
  context = await browser.newContext({ viewport: { width: 900, height: 1200 }, locale: 'zh-CN', ...options });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) trouble.push(message.text());
  });
}

/** Pairs the open page, and waits until it has its lists. */
export async function pair(options: Parameters<Station['pair']>[0]): Promise<void> {
  await page.goto(await station.pair(options));
  await page.getByRole('heading', { name: '请扫码' }).waitFor();
}

/** A paste is the shortest way in. */
export const paste = (text: string): Promise<void> =>
  page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
  }, text);

/** The outcome on the screen, once there is one. */
export async function shownOutcome(): Promise<string> {
  const outcome = page.locator('.outcome');
  await outcome.waitFor();
  return (await outcome.getAttribute('class'))!.replace('outcome ', '');
}

export const picture = (name: string) => page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
