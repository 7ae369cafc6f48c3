import { useState } from 'preact/hooks';
import { DISPOSITIONS, type Language, pick, say } from '../words.ts';
import { useSeldom } from './seldom.tsx';

export type Action = (typeof DISPOSITIONS)[number]['action'];

/** What was done, one touch for each; for one of them, why. */
export function Actions({
  language,
  onDone,
  onWriting,
}: {
  readonly language: Language;
  readonly onDone: (action: Action, reason?: string) => void;
  /** A reason is being written, which takes longer than a touch. */
  readonly onWriting?: () => void;
}) {
  const [byHand, setByHand] = useState(false);
  const ByHand = useSeldom(byHand, async () => (await import('./by-hand.tsx')).ByHand);
  return (
    <>
      <fieldset class="actions">
        <legend>{say(language, 'done')}</legend>
        {DISPOSITIONS.map((each) => (
          <button
            key={each.action}
            type="button"
            onClick={() => {
              if (each.action !== 'let-pass-by-hand') return onDone(each.action);
              setByHand(true);
              onWriting?.();
            }}
          >
            {pick(each, language)}
          </button>
        ))}
      </fieldset>
      {ByHand && <ByHand language={language} onDone={(reason) => onDone('let-pass-by-hand', reason)} />}
    </>
  );
}
