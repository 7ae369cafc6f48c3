import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Device, Registration } from '../device.ts';
import { fetchBundle, fetchPart, sender } from '../gateway.ts';
import type { Lists } from '../lists.ts';
import { type Language, say } from '../words.ts';
import { Pair } from './pair.tsx';
import type { State } from './top.tsx';

/** How often new lists are looked for, and how soon again where there was no network: not every device notices its return. */
const REFRESH_MS = 60_000;
const RETRY_MS = 5_000;

type Station = typeof import('../station.ts');
const loading: Promise<Station> = import('../station.ts');

/** From nothing to a device that judges: registered, with lists, kept fresh while there is a network. */
export function Shell({
  device,
  first,
  firstLanguage,
  clock,
}: {
  readonly device: Device;
  readonly first: Registration | undefined;
  readonly firstLanguage: Language;
  readonly clock: () => number;
}) {
  const [registration, setRegistration] = useState(first);
  const [language, setLanguage] = useState(firstLanguage);
  const [station, setStation] = useState<Station>();
  const [lists, setLists] = useState<Lists>();
  const [trouble, setTrouble] = useState<string>();
  const [online, setOnline] = useState(navigator.onLine);
  const [queued, setQueued] = useState(0);
  const [cutOff, setCutOff] = useState(false);
  const region = registration?.region;

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = `通认 · ${say(language, 'title')}`;
  }, [language]);

  const send = useMemo(() => {
    if (registration === undefined) return () => {};
    const run = sender(device, registration);
    return () => {
      device.queue.count().then(setQueued);
      run().then(async (said) => {
        if (said === 'cut-off') await onCutOff();
        setQueued(await device.queue.count());
      });
    };
  }, [registration]);

  const onCutOff = async (): Promise<void> => {
    // Receipts stay until somebody registers the device again; what it could judge by is gone.
    await device.forget();
    setCutOff(true);
    setRegistration(undefined);
    setLists(undefined);
    setTrouble(undefined);
  };

  useEffect(() => {
    if (registration === undefined) return;
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = async (): Promise<void> => {
      clearTimeout(timer);
      const reached = await look();
      clearTimeout(timer);
      if (!gone) timer = setTimeout(refresh, reached ? REFRESH_MS : RETRY_MS);
    };
    /** Out: whether the gateway was reached. */
    const look = async (): Promise<boolean> => {
      const asked = await fetchBundle(registration, await device.read<string>('etag'));
      if (gone) return true;
      if ('failed' in asked) {
        setOnline(false);
        if (asked.failed === 'cut-off') await onCutOff();
        return false;
      }
      setOnline(true);
      send();
      if (asked.got === undefined) return true;
      const { bytes, etag } = asked.got;
      try {
        const part = (sha256: string) => fetchPart(registration, sha256);
        const taken = await (await loading).takeBundle({ bundle: bytes, part }, device, registration, clock);
        if (taken.trouble === undefined) await device.write('etag', etag);
        if (gone) return true;
        setTrouble(taken.trouble);
        setLists(taken);
      } catch (error) {
        await told(error);
      }
      return true;
    };
    const told = async (error: unknown): Promise<void> => {
      const { NoLists } = await loading;
      if (!(error instanceof NoLists)) throw error;
      if (!gone) setTrouble(error.message);
    };
    loading
      .then(async (loaded) => {
        setStation(loaded);
        const kept = await loaded.keptLists(device, registration, clock);
        if (!gone && kept !== undefined) setLists(kept);
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
  }, [region, registration?.key]);

  const keep = async (changed: Registration): Promise<void> => {
    await device.write('registration', changed);
    setCutOff(false);
    setRegistration(changed);
  };

  if (registration === undefined)
    return <Pair language={language} cutOff={cutOff} onPaired={(made) => void keep(made)} />;
  if (station === undefined || lists === undefined)
    return (
      <main class="pair">
        <h1>{say(language, 'title')}</h1>
        <p role="status">
          {trouble === undefined ? say(language, 'listsNone') : `${say(language, 'listsRefused')}: ${trouble}`}
        </p>
      </main>
    );
  const { App } = station;
  return (
    <App
      surroundings={{ device, registration, clock, send }}
      engine={lists.engine}
      state={stateOf(lists, { online, trouble, queued, clock })}
      language={language}
      onLanguage={() => {
        const other = language === 'zh' ? 'en' : 'zh';
        setLanguage(other);
        void device.write('language', other);
      }}
      onLane={(lane) => void keep({ ...registration, lane })}
    />
  );
}

function stateOf(
  { engine }: Lists,
  now: { readonly online: boolean; readonly trouble: string | undefined; readonly queued: number; clock(): number },
): State {
  const { standpoint } = engine;
  const { clock: _, ...rest } = now;
  return { ...rest, environment: standpoint.environment, lists: engine.age() };
}
