/** What operators want and may not, or not yet. The message says what is in the way, `hint` what to do. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
