import type {
  DeviceReceiptsAnswer,
  OpenedChallenge,
  Receipt,
  Reference,
  Verdict,
} from '../../src/document/generated/types.ts';
import type { Device, Registration } from './device.ts';

/** What came of asking the gateway. `cut-off`: the operator has taken this device's key away. */
export type Asked<T> = { readonly got: T } | { readonly failed: 'no-network' | 'cut-off' | 'refused' };

const TIMEOUT_MS = 20_000;
const MOST_AT_ONCE = 100;

async function ask(path: string, { key }: Registration, init: RequestInit): Promise<Asked<Response>> {
  const headers = new Headers(init.headers);
  if (key !== undefined) headers.set('Authorization', `Bearer ${key}`);
  try {
    const signal = init.signal ?? AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(path, { ...init, headers, signal, cache: 'no-store' });
    if (answer.status === 401) return { failed: 'cut-off' };
    return answer.ok || answer.status === 304 ? { got: answer } : { failed: 'refused' };
  } catch {
    return { failed: 'no-network' };
  }
}

/** The newest bundle of this device's region; `undefined` if it is the one that was taken last. */
export async function fetchBundle(
  registration: Registration,
  etag: string | undefined,
): Promise<Asked<{ readonly bytes: Uint8Array; readonly etag: string | undefined } | undefined>> {
  const headers: HeadersInit = etag === undefined ? {} : { 'If-None-Match': etag };
  const asked = await ask(`/v1/bundle?for=${registration.region}`, registration, { headers });
  if ('failed' in asked) return asked;
  const { got } = asked;
  if (got.status === 304) return { got: undefined };
  try {
    return { got: { bytes: new Uint8Array(await got.arrayBuffer()), etag: got.headers.get('ETag') ?? undefined } };
  } catch {
    return { failed: 'no-network' };
  }
}

/** A part of a bundle, by its SHA-256 (hex). */
export async function fetchPart(registration: Registration, sha256: string): Promise<Uint8Array | undefined> {
  const asked = await ask(`/v1/bundle/parts/${sha256}`, registration, {});
  return 'failed' in asked ? undefined : new Uint8Array(await asked.got.arrayBuffer());
}

/** Sends queued receipts, the oldest first, until there are none or the network is gone. One at a time runs. */
export function sender(device: Device, registration: Registration): () => Promise<'cut-off' | undefined> {
  let running: Promise<'cut-off' | undefined> | undefined;
  const run = async (): Promise<'cut-off' | undefined> => {
    for (;;) {
      const receipts = await device.queue.list(MOST_AT_ONCE);
      if (receipts.length === 0) return undefined;
      const body = JSON.stringify({ receipts });
      const headers = { 'Content-Type': 'application/json' };
      const asked = await ask('/v1/receipts', registration, { method: 'POST', headers, body });
      if ('failed' in asked) return asked.failed === 'cut-off' ? 'cut-off' : undefined;
      const { taken, refused } = (await asked.got.json()) as DeviceReceiptsAnswer;
      const sent = (wanted: string): Receipt[] => receipts.filter(({ id }) => id === wanted);
      // What the gateway will never take is not sent for ever: it waits for the operator, kept before it leaves the queue.
      const returned = refused.flatMap(({ id, ...why }) => sent(id).map((receipt) => ({ receipt, ...why })));
      await device.returned.add(returned);
      await device.queue.remove([...taken.flatMap(sent), ...returned.map(({ receipt }) => receipt)]);
    }
  };
  return () => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

const ASK_MS = 8_000;

/** What is put to the gateway, and the answer as JSON; undefined where it gives none. */
async function told<T>(path: string, body: object, registration: Registration): Promise<T | undefined> {
  const answer = await ask(path, registration, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Tongren-Checkpoint': registration.place },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ASK_MS),
  });
  if ('failed' in answer) return undefined;
  try {
    return (await answer.got.json()) as T;
  } catch {
    return undefined;
  }
}

/** For whom, and what for. */
interface For {
  readonly region: string;
  readonly purpose: string;
}

/** A challenge for a holder's app to answer at this checkpoint, with its code to be drawn. Undefined where there is none to be had. */
export const askChallenge = (
  { region, purpose }: For,
  registration: Registration,
): Promise<OpenedChallenge | undefined> =>
  told('/v1/challenges', { for: region, purpose, checkpoint: registration.place, picture: true }, registration);

/** The gateway's verdict on what answers a challenge: only its memory knows whether that is open. Undefined without an answer. */
export const answerTo = (
  { nonce, region, purpose }: OpenedChallenge,
  text: string,
  registration: Registration,
): Promise<Verdict | undefined> => told('/v1/verify', { text, for: region, purpose, challenge: nonce }, registration);

/**
 * What a device has to leave open, put to the gateway: it asks the issuing region, and it remembers one-time codes. Undefined where the
 * gateway gives no answer: then what the device itself says stands.
 */
export const askedFor = (
  asked: { readonly text: string } | { readonly reference: Reference },
  { region, purpose }: For,
  registration: Registration,
): Promise<Verdict | undefined> => told('/v1/verify', { ...asked, for: region, purpose }, registration);
