/**
 * A hardware scanner that acts as a keyboard: a burst of keys faster than anybody types, ended by Enter or by silence. It is
 * recognised wherever the focus is. Whether scanner and system agree on a keyboard layout nobody knows, and an input method may
 * swallow the characters: so what the keys say and what they would say on a US keyboard are both handed on.
 */
export interface Wedge {
  stop(): void;
}

/** Milliseconds between two keys of a burst at most, and how many make one. */
const GAP_MS = 50;
const LEAST = 8;
const MOST = 100_000;

/** What a key says on a US keyboard, plain and with shift. */
const US: ReadonlyMap<string, string> = new Map([
  ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((sign) => [`Key${sign}`, sign.toLowerCase() + sign] as const),
  ...[...')!@#$%^&*('].map((sign, i) => [`Digit${i}`, i + sign] as const),
  ['Minus', '-_'],
  ['Equal', '=+'],
  ['BracketLeft', '[{'],
  ['BracketRight', ']}'],
  ['Backslash', '\\|'],
  ['Semicolon', ';:'],
  ['Quote', '\'"'],
  ['Comma', ',<'],
  ['Period', '.>'],
  ['Slash', '/?'],
  ['Backquote', '`~'],
  ['Space', '  '],
]);

/** In: where keys come in, and what to do with a burst's readings, the likelier first. A burst inside a field is taken out of it again. */
export function listenForBursts(
  target: Window,
  clock: () => number,
  onText: (readings: readonly string[]) => void,
): Wedge {
  let text = '';
  let us = '';
  let last = 0;
  let ending: ReturnType<typeof setTimeout> | undefined;
  let field: { element: HTMLInputElement | HTMLTextAreaElement; before: string } | undefined;

  const end = (): void => {
    clearTimeout(ending);
    const readings = [...new Set([text, us])].filter((reading) => reading.length >= LEAST);
    text = us = '';
    if (readings.length === 0) return;
    // What the burst typed into a field was never meant for it.
    if (field !== undefined) {
      field.element.value = field.before;
      field.element.dispatchEvent(new Event('input', { bubbles: true }));
    }
    onText(readings);
  };

  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = clock();
    const quick = now - last <= GAP_MS;
    last = now;
    if (event.key === 'Enter' || event.key === 'Tab') {
      if (us.length >= LEAST && quick) {
        event.preventDefault();
        event.stopPropagation();
        end();
      } else text = us = '';
      return;
    }
    const plain = US.get(event.code)?.[event.shiftKey ? 1 : 0];
    if (event.key.length !== 1 && plain === undefined) return;
    // A sign of a code is no press of the button that was touched last.
    if (event.key === ' ' && quick && field === undefined) event.preventDefault();
    if (!quick) {
      text = us = '';
      const element = document.activeElement;
      field =
        element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
          ? { element, before: element.value }
          : undefined;
    }
    if (us.length >= MOST) return;
    if (event.key.length === 1) text += event.key;
    us += plain ?? event.key;
    clearTimeout(ending);
    ending = setTimeout(end, 3 * GAP_MS);
  };

  target.addEventListener('keydown', onKey, true);
  return {
    stop() {
      clearTimeout(ending);
      target.removeEventListener('keydown', onKey, true);
    },
  };
}
