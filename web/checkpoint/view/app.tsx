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
  engine,
  state,
  language,
  onLanguage,
  onLane,
}: {
  readonly surroundings: Surroundings;
  readonly engine: Engine;
  readonly state: State;
  readonly language: Language;
  readonly onLanguage: () => void;
  readonly onLane: (lane: string) => void;
}) {
  const desk = useDesk(surroundings, engine, state.online);
  const { open } = desk;
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
        onLanguage={onLanguage}
        onLane={onLane}
      />
      <main>
        {open === undefined ? (
          <ScanView desk={desk} language={language} />
        ) : (
          <ResultView key={open.code} result={open} language={language} onDone={desk.close} />
        )}
      </main>
    </>
  );
}
