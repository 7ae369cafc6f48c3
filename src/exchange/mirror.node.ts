import axios, { type AxiosError } from 'axios';
import { SourceError, type StoreSource } from '../region/source.node.ts';
import { isTooLarge, isTooSlow, OUTGOING } from './outgoing.ts';

/**
 * A published store at an address: static files over HTTP, which anyone may serve. Sizes and times are bounded, nothing
 * is inflated, no redirect is followed and no proxy asked; whether the files are good is the verifier's to say, so plain
 * http is as good as https.
 */
const IDLE_MS = 10_000;
const FILE_MS = 30_000;
/** The one file that is asked for again and again, and changes under the same name. */
const ASKED_AGAIN = 'metadata/timestamp.json';

interface Seen {
  readonly etag: string;
  readonly bytes: Uint8Array;
}

/** In: the address that `metadata/` and `targets/` lie under. */
export function mirror(address: string): StoreSource {
  const base = address.replace(/\/*$/, '/');
  const http = axios.create({
    ...OUTGOING,
    timeout: IDLE_MS,
    validateStatus: (status) => ANSWERS.includes(status),
  });
  let seen: Seen | undefined;
  return {
    name: base,
    async fetch({ name, limit }, signal) {
      const known = name === ASKED_AGAIN ? seen : undefined;
      const answer = await http
        .get<ArrayBuffer>(`${base}${name.split('/').map(encodeSegment).join('/')}`, {
          maxContentLength: limit,
          signal: AbortSignal.any([AbortSignal.timeout(FILE_MS), ...(signal === undefined ? [] : [signal])]),
          headers: known === undefined ? {} : { 'If-None-Match': known.etag },
        })
        .catch((error: AxiosError) => {
          throw troubleOf(error, base);
        });
      if (answer.status === 304 && known !== undefined) return known.bytes;
      if (answer.status !== 200) {
        if (answer.status === 304)
          throw new SourceError('bad-answer', `${base}: 304 to a question without a condition`);
        return undefined;
      }
      const bytes = new Uint8Array(answer.data);
      const { etag } = answer.headers;
      if (name === ASKED_AGAIN) seen = typeof etag === 'string' && etag.length < 200 ? { etag, bytes } : undefined;
      return bytes;
    },
  };
}

/** 403 is how object stores say that there is no such file to those who may not list them. */
const ANSWERS = [200, 304, 403, 404, 410];

/** Metadata names are escaped already, so that they stay in their folder; the escape itself must survive the address. */
const encodeSegment = (segment: string): string => encodeURIComponent(segment);

function troubleOf(error: AxiosError, base: string): SourceError {
  if (isTooSlow(error)) return new SourceError('too-slow', `${base}: no whole answer in time`);
  if (error.response !== undefined) return new SourceError('bad-answer', `${base}: HTTP ${error.response.status}`);
  if (isTooLarge(error)) return new SourceError('too-large', `${base}: more than was asked for`);
  return new SourceError('unreachable', `${base}: ${error.code ?? error.name}`);
}
