import { useRef } from 'preact/hooks';
import { type Language, say } from '../words.ts';

/** A plate or a number, where there is no code. */
export function Typed({
  language,
  onTyped,
}: {
  readonly language: Language;
  readonly onTyped: (text: string) => void;
}) {
  const typed = useRef<HTMLInputElement>(null);
  return (
    <form
      class="typed"
      onSubmit={(event) => {
        event.preventDefault();
        const text = typed.current!.value.trim();
        if (text !== '') onTyped(text);
      }}
    >
      <label>
        {say(language, 'typeLabel')}
        <input ref={typed} maxLength={60} />
      </label>
      <button type="submit">{say(language, 'look')}</button>
    </form>
  );
}
