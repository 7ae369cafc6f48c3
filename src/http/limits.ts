import { MAX_INPUT_BYTES } from '../intake.ts';

/** What one caller may cost. Bytes, lines or milliseconds; openapi.yaml says the same and a test compares. */
export interface HttpLimits {
  /** A `text/plain` body. */
  readonly text: number;
  /** A picture or any other file as a raw body. */
  readonly file: number;
  /** A JSON body. ask.schema.json bounds what is in it: 1,000,000 characters of text, 14,000,000 of base64. */
  readonly json: number;
  /** One line of a batch. */
  readonly line: number;
  /** Lines of a batch, empty ones included. */
  readonly lines: number;
  /** Bodies held in memory at one time, all callers together: many large bodies must not end the process. */
  readonly held: number;
  /** Of these, one caller's: whoever sends slowly must not keep the others out. */
  readonly heldEach: number;
  /** Pictures that wait or are read at one time: they are read one after the other, each for up to ten seconds. */
  readonly pictures: number;
  /** For a request's head to arrive. */
  readonly headersMs: number;
  /** For a whole body to arrive: a body sent byte by byte must not hold a connection for ever. */
  readonly bodyMs: number;
  /** For a batch to move on, in either direction. */
  readonly stallMs: number;
  /** Work on a batch before others get their turn. */
  readonly sliceMs: number;
  /** For reading on after an answer that came before the body's end; closed at once, the caller might never see it. */
  readonly lingerMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const HTTP_LIMITS: HttpLimits = {
  text: MIB,
  file: MAX_INPUT_BYTES,
  json: 15 * MIB,
  line: MIB,
  lines: 100_000,
  held: 256 * MIB,
  heldEach: 64 * MIB,
  pictures: 8,
  headersMs: 10_000,
  bodyMs: 30_000,
  stallMs: 30_000,
  sliceMs: 5,
  lingerMs: 2_000,
};
