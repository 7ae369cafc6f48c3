import { useRef } from 'preact/hooks';
import { type Language, say } from '../words.ts';
import type { Desk } from './scan.tsx';

/** The case that is being put together. */
export function Tray({
  count,
  desk,
  language,
}: {
  readonly count: number;
  readonly desk: Desk;
  readonly language: Language;
}) {
  const occupants = useRef<HTMLInputElement>(null);
  return (
    <fieldset class="tray">
      <legend>
        {say(language, 'group')} · {count}
      </legend>
      <label>
        {say(language, 'occupants')}
        <input ref={occupants} type="number" min={0} max={200} inputMode="numeric" />
      </label>
      <button
        type="button"
        class="main"
        disabled={count === 0}
        onClick={() => {
          const { value } = occupants.current!;
          desk.finish(value === '' ? undefined : Number(value));
        }}
      >
        {say(language, 'groupEnd')}
      </button>
      <button type="button" disabled={count === 0} onClick={desk.drop}>
        {say(language, 'groupDrop')}
      </button>
    </fieldset>
  );
}
