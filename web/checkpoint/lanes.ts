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

export const LANES: readonly Lane[] = [
  { id: 'person', zh: '人行', en: 'People', purpose: 'checkpoint', together: false },
  { id: 'vehicle', zh: '客车', en: 'Vehicles', purpose: 'checkpoint', together: false },
  { id: 'freight', zh: '货车', en: 'Freight', purpose: 'checkpoint', together: true },
  { id: 'counter', zh: '窗口', en: 'Counter', purpose: 'counter', together: false },
];

export const laneOf = (id: string): Lane => LANES.find((lane) => lane.id === id) ?? LANES[0]!;
