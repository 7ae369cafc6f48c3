import pino, { type DestinationStream } from 'pino';
import { CORE_KINDS } from '../crypto/core/use.ts';
import { logOutput } from './log-output.node.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Everything that can be logged. No caller brings words of its own: a sentence could carry a name. */
const EVENTS = {
  request: { level: 'info', says: 'request' },
  'not-http': { level: 'info', says: 'what came was no HTTP request' },
  internal: { level: 'error', says: 'our fault' },
  'caller-refused': { level: 'warn', says: 'a request was refused that no honest caller sends' },
  listening: { level: 'info', says: 'listening' },
  closing: { level: 'info', says: 'closing' },
  'lines-lost': { level: 'error', says: 'lines of this log could not be written' },
  'store-failed': { level: 'error', says: 'the store of receipts failed' },
  exchange: { level: 'info', says: 'an exchange with another region' },
  undelivered: { level: 'warn', says: 'a region could not be told; it is tried again' },
  'receipts-entered': {
    level: 'info',
    says: 'receipts were entered into their log; whoever keeps the head can tell later what became of them',
  },
  tidied: { level: 'info', says: 'what is over was forgotten' },
  'keys-read': { level: 'info', says: 'API keys were read' },
  'store-taken': { level: 'info', says: 'what is in force of the trust store has changed, or what is wrong with it' },
  'store-refused': { level: 'error', says: 'what is offered of the trust store is refused; the last good one goes on' },
  'store-silent': { level: 'warn', says: 'a source of the trust store does not answer' },
  'keys-refused': { level: 'error', says: 'API keys could not be read; those before go on' },
  'core-differed': {
    level: 'error',
    says: 'two checks of one signature differ: it was taken for bad; there may be more of them in this minute',
  },
  'tls-read': { level: 'info', says: 'the key and certificate of TLS were read' },
  'tls-refused': { level: 'error', says: 'the key and certificate of TLS cannot be used; those before go on' },
} as const satisfies Record<string, { level: Exclude<LogLevel, 'silent'>; says: string }>;

export type LogEvent = keyof typeof EVENTS;

type Check = (value: unknown) => boolean;

const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const flag: Check = (value) => typeof value === 'boolean';
const text =
  (form: RegExp): Check =>
  (value) =>
    typeof value === 'string' && value.length <= 120 && form.test(value);
const list =
  (form: RegExp): Check =>
  (value) =>
    Array.isArray(value) && value.length <= 40 && value.every(text(form));

/**
 * The fields a log line may have, and what each may hold. An allow-list of names *and* of forms: whatever is added to a
 * request, a document or an error later stays out of the log until somebody writes it down here. Han characters, spaces,
 * `@`, quotes and eighteen digits in a row fit none of the forms.
 */
const FIELDS = {
  /** Made by us, never taken from a request. */
  id: text(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  method: text(/^[A-Z-]{1,20}$/),
  /** As the route's table writes it, never the path that was asked for. */
  route: text(/^(\/[a-z0-9.{}-]*){1,6}$/),
  status: number,
  ms: number,
  bytesIn: number,
  bytesOut: number,
  lines: number,
  /** A key's id, from the configuration, or `<region>/<id>` of a member's system; of an exchange, of a key as well. */
  caller: text(/^(?!.*[0-9]{8})([a-z][a-z0-9-]{1,39}|[0-9]{6}\/[a-z][a-z0-9-]{0,39})$/),
  outcome: text(/^[a-z]{4,20}$/),
  reasons: list(/^[A-Z][A-Z0-9_]{2,50}$/),
  problem: text(/^[a-z][a-z-]{2,40}$/),
  problems: number,
  /** The caller went away before the answer was out. */
  aborted: flag,
  incident: text(/^[0-9a-f]{12}$/),
  error: text(/^[A-Z][A-Za-z]{0,40}$/),
  frames: list(/^[A-Za-z0-9._/-]{1,100}:[0-9]{1,6}:[0-9]{1,6}$/),
  /** Of the trust store: files and entries that cannot be used. */
  rejected: number,
  /** Of a database's trouble, or of the trust store's. */
  code: text(/^[a-z]{2,20}(-[a-z]{2,20}){0,3}$/),
  /** Of an exchange, or of what another region is told: made by us. */
  exchange: text(/^([0-7][0-9A-HJKMNP-TV-Z]{25})?$/),
  notice: text(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
  /** Of a region in the trust store. */
  region: text(/^[0-9]{6}$/),
  kind: text(/^[a-z-]{2,30}$/),
  state: text(/^[a-z]{2,20}$/),
  keys: number,
  destroyedKeys: number,
  forgottenIds: number,
  removed: number,
  /** Of the log of receipts: a stretch, how much is in it, and its head. */
  number,
  entries: number,
  head: text(/^[0-9a-f]{64}$/),
  curve: text(new RegExp(`^(${CORE_KINDS.join('|')})$`)),
  /** What the core found a signature. */
  core: text(/^(good|bad)$/),
  pid: number,
  url: text(/^https?:\/\/[a-z0-9.:[\]]{1,60}$/),
} as const satisfies Record<string, Check>;

export type LogFields = { readonly [Name in keyof typeof FIELDS]?: unknown };

/** Where the gateway writes what it does. */
export interface Log {
  write(event: LogEvent, fields?: LogFields): void;
}

/**
 * A log that cannot hold an identity: events come from a table, fields from an allow-list. What does not fit is left out
 * and counted as `refused`. In: the least level written, and where to (standard output if absent).
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = { level, base: null, formatters: { log: allowed } };
  const logger = pino(options, destination ?? logOutput(lostLines()));
  return {
    write(event, fields = {}) {
      const row = EVENTS[event];
      logger[row.level](fields, row.says);
    },
  };
}

/** Makes the line that tells how many were lost. */
function lostLines(): (lines: number) => string {
  let written = '';
  const log = createLog('error', {
    write(line) {
      written = line;
    },
  });
  return (lines) => {
    log.write('lines-lost', { lines });
    return written;
  };
}

/** What of these fields may be written. */
export function allowed(fields: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  let refused = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const check: Check | undefined = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof typeof FIELDS] : undefined;
    if (check?.(value)) kept[name] = value;
    else refused += 1;
  }
  if (refused > 0) kept['refused'] = refused;
  return kept;
}

/**
 * Where an error came from: its class, and file, line and column of its innermost calls. Never its message, which may
 * quote what was being read (V8's own JSON errors do), nor a function's name.
 */
export function traceOf(error: unknown): Pick<LogFields, 'error' | 'frames'> {
  if (!(error instanceof Error)) return { error: 'NoError' };
  return { error: error.name, frames: framesOf(error) };
}

function framesOf({ stack, message }: Error): string[] {
  if (typeof stack !== 'string') return [];
  // The stack begins with the message as it was when the error was made: only what stands behind it is ours.
  const from = stack.indexOf(message);
  if (from < 0) return [];
  const calls = stack.slice(from + message.length).matchAll(FRAME);
  return [...calls].slice(0, 8).map((match) => match[1]!);
}

const FRAME = /^ {4}at [^\n]*?([A-Za-z0-9._-]+\/[A-Za-z0-9._-]+:\d{1,6}:\d{1,6})\)?$/gm;
