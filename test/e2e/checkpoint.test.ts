import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { caseCode } from '../../src/store/ids.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { context, openPage, page, pair, picture, shownOutcome, station, useStation } from './page.ts';
import { axeSource } from './station.ts';

/** The officers' page in a real browser, against a gateway of its own. */
useStation();

/** A device that was paired and has its lists. */
async function ready(
  options: { id?: string; checkpoint?: string; lane?: string } = {
    id: `lane-${Math.random().toString(36).slice(2, 8)}`,
  },
  eyes: BrowserContextOptions = {},
): Promise<void> {
  await openPage(eyes);
  await pair(options);
}

/** As a hardware scanner does: a burst of keys and Enter, wherever the focus is. */
const scan = (text: string): Promise<void> => keys([...text].map((key) => ({ key })));

interface Key {
  readonly key?: string;
  readonly code?: string;
  readonly shiftKey?: boolean;
}

async function keys(burst: readonly Key[]): Promise<void> {
  await page.evaluate((all) => {
    for (const one of [...all, { key: 'Enter', cancelable: true }])
      window.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...one }));
  }, burst);
}

const outcome = () => page.locator('.outcome');

async function seriousFaults(): Promise<string[]> {
  await page.evaluate(axeSource());
  const { violations } = await page.evaluate(() =>
    (
      globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { target: string[] }[] }[] }> };
      }
    ).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

// First of all: its code lives for a minute, from when the station was made.
it('a one-time code is asked of the gateway, which alone knows whether it was shown elsewhere before', async () => {
  const code = station.wire('330000', 'code-green');
  const scanned = async (): Promise<[string, string]> => {
    await scan(code);
    const found: [string, string] = [
      await shownOutcome(),
      (await page.locator('.why code').allTextContents()).join(' '),
    ];
    await page.getByRole('button', { name: '关闭' }).click();
    return found;
  };
  await ready({ id: 'once-1', checkpoint: 'G2-01' });
  await context.setOffline(true);
  expect(await scanned()).toEqual(['conditional', expect.stringContaining('REPLAY_UNCHECKED')]);
  await context.setOffline(false);
  await expect.poll(() => page.locator('.net').textContent()).toBe('在线');
  expect(await scanned()).toEqual(['accept', expect.stringContaining('REPLAY_CHECKED')]);
  // Scanned once more at the same place: the same holder.
  expect(await scanned()).toEqual(['accept', expect.stringContaining('REPLAY_CHECKED')]);
  await context.close();
  await ready({ id: 'once-2', checkpoint: 'G2-02' });
  expect(await scanned()).toEqual(['refuse', expect.stringContaining('REPLAYED')]);
});

describe('a device', () => {
  it('pairs by its link, and leaves its key neither in the address nor in the history', async () => {
    await ready();
    expect(new URL(page.url()).hash).toBe('');
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await expect.poll(() => page.locator('.banner').textContent()).toContain('参考联盟');
    await picture('ready-zh');
    expect(await seriousFaults()).toEqual([]);
  });

  it('does not take a link that is none', async () => {
    await openPage();
    await page.goto(`${station.url}/checkpoint/#pair=eyJ2IjoxfQ`);
    await page.getByRole('heading', { name: '登记本设备' }).waitFor();
    const said = () => page.getByRole('status').textContent();
    expect(await said()).toContain('不完整');
    await page.goto(`${station.url}/checkpoint/`);
    expect(await said()).toBe('');
    await page.getByRole('textbox').fill('a short one');
    await page.getByRole('textbox').blur();
    await expect.poll(said).toContain('不完整');
    await page.getByRole('textbox').fill(`${station.url}/checkpoint/#pair=${'A'.repeat(60)}`);
    await expect.poll(() => page.getByRole('status').textContent()).toContain('不完整');
    await picture('pair-zh');
    expect(await seriousFaults()).toEqual([]);
  });
});

