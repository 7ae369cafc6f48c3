import { useEffect, useRef, useState } from 'preact/hooks';
import type { useDesk } from '../desk.ts';
import { type Language, say } from '../words.ts';
import { CameraView } from './camera.tsx';
import { useSeldom } from './seldom.tsx';

export type Desk = ReturnType<typeof useDesk>;

/** Waiting for a document: every way to hand one in that can be seen, and the case that is being put together. */
export function ScanView({
  desk,
  kiosk,
  language,
}: {
  readonly desk: Desk;
  readonly kiosk: boolean;
  readonly language: Language;
}) {
  // Who has no phone comes to the counter.
  const [typing, setTyping] = useState(desk.lane.id === 'counter');
  // The next one's code would end it, and what is being written with it.
  const [correcting, setCorrecting] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const { members, notice, handlers, camera, setCamera, challenge, recorded } = desk;
  const Challenge = useSeldom(challenge !== undefined, async () => (await import('./challenge.tsx')).ChallengeView);
  const Typed = useSeldom(typing, async () => (await import('./typed.tsx')).Typed);
  const Tray = useSeldom(members !== undefined, async () => (await import('./tray.tsx')).Tray);
  const Recorded = useSeldom(recorded !== undefined, async () => (await import('./recorded.tsx')).RecordedView);
  // Where the result was that had it; else a keyboard or a reader of the screen begins at the top of the page each time.
  useEffect(() => heading.current!.focus({ preventScroll: true }), []);
  // Nobody stands by who could open it.
  useEffect(() => {
    if (kiosk && !camera) setCamera(true);
  }, [kiosk]);
  return (
    <section class="scan">
      <h1 ref={heading} tabIndex={-1}>
        {say(language, 'ready')}
      </h1>
      {/* Before all there is to press: on a telephone nobody sees what stands below that. */}
      <p class={notice && 'notice'} role="status">
        {say(language, notice ?? 'readyHint')}
      </p>
      {camera && !(recorded && correcting) && (
        <CameraView
          language={language}
          onCodes={handlers.onCodes}
          onStarted={handlers.onCameraStarted}
          onTrouble={(word) => {
            desk.tell(word);
            if (word === 'cameraNone') setCamera(false);
          }}
        />
      )}
      <div class="actions">
        <button type="button" onClick={() => setCamera(!camera)}>
          {say(language, camera ? 'cameraOff' : 'camera')}
        </button>
        <button type="button" onClick={() => file.current!.click()}>
          {say(language, 'file')}
        </button>
        <button type="button" onClick={() => setTyping(!typing)} aria-expanded={typing}>
          {say(language, 'type')}
        </button>
        {desk.putChallenge !== undefined && challenge === undefined && (
          <button type="button" onClick={desk.putChallenge}>
            {say(language, 'challenge')}
          </button>
        )}
        {members === undefined && (
          <button type="button" onClick={desk.begin}>
            {say(language, 'groupBegin')}
          </button>
        )}
      </div>
      {recorded && Recorded && (
        <Recorded
          recorded={recorded}
          correcting={correcting}
          language={language}
          onCorrecting={setCorrecting}
          onCorrect={desk.correct}
        />
      )}
      {challenge && Challenge && <Challenge challenge={challenge} language={language} onDrop={desk.dropChallenge} />}
      <input
        ref={file}
        type="file"
        multiple
        hidden
        aria-label={say(language, 'file')}
        onChange={(event) => {
          handlers.onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      {typing && Typed && (
        <Typed
          language={language}
          onTyped={(text) => {
            setTyping(false);
            handlers.onReference(text);
          }}
        />
      )}
      {members && Tray && <Tray count={members.length} desk={desk} language={language} />}
    </section>
  );
}
