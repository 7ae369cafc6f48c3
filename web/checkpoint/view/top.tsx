import { useState } from 'preact/hooks';
import type { Environment, Localized } from '../../../src/document/generated/types.ts';
import type { Device } from '../device.ts';
import type { Lane } from '../lanes.ts';
import { LANES, type Language, pick, say } from '../words.ts';
import { localTime } from './fields.ts';
import { useSeldom } from './seldom.tsx';

const LISTS = { fresh: 'lists', warn: 'lists', block: 'listsOld', ahead: 'clock' } as const;

/** What the page rests on, always on the screen. */
export interface State {
  readonly online: boolean;
  readonly environment: Environment;
  /** The oldest of the lists that this region's verdicts rest on. */
  readonly lists: { readonly issued: string; readonly state: keyof typeof LISTS } | undefined;
  /** Why new lists were not taken, if they were not. */
  readonly trouble: Localized | undefined;
  readonly queued: number;
  /** Receipts that the gateway will never take. */
  readonly refused: number;
  readonly muted: boolean;
}

export function TopBar({
  state,
  lane,
  place,
  language,
  regions,
  returned,
  onLanguage,
  onMuted,
  onCleared,
  onLane,
}: {
  readonly state: State;
  readonly lane: Lane;
  readonly place: string;
  readonly language: Language;
  /** Names of the regions that judge here; more than one at a checkpoint that two share. */
  readonly regions: readonly Localized[];
  readonly returned: Device['returned'];
  readonly onLanguage: () => void;
  readonly onMuted: () => void;
  readonly onCleared: () => void;
  /** Absent where people serve themselves: what stands there was set by the operator. */
  readonly onLane: ((lane: string) => void) | undefined;
}) {
  const [choosing, setChoosing] = useState(false);
  const [chosen, setChosen] = useState(lane.id);
  const { online, lists, trouble, queued, refused, muted, environment } = state;
  const HandOn = useSeldom(refused > 0, async () => (await import('./returned.tsx')).HandOn);
  return (
    <header>
      {environment !== 'production' && (
        <p class="banner">{say(language, environment === 'reference' ? 'reference' : 'rehearsal')}</p>
      )}
      <div class="line">
        <b>{place}</b>
        {regions.length > 1 && <span>{regions.map((each) => pick(each, language)).join(' · ')}</span>}
        {onLane === undefined ? (
          <b>{pick(lane, language)}</b>
        ) : (
          <button type="button" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
            {say(language, 'lane')} {pick(lane, language)}
          </button>
        )}
        <span class={online ? 'net' : 'net off'}>{say(language, online ? 'online' : 'noNetwork')}</span>
        {lists !== undefined && (
          <span class={`lists ${lists.state}`}>
            {say(language, LISTS[lists.state])} {localTime(lists.issued).slice(5)}
          </span>
        )}
        {queued > 0 && (
          <span>
            {queued} {say(language, 'waiting')}
          </span>
        )}
        <button type="button" aria-pressed={!muted} onClick={onMuted}>
          {say(language, muted ? 'soundsOff' : 'soundsOn')}
        </button>
        <button type="button" onClick={onLanguage}>
          {say(language, 'language')}
        </button>
      </div>
      {trouble !== undefined && (
        <p class="trouble" role="alert">
          {say(language, 'listsRefused')}: {pick(trouble, language)}
        </p>
      )}
      {refused > 0 && (
        <p class="trouble" role="alert">
          {refused} {say(language, 'refusedReceipts')}
          {HandOn && onLane && <HandOn returned={returned} onCleared={onCleared} language={language} />}
        </p>
      )}
      {choosing && onLane !== undefined && (
        <form
          class="lanes"
          onSubmit={(event) => {
            event.preventDefault();
            setChoosing(false);
            onLane(chosen);
          }}
        >
          {LANES.map((each) => (
            <label key={each.id}>
              <input type="radio" name="lane" checked={chosen === each.id} onChange={() => setChosen(each.id)} />
              {pick(each, language)}
            </label>
          ))}
          <button type="submit">{say(language, 'laneConfirm')}</button>
        </form>
      )}
    </header>
  );
}
