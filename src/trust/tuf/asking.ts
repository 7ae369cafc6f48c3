import { TufRefusal } from './troubles.ts';

/** A file that the verifier wants next. */
export interface Want {
  /** `metadata/…` or `targets/…`, relative to where the store is served. */
  readonly name: string;
  /** Bytes: whoever fetches need not read further. */
  readonly limit: number;
}

/**
 * A procedure without any input or output of its own: it asks for files one after the other, and whoever drives it
 * (a folder, a bundle, a network) hands in bytes, or undefined where there is no such file.
 */
export type Asking<T> = Generator<Want, T, Uint8Array | undefined>;

/** Drives it from files in memory, by their names. */
export function answerFrom<T>(asking: Asking<T>, files: ReadonlyMap<string, Uint8Array>): T {
  let step = asking.next();
  while (!step.done) step = asking.next(files.get(step.value.name));
  return step.value;
}

/**
 * Drives it by a function that fetches: undefined where the server says that there is no such file. What it throws
 * (no network) ends everything, and nothing has changed.
 */
export async function answerBy<T>(
  asking: Asking<T>,
  fetch: (want: Want) => Promise<Uint8Array | undefined>,
): Promise<T> {
  let step = asking.next();
  while (!step.done) step = asking.next(await fetch(step.value));
  return step.value;
}

/** Asks for a file that must be there. @throws TufRefusal FILE_MISSING or TOO_LARGE */
export function* ask(role: string, name: string, limit: number): Asking<Uint8Array> {
  const bytes = yield { name, limit };
  if (bytes === undefined) throw new TufRefusal('FILE_MISSING', role, name);
  bounded(role, bytes, limit);
  return bytes;
}

/** A server that never stops sending is cut off by whoever fetches; this holds for all of them. */
export function bounded(role: string, bytes: Uint8Array, limit: number): void {
  if (bytes.length > limit) throw new TufRefusal('TOO_LARGE', role, `more than ${limit} bytes`);
}
