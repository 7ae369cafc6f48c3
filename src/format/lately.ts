import { type Generations, generations } from '../crypto/generations.ts';
import type { Finding } from '../document/generated/types.ts';
import type { Converted } from './compile.ts';
import type { Opening, Presented } from './open.ts';

/** What a document says, for a document whose key stands in this region's lists: the same whenever it is asked. */
export interface Said {
  readonly region: string;
  readonly converted: Converted;
  readonly validation: readonly Finding[];
  /** Whether what it says is a shared document: only then does a verdict show any of it. */
  readonly sound: boolean;
}

/**
 * Documents that were found genuine lately, opened and said in the shared words, so that one that is shown again is only judged:
 * whose key it is, whether it was withdrawn, by which rules it counts. These are people's data: only where the operator has
 * asked for it, in memory, and not beyond the time that he has named.
 */
export interface Lately {
  opening(presented: Presented): Opening | undefined;
  keep(presented: Presented, opening: Opening, said: Said): void;
  /** Removes all of it, and keeps nothing more. */
  end(): void;
}

/** Codes are short. A file costs so much more to judge that opening it does not count. */
const MOST_SIGNS = 4096;
/** What a short text holds packed may be hundreds of times as long: those in use weigh a tenth of this. */
const MOST_WEIGHT = 16_384;
const MOST_DOCUMENTS = 1024;

/** In: for how many ms at most after it was last shown, and a timer that holds nobody up. */
export function createLately(ms: number, later: (work: () => void, ms: number) => void): Lately {
  const kept: Generations<Opening> = generations();
  let awaited = false;
  let ended = false;
  // By a timer: what is kept must end though nobody comes.
  const turnLater = (): void => {
    if (awaited) return;
    awaited = true;
    later(() => {
      awaited = false;
      kept.turn();
      if (!kept.isEmpty) turnLater();
    }, ms / 2);
  };
  // What is asked for again grows young as well: between two that are new, all of the old ones may.
  const makeRoom = (): void => {
    if (kept.young >= MOST_DOCUMENTS / 2) kept.turn();
  };
  return {
    opening(presented) {
      if (!('text' in presented)) return undefined;
      makeRoom();
      return kept.get(presented.text);
    },
    keep(presented, opening, said) {
      if (ended || !('text' in presented) || presented.text.length > MOST_SIGNS) return;
      // Of a format that ends one day, opening says so: that is not the same at all times.
      if (opening.format?.declaration.sunset !== undefined) return;
      const { payload, proof } = opening.opened!;
      if (weightOf(payload) + proof.signed.length > MOST_WEIGHT) return;
      makeRoom();
      // Verdicts share parts of it, and whoever was given one must not change the next. Into one that is no shared document a map
      // may have put anything: bytes, too, which cannot be frozen.
      if (said.sound) frozen(said.converted.document);
      frozen([...said.converted.findings, ...said.validation]);
      kept.set(presented.text, { ...opening, said });
      turnLater();
    },
    end() {
      ended = true;
      kept.turn();
      kept.turn();
    },
  };
}

/** About as many bytes as its signs take, and something for each value. */
function weightOf(value: unknown): number {
  const own = 16;
  if (typeof value === 'string' || value instanceof Uint8Array) return own + value.length;
  if (typeof value !== 'object' || value === null) return own;
  return Object.values(value).reduce((sum: number, inner) => sum + weightOf(inner), own);
}

function frozen(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) frozen(inner);
}
