import { finding } from '../document/findings.ts';
import type { Finding, Verdict } from '../document/generated/types.ts';
import { endOf } from '../document/time.ts';
import type { Journey } from '../journey.ts';
import { withFindings } from '../region/verdict.ts';
import { StoreError } from '../store/error.ts';
import type { ReplayMemory } from '../store/replay.ts';
import { CLOCK_TOLERANCE_MS } from '../trust/authenticate.ts';

/** Where a document was shown, and on which device. */
export interface Place {
  /** Its code, where one is named; regions may share a checkpoint. */
  readonly checkpoint?: string | undefined;
  /** The caller's id, or the lane's. Whoever names no checkpoint is one place by itself. */
  readonly device: string;
}

/** What a gateway remembers of what it was shown. */
export interface Memory {
  readonly replay: ReplayMemory;
}

export interface Settling {
  memory(): Promise<Memory>;
  /** Epoch ms. */
  readonly clock: () => number;
  /** Told of a memory that cannot be asked. */
  failed?(error: StoreError): void;
}

export const placeOf = ({ checkpoint, device }: Place): string => checkpoint ?? `caller/${device}`;

const MOST_ID = 200;

/**
 * What the journey has to leave open, because it is synchronous and knows of no database: was this one-time code accepted
 * somewhere else before? A picture of somebody's code travels faster than he does. In: what the journey gave. Out: the
 * verdict to be given. Whoever leaves this step out, or cannot reach the memory, has a verdict that says so
 * (REPLAY_UNCHECKED) and asks for a face check. Everybody who gives verdicts comes through here.
 */
export function settle(walked: Journey, place: Place, settling: Settling): Verdict | Promise<Verdict> {
  return isOpen(walked) ? askReplay(walked, place, settling) : walked.verdict;
}

/**
 * Only what a trusted key signed and would be accepted is asked about and remembered: nobody's code is used up by a place
 * that does not take it, and strangers do not fill the memory. A stated time is no showing.
 */
function isOpen({ verdict }: Journey): boolean {
  const taken = verdict.outcome === 'accept' || verdict.outcome === 'conditional';
  return taken && verdict.clock.source === 'system' && verdict.findings.some(isUnchecked);
}

const isUnchecked = ({ code }: Finding): boolean => code === 'REPLAY_UNCHECKED';

async function askReplay(
  { verdict, evidence, converted }: Journey,
  place: Place,
  settling: Settling,
): Promise<Verdict> {
  const { presentation, validity } = converted!.document;
  try {
    const { replay } = await settling.memory();
    const seen = await replay.remember({
      region: evidence!.key!.region,
      onceId: presentation!.onceId!.slice(0, MOST_ID),
      // As long as it may still be accepted, with what clocks may differ. One that says no end was refused before.
      expiresAt: endOf(validity!.until!) + CLOCK_TOLERANCE_MS,
      checkpoint: placeOf(place),
      device: place.device,
      at: settling.clock(),
    });
    const told = finding(seen === 'seen' ? 'REPLAYED' : 'REPLAY_CHECKED');
    return withFindings(
      verdict,
      verdict.findings.map((each) => (isUnchecked(each) ? told : each)),
    );
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    settling.failed?.(error);
    return verdict;
  }
}
