import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openEngines, type PageGlobals } from '../test/e2e/engine.ts';
import { writeFilm } from '../test/e2e/film.ts';
import { type Station, startBrowser, startStation } from '../test/e2e/station.ts';
import type { Row } from './bench.ts';
import { quantile, rowOf } from './measure.ts';
import { coreInBrowser } from './page-core.ts';

/** A processor that is so many times slower than this one: an old telephone, or a kiosk of ten years. */
const SLOWER = 4;
const REGION = '310000';
const PURPOSE = 'checkpoint';
/** Documents of each format that are looked at in a round. Each round has a page of its own: engines are cold again. */
const LOOKS = 100;
const PAGES = 5;

const VERDICT_MS = 150;
const READY_MS = 2_000;
const FRAME_MS = 1_000;
/** Characters of a code that is held before the camera. */
const SIZES = { least: 300, most: 600 };

/** The checkpoint page on a slow processor: verdicts by format, how soon it is ready, and from the camera to the verdict. */
export async function benchPage(): Promise<{ source: string; rows: Row[] }> {
  const station = await startStation();
  const browser = await startBrowser();
  try {
    const rows = [
      await coreInBrowser(browser),
      ...(await verdicts(browser, station)),
      ...(await readiness(browser, station)),
    ];
    const codes = station.samples.filter(
      ({ wire, expect }) =>
        typeof wire === 'string' &&
        wire.length >= SIZES.least &&
        wire.length <= SIZES.most &&
        expect.outcome === 'accept' &&
        (expect.for ?? REGION) === REGION,
    );
    const [least, most] = [codes.toSorted(byLength)[0]!, codes.toSorted(byLength).at(-1)!];
    for (const { wire } of [least, most]) rows.push(await frames(station, wire as string));
    const source = `Chromium ${browser.version()} with a processor ${SLOWER} times slower (CDP), ${station.samples.length} documents`;
    return { source, rows };
  } finally {
    await browser.close();
    await station.stop();
  }
}

const byLength = (one: { wire: string | Uint8Array }, other: { wire: string | Uint8Array }): number =>
  one.wire.length - other.wire.length;

async function slowed(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
}

/** The slowest of a hundred of each round, against what is wanted. In: ms, by round; a single one is a round of its own. */
function row(name: string, rounds: readonly (readonly number[])[], target: number): Row {
  const all = rounds.flat();
  const slowest = rounds.map((times) => at(times, 0.99));
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  const p99 = slowest.length === all.length ? '' : ` p99 of a round ${ms(quantile(slowest, 0.5))} ms,`;
  const said = `p50 ${ms(quantile(all, 0.5))} ms,${p99} the slowest ${ms(Math.max(...all))} ms of ${all.length}`;
  return rowOf(
    `${name}, against ${target} ms`,
    slowest.map((time) => time * 1000),
    target * 1000,
    said,
  );
}

/** Of a few dozen the slowest one. */
const at = (times: readonly number[], share: number): number =>
  times.toSorted((one, other) => one - other)[Math.ceil(times.length * share) - 1]!;

/** Text or file → verdict, all samples of a format in turn, good and bad; the first of each is looked at cold. */
async function verdicts(browser: Browser, station: Station): Promise<Row[]> {
  const pages: Map<string, number[]>[] = [];
  for (let i = 0; i < PAGES; i++) pages.push(await looks(browser, station));
  return [...pages[0]!.keys()].map((format) =>
    row(
      `verdict, ${format}`,
      pages.map((times) => times.get(format)!),
      VERDICT_MS,
    ),
  );
}

/** On a new page, by format, ms. */
async function looks(browser: Browser, station: Station): Promise<Map<string, number[]>> {
  const page = await (await browser.newContext()).newPage();
  await openEngines(page, station, [REGION]);
  await slowed(page);
  const formats = new Map<string, { text?: string; bytes?: string; beside?: string }[]>();
  for (const { format, wire, beside } of station.samples) {
    const documents = formats.get(format) ?? [];
    documents.push({
      ...(typeof wire === 'string' ? { text: wire } : { bytes: Buffer.from(wire).toString('base64') }),
      ...(beside === undefined ? {} : { beside: Buffer.from(beside).toString('base64') }),
    });
    formats.set(format, documents);
  }
  const found = new Map<string, number[]>();
  for (const [format, documents] of [...formats].sort()) {
    const times = await page.evaluate(
      async ({ documents, region, purpose, looks }) => {
        const engine = (globalThis as unknown as PageGlobals).engines.get(region)!;
        const octets = (text: string) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
        const presented = documents.map(({ text, bytes, beside }) =>
          text === undefined
            ? { bytes: octets(bytes!), ...(beside === undefined ? {} : { beside: octets(beside) }) }
            : { text },
        );
        const times: number[] = [];
        for (let i = 0; i < looks; i++) {
          const begin = performance.now();
          await engine.look(presented[i % presented.length]!, purpose);
          times.push(performance.now() - begin);
          // As between two vehicles: what is done behind may run.
          if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 0));
        }
        return times;
      },
      { documents, region: REGION, purpose: PURPOSE, looks: LOOKS },
    );
    found.set(format, times);
  }
  await page.context().close();
  return found;
}

