import { parentPort, workerData } from 'node:worker_threads';
import { Broken } from '../document/broken.ts';
import type { FindingCode } from '../document/findings.ts';
import { type Code, createPictureReader } from './picture.ts';

// The thread of picture.node.ts: is given pictures, one after the other, and answers each. A failure to start is not caught: it
// ends the thread, which the other side notices.

export interface ThreadData {
  /** The decoder's code. */
  readonly wasm: Uint8Array;
}

export type Answer =
  | { readonly codes: Code[] }
  | { readonly detail: string; readonly code: FindingCode }
  | { readonly fault: unknown };

const port = parentPort!;
const reader = await createPictureReader((workerData as ThreadData).wasm);

port.on('message', async (bytes: Uint8Array) => {
  let answer: Answer;
  try {
    answer = { codes: await reader.read(bytes) };
  } catch (cause) {
    answer = cause instanceof Broken ? { detail: cause.message, code: cause.code } : { fault: cause };
  }
  port.postMessage(answer);
});
// That it is ready; what it says does not matter.
port.postMessage('ready');
