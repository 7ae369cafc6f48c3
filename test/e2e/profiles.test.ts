import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/document/generated/types.ts';
import { openStore } from '../../src/store/store.ts';
import { context, openPage, page, pair, paste, picture, shownOutcome, station, useStation } from './page.ts';

/** Devices that are not an officer's desk of one region with a network. */
useStation();

async function ready(options: Parameters<typeof pair>[0]): Promise<void> {
  await openPage();
  await pair(options);
}

const close = () => page.getByRole('button', { name: '关闭', exact: true }).click();

describe('a terminal where people serve themselves (综合自助终端)', () => {
  it('shows for four seconds what is accepted, all else as long as elsewhere; nobody changes its lane or says what was done', async () => {
    await ready({ id: 'kiosk-1', more: ['--kiosk'] });
    expect(await page.getByRole('button', { name: '车道' }).count()).toBe(0);
    await paste(station.wire('330000', 'pass'));
    expect(await shownOutcome()).toBe('accept');
    expect(await page.locator('.countdown').textContent()).toMatch(/^[1-4] /);
    expect(await page.getByRole('button', { name: '放行' }).count()).toBe(0);
    await picture('kiosk-accept-zh');
    // It goes by itself.
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
    await paste(station.wire('330000', 'pass-altered'));
    expect(await shownOutcome()).toBe('refuse');
    expect(await page.locator('.countdown').textContent()).toMatch(/^(20|1\d) /);
    expect(await page.locator('.staffed').textContent()).toContain('人工窗口');
    await picture('kiosk-refuse-zh');
  });
});

describe('a device without a network at its first start', () => {
  it('begins with the lists that the operator brought, verified from its pinned root; altered ones are refused', async () => {
    await openPage();
    const seed = join(station.place.folder, 'seed.bundle');
    const link = await station.pair({ id: 'seed-1', more: ['--seed', seed] });
    await context.route('**/v1/**', (route) => route.abort());
    await page.goto(link);
    await expect.poll(() => page.getByRole('status').textContent()).toContain('选取管理员给的名单文件');
    const file = (buffer: Buffer) => ({ name: 'seed.bundle', mimeType: 'application/octet-stream', buffer });
    const good = readFileSync(seed);
    const altered = Buffer.from(good);
    altered[altered.length - 5]! ^= 1;
    await page.locator('input[type=file]').setInputFiles(file(altered));
    await expect.poll(() => page.getByRole('status').textContent()).toContain('名单包被改动过');
    await picture('seed-refused-zh');
    await page.locator('input[type=file]').setInputFiles(file(Buffer.from('a letter')));
    await expect.poll(() => page.getByRole('status').textContent()).toContain('收到的不是名单包');
    await page.locator('input[type=file]').setInputFiles(file(good));
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
    await paste(station.wire('330000', 'pass'));
    expect(await shownOutcome()).toBe('accept');
    await close();
    // A desk that works already takes them the same way, and keeps what it has if they are bad.
    await page.locator('input[type=file]').setInputFiles(file(altered));
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('名单包被改动过');
    await page.locator('input[type=file]').setInputFiles(file(good));
    await expect.poll(() => page.locator('.notice').textContent()).toContain('名单已更新');
    await paste(station.wire('330000', 'pass'));
    expect(await shownOutcome()).toBe('accept');
  });

  it('takes no lists that begin with another root, though their bundle is whole', async () => {
    await openPage();
    const seed = join(station.place.folder, 'other.bundle');
    const link = await station.pair({ id: 'seed-2', more: ['--seed', seed] });
    const [before, packed] = link.split('#pair=');
    const registration = JSON.parse(Buffer.from(packed!, 'base64url').toString());
    const other = Buffer.from(JSON.stringify({ ...registration, root: '0'.repeat(64) })).toString('base64url');
    await context.route('**/v1/**', (route) => route.abort());
    await page.goto(`${before}#pair=${other}`);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'seed', mimeType: 'application/octet-stream', buffer: readFileSync(seed) });
    await expect.poll(() => page.getByRole('status').textContent()).toContain('名单的根与登记时的不符');
  });
});

