import { describe, expect, it } from 'vitest';
import { context, openPage, page, pair, paste, shownOutcome, station, useStation } from './page.ts';

/** What an officer sees of it who has a telephone in one hand, and does not scroll. */
useStation();

const SMALLEST = { width: 320, height: 568 };
const USUAL = { width: 390, height: 700 };

let paired = 0;
async function ready(viewport = USUAL, lane = 'vehicle', ownClock = false): Promise<void> {
  await openPage({ viewport });
  // The page itself comes later: it has this clock from its beginning.
  if (ownClock) await context.clock.install();
  paired += 1;
  await pair({ id: `phone-${paired}`, lane });
}

const outcome = () => page.locator('.outcome');
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

/** Whether all of it is on the screen, but for what rounding leaves. */
const seen = (selector: string): Promise<boolean> =>
  page.locator(selector).evaluate((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return top > -1 && left > -1 && bottom < innerHeight + 1 && right < innerWidth + 1;
  });
/** Lines that a text takes; by the boxes of its first node. */
const lines = (selector: string): Promise<number> =>
  page.locator(selector).evaluate((element) => {
    const range = document.createRange();
    range.selectNode(element.firstChild!);
    return new Set([...range.getClientRects()].map(({ top }) => top)).size;
  });
const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);

describe('on a telephone', () => {
  it.each([
    ['smallest', SMALLEST],
    ['usual', USUAL],
  ] as const)('%s: the word stands in one line, and with it what to do, without a touch', async (_, viewport) => {
    await ready(viewport);
    for (const [region, name] of [
      ['330000', 'pass'],
      ['320000', 'pass-expired'],
      ['330000', 'pass-altered'],
      ['330000', 'pass-from-nobody'],
      ['000000', 'key-goods'],
      ['330000', 'code-red'],
    ] as const) {
      await paste(station.wire(region, name));
      await outcome().waitFor();
      for (const language of ['zh', 'en']) {
        // The language of the page, which sizes of letters go by, follows its words.
        await expect.poll(() => lines('.head h1'), { message: `${name} ${language}` }).toBe(1);
        if (language === 'zh') await press('English');
      }
      await press('中文');
      await press('关闭');
      await paste(station.wire(region, name));
      await outcome().waitFor();
      await expect.poll(() => seen('.head'), { message: `${name}: word` }).toBe(true);
      if (viewport === USUAL) {
        if ((await shownOutcome()) !== 'accept') expect([name, await seen('.next')]).toEqual([name, true]);
        if (name === 'code-red') expect(await seen('.stated')).toBe(true);
      }
      expect([name, await width()]).toEqual([name, viewport.width]);
      await press('关闭');
    }
  });

  it('what is refused is not there to be compared: which document it was comes after what to do', async () => {
    await ready();
    await paste(station.wire('330000', 'pass-altered'));
    expect(await outcome().innerText()).toMatch(/^不予认可.*下一步.*浙F12345/s);
    expect(await outcome().innerText()).not.toContain('先比对');
  });

  it('that the camera cannot be used is said where it is seen, with what else there is', async () => {
    await ready(SMALLEST);
    await press('打开摄像头');
    await page.locator('.notice').waitFor();
    expect(await page.locator('.notice').textContent()).toMatch(/允许.*扫码枪/);
    expect(await seen('.notice')).toBe(true);
  });

  it('a reason is typed at once, fits, and is asked for in the page’s own language', async () => {
    await ready(SMALLEST);
    await paste(station.wire('330000', 'pass-from-nobody'));
    await outcome().waitFor();
    await press('人工放行');
    const reason = page.locator('.by-hand input');
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
    expect(await seen('.by-hand input')).toBe(true);
    await page.locator('.by-hand button').click();
    expect(await reason.evaluate((input: HTMLInputElement) => input.validationMessage)).toContain('请写明');
  });

  it('a slip comes into sight, and names no authority where none is known', async () => {
    await ready();
    await paste(station.wire('330000', 'pass-from-nobody'));
    await outcome().waitFor();
    await press('给持证人的回单');
    await expect.poll(() => seen('.slip')).toBe(true);
    expect(await page.locator('.slip b').allTextContents()).not.toContain('签发机关');
  });
});

it('a clock that is behind is told as that, not as lists that are old', async () => {
  await ready();
  await page.clock.setFixedTime(Date.now() - 2 * 3_600_000);
  await page.reload();
  await expect.poll(() => page.locator('.lists').textContent()).toMatch(/^本机时钟不准/);
});

/** A case of which one paper is missing, and what came of it. */
async function oneMissing(): Promise<void> {
  await ready(USUAL, 'freight');
  await paste(station.wire('330000', 'paper-driving-licence'));
  await paste(station.wire('340000', 'freight-crew'));
  await page.locator('.tray legend', { hasText: '2' }).waitFor();
  await press('完成');
  await outcome().waitFor();
}

describe('the result before it', () => {
  it('does not stand for what comes next, whatever that is', async () => {
    await ready();
    for (const next of ['https://example.invalid/poster', 'half a code']) {
      await paste(station.wire('330000', 'pass'));
      await outcome().waitFor();
      await paste(next);
      await expect.poll(() => page.locator('.notice').textContent()).toContain('不是证码');
      expect(await outcome().count()).toBe(0);
      expect(await seen('.notice')).toBe(true);
    }
  });

  it('of a case does not stand while the next one is put together; what differs in it says whose it is', async () => {
    await oneMissing();
    expect(await page.locator('.compare').innerText()).toMatch(/驾驶证 有效期至.*货运通行证 有效期至/s);
    // The paper that was missing: those before it need not be scanned again.
    await paste(station.wire('330000', 'paper-road-transport'));
    await page.locator('.tray legend', { hasText: '3' }).waitFor();
    expect(await outcome().count()).toBe(0);
    await page.getByLabel('车上人数').fill('1');
    await press('完成');
    await page.locator('.outcome.accept').waitFor();
    // The next truck.
    await paste(station.wire('330000', 'paper-driving-licence'));
    await page.locator('.tray legend', { hasText: '1' }).waitFor();
    expect(await outcome().count()).toBe(0);
  });

  it('of a case that is not complete takes its papers along when it is closed', async () => {
    await oneMissing();
    await press('劝返');
    await paste(station.wire('330000', 'paper-road-transport'));
    await page.locator('.tray legend', { hasText: '1' }).waitFor();
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

it('a device that nobody touches for days without a network says by itself that its lists are too old', async () => {
  await ready(USUAL, 'vehicle', true);
  const lists = page.locator('header .lists');
  expect(await lists.getAttribute('class')).toBe('lists fresh');
  await context.setOffline(true);
  await page.clock.fastForward(73 * 3_600_000);
  await page.locator('header .lists.block', { hasText: '名单过旧' }).waitFor();
});
