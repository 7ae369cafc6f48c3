import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Receipt } from '../../../src/document/generated/types.ts';
import type { Presented } from '../../../src/format/open.ts';
import { present } from '../../../src/intake.ts';
import type { Device, Registration } from '../device.ts';
import { type Engine, isNoDocument, type Looked } from '../engine.ts';
import { decoder } from '../input/decoder.ts';
import { listenForBursts } from '../input/wedge.ts';
import { laneOf } from '../lanes.ts';
import { codeOf, deviceReceipt, disposed, newGroup } from '../receipts.ts';
import { type Language, say, type Word } from '../words.ts';
import { CameraView } from './camera.tsx';
import { type Action, type Result, ResultView } from './result.tsx';
import { type State, TopBar } from './top.tsx';

export interface Surroundings {
  readonly device: Device;
  readonly registration: Registration;
  readonly clock: () => number;
  /** Sends what is queued, now or when there is a network. */
  readonly send: () => void;
}

/** A result on the screen, and the receipts that go with it. */
interface Open extends Result {
  readonly receipts: readonly Receipt[];
}

/** Scanning, and what came of it. Nothing of a document outlives its result. */
export function App({
  surroundings: { device, registration, clock, send },
  engine,
  state,
  language,
  onLanguage,
  onLane,
}: {
  readonly surroundings: Surroundings;
  readonly engine: Engine;
  readonly state: State;
  readonly language: Language;
  readonly onLanguage: () => void;
  readonly onLane: (lane: string) => void;
}) {
  const lane = laneOf(registration.lane);
  const [open, setOpen] = useState<Open>();
  const [group, setGroup] = useState<readonly Looked[]>();
  const [notice, setNotice] = useState<Word>();
  const [camera, setCamera] = useState(false);
  const [typing, setTyping] = useState(false);
  const occupants = useRef<HTMLInputElement>(null);
  const typed = useRef<HTMLInputElement>(null);
  const file = useRef<HTMLInputElement>(null);

  /** In the order in which they happened: receipts are kept before the next document is looked at. */
  const close = useCallback(
    (shown: Open | undefined, action: Action | undefined, reason: string | undefined) => {
      if (shown === undefined) return;
      const now = clock();
      const done = shown.receipts.map((each) => (action === undefined ? each : disposed(each, action, reason, now)));
      setOpen(undefined);
      void Promise.all(done.map((receipt) => device.queue.add(receipt))).then(send);
    },
    [device, clock, send],
  );

  const show = (members: readonly Looked[], asGroup: boolean): void => {
    const now = clock();
    const counted = occupants.current?.value;
    const people = counted === undefined || counted === '' ? undefined : Number(counted);
    const verdict = asGroup ? engine.together(members, lane.purpose, people) : undefined;
    const shared = asGroup ? newGroup(now) : undefined;
    const receipts = members.map(({ walked, presented }) =>
      deviceReceipt(walked.verdict, presented, { place: registration.place, group: shared, now }),
    );
    close(open, undefined, undefined);
    setOpen({ members, group: verdict, code: codeOf(receipts[0]!), offline: !state.online, receipts });
    setGroup(undefined);
  };

  const take = (presented: Presented, quiet = false): void => {
    const looked = engine.look(presented, lane.purpose);
    if (isNoDocument(looked.walked.verdict)) {
      if (!quiet) setNotice('noDocument');
      return;
    }
    setNotice(undefined);
    if (group === undefined && !lane.together) {
      show([looked], false);
      return;
    }
    const members = group ?? [];
    const again = members.some((each) => JSON.stringify(each.presented) === JSON.stringify(presented));
    if (again) return;
    setGroup([...members, looked]);
    setNotice('groupAdded');
  };

  /** Of several readings of one burst, the first that any format claims. */
  const takeReadings = (readings: readonly string[]): void => {
    const fit = readings.find((text) => !isNoDocument(engine.look({ text }, lane.purpose).walked.verdict));
    take({ text: fit ?? readings[0]! });
  };

  const takeFiles = async (files: readonly File[]): Promise<void> => {
    const [signature] = files.filter(({ name }) => name.toLowerCase().endsWith('.p7s'));
    for (const each of files) {
      if (each === signature && files.length > 1) continue;
      const bytes = new Uint8Array(await each.arrayBuffer());
      const beside =
        signature === undefined || each === signature ? undefined : new Uint8Array(await signature.arrayBuffer());
      take(
        beside === undefined
          ? await present(bytes, () => decoder().then((ready) => ready.pictures()))
          : { bytes, beside },
      );
    }
  };

  const latest = useRef({ takeReadings, takeFiles, take });
  latest.current = { takeReadings, takeFiles, take };

  useEffect(() => {
    const wedge = listenForBursts(
      window,
      () => performance.now(),
      (texts) => latest.current.takeReadings(texts),
    );
    const onPaste = (event: ClipboardEvent): void => {
      if (event.target instanceof HTMLInputElement) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (files.length > 0) void latest.current.takeFiles(files);
      else if (text !== '') latest.current.take({ text: text.trim() });
    };
    const onDrop = (event: DragEvent): void => {
      event.preventDefault();
      void latest.current.takeFiles([...(event.dataTransfer?.files ?? [])]);
    };
    const onOver = (event: DragEvent): void => event.preventDefault();
    /** A reader of ID cards, city cards or plates hands its text over by this one event: { detail: { text } }. */
    const onReader = (event: Event): void => {
      const text: unknown = (event as CustomEvent<{ text?: unknown }>).detail?.text;
      if (typeof text === 'string' && text.length <= 100_000) latest.current.take({ text });
    };
    window.addEventListener('paste', onPaste);
    window.addEventListener('drop', onDrop);
    window.addEventListener('dragover', onOver);
    window.addEventListener('tongren-reader', onReader);
    return () => {
      wedge.stop();
      window.removeEventListener('paste', onPaste);
      window.removeEventListener('drop', onDrop);
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('tongren-reader', onReader);
    };
  }, []);

  // Whoever puts the device down leaves no name on it.
  useEffect(() => {
    const onHide = (): void => {
      if (document.visibilityState === 'hidden') {
        close(open, undefined, undefined);
        setCamera(false);
      }
    };
    document.addEventListener('visibilitychange', onHide);
    return () => document.removeEventListener('visibilitychange', onHide);
  }, [open, close]);

  return (
    <>
      <TopBar
        state={state}
        lane={lane}
        place={registration.place}
        language={language}
        onLanguage={onLanguage}
        onLane={onLane}
      />
      <main>
        {open !== undefined ? (
          <ResultView
            key={open.code}
            result={open}
            language={language}
            onDone={(action, reason) => close(open, action, reason)}
          />
        ) : (
          <section class="scan">
            <h1>{say(language, 'ready')}</h1>
            <p>{say(language, 'readyHint')}</p>
            {camera && (
              <CameraView
                language={language}
                onCodes={(texts) => takeCodes(texts, latest.current.take)}
                onTrouble={(word) => {
                  setNotice(word);
                  if (word === 'cameraNone') setCamera(false);
                }}
              />
            )}
            <div class="actions">
              <button type="button" onClick={() => setCamera(!camera)}>
                {say(language, camera ? 'cameraOff' : 'camera')}
              </button>
              <button type="button" onClick={() => file.current!.click()}>
                {say(language, 'file')}
              </button>
              <button type="button" onClick={() => setTyping(!typing)} aria-expanded={typing}>
                {say(language, 'type')}
              </button>
              {group === undefined && !lane.together && (
                <button type="button" onClick={() => setGroup([])}>
                  {say(language, 'groupBegin')}
                </button>
              )}
            </div>
            <input
              ref={file}
              type="file"
              multiple
              hidden
              aria-label={say(language, 'file')}
              onChange={(event) => {
                const { files } = event.currentTarget;
                void takeFiles([...(files ?? [])]);
                event.currentTarget.value = '';
              }}
            />
            {typing && (
              <form
                class="typed"
                onSubmit={(event) => {
                  event.preventDefault();
                  const text = typed.current!.value.trim();
                  if (text !== '') take(referenceOf(text));
                  setTyping(false);
                }}
              >
                <label>
                  {say(language, 'typeLabel')}
                  <input ref={typed} maxLength={60} autofocus />
                </label>
                <button type="submit">{say(language, 'look')}</button>
              </form>
            )}
            {(group !== undefined || lane.together) && (
              <GroupTray
                members={group ?? []}
                language={language}
                occupants={occupants}
                onEnd={() => (group ?? []).length > 0 && show(group!, true)}
                onDrop={() => setGroup(undefined)}
              />
            )}
            <p class="notice" role="status">
              {notice === undefined ? '' : say(language, notice)}
            </p>
          </section>
        )}
      </main>
    </>
  );
}

