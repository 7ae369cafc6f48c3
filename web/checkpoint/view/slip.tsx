import type { Verdict } from '../../../src/document/generated/types.ts';
import type { View } from '../views.ts';
import { type Language, pick, say } from '../words.ts';

/** For the holder: why, who issued it, and how to object. No name and no number of a person. */
export function Slip({
  view: { members, group },
  code,
  language,
}: {
  readonly view: View;
  readonly code: string;
  readonly language: Language;
}) {
  const verdicts: readonly Verdict[] = members.map((each) => each.verdict);
  const [first] = verdicts;
  const deciding = (group ?? first!).findings.filter(({ result: said }) => said !== 'pass' && said !== 'note');
  const issuers = verdicts.flatMap(({ issuer }) => (issuer === undefined ? [] : [pick(issuer.name, language)]));
  const objection = verdicts.map(({ status }) => status?.objection).find(Boolean);
  return (
    <aside class="slip" ref={(element) => element?.scrollIntoView({ block: 'nearest' })}>
      <h2>{say(language, 'slip')}</h2>
      <p>
        {say(language, 'caseCode')} <b class="code">{code}</b>
      </p>
      <p>
        <b>{say(language, 'slipReason')}</b> {deciding.map(({ message }) => pick(message, language)).join(' ')}
      </p>
      {issuers.length > 0 && (
        <p>
          <b>{say(language, 'slipAuthority')}</b> {issuers.join('、')}
        </p>
      )}
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
