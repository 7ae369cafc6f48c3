import type { CoreKind } from './core.ts';

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

/** How one thread uses the core, and who is told of differences where it is judged. */
export interface CoreChoice {
  readonly use: CoreUse;
  differed(difference: Difference): void;
}

/** Who judges the core's answers: nobody while `differed` is undefined, else complete arithmetic, and this is told where they differ. */
export interface Judging {
  differed: CoreChoice['differed'] | undefined;
}
