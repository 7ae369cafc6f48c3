import { useEffect, useState } from 'preact/hooks';
import type { Device, Registration } from '../device.ts';
import { useKeeping } from '../keeping.ts';
import { type Language, pick, say } from '../words.ts';
import { Pair } from './pair.tsx';

/** From nothing to a device that judges: registered, with lists. */
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
  const [cutOff, setCutOff] = useState(false);

  const { station, lists, send, ...known } = useKeeping(device, registration, clock, async () => {
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

  if (registration === undefined)
    return <Pair language={language} cutOff={cutOff} onPaired={(made) => void keep(made)} />;
  if (station === undefined || lists === undefined)
    return (
      <main class="pair">
        <h1>{say(language, 'title')}</h1>
        <p role="status">
          {known.trouble === undefined
            ? say(language, 'listsNone')
            : `${say(language, 'listsRefused')}: ${pick(known.trouble, language)}`}
        </p>
      </main>
    );
  const { App } = station;
  const { engine } = lists;
  return (
    <App
      surroundings={{ device, registration, clock, send }}
      engine={engine}
      state={{ ...known, environment: engine.standpoint.environment, lists: engine.age() }}
      language={language}
      onLanguage={onLanguage}
      onLane={(lane) => void keep({ ...registration, lane })}
    />
  );
}
