import { useEffect, useRef } from 'preact/hooks';
import { NUMBER_IN_WORDS } from '../../../src/record/reason.ts';
import { type Language, say } from '../words.ts';

/** Why somebody is let pass by hand. */
export function ByHand({
  language,
  onDone,
}: {
  readonly language: Language;
  readonly onDone: (reason: string) => void;
}) {
  const reason = useRef<HTMLInputElement>(null);
  useEffect(() => reason.current!.focus(), []);
  return (
    <form
      class="by-hand"
      onSubmit={(event) => {
        event.preventDefault();
        const said = reason.current!.value.trim();
        if (said.length < 2 || NUMBER_IN_WORDS.test(said)) {
          reason.current!.setCustomValidity(say(language, 'reasonNeeded'));
          reason.current!.reportValidity();
        } else onDone(said);
      }}
    >
      <label>
        {say(language, 'reasonNeeded')}
        <input ref={reason} maxLength={300} onInput={(event) => event.currentTarget.setCustomValidity('')} />
      </label>
      <button type="submit">{say(language, 'byHand')}</button>
    </form>
  );
}