describe('a document', () => {
  it.each<[string, string, string, string]>([
    ['330000', 'pass', 'accept', '认可'],
    ['330000', 'pass-altered', 'refuse', '不予认可'],
    ['330000', 'pass-from-nobody', 'undetermined', '无法判定'],
    ['000000', 'key-goods', 'conditional', '需核'],
  ])('%s %s: %s', async (region, name, wanted, word) => {
    await ready();
    const found = station.samples.find((each) => each.region === region && each.name === name);
    await scan(found === undefined ? '' : (found.wire as string));
    expect(await shownOutcome()).toBe(wanted);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(word);
    // The verdict has the focus, so that a screen reader begins with it.
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await picture(`${wanted}-zh`);
    expect(await seriousFaults()).toEqual([]);
    await page.getByRole('button', { name: 'English' }).click();
    await picture(`${wanted}-en`);
    await page.getByRole('button', { name: '中文' }).click();
  });

  it('is taken as a file as well: an OFD licence, and XML with its signature file', async () => {
    await ready({ id: 'counter-1', lane: 'counter' });
    const ofd = station.samples.find((each) => each.region === '330000' && each.name === 'licence')!;
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'licence.ofd', mimeType: 'application/ofd', buffer: Buffer.from(ofd.wire as Uint8Array) });
    expect(await shownOutcome()).toBe('accept');
    await page.getByRole('button', { name: '关闭' }).click();
    const xml = station.samples.find((each) => each.region === '320000' && each.name === 'licence')!;
    await page.locator('input[type=file]').setInputFiles([
      { name: 'licence.xml', mimeType: 'application/xml', buffer: Buffer.from(xml.wire as Uint8Array) },
      { name: 'licence.p7s', mimeType: 'application/pkcs7-signature', buffer: Buffer.from(xml.beside!) },
    ]);
    expect(await shownOutcome()).toBe('accept');
  });

  it('is read from a scanner that types on another keyboard layout, or past an input method', async () => {
    await ready();
    const text = station.wire('330000', 'pass');
    const codeOf = (sign: string): Key => {
      if (/[a-z]/i.test(sign)) return { code: `Key${sign.toUpperCase()}`, shiftKey: /[A-Z]/.test(sign) };
      if (/\d/.test(sign)) return { code: `Digit${sign}` };
      return { '-': { code: 'Minus' }, _: { code: 'Minus', shiftKey: true }, '.': { code: 'Period' } }[sign]!;
    };
    await keys([...text].map((sign) => ({ ...codeOf(sign), key: 'Process' })));
    expect(await shownOutcome()).toBe('accept');
  });

  it('of which no receipt can be kept gets no verdict', async () => {
    await ready();
    await page.evaluate(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await scan(station.wire('330000', 'pass'));
    await expect.poll(() => page.getByRole('status').first().textContent()).toContain('回执存不下');
    expect(await outcome().count()).toBe(0);
  });

  it('that is far too large is not read at all', async () => {
    await ready();
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(21 * 1024 * 1024)], 'a.ofd'));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
    });
    await expect.poll(() => page.getByRole('status').first().textContent()).toContain('文件太大');
  });

  it('what is no document gets a quiet notice, and is not kept anywhere', async () => {
    await ready();
    await scan('https://example.invalid/poster');
    await expect.poll(() => page.getByRole('status').first().textContent()).toContain('不是证码');
    expect(await outcome().count()).toBe(0);
  });

  it('takes no number of a person as a reason to let pass by hand', async () => {
    await ready();
    await scan(station.wire('330000', 'pass'));
    await shownOutcome();
    await page.getByRole('button', { name: '人工放行' }).click();
    const reason = page.locator('.by-hand input');
    for (const said of ['急', '车主电话 138.0013.8000']) {
      await reason.fill(said);
      await page.locator('.by-hand button').click();
      expect(await reason.evaluate((input: HTMLInputElement) => input.validationMessage)).toContain(
        '不写姓名、证号、电话',
      );
    }
    await reason.fill('救护车，人工核对');
    await page.locator('.by-hand button').click();
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
  });

  it('is gone with its result: cleared by hand, by the timer, or when the page hides', async () => {
    await ready();
    const text = station.wire('330000', 'pass');
    await scan(text);
    await shownOutcome();
    await page.getByRole('button', { name: '放行', exact: true }).click();
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('请扫码');
    await scan(text);
    await shownOutcome();
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
    expect(await page.content()).not.toContain('王*');
  });

  it('is gone when the page hides in the moment in which it comes', async () => {
    await ready();
    await page.evaluate(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelector('.outcome') === null) return;
        observer.disconnect();
        document.body.dataset['seen'] = 'yes';
        Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }).observe(document.body, { childList: true, subtree: true });
    });
    await scan(station.wire('330000', 'pass'));
    await page.locator('body[data-seen]').waitFor();
    await expect.poll(() => outcome().count(), { timeout: 3_000 }).toBe(0);
    expect(await page.content()).not.toContain('王*');
  });

  it('a state that a document gives itself is a chip of its own, not the hue of the outcome', async () => {
    await ready();
    await scan(station.wire('330000', 'pass-grey'));
    expect(await shownOutcome()).toBe('refuse');
    expect(await page.locator('.stated').textContent()).toContain('无效（灰）');
    await picture('stated-grey-zh');
  });
});

