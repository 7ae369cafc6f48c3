import type { Localized } from '../document/generated/types.ts';

/** What operators want and may not, or not yet. `said` is what is in the way, `hint` what to do. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly said: Localized;
  readonly hint: Localized | undefined;
  constructor(said: Localized, hint?: Localized) {
    super(said.en);
    this.said = said;
    this.hint = hint;
  }
}
