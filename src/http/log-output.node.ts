import { writeSync } from 'node:fs';

/** How often, and how long, whoever reads a pipe is waited for, ms. */
const TRIES = 20;
const WAIT_MS = 5;
const STANDARD_OUTPUT = 1;

/** Where lines go, one after the other. */
export interface Lines {
  write(line: string): void;
}

/**
 * Standard output for a gateway's log. A disk that is full, or a reader that has gone, costs lines and not the gateway: what cannot be
 * written is counted, and told in front of the first line that can be. (pino's own output waits for such a disk without an end.)
 * In: what makes a line of the number of those that were lost; how bytes are written, and how many of them were: as `writeSync`.
 */
export function logOutput(
  lost: (lines: number) => string,
  write: (bytes: Uint8Array) => number = (bytes) => writeSync(STANDARD_OUTPUT, bytes),
): Lines {
  let missing = 0;
  /** Half a line is out. */
  let torn = false;

  const written = (text: string): boolean => {
    let rest: Uint8Array = Buffer.from(torn ? `\n${text}` : text);
    const whole = rest.length;
    for (let tries = 0; rest.length > 0; ) {
      try {
        rest = rest.subarray(write(rest));
      } catch (error) {
        // Whoever was waited for in vain once is not waited for with every line.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || missing > 0 || ++tries > TRIES) break;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
      }
    }
    if (rest.length === 0) torn = false;
    else if (rest.length < whole) torn = true;
    return rest.length === 0;
  };

  return {
    write(line) {
      if (missing > 0 && written(lost(missing))) missing = 0;
      if (missing > 0 || !written(line)) missing += 1;
    },
  };
}