describe('a checkpoint that two regions share', () => {
  it('looks once, says both words, goes by the stricter, and sends a receipt for each', async () => {
    await ready({ id: 'shared-1', more: ['--also', '330000'] });
    await paste(station.wire('310116', 'vehicle'));
    const shown = await shownOutcome();
    const both = await page.locator('.regions li').evaluateAll((all) => all.map((each) => each.className));
    expect(both.length).toBe(2);
    expect(new Set(both).size).toBe(2);
    const strict = ['refuse', 'undetermined', 'conditional', 'accept'];
    expect(shown).toBe(strict.find((each) => both.includes(each)));
    expect(await page.locator('.regions').textContent()).toMatch(/上海.*浙江/s);
    await picture('shared-zh');
    const code = (await page.locator('.facts .code').textContent())!;
    await page.getByRole('button', { name: '移交' }).click();
    const found = async () => {
      const store = await openStore(join(station.place.folder, 'tongren.sqlite'), {
        random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      });
      try {
        const [own] = await store.receipts.findByCaseCode(code);
        const all = await store.receipts.list({ limit: 50 });
        return all.filter(({ group }) => group !== undefined && group === own?.group);
      } finally {
        await store.close();
      }
    };
    await expect
      .poll(
        async () =>
          (await found())
            .map(({ region, outcome: said, dispositions = [] }) => `${region} ${said} ${dispositions[0]?.action}`)
            .toSorted(),
        { timeout: 20_000 },
      )
      .toEqual([`310000 ${both[0]} hand-over`, `330000 ${both[1]} hand-over`]);
  });
});

describe('a number that somebody says', () => {
  it('cannot be told without a network, and what to do then is said', async () => {
    await ready({ id: 'counter-2', lane: 'counter' });
    await context.setOffline(true);
    // At the counter the field is open: who has no phone comes there.
    await page.getByLabel('通行证号').fill('苏E12345');
    await page.getByRole('button', { name: '核验', exact: true }).click();
    expect(await shownOutcome()).toBe('undetermined');
    expect(await page.locator('.next').textContent()).not.toBe('');
    await picture('typed-offline-zh');
  });

  it('is asked of its region by the gateway, and the screen says so; what the gateway does not know stays open', async () => {
    await ready({ id: 'counter-3', lane: 'counter' });
    const look = async (): Promise<void> => {
      await page.getByLabel('通行证号').fill('330421000001');
      await page.getByRole('button', { name: '核验', exact: true }).click();
    };
    await look();
    expect(await shownOutcome()).toBe('undetermined');
    expect(await page.locator('.facts').textContent()).not.toContain('已向签发地区查询');
    await close();
    // As a gateway answers that has a way to that region.
    const answer: Partial<Verdict> = {
      outcome: 'accept',
      word: { zh: '认可', en: 'Accepted' },
      sentence: { zh: '签发地区确认。', en: 'The issuing region confirms it.' },
      reasons: [],
      findings: [],
      restsOn: [],
      federation: 'yangtze-delta-reference',
      environment: 'reference',
      region: '310000',
      purpose: 'counter',
      clock: { at: new Date().toISOString(), source: 'system' },
    };
    const asked: unknown[] = [];
    await context.route('**/v1/verify', async (route) => {
      asked.push(route.request().postDataJSON());
      await route.fulfill({ json: answer });
    });
    await look();
    expect(await shownOutcome()).toBe('accept');
    expect(asked).toEqual([{ reference: { passNumber: '330421000001' }, for: '310000', purpose: 'counter' }]);
    expect(await page.locator('.facts').textContent()).toContain('已向签发地区查询');
  });
});

describe('sound', () => {
  it('differs by outcome, and can be turned off for good', async () => {
    await ready({ id: 'sound-1' });
    await page.evaluate(() => {
      const heard: number[] = [];
      Object.assign(globalThis, { heard });
      const { createOscillator } = AudioContext.prototype;
      AudioContext.prototype.createOscillator = function create() {
        heard.push(1);
        return createOscillator.call(this);
      };
    });
    const heard = () => page.evaluate(() => (globalThis as unknown as { heard: number[] }).heard.splice(0).length);
    // What drives the browser counts as a touch, so the silence before one is not seen here.
    const counts: number[] = [];
    for (const name of ['pass', 'pass-altered', 'pass-from-nobody']) {
      await paste(station.wire('330000', name));
      await shownOutcome();
      counts.push(await heard());
      await close();
    }
    expect(counts).toEqual([2, 2, 3]);
    await page.getByRole('button', { name: /^声音/ }).click();
    await paste(station.wire('330000', 'pass'));
    await shownOutcome();
    expect(await heard()).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: '请扫码' }).waitFor();
    expect(await page.getByRole('button', { name: /^声音/ }).getAttribute('aria-pressed')).toBe('false');
  });
});