const STARTS = 7;
const PASTES = 4;

/** From opening the page to the first screen, and to a desk that takes documents: by lists that were kept, without a network. */
async function readiness(browser: Browser, station: Station): Promise<Row[]> {
  const context = await browser.newContext({ locale: 'zh-CN' });
  await context.addInitScript(`
    globalThis.seen = {};
    new MutationObserver(() => {
      if (document.querySelector('main')) seen.first ??= performance.now();
      if (document.querySelector('.scan h1')) seen.desk ??= performance.now();
    }).observe(document, { subtree: true, childList: true });`);
  const page = await context.newPage();
  await page.goto(await station.pair({ id: 'bench' }));
  await page.locator('.scan h1').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await context.setOffline(true);
  await slowed(page);
  const seen: { first: number; desk: number }[] = [];
  for (let i = 0; i < STARTS; i++) {
    await page.reload();
    await page.locator('.scan h1').waitFor();
    seen.push(await page.evaluate(() => (globalThis as unknown as { seen: { first: number; desk: number } }).seen));
  }
  // From a burst of keys to the verdict on the screen, its receipt kept.
  const text = station.wire('330000', 'pass');
  const shown: number[] = [];
  for (let i = 0; i < PASTES * STARTS; i++) {
    shown.push(
      await page.evaluate(async (pasted) => {
        const begin = performance.now();
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', pasted);
        const there = new Promise<void>((resolve) => {
          new MutationObserver((_, observer) => {
            if (document.querySelector('.outcome') === null) return;
            observer.disconnect();
            requestAnimationFrame(() => resolve());
          }).observe(document, { subtree: true, childList: true });
        });
        window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
        await there;
        return performance.now() - begin;
      }, text),
    );
    await page.getByRole('button', { name: '关闭' }).click();
    await page.locator('.scan h1').waitFor();
  }
  await context.close();
  return [
    row(
      'first screen',
      seen.map(({ first }) => [first]),
      READY_MS,
    ),
    row(
      'desk ready by kept lists, without a network',
      seen.map(({ desk }) => [desk]),
      READY_MS,
    ),
    row(
      'pasted text → verdict on the screen',
      Array.from({ length: STARTS }, (_, round) => shown.slice(round * PASTES, (round + 1) * PASTES)),
      VERDICT_MS,
    ),
  ];
}

const FILMS = 7;

/** From the first frame that the camera gives to the verdict on the screen; the decoder is there after the first time. */
async function frames(station: Station, text: string): Promise<Row> {
  const film = join(station.place.folder, `bench-${text.length}.y4m`);
  await writeFilm(film, text);
  const browser = await startBrowser([
    // Frames would else go through a graphics card made of software.
    '--disable-gpu',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    const context = await browser.newContext({ locale: 'zh-CN', permissions: ['camera'] });
    await context.addInitScript(`
      new MutationObserver(() => {
        const video = document.querySelector('video');
        if (video && !video.watched) {
          video.watched = true;
          video.requestVideoFrameCallback(() => { globalThis.frame = performance.now(); });
        }
        if (document.querySelector('.outcome')) globalThis.shown ??= performance.now();
      }).observe(document, { subtree: true, childList: true });`);
    const page = await context.newPage();
    await page.goto(await station.pair({ id: `film-${text.length}` }));
    await page.locator('.scan h1').waitFor();
    await slowed(page);
    const times: number[] = [];
    for (let i = 0; i <= FILMS; i++) {
      await page.getByRole('button', { name: '打开摄像头' }).click();
      await page.locator('.outcome').waitFor();
      const time = await page.evaluate(() => {
        const { frame, shown } = globalThis as unknown as { frame: number; shown: number };
        (globalThis as unknown as { shown: number | undefined }).shown = undefined;
        return shown - frame;
      });
      if (i > 0) times.push(time);
      await page.getByRole('button', { name: '关闭' }).click();
      await page.getByRole('button', { name: '关闭摄像头' }).click();
    }
    return row(
      `camera frame → verdict, ${text.length} characters`,
      times.map((time) => [time]),
      FRAME_MS,
    );
  } finally {
    await browser.close();
  }
}