describe('at night, and for eyes that need more contrast', () => {
  it.each<[string, BrowserContextOptions]>([
    ['dark', { colorScheme: 'dark' }],
    ['contrast', { contrast: 'more' }],
    ['dark-contrast', { colorScheme: 'dark', contrast: 'more' }],
  ])('%s: nothing that axe finds serious, on any outcome', async (name, eyes) => {
    await ready({ id: `eyes-${name}` }, eyes);
    expect(await seriousFaults()).toEqual([]);
    for (const sample of ['pass', 'pass-altered', 'pass-from-nobody', 'pass-grey']) {
      await scan(station.wire('330000', sample));
      await shownOutcome();
      // Behind its short appearance, whose half-way colours axe would measure.
      await page.waitForTimeout(200);
      expect([sample, await seriousFaults()]).toEqual([sample, []]);
      await page.getByRole('button', { name: '关闭' }).click();
    }
    await scan(station.wire('000000', 'key-goods'));
    expect(await shownOutcome()).toBe('conditional');
    await page.waitForTimeout(200);
    expect(await seriousFaults()).toEqual([]);
    await picture(`${name}-zh`);
  });
});

describe('several documents of one case', () => {
  it('give one outcome, in whatever order they are scanned', async () => {
    await ready({ id: 'freight-1', lane: 'freight' });
    for (const [region, name] of [
      ['330000', 'paper-driving-licence'],
      ['340000', 'freight-crew'],
      ['330000', 'paper-road-transport'],
    ] as const)
      await scan(station.wire(region, name));
    await expect.poll(() => page.locator('.tray legend').textContent()).toContain('3');
    await page.getByLabel('车上人数').fill('1');
    await page.getByRole('button', { name: '完成' }).click();
    expect(await shownOutcome()).toBe('accept');
    await picture('group-zh');
    expect(await seriousFaults()).toEqual([]);
    await page.getByRole('button', { name: '放行', exact: true }).click();
    await page.locator('.recorded').waitFor();
    // The next vehicle's first paper: what was done with the one before is no longer put right here.
    await scan(station.wire('330000', 'paper-driving-licence'));
    await expect.poll(() => page.locator('.tray legend').textContent()).toContain('1');
    expect(await page.locator('.recorded').count()).toBe(0);
  });
});

