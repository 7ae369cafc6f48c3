import type { Recorded } from '../desk.ts';
import { DISPOSITIONS, type Language, pick, say } from '../words.ts';
import { type Action, Actions } from './actions.tsx';

/**
 * What was noted last, until the next document: a wet finger finds the wrong button, and what is noted goes to the gateway. A correction
 * is noted behind it, and holds; what was noted first stays in the receipt.
 */
export function RecordedView({
  recorded,
  correcting,
  language,
  onCorrecting,
  onCorrect,
}: {
  readonly recorded: Recorded;
  /** Whether it is being put right. */
  readonly correcting: boolean;
  readonly language: Language;
  readonly onCorrecting: (correcting: boolean) => void;
  readonly onCorrect: (action: Action, reason?: string) => void;
}) {
  const { code, action } = recorded;
  return (
    <div class="recorded">
      <p role="status">
        {say(language, 'recorded')} <b>{pick(DISPOSITIONS.find((each) => each.action === action)!, language)}</b> ·{' '}
        {say(language, 'caseCode')} <b class="code">{code}</b>
      </p>
      {correcting ? (
        <Actions
          language={language}
          onDone={(corrected, reason) => {
            onCorrecting(false);
            onCorrect(corrected, reason);
          }}
        />
      ) : (
        <button type="button" onClick={() => onCorrecting(true)}>
          {say(language, 'correct')}
        </button>
      )}
    </div>
  );
}
