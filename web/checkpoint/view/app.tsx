import { useEffect, useRef } from 'preact/hooks';
import { type Surroundings, useDesk } from '../desk.ts';
import type { Engine } from '../engine.ts';
import { listen } from '../input/listen.ts';
import type { Language } from '../words.ts';
import { ResultView } from './result.tsx';
import { ScanView } from './scan.tsx';
import { type State, TopBar } from './top.tsx';

/** The desk: waiting for a document, or showing what came of it. */
export function App({
  surroundings,
  engines,
  state,
  language,
  onLanguage,
  onMuted,
  onLane,
}: {
  readonly surroundings: Surroundings;
  /** Of every region that judges here, the device's own first. */
  readonly engines: readonly Engine[];
  readonly state: State;
  readonly language: Language;
  readonly onLanguage: () => void;
  readonly onMuted: () => void;
  readonly onLane: (lane: string) => void;
}) {
  const desk = useDesk(surroundings, engines, state.online);
  const { open } = desk;
  const kiosk = surroundings.registration.profile === 'kiosk';
  const latest = useRef(desk.handlers);
  latest.current = desk.handlers;
  useEffect(() => listen(window, () => latest.current), []);
  return (
    <>
      <TopBar
        state={state}
        lane={desk.lane}
        place={surroundings.registration.place}
        language={language}
        regions={engines.map(({ standpoint }) => standpoint.regions.get(standpoint.region)!.name)}
        returned={surroundings.device.returned}
        onLanguage={onLanguage}
        onMuted={onMuted}
        onCleared={surroundings.send}
        onLane={kiosk ? undefined : onLane}
      />
      <main>
        {open === undefined ? (
          <ScanView desk={desk} kiosk={kiosk} language={language} />
        ) : (
          <ResultView key={open.code} result={open} kiosk={kiosk} language={language} onDone={desk.close} />
        )}
      </main>
    </>
  );
}
