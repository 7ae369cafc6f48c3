import type { OpenedChallenge } from '../../../src/document/generated/types.ts';
import { type Language, say } from '../words.ts';

/** The white border of a QR code, in modules (ISO/IEC 18004). */
const BORDER = 4;

/** A challenge, drawn for the holder's app to scan; always dark on white, whatever the screen's colours. */
export function ChallengeView({
  challenge,
  language,
  onDrop,
}: {
  readonly challenge: OpenedChallenge;
  readonly language: Language;
  readonly onDrop: () => void;
}) {
  const rows = challenge.modules ?? [];
  const side = rows.length + 2 * BORDER;
  const dark = rows
    .flatMap((row, y) => [...row].map((module, x) => (module === '1' ? `M${x + BORDER} ${y + BORDER}h1v1h-1z` : '')))
    .join('');
  return (
    <section class="challenge">
      <p role="status">{say(language, 'challengeHint')}</p>
      <svg
        viewBox={`0 0 ${side} ${side}`}
        role="img"
        aria-label={say(language, 'challengeCode')}
        shape-rendering="crispEdges"
      >
        <rect width={side} height={side} fill="#fff" />
        <path d={dark} fill="#000" />
      </svg>
      <button type="button" onClick={onDrop}>
        {say(language, 'challengeDrop')}
      </button>
    </section>
  );
}
