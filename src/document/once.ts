/** What is worked out when it is first asked for, and kept. Where it throws, it is worked out anew the next time. */
export function once<T>(make: () => T): () => T {
  let made: { readonly it: T } | undefined;
  return () => {
    made ??= { it: make() };
    return made.it;
  };
}