const takeCodes = (texts: readonly string[], take: (presented: Presented, quiet: boolean) => void): void =>
  take(texts.length === 1 ? { text: texts[0]! } : { codes: texts }, true);

/** What somebody types: a plate begins with a Han sign, everything else is a number of a pass or document. */
const referenceOf = (text: string): Presented => ({
  reference: /^\p{Script=Han}/u.test(text) ? { plate: text } : { passNumber: text },
});

function GroupTray({
  members,
  language,
  occupants,
  onEnd,
  onDrop,
}: {
  readonly members: readonly Looked[];
  readonly language: Language;
  readonly occupants: { current: HTMLInputElement | null };
  readonly onEnd: () => void;
  readonly onDrop: () => void;
}) {
  return (
    <fieldset class="tray">
      <legend>
        {say(language, 'group')} · {members.length}
      </legend>
      <label>
        {say(language, 'occupants')}
        <input ref={occupants} type="number" min={0} max={200} inputMode="numeric" />
      </label>
      <button type="button" class="main" disabled={members.length === 0} onClick={onEnd}>
        {say(language, 'groupEnd')}
      </button>
      <button type="button" disabled={members.length === 0} onClick={onDrop}>
        {say(language, 'groupDrop')}
      </button>
    </fieldset>
  );
}
