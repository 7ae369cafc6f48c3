import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Localized } from '../../src/document/generated/types.ts';
import { type Device, deviceFor, type Registration, regionsOf } from './device.ts';
import { fetchBundle, fetchPart, sender } from './gateway.ts';
import type { Lists } from './lists.ts';

/** How often new lists are looked for, and how soon again where there was no network: not every device notices its return. */
const REFRESH_MS = 60_000;
const RETRY_MS = 5_000;

/** What judges, loaded behind the first screen. */
export type Station = typeof import('./station.ts');
const loading: Promise<Station> = import('./station.ts');

/** What is known of lists, network and receipts; `app` once what judges is there. */
export interface Keeping {
  readonly station: Station | undefined;
  /** Of every region that judges here, the device's own first; undefined until all are there. */
  readonly lists: readonly Lists[] | undefined;
  /** Why new lists were not taken. */
  readonly trouble: Localized | undefined;
  readonly online: boolean;
  /** Receipts that still have to go up, and those that the gateway will never take. */
  readonly queued: number;
  readonly refused: number;
  /** Sends what is queued, if there is a network. */
  send(): void;
  /** Takes lists that somebody brought in a file. Out: whether they are in force now. */
  offer(bundle: Uint8Array): Promise<boolean>;
}

/**
 * Keeps a registered device's lists fresh and its receipts going up. In: what to do once the operator has cut it off. A
 * device that is not registered keeps nothing.
 */
export function useKeeping(
  device: Device,
  registration: Registration | undefined,
  clock: () => number,
  onCutOff: () => Promise<void>,
): Keeping {
  const [station, setStation] = useState<Station>();
  const [lists, setLists] = useState<readonly Lists[]>();
  const [trouble, setTrouble] = useState<Localized>();
  const offering = useRef<Keeping['offer']>(async () => false);
  const [online, setOnline] = useState(navigator.onLine);
  const [counts, setCounts] = useState({ queued: 0, refused: 0 });
  const { region, key } = registration ?? {};

  const send = useMemo(() => {
    if (registration === undefined) return () => {};
    const run = sender(device, registration);
    const count = async (): Promise<void> =>
      setCounts({ queued: await device.queue.count(), refused: await device.returned.count() });
    return async (): Promise<void> => {
      await count();
      if ((await run()) === 'cut-off') await onCutOff();
      await count();
    };
  }, [region, key]);

  useEffect(() => {
    if (registration === undefined) {
      setLists(undefined);
      setTrouble(undefined);
      return;
    }
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const regions = regionsOf(registration);
    const of = (each: string) => ({
      device: deviceFor(device, registration.region, each),
      registration: { ...registration, region: each },
    });
    // Only by lists that are in force does a device know that there is nothing newer.
    const inForce = new Map<string, Lists>();
    const use = (each: string, taken: Lists | undefined): void => {
      if (gone || taken === undefined) return;
      inForce.set(each, taken);
      const all = regions.flatMap((one) => inForce.get(one) ?? []);
      if (all.length === regions.length) setLists(all);
      setTrouble(all.map((one) => one.trouble).find((why) => why !== undefined));
    };
    const told = async (error: unknown): Promise<void> => {
      const { NoLists } = await loading;
      if (!(error instanceof NoLists)) throw error;
      if (!gone) setTrouble(error.why);
    };

    /** Out: whether the gateway was reached. */
    const lookFor = async (each: string): Promise<boolean> => {
      const own = of(each);
      const asked = await fetchBundle(
        own.registration,
        inForce.has(each) ? await own.device.read<string>('etag') : undefined,
      );
      if (gone) return true;
      if ('failed' in asked) {
        setOnline(false);
        if (asked.failed === 'cut-off') await onCutOff();
        return false;
      }
      setOnline(true);
      void send();
      if (asked.got === undefined) return true;
      const { bytes: bundle, etag } = asked.got;
      const part = (sha256: string) => fetchPart(registration, sha256);
      const { takeBundle } = await loading;
      const taken = await takeBundle({ bundle, part }, own.device, own.registration, clock);
      if (taken.trouble === undefined) await own.device.write('etag', etag);
      use(each, taken);
      return true;
    };
    const look = async (): Promise<boolean> => {
      for (const each of regions) if (!(await lookFor(each))) return false;
      return true;
    };
    offering.current = async (bundle) => {
      try {
        const { seedFor, takeBundle } = await loading;
        const { region: each, part } = seedFor(bundle, regions);
        const own = of(each);
        const taken = await takeBundle({ bundle, part }, own.device, own.registration, clock);
        use(each, taken);
        return taken.trouble === undefined;
      } catch (error) {
        await told(error);
        return false;
      }
    };
    const refresh = async (): Promise<void> => {
      clearTimeout(timer);
      const reached = await look().catch(async (error: unknown) => {
        await told(error);
        return true;
      });
      clearTimeout(timer);
      if (gone) return;
      // Lists grow old on the screen though nothing comes.
      setCounts((now) => ({ ...now }));
      timer = setTimeout(refresh, reached ? REFRESH_MS : RETRY_MS);
    };

    loading
      .then(async (loaded) => {
        setStation(loaded);
        for (const each of regions) {
          const own = of(each);
          use(each, await loaded.keptLists(own.device, own.registration, clock));
        }
      })
      .catch(told)
      .then(refresh);
    const onNetwork = (): void => {
      setOnline(navigator.onLine);
      if (navigator.onLine) void refresh();
    };
    window.addEventListener('online', onNetwork);
    window.addEventListener('offline', onNetwork);
    return () => {
      gone = true;
      clearTimeout(timer);
      window.removeEventListener('online', onNetwork);
      window.removeEventListener('offline', onNetwork);
    };
  }, [region, key]);

  return {
    station,
    lists,
    trouble,
    online,
    ...counts,
    send: () => void send(),
    offer: (bundle) => offering.current(bundle),
  };
}