describe('without a network', () => {
  it('judges what needs parts of the program that were never loaded before: a sealed file', async () => {
    await ready({ id: 'counter-2', lane: 'counter' });
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await context.setOffline(true);
    await page.reload();
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
    const ofd = station.samples.find((each) => each.region === '330000' && each.name === 'licence')!;
    const buffer = Buffer.from(ofd.wire as Uint8Array);
    await page.locator('input[type=file]').setInputFiles({ name: 'licence.ofd', mimeType: 'application/ofd', buffer });
    expect(await shownOutcome()).toBe('accept');
    await context.setOffline(false);
  });

  it('says so where such a part can be had neither from the device nor from the gateway, and gives no verdict', async () => {
    const ofd = station.samples.find((each) => each.region === '330000' && each.name === 'licence')!;
    await ready({ id: 'counter-3', lane: 'counter' }, { serviceWorkers: 'block' });
    await context.route(/later_files/, (route) => route.abort());
    const buffer = Buffer.from(ofd.wire as Uint8Array);
    await page.locator('input[type=file]').setInputFiles({ name: 'licence.ofd', mimeType: 'application/ofd', buffer });
    await expect.poll(() => page.locator('.notice').textContent()).toContain('程序不完整');
    expect(await page.locator('.outcome').count()).toBe(0);
  });

  it('says the same of a part of the screen, and the verdict stays', async () => {
    await ready({ id: 'slip-missing' }, { serviceWorkers: 'block' });
    await context.route(/slip-/, (route) => route.abort());
    await scan(station.wire('330000', 'pass-grey'));
    expect(await shownOutcome()).toBe('refuse');
    await page.getByRole('button', { name: '给持证人的回单' }).click();
    await expect.poll(() => page.getByText('程序不完整').count()).toBe(1);
    expect(await shownOutcome()).toBe('refuse');
  });

  it('starts, judges, keeps its receipts, and sends each once when the network is back', async () => {
    await ready();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await context.setOffline(true);
    await page.reload();
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
    // A busy device takes a moment to find that nobody answers.
    await page.locator('header .net.off').waitFor();
    await scan(station.wire('330000', 'pass'));
    expect(await shownOutcome()).toBe('accept');
    expect(await page.locator('.facts').textContent()).toContain('离线核验');
    const code = (await page.locator('.facts .code').textContent())!;
    await picture('offline-zh');
    await page.getByRole('button', { name: '劝返' }).click();
    await expect.poll(() => page.locator('header').textContent()).toContain('待上传');
    expect(await receiptsOf(code)).toEqual([]);
    await context.setOffline(false);
    await expect
      .poll(() => receiptsOf(code), { timeout: 20_000 })
      .toMatchObject([{ outcome: 'accept', checkpoint: 'G2-01', dispositions: [{ action: 'turn-back' }] }]);
    await expect.poll(() => page.locator('header').textContent()).not.toContain('待上传');
  });

  it('what was done while a receipt was under way is not lost', async () => {
    await ready();
    let answered = () => {};
    const held = new Promise<void>((resolve) => {
      answered = resolve;
    });
    let asked = 0;
    await context.route('**/v1/receipts', async (route) => {
      asked += 1;
      if (asked === 1) await held;
      await route.continue();
    });
    await scan(station.wire('330000', 'pass'));
    await shownOutcome();
    const code = (await page.locator('.facts .code').textContent())!;
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await expect.poll(() => asked).toBe(1);
    await page.getByRole('button', { name: '移交' }).click();
    answered();
    await expect
      .poll(() => receiptsOf(code), { timeout: 20_000 })
      .toMatchObject([{ dispositions: [{ action: 'hand-over' }] }]);
  });

  it('what was noted by mistake is corrected until the next document; both stand in the receipt, and the last one holds', async () => {
    await ready();
    await scan(station.wire('330000', 'pass'));
    await shownOutcome();
    const code = (await page.locator('.facts .code').textContent())!;
    await page.getByRole('button', { name: '劝返' }).click();
    const line = page.locator('.recorded');
    await expect.poll(() => line.textContent()).toContain(`已记 劝返 · 核验编号 ${code}`);
    await expect
      .poll(() => receiptsOf(code), { timeout: 20_000 })
      .toMatchObject([{ dispositions: [{ action: 'turn-back' }] }]);
    await line.getByRole('button', { name: '更正' }).click();
    await picture('correct-zh');
    await line.getByRole('button', { name: '放行', exact: true }).click();
    await expect.poll(() => line.textContent()).toContain('已记 放行');
    // Without a network it is noted as well, and goes up later.
    await context.setOffline(true);
    await line.getByRole('button', { name: '更正' }).click();
    await line.getByRole('button', { name: '人工放行' }).click();
    await line.getByRole('textbox').fill('道路施工，改道放行');
    await line.locator('form button').click();
    await expect.poll(() => line.textContent()).toContain('已记 人工放行');
    await context.setOffline(false);
    await expect
      .poll(() => receiptsOf(code), { timeout: 20_000 })
      .toMatchObject([
        { dispositions: [{ action: 'turn-back' }, { action: 'let-pass' }, { action: 'let-pass-by-hand' }] },
      ]);
    await scan(station.wire('330000', 'pass'));
    await shownOutcome();
    await page.getByRole('button', { name: '关闭' }).click();
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
    expect(await line.count()).toBe(0);
  });

  it('a bundle that was altered is refused and said, and the good lists are kept', async () => {
    await ready();
    let offered = 0;
    await context.route('**/v1/bundle?*', async (route) => {
      const headers = { ...route.request().headers(), 'if-none-match': '' };
      const answer = await route.fetch({ headers });
      const body = await answer.body();
      body[body.length - 5]! ^= 1;
      offered += 1;
      await route.fulfill({ status: 200, headers: { etag: `"altered-${offered}"` }, body });
    });
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('新名单未采用');
    expect(offered).toBeGreaterThan(0);
    expect(await page.getByRole('alert').textContent()).toContain('名单包被改动过');
    await picture('lists-refused-zh');
    await scan(station.wire('330000', 'pass'));
    expect(await shownOutcome()).toBe('accept');
  });

  it('a desk that stays open asks for new lists in time for a removal to reach it within five minutes', async () => {
    await ready();
    let asked = 0;
    await context.route('**/v1/bundle?*', async (route) => {
      asked += 1;
      await route.continue();
    });
    await page.clock.install();
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await expect.poll(() => asked).toBe(1);
    // The page's time, in steps between which it may hear of answers; the gateway's own look takes up to 25 seconds more.
    let seconds = 0;
    for (; asked < 2 && seconds < 600; seconds += 5) {
      await page.clock.runFor(5_000);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(seconds).toBeLessThanOrEqual(300 - 25);
  });

  it('a clock that is set back gives no accept', async () => {
    await ready();
    await page.clock.setFixedTime(Date.now() - 30 * 86_400_000);
    await scan(station.wire('330000', 'pass'));
    expect(await shownOutcome()).not.toBe('accept');
    await page.getByText('依据', { exact: true }).click();
    expect(await page.locator('.why').textContent()).toContain('CLOCK_DOUBT');
  });
});

it('a device that was cut off forgets its lists, and keeps the receipts that were not sent', async () => {
  await ready({ id: 'lost-1' });
  await station.cutOff('lost-1');
  await scan(station.wire('330000', 'pass'));
  await shownOutcome();
  await page.getByRole('button', { name: '放行', exact: true }).click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('本设备已停用');
  const kept = await page.evaluate(async () => {
    const open = indexedDB.open('tongren-checkpoint');
    const database = await new Promise<IDBDatabase>((resolve) => {
      open.onsuccess = () => resolve(open.result);
    });
    const count = (name: string) =>
      new Promise<number>((resolve) => {
        const request = database.transaction(name).objectStore(name).count();
        request.onsuccess = () => resolve(request.result);
      });
    return [await count('kept'), await count('queue')];
  });
  expect(kept).toEqual([0, 1]);
  await picture('cut-off-zh');
});

it('receipts that the gateway never takes are handed on as a file with the reasons, and cleared only then', async () => {
  await ready({ id: 'returned-1' });
  await page.route('**/v1/receipts', async (route) => {
    const { receipts } = route.request().postDataJSON() as { receipts: { id: string }[] };
    const refused = receipts.map(({ id }) => ({ id, at: '/environment', detail: 'another environment' }));
    await route.fulfill({ json: { taken: [], refused } });
  });
  await scan(station.wire('330000', 'pass'));
  await shownOutcome();
  const code = await page.locator('.code').textContent();
  await page.getByRole('button', { name: '放行', exact: true }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('1 份回执被网关拒收');
  expect(await page.getByRole('button', { name: '从本机清除' }).count()).toBe(0);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '存成文件' }).click(),
  ]);
  const [only, ...others] = JSON.parse(readFileSync(await download.path(), 'utf8'));
  expect([only.at, only.detail, others]).toEqual(['/environment', 'another environment', []]);
  expect(caseCode(only.receipt.id)).toBe(code);
  expect(only.receipt.dispositions).toMatchObject([{ action: 'let-pass' }]);
  await picture('returned-zh');
  await page.getByRole('button', { name: '从本机清除' }).click();
  await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  await page.reload();
  await page.getByRole('heading', { name: '请扫码' }).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});

it('the page comes with a policy that allows nothing from elsewhere and no code from strings', async () => {
  const answer = await fetch(`${station.url}/checkpoint/`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
  expect(readFileSync(new URL('../../dist/checkpoint/index.html', import.meta.url), 'utf8')).not.toMatch(/https?:\/\//);
});

/** What the gateway's database has under a case code. */
async function receiptsOf(code: string): Promise<unknown[]> {
  let store: Store | undefined;
  try {
    store = await openStore(join(station.place.folder, 'tongren.sqlite'), {
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    });
    return await store.receipts.findByCaseCode(code);
  } finally {
    await store?.close();
  }
}
