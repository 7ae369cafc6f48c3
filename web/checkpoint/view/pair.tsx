import { useEffect, useState } from 'preact/hooks';
import { type Registration, registrationOf } from '../device.ts';
import { listen } from '../input/listen.ts';
import { type Language, say } from '../words.ts';
import { CameraView } from './camera.tsx';

/** Registers this device: by the link itself, by scanning the operator's code, or by pasting it. */
export function Pair({
  language,
  cutOff,
  onPaired,
}: {
  readonly language: Language;
  readonly cutOff: boolean;
  readonly onPaired: (registration: Registration) => void;
}) {
  // What is left of the address was no link: a good one is taken before this is shown (main.tsx).
  const [bad, setBad] = useState(location.hash !== '');
  const [camera, setCamera] = useState(false);
  const take = (texts: readonly string[]): void => {
    const found = texts.map(registrationOf).find((each) => each !== undefined);
    setBad(found === undefined);
    if (found !== undefined) onPaired(found);
  };
  useEffect(() => listen(window, () => ({ onReadings: take, onText: (text) => take([text]) })), []);
  return (
    <main class="pair">
      <h1>{say(language, 'pair')}</h1>
      {cutOff && (
        <p class="trouble" role="alert">
          {say(language, 'cutOff')}
        </p>
      )}
      <p>{say(language, 'pairHint')}</p>
      {camera && (
        <CameraView
          language={language}
          onCodes={async (texts) => take(texts)}
          onTrouble={(word) => word === 'cameraNone' && setCamera(false)}
        />
      )}
      <div class="actions">
        <button type="button" onClick={() => setCamera(!camera)}>
          {say(language, camera ? 'cameraOff' : 'camera')}
        </button>
      </div>
      <label class="typed">
        {say(language, 'pair')}
        <input
          onInput={(event) => {
            const { value } = event.currentTarget;
            if (value.length > 40) take([value]);
          }}
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value !== '') take([value]);
          }}
        />
      </label>
      <p class="notice" role="status">
        {bad ? say(language, 'pairBad') : ''}
      </p>
    </main>
  );
}
