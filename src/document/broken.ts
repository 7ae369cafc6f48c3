import type { FindingCode } from './findings.ts';

/**
 * A document that was recognised and then found damaged, or that passed a limit.
 *
 * Three kinds of trouble stay apart: *not mine* is a value (`undefined`, the next format is tried); *broken* is this
 * error, which the journey turns into a finding; *refused* is a verdict. Anything else that is thrown is our own fault.
 *
 * `detail` is for engineers (English, technical, never a value taken from the document: it may name a person).
 */
export class Broken extends Error {
  override readonly name = 'Broken';
  readonly code: FindingCode;
  /** The part that is broken: a codec's name, a JSON pointer or a file inside the document. */
  readonly part: string;

  constructor(part: string, detail: string, code: FindingCode = 'MALFORMED') {
    // Where in our code it was noticed says nothing, and to write that down costs more than reading the document.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail);
    Error.stackTraceLimit = stackTraceLimit;
    this.part = part;
    this.code = code;
  }
}

/** Runs; undefined where what is read is broken, and that only means that it does not count. */
export function unlessBroken<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}
