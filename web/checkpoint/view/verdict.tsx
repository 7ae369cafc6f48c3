import type { Finding, Localized, Verdict } from '../../../src/document/generated/types.ts';
import { type Language, pick, say } from '../words.ts';
import { type Compared, localTime } from './fields.ts';
import { Shape } from './shapes.tsx';

/**
 * Outcome of one document or of a case: what to compare first, then shape, word and sentence, then what to do. Of what is refused
 * nothing is left to compare: which one it was is said last.
 */
export function Outcome({
  verdict,
  compare,
  by,
  language,
}: {
  readonly verdict: Pick<Verdict, 'outcome' | 'word' | 'sentence' | 'next'>;
  readonly compare: readonly Compared[];
  /** Who says it, where several do. */
  readonly by: Localized | undefined;
  readonly language: Language;
}) {
  const { outcome, word, sentence, next } = verdict;
  const refused = outcome === 'refuse';
  const stated = compare.length > 0 && (
    <dl class="compare">
      {!refused && (
        <div>
          <dt class="first">{say(language, 'compare')}</dt>
        </div>
      )}
      {compare.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
  return (
    <div class={`outcome ${outcome}`}>
      {!refused && stated}
      <div class="head">
        <Shape outcome={outcome} />
        <h1 tabIndex={-1}>
          {pick(word, language)}
          <small>{pick(word, language === 'zh' ? 'en' : 'zh')}</small>
        </h1>
      </div>
      <p class="sentence">
        {by !== undefined && <b>{pick(by, language)}: </b>}
        {pick(sentence, language)}
      </p>
      {next !== undefined && (
        <p class="next">
          <b>{say(language, 'next')}</b> {pick(next, language)}
        </p>
      )}
      {refused && stated}
    </div>
  );
}

/** A state that the document gives itself: a labelled fact beside the outcome, never in the hue of an outcome. */
export function StatedState({
  verdict,
  of,
  language,
}: {
  readonly verdict: Verdict;
  /** Which document of a case. */
  readonly of: string | undefined;
  readonly language: Language;
}) {
  const { status } = verdict;
  if (status === undefined) return null;
  return (
    <p class="stated">
      <b>
        {say(language, 'stated')} {of}
      </b>
      <span>
        {pick(status.name, language)} <small>{pick(status.scheme, language)}</small>
      </span>
    </p>
  );
}

const MARKS: Readonly<Record<Finding['result'], string>> = {
  pass: '✓',
  fail: '✕',
  unknown: '?',
  skipped: '–',
  open: '!',
  note: '·',
};

/** Findings and what they rest on, on demand. */
export function Why({
  verdict,
  of,
  language,
}: {
  readonly verdict: Pick<Verdict, 'findings'> & Partial<Pick<Verdict, 'restsOn' | 'clock' | 'issuer'>>;
  /** Which document of a case. */
  readonly of: string | undefined;
  readonly language: Language;
}) {
  const { findings, restsOn = [], issuer } = verdict;
  return (
    <details class="why">
      <summary>
        {say(language, 'why')} {of}
      </summary>
      {issuer !== undefined && <p>{pick(issuer.name, language)}</p>}
      <ul>
        {findings.map((finding, i) => (
          <li key={`${finding.code}${i}`} class={finding.result}>
            <span aria-hidden="true">{MARKS[finding.result]}</span> {pick(finding.message, language)}
            {finding.basis !== undefined && (
              <small>
                {' '}
                {pick(finding.basis.title, language)} {finding.basis.number}
              </small>
            )}
            <code>{finding.code}</code>
          </li>
        ))}
      </ul>
      {restsOn.length > 0 && (
        <p class="rests">
          {say(language, 'rests')} {restsOn.map(({ part, issued }) => `${part} ${localTime(issued)}`).join(' · ')}
        </p>
      )}
    </details>
  );
}
