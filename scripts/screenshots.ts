/**
 * `npm run screenshots`: the checkpoint page as README shows it, into docs/pictures/. Documents of the reference federation only,
 * in a real browser, against a gateway of its own. Needs a font with Han signs.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Station, startBrowser, startStation } from '../test/e2e/station.ts';

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const PHONE = { width: 460, height: 860 };
const LANGUAGES = ['zh', 'en'] as const;

interface Shot {
  /** The file is called after it and the language. */
  readonly name: string;
  /** Region and name of the samples that are scanned; several are one case. */
  readonly scan?: readonly (readonly [region: string, name: string])[];
  readonly pair?: { readonly lane?: string; readonly more?: readonly string[] };
  readonly context?: BrowserContextOptions;
  readonly languages?: readonly (typeof LANGUAGES)[number][];
}

const PASS = ['330000', 'pass'] as const;
const SHOTS: readonly Shot[] = [
  { name: 'ready' },
  { name: 'accept', scan: [PASS] },
  { name: 'conditional', scan: [['000000', 'key-goods']] },
  { name: 'refuse', scan: [['330000', 'pass-altered']] },
  { name: 'undetermined', scan: [['330000', 'pass-from-nobody']] },
  {
    name: 'case',
    pair: { lane: 'freight' },
    scan: [
      ['330000', 'paper-driving-licence'],
      ['340000', 'freight-crew'],
      ['330000', 'paper-road-transport'],
    ],
  },
  { name: 'shared', pair: { more: ['--also', '330000'] }, scan: [['310116', 'vehicle']] },
  { name: 'kiosk', pair: { more: ['--kiosk'] }, scan: [['330000', 'pass-altered']], languages: ['zh'] },
  { name: 'dark', scan: [PASS], context: { colorScheme: 'dark' }, languages: ['zh'] },
  { name: 'contrast', scan: [['330000', 'pass-altered']], context: { contrast: 'more' }, languages: ['zh'] },
];

/** Without such a font every sign is the same box, and the pictures would show nothing. */
async function requireHan(page: Page): Promise<void> {
  const alike = await page.evaluate(() => {
    const drawn = ['认', '证'].map((sign) => {
      const canvas = document.createElement('canvas');
      const pen = canvas.getContext('2d')!;
      pen.font = '40px system-ui, sans-serif';
      pen.fillText(sign, 10, 60);
      return canvas.toDataURL();
    });
    return drawn[0] === drawn[1];
  });
  if (alike)
    throw new Error(
      'no font here has Han signs: install one (Debian: apt-get install fonts-wqy-microhei) and run this again',
    );
}

async function take(browser: Browser, station: Station, shot: Shot, number: number): Promise<void> {
  const context = await browser.newContext({ viewport: PHONE, locale: 'zh-CN', ...shot.context });
  const page = await context.newPage();
  await page.goto(await station.pair({ id: `shot-${number}`, ...shot.pair }));
  await page.locator('.scan h1').waitFor();
  await requireHan(page);
  const { scan = [], languages = LANGUAGES } = shot;
  for (const [region, name] of scan)
    await page.evaluate(
      (text) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', text);
        window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
      },
      station.wire(region, name),
    );
  if (scan.length > 1) {
    await page.locator('.tray legend', { hasText: String(scan.length) }).waitFor();
    await page.locator('.tray input').fill('1');
    await page.locator('.tray .main').click();
  }
  if (scan.length > 0) {
    await page.locator('.outcome').waitFor();
    await page.waitForTimeout(300);
  }
  for (const language of languages) {
    if (language === 'en') await page.getByRole('button', { name: 'English' }).click();
    await page.screenshot({ path: `${FOLDER}${shot.name}-${language}.png` });
  }
  await context.close();
}

mkdirSync(FOLDER, { recursive: true });
const station = await startStation();
const browser = await startBrowser();
try {
  for (const [i, shot] of SHOTS.entries()) await take(browser, station, shot, i);
  process.stdout.write(`${FOLDER}: ${SHOTS.length} scenes\n`);
} finally {
  await browser.close();
  await station.stop();
}
