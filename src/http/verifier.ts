import { randomBytes } from 'node:crypto';
import { decodeBase64 } from '../codec/base64url.ts';
import { joinBytes } from '../codec/bytes.ts';
import { Broken } from '../document/broken.ts';
import type { Verdict } from '../document/generated/types.ts';
import { verdictIn } from '../document/octets.node.ts';
import { ASKS_NOBODY, type ResolveQuestion as Asks } from '../exchange/resolve.ts';
import { type Others, type Walked, walk } from '../exchange/status.ts';
import { bytesOf as bytesOfPresented, type Presented } from '../format/open.ts';
import { present } from '../intake.ts';
import type { Begun, Journey } from '../journey.ts';
import type { Gathering } from '../journeys.ts';
import { challengeFor } from '../record/challenge.ts';
import { askReplay, placeOf, settle } from '../record/settle.ts';
import type { Standpoint } from '../region/standpoint.ts';
import type { StoreError } from '../store/error.ts';
import type { ThreadAsked, ThreadTold } from '../threads/message.ts';
import type { Asked, Named } from './ask.ts';
import { boundedPictures, type Gateway, isOwnCaller, standpoints } from './gateway.ts';
import type { Caller } from './keys.ts';
import type { HttpLimits } from './limits.ts';
import { Problem } from './problems.ts';

/** From where, for what and when a document is looked at, and how it was shown: all that can be settled before it is. */
export interface Question extends Asks {
  readonly standpoint: Standpoint;
}

/** Who asks, and the checkpoint where the document is shown, if one is named. */
export interface Asker {
  readonly caller: Caller;
  readonly checkpoint: string | undefined;
  /** False where what a region gave may not leave: what it refers to is then not asked for. */
  readonly resolves?: false;
}

/** What a document says and gets; `input` is exactly what was handed in. */
export interface Judged extends Journey {
  readonly input: string | Uint8Array;
  /** The same as the journey got it: of a picture, its codes. */
  readonly presented: Presented;
  /** Of the challenge that it had to answer. */
  readonly nonce?: string;
}

/** What was handed in: a text, or a file and perhaps the signature file beside it. */
interface Input {
  readonly input: string | Uint8Array;
  readonly beside?: Uint8Array;
}

/** The one way from what is asked to a verdict, for single documents and batches alike. */
export interface Verifier {
  /** Errors: Problem for a region, purpose or clock that cannot be had, or that the caller may not ask for. */
  question(named: Named, caller: Caller): Question;
  /**
   * The journey alone: not to be given out before it is settled. A promise only where a picture has to be read, a
   * responder asked or a challenge looked up. Errors: as above, StoreError.
   */
  look(asked: Asked, asker: Asker, begun?: Begun): Judged | Promise<Judged>;
  /**
   * Opens the document with others (journeys.ts), for `look` to go on with. Undefined where it has to go alone: what is no
   * text, is not to be looked at, or fails. Errors: none, as `look` has them.
   */
  begin(asked: Asked, caller: Caller, gathering: Gathering): Begun | undefined;
  /**
   * What another thread may be asked about the document; undefined where only this one can look at it: a file, what a challenge
   * is bound to, a reference. Errors: as of `question`.
   */
  elsewhere(asked: Asked, caller: Caller): ThreadAsked | undefined;
  /** Settles what another thread looked at. Errors: as of `settle`. */
  settleTold(told: ThreadTold, asker: Asker): Verdict | Promise<Verdict>;
  /** What was left open is settled (record/settle.ts). A promise only where the memory has to be asked. */
  settle<Walked extends Journey & Pick<Judged, 'nonce'>>(walked: Walked, asker: Asker): Walked | Promise<Walked>;
  /** Both. Errors: as of `look`; Problem `invalid-ask` for base64 that is none, `busy`. */
  judge(asked: Asked, asker: Asker, begun?: Begun): Judged | Promise<Judged>;
}

