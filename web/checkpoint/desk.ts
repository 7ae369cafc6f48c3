import { useEffect, useRef, useState } from 'preact/hooks';
import { sameBytes } from '../../src/codec/bytes.ts';
import type { OpenedChallenge, Receipt } from '../../src/document/generated/types.ts';
import { bytesOf, type Presented } from '../../src/format/open.ts';
import type { Device, Registration } from './device.ts';
import { type Engine, isNoDocument, type Looked } from './engine.ts';
import { answerTo, askChallenge, askedFor } from './gateway.ts';
import { presentedFiles, sorted } from './input/files.ts';
import type { Handlers } from './input/listen.ts';
import { sightings } from './input/sightings.ts';
import { laneOf } from './lanes.ts';
import { PartMissing } from './later.ts';
import { codeOf, disposed, receiptsOf } from './receipts.ts';
import { sound } from './sounds.ts';
import type { Action } from './view/actions.tsx';
import type { Result } from './view/result.tsx';
import { saidBy, strictest, viewsOf } from './views.ts';
import type { Word } from './words.ts';

/** What an officer's desk stands on. */
export interface Surroundings {
  readonly device: Device;
  readonly registration: Registration;
  readonly clock: () => number;
  /** Sends what is queued, now or when there is a network. */
  readonly send: () => void;
  /** Takes lists that somebody brought in a file. Out: whether they are in force. */
  readonly offer: (bundle: Uint8Array) => Promise<boolean>;
  readonly sounds: boolean;
}

/** A result on the screen, and the receipts that go with it. */
interface Open extends Result {
  readonly receipts: readonly Receipt[];
}

/** What was noted of the result before, while it can be corrected: codes, and nothing of a person. */
export interface Recorded extends Pick<Open, 'receipts' | 'code'> {
  readonly action: Action;
}

interface DeskHandlers extends Handlers {
  onCodes(texts: readonly string[]): Promise<void>;
  onCameraStarted(): void;
  onReference(text: string): void;
}

