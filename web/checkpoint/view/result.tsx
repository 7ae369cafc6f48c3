import { useEffect, useRef, useState } from 'preact/hooks';
import type { GroupVerdict } from '../../../src/document/generated/types.ts';
import { saidBy, strictest, type View } from '../views.ts';
import { type Language, pick, say } from '../words.ts';
import { type Action, Actions } from './actions.tsx';
import { comparedOfAll, daySaid } from './fields.ts';
import { useSeldom } from './seldom.tsx';
import { Shape } from './shapes.tsx';
import { Outcome, StatedState, Why } from './verdict.tsx';

/** What is on the screen: one document, or a case. Gone with the next scan, when the page hides, or by its timer. */
export interface Result {
  /** By every region that judges here, the device's own first. */
  readonly views: readonly View[];
  readonly code: string;
  readonly offline: boolean;
}

const SECONDS = 20;
/** Where people serve themselves, the next one waits; only what is accepted goes so soon. */
const SECONDS_AT_KIOSK = 4;
/** To write a reason, or to print a slip. */
const SECONDS_TO_WRITE = 120;

export function ResultView({
  result,
  kiosk,
  language,
  onDone,
}: {
  readonly result: Result;
  readonly kiosk: boolean;
  readonly language: Language;
  readonly onDone: (action?: Action, reason?: string) => void;
}) {
  const { views, code, offline } = result;
  const decisive = strictest(views);
  const { group, members } = decisive;
  const verdicts = members.map((each) => each.verdict);
  const verdict = saidBy(decisive);
  const [left, setLeft] = useState(kiosk && verdict.outcome === 'accept' ? SECONDS_AT_KIOSK : SECONDS);
  const [slip, setSlip] = useState(false);
  const Slip = useSeldom(slip, async () => (await import('./slip.tsx')).Slip);
  const here = useRef<HTMLDivElement>(null);
  const [oldest] = verdicts.flatMap(({ restsOn }) => restsOn.map(({ issued }) => issued)).sort();
  /** What each document is in the case. */
  const parts = verdicts.map((_, i) => {
    const role = group?.members[i]?.role;
    return role === undefined ? group && `#${i + 1}` : pick(role.name, language);
  });

  useEffect(() => {
    here.current?.querySelector('h1')?.focus({ preventScroll: true });
    // With what is to be done, and the state it gives itself; from its beginning where the screen is too small for all.
    here.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  useEffect(() => {
    if (left <= 0) {
      onDone();
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);

  return (
    <section class="result" aria-live="assertive">
      <div ref={here}>
        {views.length > 1 && <Regions views={views} language={language} />}
        <Outcome
          verdict={verdict}
          compare={comparedOfAll(verdicts, parts, decisive.placeName, language)}
          by={views.length > 1 ? decisive.region : undefined}
          language={language}
        />
        {kiosk && verdict.outcome !== 'accept' && <p class="staffed">{say(language, 'staffed')}</p>}
        {verdicts.map((each, i) => (
          <StatedState key={i} verdict={each} of={parts[i]} language={language} />
        ))}
      </div>
      {group !== undefined && <Members group={group} parts={parts} language={language} />}
      <p class="facts">
        <span>
          {say(language, 'caseCode')} <b class="code">{code}</b>
        </span>
        {offline && (
          <span class="offline">
            {say(language, 'offline')}
            {oldest !== undefined && ` · ${say(language, 'rests')} ${daySaid(oldest, verdict.clock.at, language)}`}
          </span>
        )}
        {members.some(({ asked }) => asked) && <span>{say(language, 'asked')}</span>}
        {members.some(({ answered }) => answered) && <span>{say(language, 'answered')}</span>}
      </p>
      {!kiosk && (
        <Actions language={language} onDone={onDone} onWriting={() => setLeft(Math.max(left, SECONDS_TO_WRITE))} />
      )}
      <div class="bar">
        <button type="button" onClick={() => setLeft(left + SECONDS)}>
          {say(language, 'more')}
        </button>
        <span class="countdown" role="timer" aria-live="off">
          {left} {say(language, 'clears')}
        </span>
        <button
          type="button"
          aria-expanded={slip}
          onClick={() => {
            setSlip(!slip);
            setLeft(Math.max(left, SECONDS_TO_WRITE));
          }}
        >
          {say(language, 'slip')}
        </button>
        <button type="button" onClick={() => onDone()}>
          {say(language, 'close')}
        </button>
      </div>
      {slip && Slip && <Slip view={decisive} code={code} language={language} />}
      {views.map((view, v) => (
        <Reasons key={v} view={view} parts={parts} named={views.length > 1} language={language} />
      ))}
    </section>
  );
}

/** What each region says: the same place for both, the stricter one stands below in full. */
function Regions({ views, language }: { readonly views: readonly View[]; readonly language: Language }) {
  return (
    <ul class="regions" aria-label={say(language, 'bothRegions')}>
      {views.map((view, i) => {
        const { outcome, word } = saidBy(view);
        return (
          <li key={i} class={outcome}>
            <Shape outcome={outcome} />
            <span>
              {pick(view.region, language)} <b>{pick(word, language)}</b>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** Findings of the case and of each document, by one region. */
function Reasons({
  view: { region, group, members },
  parts,
  named,
  language,
}: {
  readonly view: View;
  readonly parts: readonly (string | undefined)[];
  readonly named: boolean;
  readonly language: Language;
}) {
  const of = (part: string | undefined): string | undefined =>
    [named ? pick(region, language) : undefined, part].filter((each) => each !== undefined).join(' · ') || undefined;
  return (
    <>
      {group !== undefined && <Why verdict={group} of={of(say(language, 'group'))} language={language} />}
      {members.map(({ verdict }, i) => (
        <Why key={i} verdict={verdict} of={of(parts[i])} language={language} />
      ))}
    </>
  );
}

function Members({
  group,
  parts,
  language,
}: {
  readonly group: GroupVerdict;
  readonly parts: readonly (string | undefined)[];
  readonly language: Language;
}) {
  return (
    <ol class="members">
      {group.members.map(({ verdict }, i) => (
        <li key={i} class={verdict.outcome}>
          <b>{parts[i]}</b> {pick(verdict.word, language)}: {pick(verdict.sentence, language)}
        </li>
      ))}
    </ol>
  );
}
