import address from 'virtual:core';

/**
 * Stands in place of src/crypto/core/module.ts: the same core as a file of its own, compiled beside the main thread, where
 * Chromium before 115 compiles at most 4 kB at once. Without it the portable arithmetic serves, and says the same.
 */
const compiled = await fetch(address)
  .then((answer) => answer.arrayBuffer())
  .then((bytes) => WebAssembly.compile(bytes))
  .catch((error: Error) => error);

export function coreModule(): WebAssembly.Module {
  if (compiled instanceof Error) throw new RangeError('the core cannot be had', { cause: compiled });
  return compiled;
}
