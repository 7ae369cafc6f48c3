import { useEffect, useRef, useState } from 'preact/hooks';
import type { GroupVerdict, Verdict } from '../../../src/document/generated/types.ts';
import type { Looked } from '../engine.ts';
import { DISPOSITIONS, type Language, say } from '../words.ts';
import { comparedOf } from './fields.ts';
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

export function ResultView({
  result,
  language,
  onDone,
}: {
  readonly result: Result;
  readonly language: Language;
  readonly onDone: (action: Action | undefined, reason: string | undefined) => void;
}) {
  const [left, setLeft] = useState(SECONDS);
  const [byHand, setByHand] = useState(false);
  const [slip, setSlip] = useState(false);
  const reason = useRef<HTMLInputElement>(null);
  const here = useRef<HTMLElement>(null);
  const { group, members, code, offline } = result;
  const [first] = members;
  const verdict = group ?? first!.walked.verdict;

  useEffect(() => here.current?.querySelector<HTMLElement>('h1')?.focus(), []);
  useEffect(() => {
    if (byHand || slip) return;
    if (left <= 0) {
      onDone(undefined, undefined);
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, byHand, slip]);

  const act = (action: Action): void => {
    if (action === 'let-pass-by-hand') setByHand(true);
    else onDone(action, undefined);
  };

  return (
    <section ref={here} class="result" aria-live="assertive">
      <Outcome
        verdict={verdict}
        compare={members.flatMap(({ walked }) => comparedOf(walked.verdict, language)).slice(0, 6)}
        language={language}
      />
      {members.map(({ walked }, i) => (
        <StatedState key={i} verdict={walked.verdict} language={language} />
      ))}
      {group !== undefined && <Members group={group} language={language} />}
      <p class="facts">
        <span>
          {say(language, 'caseCode')} <b class="code">{code}</b>
        </span>
        {offline && <span class="offline">{say(language, 'offline')}</span>}
      </p>
      <fieldset class="actions">
        <legend>{say(language, 'done')}</legend>
        {DISPOSITIONS.map(({ action, zh, en }) => (
          <button key={action} type="button" onClick={() => act(action)}>
            {language === 'zh' ? zh : en}
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
          <button type="submit">{language === 'zh' ? '人工放行' : 'Let pass by hand'}</button>
        </form>
      )}
      <div class="bar">
        <button type="button" onClick={() => setLeft(left + SECONDS)}>
          {say(language, 'more')}
        </button>
        <span class="countdown" role="timer" aria-live="off">
          {left} {say(language, 'clears')}
        </span>
        <button type="button" onClick={() => setSlip(!slip)} aria-expanded={slip}>
          {say(language, 'slip')}
        </button>
        <button type="button" onClick={() => onDone(undefined, undefined)}>
          {say(language, 'close')}
        </button>
      </div>
      {slip && <Slip result={result} language={language} />}
      {members.map(({ walked }, i) => (
        <Why key={i} verdict={walked.verdict} language={language} />
      ))}
      {group !== undefined && <Why verdict={{ findings: group.findings }} language={language} />}
    </section>
  );
}

function Members({ group, language }: { readonly group: GroupVerdict; readonly language: Language }) {
  const pick = ({ zh, en }: { zh: string; en: string }): string => (language === 'zh' ? zh : en);
  return (
    <ol class="members">
      {group.members.map(({ role, verdict }, i) => (
        <li key={i} class={verdict.outcome}>
          <b>{role === undefined ? `#${i + 1}` : pick(role.name)}</b> {pick(verdict.word)}: {pick(verdict.sentence)}
        </li>
      ))}
    </ol>
  );
}

/** For the holder: why, who issued it, and how to object. No name and no number of a person. */
function Slip({ result, language }: { readonly result: Result; readonly language: Language }) {
  const pick = (words: { zh: string; en: string } | undefined): string =>
    words === undefined ? '' : language === 'zh' ? words.zh : words.en;
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
        <b>{say(language, 'slipReason')}</b> {deciding.map(({ message }) => pick(message)).join(' ')}
      </p>
      <p>
        <b>{say(language, 'slipAuthority')}</b>{' '}
        {verdicts
          .map(({ issuer }) => pick(issuer?.name))
          .filter(Boolean)
          .join('、')}
      </p>
      <p>
        <b>{say(language, 'slipObject')}</b>{' '}
        {pick(objection) ||
          (language === 'zh'
            ? '向本卡口所属地区或签发机关提出，并出示案件编号。'
            : 'To this checkpoint’s region or the issuing authority, with the case code.')}
      </p>
      <button type="button" onClick={() => print()}>
        {language === 'zh' ? '打印' : 'Print'}
      </button>
    </aside>
  );
}
