import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Language, say } from '../words.ts';

interface Said {
  readonly language: Language;
}
type View<Props> = (props: Props) => ComponentChildren;

/**
 * A part of the screen that is seldom on it: loaded when it is first wanted, from what is kept here. Undefined until it is there; where it
 * can be had neither from here nor from the gateway, that is said in its place.
 */
export function useSeldom<Props extends Said>(
  wanted: boolean,
  load: () => Promise<View<Props>>,
): View<Props> | undefined {
  const [view, setView] = useState<View<Props>>();
  useEffect(() => {
    if (wanted)
      void load().then(
        (loaded) => setView(() => loaded),
        () => setView(() => Missing),
      );
  }, [wanted]);
  return view;
}

const Missing = ({ language }: Said) => <p role="status">{say(language, 'partMissing')}</p>;
