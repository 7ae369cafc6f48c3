import { useEffect, useRef, useState } from 'preact/hooks';
import type { GroupVerdict, Verdict } from '../../../src/document/generated/types.ts';
import type { Looked } from '../engine.ts';
import { DISPOSITIONS, type Language, pick, say } from '../words.ts';
import { comparedOfAll } from './fields.ts';
import { Outcome, StatedState, Why } from './verdict.tsx';

/** What is on the screen: one document, or a case. Gone with the next scan, when the page hides, or by its timer. */
export interface Result {
  readonly members: readonly Looked[];
  readonly group: GroupVerdict | undefined;
  readonly code: string;
  readonly offline: boolean;
}

export type Action = (typeof DISPOSITIONS)[number]['action'];

const SECONDS = 20;
/** To write a reason, or to print a slip. */
const SECONDS_TO_WRITE = 120;

export function ResultView({
  result,
  language,
  onDone,
}: {
  readonly result: Result;
  readonly language: Language;
  readonly onDone: (action?: Action, reason?: string) => void;
}) {
  const [left, setLeft] = useState(SECONDS);
  const [byHand, setByHand] = useState(false);
  const [slip, setSlip] = useState(false);
  const reason = useRef<HTMLInputElement>(null);
  const here = useRef<HTMLElement>(null);
  const { group, members, code, offline } = result;
  const verdicts = members.map(({ walked }) => walked.verdict);
  const verdict = group ?? verdicts[0]!;
  /** What each document is in the case. */
  const parts = verdicts.map((_, i) => {
    const role = group?.members[i]?.role;
    return role === undefined ? group && `#${i + 1}` : pick(role.name, language);
  });

  useEffect(() => here.current?.querySelector<HTMLElement>('h1')?.focus(), []);
  useEffect(() => {
    if (left <= 0) {
      onDone();
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);

  const act = (action: Action): void => {
    if (action !== 'let-pass-by-hand') {
      onDone(action);
      return;
    }
    setByHand(true);
    setLeft(Math.max(left, SECONDS_TO_WRITE));
  };

  return (
    <section ref={here} class="result" aria-live="assertive">
      <Outcome verdict={verdict} compare={comparedOfAll(verdicts, language)} language={language} />
      {verdicts.map((each, i) => (
        <StatedState key={i} verdict={each} of={parts[i]} language={language} />
      ))}
      {group !== undefined && <Members group={group} parts={parts} language={language} />}
      <p class="facts">
        <span>
          {say(language, 'caseCode')} <b class="code">{code}</b>
        </span>
        {offline && <span class="offline">{say(language, 'offline')}</span>}
      </p>
      <fieldset class="actions">
        <legend>{say(language, 'done')}</legend>
        {DISPOSITIONS.map((each) => (
          <button key={each.action} type="button" onClick={() => act(each.action)}>
            {pick(each, language)}
          </button>
        ))}
      </fieldset>
      {byHand && (
        <form
          class="by-hand"
          onSubmit={(event) => {
            event.preventDefault();
            const said = reason.current!.value.trim();
            if (said !== '') onDone('let-pass-by-hand', said);
          }}
        >
          <label>
            {say(language, 'reasonNeeded')}
            <input ref={reason} maxLength={300} required autofocus />
          </label>
          <button type="submit">{say(language, 'byHand')}</button>
        </form>
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
      {slip && <Slip result={result} language={language} />}
      {group !== undefined && <Why verdict={group} of={say(language, 'group')} language={language} />}
      {verdicts.map((each, i) => (
        <Why key={i} verdict={each} of={parts[i]} language={language} />
      ))}
    </section>
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

/** For the holder: why, who issued it, and how to object. No name and no number of a person. */
function Slip({ result, language }: { readonly result: Result; readonly language: Language }) {
  const verdicts: readonly Verdict[] = result.members.map(({ walked }) => walked.verdict);
  const [first] = verdicts;
  const deciding = (result.group ?? first!).findings.filter(({ result: said }) => said !== 'pass' && said !== 'note');
  const objection = verdicts.map(({ status }) => status?.objection).find(Boolean);
  return (
    <aside class="slip">
      <h2>{say(language, 'slip')}</h2>
      <p>
        {say(language, 'caseCode')} <b class="code">{result.code}</b>
      </p>
      <p>
        <b>{say(language, 'slipReason')}</b> {deciding.map(({ message }) => pick(message, language)).join(' ')}
      </p>
      <p>
        <b>{say(language, 'slipAuthority')}</b>{' '}
        {verdicts.flatMap(({ issuer }) => (issuer === undefined ? [] : [pick(issuer.name, language)])).join('、')}
      </p>
      <p>
        <b>{say(language, 'slipObject')}</b>{' '}
        {objection === undefined ? say(language, 'slipHere') : pick(objection, language)}
      </p>
      <button type="button" onClick={() => print()}>
        {say(language, 'print')}
      </button>
    </aside>
  );
}
