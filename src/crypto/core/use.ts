/** Curves that the core knows. */
export const CORE_KINDS = ['P-256', 'SM2'] as const;
export type CoreKind = (typeof CORE_KINDS)[number];

/**
 * How the core is used: by itself (complete arithmetic decides only what it cannot tell); with complete arithmetic asked about
 * every answer of it as well; not at all.
 */
export const CORE_USES = ['alone', 'judged', 'none'] as const;
export type CoreUse = (typeof CORE_USES)[number];

/** An answer of the core that complete arithmetic does not give. One of the two is at fault: the signature is taken for bad. */
export interface Difference {
  readonly curve: CoreKind;
  /** What the core found the signature. */
  readonly core: 'good' | 'bad';
}

export interface CoreChoice {
  readonly use: CoreUse;
  /** Told of each difference, where the core is judged. */
  differed(difference: Difference): void;
}

let choice: CoreChoice = { use: 'alone', differed() {} };

/** How this thread uses its core: there is one for all keys. */
export const coreChoice = (): CoreChoice => choice;

/** `none` holds for the keys that are prepared from now on, `alone` and `judged` at once. */
export function useCore(next: CoreChoice): void {
  choice = next;
}
