import { useEffect, useRef, useState } from 'preact/hooks';
import type { Device, Registration } from '../device.ts';
import { listen } from '../input/listen.ts';
import { type Keeping, useKeeping } from '../keeping.ts';
import { type Language, pick, say } from '../words.ts';
import { Pair } from './pair.tsx';

/** From nothing to a device that judges: registered, with lists. */
export function Shell({
  device,
  first,
  firstLanguage,
  firstMuted,
  clock,
}: {
  readonly device: Device;
  readonly first: Registration | undefined;
  readonly firstLanguage: Language;
  readonly firstMuted: boolean;
  readonly clock: () => number;
}) {
  const [registration, setRegistration] = useState(first);
  const [language, setLanguage] = useState(firstLanguage);
  const [muted, setMuted] = useState(firstMuted);
  const [cutOff, setCutOff] = useState(false);

  const keeping = useKeeping(device, registration, clock, async () => {
    // Receipts stay until somebody registers the device again; what it could judge by is gone.
    await device.forget();
    setCutOff(true);
    setRegistration(undefined);
  });

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = `通认 · ${say(language, 'title')}`;
  }, [language]);

  const keep = async (changed: Registration): Promise<void> => {
    await device.write('registration', changed);
    setCutOff(false);
    setRegistration(changed);
  };
  const onLanguage = (): void => {
    const other = language === 'zh' ? 'en' : 'zh';
    setLanguage(other);
    void device.write('language', other);
  };
  const onMuted = (): void => {
    setMuted(!muted);
    void device.write('muted', !muted);
  };

  if (registration === undefined)
    return <Pair language={language} cutOff={cutOff} onPaired={(made) => void keep(made)} />;
  const { station, lists, send, offer, ...known } = keeping;
  if (station === undefined || lists === undefined) return <Waiting keeping={keeping} language={language} />;
  const { App } = station;
  const engines = lists.map((each) => each.engine);
  return (
    <App
      surroundings={{ device, registration, clock, send, offer, sounds: !muted }}
      engines={engines}
      state={{ ...known, muted, environment: engines[0]!.standpoint.environment, lists: engines[0]!.age() }}
      language={language}
      onLanguage={onLanguage}
      onMuted={onMuted}
      onLane={(lane) => void keep({ ...registration, lane })}
    />
  );
}

/** Registered, and without lists: they come by the network, or in a file that the operator gave. */
function Waiting({ keeping, language }: { readonly keeping: Keeping; readonly language: Language }) {
  const file = useRef<HTMLInputElement>(null);
  const { trouble, offer } = keeping;
  const take = async (files: readonly File[]): Promise<void> => {
    for (const each of files) await offer(new Uint8Array(await each.arrayBuffer()));
  };
  useEffect(() => listen(window, () => ({ onFiles: take })), []);
  return (
    <main class="pair">
      <h1>{say(language, 'title')}</h1>
      <p role="status">
        {trouble === undefined
          ? say(language, 'listsNone')
          : `${say(language, 'listsRefused')}: ${pick(trouble, language)}`}
      </p>
      <div class="actions">
        <button type="button" onClick={() => file.current!.click()}>
          {say(language, 'listsFile')}
        </button>
      </div>
      <input
        ref={file}
        type="file"
        multiple
        hidden
        aria-label={say(language, 'listsFile')}
        onChange={(event) => {
          void take([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </main>
  );
}
