import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import type * as PageStation from '../../web/checkpoint/station.ts';
import type { Station } from './station.ts';

/** What stands in the page after `openEngines`. */
export interface PageGlobals {
  readonly station: typeof PageStation;
  /** By verifying region. */
  readonly engines: Map<string, Awaited<ReturnType<typeof PageStation.takeBundle>>['engine']>;
}

/**
 * Loads the page's own script as it is served, and hands it the gateway's bundle for each region, as of `now` (epoch ms; the
 * page's clock if absent). What the device would keep is dropped.
 */
export async function openEngines(
  page: Page,
  { url, root }: Pick<Station, 'url' | 'root'>,
  regions: readonly string[],
  now?: number,
): Promise<void> {
  await page.goto(`${url}/checkpoint/`);
  const worker = await (await fetch(`${url}/checkpoint/service-worker.js`)).text();
  const [, script] = /"(station-[^"]+\.js)"/.exec(worker)!;
  // As text, because what runs the tests would write its own words for `import`.
  await page.evaluate(`import('/checkpoint/${script}').then((station) => { globalThis.station = station; })`);
  await page.evaluate(
    async ({ regions, root, now }) => {
      const globals = globalThis as unknown as { -readonly [key in keyof PageGlobals]: PageGlobals[key] };
      globals.engines = new Map();
      for (const region of regions) {
        const device = { read: async () => undefined, writeAll: async () => {} } as never;
        const registration = { v: 1, place: 'G2-01', lane: 'person', region, root } as const;
        const get = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());
        const bundle = await get(`/v1/bundle?for=${region}`);
        const part = (sha256: string) => get(`/v1/bundle/parts/${sha256}`);
        const clock = now === undefined ? Date.now : () => now;
        globals.engines.set(
          region,
          (await globals.station.takeBundle({ bundle, part }, device, registration, clock)).engine,
        );
      }
    },
    { regions, root: createHash('sha256').update(root).digest('hex'), now },
  );
}
