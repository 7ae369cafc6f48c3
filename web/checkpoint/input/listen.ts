import { listenForBursts } from './wedge.ts';

/** What can hand something in besides the camera. */
export interface Handlers {
  /** A hardware scanner's burst: its readings, the likelier first. */
  onReadings(texts: readonly string[]): void;
  /** A paste, or a reader of ID cards, city cards or plates. */
  onText(text: string): void;
  onFiles(files: readonly File[]): void;
}

const LONGEST = 100_000;

/**
 * Listens to scanner bursts, paste, files dropped anywhere, and readers: these hand a text over by the one event
 * `tongren-reader` with `{ detail: { text } }`. In: a function that gives today's handlers, of what is wanted. Out: how to stop.
 */
export function listen(target: Window, handlers: () => Partial<Handlers>): () => void {
  const wedge = listenForBursts(
    target,
    () => performance.now(),
    (texts) => handlers().onReadings?.(texts),
  );
  const stop = new AbortController();
  const { signal } = stop;
  target.addEventListener(
    'paste',
    (event) => {
      if (event.target instanceof HTMLInputElement) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const text = event.clipboardData?.getData('text/plain').trim() ?? '';
      if (files.length > 0) handlers().onFiles?.(files);
      else if (text !== '' && text.length <= LONGEST) handlers().onText?.(text);
    },
    { signal },
  );
  target.addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      handlers().onFiles?.([...(event.dataTransfer?.files ?? [])]);
    },
    { signal },
  );
  target.addEventListener('dragover', (event) => event.preventDefault(), { signal });
  target.addEventListener(
    'tongren-reader',
    (event) => {
      const text: unknown = (event as CustomEvent<{ text?: unknown }>).detail?.text;
      if (typeof text === 'string' && text.length <= LONGEST) handlers().onText?.(text);
    },
    { signal },
  );
  return () => {
    wedge.stop();
    stop.abort();
  };
}
