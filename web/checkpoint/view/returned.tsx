import { useState } from 'preact/hooks';
import type { Device, Returned } from '../device.ts';
import { type Language, say } from '../words.ts';

/** Hands receipts that the gateway never takes to the operator, as a file; only what was saved can be cleared. */
export function HandOn({
  returned,
  onCleared,
  language,
}: {
  readonly returned: Device['returned'];
  readonly onCleared: () => void;
  readonly language: Language;
}) {
  const [saved, setSaved] = useState<readonly Returned[]>();
  const save = async (): Promise<void> => {
    const all = await returned.list();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify(all, null, 2)], { type: 'application/json' }));
    link.download = 'tongren-receipts.json';
    link.click();
    setSaved(all);
  };
  const clear = async (): Promise<void> => {
    await returned.remove(saved!);
    onCleared();
  };
  return (
    <>
      <button type="button" onClick={save}>
        {say(language, 'returnedSave')}
      </button>
      {saved && (
        <button type="button" onClick={clear}>
          {say(language, 'returnedClear')}
        </button>
      )}
    </>
  );
}
