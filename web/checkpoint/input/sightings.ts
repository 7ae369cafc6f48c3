/** What the camera has before it: a code that stays there is one showing, until it was out of sight for so long. */
export interface Sightings {
  /** In: what a frame shows. Out: whether it is to be looked at. */
  isNew(text: string): boolean;
  /** What is before the camera was looked at just now, whenever its next frame comes. */
  goOn(): void;
  /** Whatever is before it next is to be looked at. */
  forget(): void;
}

const OUT_OF_SIGHT_MS = 3_000;

export function sightings(clock: () => number): Sightings {
  let seen = { text: '', at: 0 };
  return {
    isNew(text) {
      const now = clock();
      const again = text === seen.text && Math.abs(now - seen.at) < OUT_OF_SIGHT_MS;
      seen = { text, at: now };
      return !again;
    },
    goOn() {
      seen.at = clock();
    },
    forget() {
      seen = { text: '', at: 0 };
    },
  };
}