/** Documents in, results out. Nothing of a document outlives its result, or the case that it belongs to. */
export function useDesk(
  { device, registration, clock, send, offer, sounds }: Surroundings,
  engines: readonly Engine[],
  online: boolean,
) {
  const engine = engines[0]!;
  const lane = laneOf(registration.lane);
  const [open, setOpen] = useState<Open>();
  const [members, setMembers] = useState<readonly Looked[]>();
  const [notice, setNotice] = useState<Word>();
  const [recorded, setRecorded] = useState<Recorded>();
  const [camera, setCamera] = useState(false);
  const [challenge, setChallenge] = useChallenge(clock, () => setNotice('challengeOver'));
  const [seen] = useState(() => sightings(clock));

  const note = async (of: Pick<Recorded, 'receipts' | 'code'>, action: Action, reason?: string): Promise<void> => {
    const now = clock();
    const receipts = of.receipts.map((receipt) => disposed(receipt, action, reason, now));
    // First, as the next result may come while it is written.
    setRecorded({ receipts, code: of.code, action });
    try {
      for (const receipt of receipts) await device.queue.add(receipt);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      setRecorded(undefined);
      setNotice('notNoted');
    }
    send();
  };

  const close = async (action?: Action, reason?: string, goesOn = false): Promise<void> => {
    if (open === undefined) return;
    setOpen(undefined);
    if (!goesOn) setMembers(undefined);
    seen.goOn();
    if (action === undefined) send();
    else await note(open, action, reason);
  };
  // What hides the page comes at any time, and closes what is on it then.
  const latest = useRef(close);
  latest.current = close;

  /** On this device; what it has to leave open is asked of the gateway, where there is a network. */
  const lookBy = async (by: Engine, presented: Presented): Promise<Looked> => {
    const looked = await by.look(presented, lane.purpose);
    return online ? byGateway(looked, by.standpoint.region, lane.purpose, registration) : looked;
  };

  /** A verdict of which no receipt can be kept is not given. */
  const show = async (looked: readonly Looked[], people?: number, together = false): Promise<void> => {
    setRecorded(undefined);
    const now = clock();
    const judged = together
      ? (each: Engine, all: readonly Looked[]) => each.together(all, lane.purpose, people)
      : undefined;
    const views = await viewsOf(engines, looked, lookBy, judged);
    const receipts = receiptsOf(views, { place: registration.place, together, now });
    try {
      for (const receipt of receipts) await device.queue.add(receipt);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      setNotice('notKept');
      return;
    }
    setNotice(undefined);
    const said = saidBy(strictest(views));
    // The next one may be what is missing: the others need not be scanned again.
    setMembers(said.reasons.includes('ROLE_MISSING') ? looked : undefined);
    // Whatever is on the screen is no longer waited for.
    setChallenge(undefined);
    setOpen({ views, code: codeOf(receipts[0]!), offline: !online, receipts });
    if (sounds) sound(said.outcome);
  };

  const add = (looked: readonly Looked[]): void => {
    setRecorded(undefined);
    // Several can come before the screen is drawn anew.
    setMembers((before = []) => joined(before, looked));
    setNotice('groupAdded');
  };

  const take = async (looked: Looked, quiet = false): Promise<void> => {
    if (isNoDocument(looked.verdict)) {
      if (!quiet) setNotice('noDocument');
    } else if (members === undefined && !lane.together) await show([looked]);
    else add([looked]);
  };

  const hand = async (presented: Presented, quiet = false): Promise<void> => {
    if (challenge === undefined) return take(await lookBy(engine, presented), quiet);
    const looked = await engine.look(presented, lane.purpose);
    // What an app answers is one code.
    if (isNoDocument(looked.verdict) || !('text' in presented)) return take(looked, quiet);
    const verdict = await answerTo(challenge, presented.text, registration);
    // Without the gateway nobody knows whether the challenge is still open: it stays, and nothing is said of the document.
    if (verdict === undefined) return setNotice('challengeUnreached');
    await take({ ...looked, verdict, answered: true }, quiet);
  };

  const putChallenge = async (): Promise<void> => {
    const opened = await askChallenge({ region: registration.region, purpose: lane.purpose }, registration);
    setNotice(opened === undefined ? 'challengeUnreached' : undefined);
    setChallenge(opened);
  };

  /**
   * What is handed in ends the result before it, whatever comes of it: an old word must not stand for the next document. What cannot
   * be judged because a part of the program is missing is said, and nothing else is.
   */
  const told = async (work: Promise<void>): Promise<void> => {
    void close(undefined, undefined, true);
    try {
      await work;
    } catch (error) {
      if (!(error instanceof PartMissing)) throw error;
      setNotice('partMissing');
    }
  };

  const readings = async (texts: readonly string[]): Promise<void> => {
    const looked = await Promise.all(texts.map((text) => engine.look({ text }, lane.purpose)));
    const { presented } = looked.find(({ verdict }) => !isNoDocument(verdict)) ?? looked[0]!;
    await hand(presented);
  };

  const handedIn = async (handed: Parameters<Handlers['onFiles']>[0]): Promise<void> => {
    const { lists, files } = await sorted(handed);
    for (const bundle of lists) setNotice((await offer(bundle)) ? 'listsTaken' : 'listsRefused');
    const found = await presentedFiles(files);
    const documents = await Promise.all(
      found.filter((each) => typeof each !== 'string').map((each) => lookBy(engine, each)),
    );
    // One result would cover the other: what is handed in together is one case.
    if (documents.length > 1) add(documents);
    else if (documents.length === 1) await take(documents[0]!);
    const trouble = found.find((each) => typeof each === 'string');
    if (trouble !== undefined) setNotice(trouble);
  };

  const handlers: DeskHandlers = {
    onReadings: (texts) => void told(readings(texts)),
    onText: (text) => void told(hand({ text })),
    onFiles: (handed) => told(handedIn(handed)),
    async onCodes(texts) {
      const text = texts.join('\n');
      if (seen.isNew(text)) await told(hand(texts.length === 1 ? { text } : { codes: texts }, true));
    },
    // What is before the camera when it goes on behind a result was there before, however long a slow device took.
    onCameraStarted: () => seen.goOn(),
    onReference: (text) => void told(hand(referenceOf(text))),
  };

  // Whoever puts the device down leaves no name on it.
  useEffect(() => {
    const onHide = (): void => {
      if (document.visibilityState !== 'hidden') return;
      setCamera(false);
      setChallenge(undefined);
      setRecorded(undefined);
      void latest.current();
    };
    document.addEventListener('visibilitychange', onHide);
    return () => document.removeEventListener('visibilitychange', onHide);
  }, []);

  return {
    lane,
    open,
    /** The documents of the case that is being put together; undefined where each is looked at by itself. */
    members: members ?? (lane.together ? [] : undefined),
    notice,
    tell: setNotice,
    camera,
    setCamera(on: boolean) {
      // Whoever opens it wants to have seen what is before it.
      seen.forget();
      setCamera(on);
    },
    challenge,
    /** Asks for a challenge; undefined where there can be none: offline, in a case, and where two regions judge. */
    putChallenge: online && engines.length === 1 && members === undefined && !lane.together ? putChallenge : undefined,
    dropChallenge: () => setChallenge(undefined),
    handlers,
    close,
    recorded,
    /** The last thing noted of a receipt is what holds. */
    correct: (action: Action, reason?: string) => recorded && note(recorded, action, reason),
    begin: () => setMembers([]),
    drop: () => setMembers(undefined),
    finish: (people: number | undefined) => void told(show(members ?? [], people, true)),
  };
}