export function createVerifier(gateway: Gateway, limits: HttpLimits): Verifier {
  const standpointOf = standpoints(gateway);
  const pictures = boundedPictures(gateway, limits.pictures);

  const question: Verifier['question'] = (named, caller) => {
    const region = named.for ?? gateway.defaults.region;
    const standpoint = standpointOf(region);
    if (standpoint === undefined) {
      const allowed = [...gateway.federation().regions.keys()];
      throw new Problem('unknown-region', `there is no region ${region} in this federation`, { at: 'for', allowed });
    }
    const purpose = named.purpose ?? gateway.defaults.purpose;
    if (!standpoint.purposes.has(purpose)) {
      throw new Problem('unknown-purpose', `there is no purpose "${purpose}" in the catalogue`, {
        at: 'purpose',
        allowed: [...standpoint.purposes.keys()],
      });
    }
    mayAsk('for', region, caller.regions);
    mayAsk('purpose', purpose, caller.purposes);
    const { at, asOf, medium, use } = named;
    const clock = at === undefined ? undefined : clockOf(at, standpoint);
    return { standpoint, purpose, at: clock, asOf, medium, use, caller: caller.id };
  };

  /** Errors: Problem `busy`. */
  const presented = ({ input, beside }: Input): Presented | Promise<Presented> =>
    typeof input === 'string'
      ? { text: input }
      : beside === undefined
        ? present(input, pictures)
        : { bytes: input, beside };

  /**
   * Who may be asked: another region, only for callers who may ask it, and only to look at a document. This gateway asks in its own
   * region's name: not for the systems of other regions, which have gateways of theirs, nor for what is to be judged elsewhere.
   */
  const othersFor = ({ standpoint, purpose }: Question, { caller, resolves }: Asker): Others => {
    const { ocsp, resolver } = gateway;
    const isOwn = isOwnCaller(gateway, caller) && standpoint.chain(standpoint.region).includes(gateway.defaults.region);
    const may = isOwn && resolves !== false && caller.scopes.has('resolve') && standpoint.asking.has(purpose);
    // Where nobody can be asked, or not for this: asking again, or with a network, would change nothing.
    return { ocsp, resolver: (may ? resolver : undefined) ?? ASKS_NOBODY };
  };

  const lookFor = (asked: Asked, question: Question, asker: Asker, begun?: Begun): Judged | Promise<Judged> => {
    const { standpoint } = question;
    const others = othersFor(question, asker);
    if ('reference' in asked && asked.reference !== undefined) {
      const { reference } = asked;
      const walked = walk({ reference }, standpoint, question, others);
      return walked instanceof Promise ? walked.then(behindReference) : behindReference(walked);
    }
    const handed = inputOf(asked);
    const ready = presented(handed);
    const input = whole(handed);
    const looked = (opened: Presented) => judgedOf(walk(opened, standpoint, question, others, begun), input);
    return ready instanceof Promise ? ready.then(looked) : looked(ready);
  };

  const look: Verifier['look'] = (asked, asker, begun) => {
    const { caller, checkpoint } = asker;
    const asks = question(asked, caller);
    const { challenge: nonce } = asked;
    return nonce === undefined ? lookFor(asked, asks, asker, begun) : answering(nonce);

    async function answering(nonce: string): Promise<Judged> {
      const { standpoint, purpose } = asks;
      const place = placeOf({ checkpoint, device: caller.id });
      const bound = { nonce, region: standpoint.region, purpose, place, caller: caller.id };
      const { challenges } = await gateway.records();
      const challenge = await challengeFor(challenges, bound, gateway.clock());
      return { ...(await lookFor(asked, { ...asks, challenge }, asker, begun)), nonce };
    }
  };

  const settling = {
    memory: gateway.records,
    clock: gateway.clock,
    failed: ({ code }: StoreError) => gateway.logger.write('store-failed', { code }),
  };
  const settled: Verifier['settle'] = (walked, { caller, checkpoint }) => {
    const verdict = settle(walked, { checkpoint, device: caller.id, nonce: walked.nonce }, settling);
    return verdict instanceof Promise ? verdict.then((said) => ({ ...walked, verdict: said })) : walked;
  };

  const begin: Verifier['begin'] = (asked, caller, gathering) => {
    if ('raw' in asked || asked.text === undefined) return undefined;
    try {
      const { standpoint, at } = question(asked, caller);
      return gathering.begin({ text: asked.text }, standpoint, at);
    } catch {
      // Alone it runs into the same, and it alone is told: those beside it have their verdicts.
      return undefined;
    }
  };

  const elsewhere: Verifier['elsewhere'] = (asked, caller) => {
    if ('raw' in asked || asked.text === undefined || asked.challenge !== undefined) return undefined;
    const { standpoint, ...rest } = question(asked, caller);
    return { presented: { text: asked.text }, region: standpoint.region, question: rest };
  };

  const settleTold: Verifier['settleTold'] = ({ json, shown }, { caller, checkpoint }) => {
    const verdict = verdictIn(json);
    return shown === undefined ? verdict : askReplay(verdict, shown, { checkpoint, device: caller.id }, settling);
  };

  return {
    question,
    look,
    begin,
    elsewhere,
    settleTold,
    settle: settled,
    judge(asked, asker, begun) {
      const looked = look(asked, asker, begun);
      return looked instanceof Promise ? looked.then((walked) => settled(walked, asker)) : settled(looked, asker);
    },
  };
}

/**
 * What is recorded of a plate or a number is the digest of the document behind it. Of the plate itself a digest would tell it: there are
 * few enough to try them all. Where there is no document, it is a digest of nothing that anybody could try.
 */
const behindReference = (walked: Walked): Judged => ({
  ...walked,
  input: 'reference' in walked.presented ? new Uint8Array(randomBytes(32)) : bytesOfPresented(walked.presented),
});

const judgedOf = (walked: Walked | Promise<Walked>, input: string | Uint8Array): Judged | Promise<Judged> =>
  walked instanceof Promise ? walked.then((known) => ({ ...known, input })) : { ...walked, input };

/** Errors: Problem `forbidden-ask`. */
export function mayAsk(at: string, value: string, allowed: ReadonlySet<string> | undefined): void {
  if (allowed === undefined || allowed.has(value)) return;
  throw new Problem('forbidden-ask', `the key may not ask for this`, { at, allowed: [...allowed] });
}

/** Whoever may state the time may bring an expired document back to life: for learning and tests only. */
function clockOf(at: string, standpoint: Standpoint): number {
  if (standpoint.environment === 'production')
    throw new Problem('stated-clock', '"at" is refused in production', { at: 'at' });
  return Date.parse(at);
}

/** Exactly what was handed in. Errors: Problem `invalid-ask` for base64 that is none. */
function inputOf(asked: Asked): Input {
  if ('raw' in asked) return { input: asked.raw };
  if (asked.text !== undefined) return { input: asked.text };
  const input = bytesOf(asked.bytes!, '/bytes');
  return asked.beside === undefined ? { input } : { input, beside: bytesOf(asked.beside, '/beside') };
}

function bytesOf(text: string, at: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (error) {
    if (error instanceof Broken) throw new Problem('invalid-ask', `not base64 (RFC 4648 §4): ${error.message}`, { at });
    throw error;
  }
}

/** A file and its signature file as one, so that both are in a receipt's digest: it says which octets were handed in, not in what parts. */
const whole = ({ input, beside }: Input): string | Uint8Array =>
  beside === undefined || typeof input === 'string' ? input : joinBytes([input, beside]);
