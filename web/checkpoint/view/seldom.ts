import { useEffect, useState } from 'preact/hooks';

/** A part of the page that is seldom on it: loaded when it is first wanted, from what is kept here. Undefined until it is there. */
export function useSeldom<T>(wanted: boolean, load: () => Promise<T>): T | undefined {
  const [part, setPart] = useState<T>();
  useEffect(() => {
    if (wanted) void load().then((loaded) => setPart(() => loaded));
  }, [wanted]);
  return part;
}
