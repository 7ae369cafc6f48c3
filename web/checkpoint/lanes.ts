import { LANES } from './words.ts';

/** What a lane looks at: a word, chosen on purpose and shown all the time. */
export interface Lane {
  readonly id: 'person' | 'vehicle' | 'freight' | 'counter';
  readonly zh: string;
  readonly en: string;
  /** A purpose of the catalogue. */
  readonly purpose: string;
  /** Several documents are one case from the start. */
  readonly together: boolean;
}

export const laneOf = (id: string): Lane => LANES.find((lane) => lane.id === id) ?? LANES[0]!;
