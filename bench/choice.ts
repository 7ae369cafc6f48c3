/** What `npm run bench` is asked for. */
export interface Asked {
  readonly names: readonly string[];
  readonly full: boolean;
  readonly write: boolean;
}

/** Which sections are run; or why none is, and what would do. */
export type Choice = { readonly names: readonly string[] } | { readonly fault: string; readonly hint: string };

/**
 * All sections if none is named. docs/performance.md is written of a run of everything only: sections of different days, of which each
 * may be another version, would stand beside each other as if they were one.
 */
export function choiceOf({ names, full, write }: Asked, all: readonly string[]): Choice {
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) return { fault: `no bench "${unknown}"`, hint: `there are: ${all.join(', ')}` };
  if (write && !(full && all.every((name) => names.length === 0 || names.includes(name))))
    return {
      fault: 'docs/performance.md is made of one run of all sections',
      hint: 'npm run bench -- --full --write',
    };
  return { names: names.length === 0 ? all : [...new Set(names)] };
}