/** The challenge on the screen, until its time is over. */
function useChallenge(clock: () => number, onOver: () => void) {
  const [challenge, setChallenge] = useState<OpenedChallenge>();
  useEffect(() => {
    if (challenge === undefined) return;
    const over = (): void => {
      setChallenge(undefined);
      onOver();
    };
    const timer = setTimeout(over, Math.max(0, Date.parse(challenge.expiresAt) - clock()));
    return () => clearTimeout(timer);
  }, [challenge]);
  return [challenge, setChallenge] as const;
}

/** What a device cannot tell by itself: what stands behind a reference, and whether a one-time code was shown elsewhere before. */
const LEFT_OPEN = ['REFERENCE_UNRESOLVED', 'REPLAY_UNCHECKED'];

/** A document of which something is left open, as the gateway looked at it; without an answer of the gateway, as the device did. */
async function byGateway(looked: Looked, region: string, purpose: string, registration: Registration): Promise<Looked> {
  const { presented } = looked;
  const open = LEFT_OPEN.find((reason) => looked.verdict.reasons.includes(reason));
  if (open === undefined || !('text' in presented || 'reference' in presented)) return looked;
  const verdict = await askedFor(presented, { region, purpose }, registration);
  if (verdict === undefined) return looked;
  // Also a gateway that has no way to that region, or gets no answer, says what to do about it.
  const asked = open === 'REFERENCE_UNRESOLVED' && !verdict.reasons.includes(open);
  return { ...looked, verdict, ...(asked ? { asked } : {}) };
}

/** A case with more documents, each once. */
function joined(members: readonly Looked[], more: readonly Looked[]): Looked[] {
  const all = [...members];
  for (const each of more) {
    const bytes = bytesOf(each.presented);
    if (!all.some(({ presented }) => sameBytes(bytesOf(presented), bytes))) all.push(each);
  }
  return all;
}

/** What somebody types: a plate begins with a Han sign, everything else is a number of a pass or document. */
const referenceOf = (text: string): Presented => ({
  reference: /^\p{Script=Han}/u.test(text) ? { plate: text } : { passNumber: text },
});
