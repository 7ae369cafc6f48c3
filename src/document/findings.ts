import { AUTHENTICATE } from './findings/authenticate.ts';
import { CONTENT } from './findings/content.ts';
import { GROUP } from './findings/group.ts';
import { JUDGE } from './findings/judge.ts';
import { OPEN } from './findings/open.ts';
import { PRESENT } from './findings/present.ts';
import type { FindingRow } from './findings/row.ts';
import { STORE } from './findings/store.ts';
import type { Finding, LegalBasis, Localized } from './generated/types.ts';

/**
 * The closed list of findings: every code that a verdict can carry, in the order of the journey; at the end what several documents together can give. `result` is what the
 * code means when it is reported; `severity` decides how it weighs (see judge/outcome.ts).
 */
export const FINDINGS = {
  ...OPEN,
  ...AUTHENTICATE,
  ...STORE,
  ...PRESENT,
  ...JUDGE,
  ...CONTENT,
  ...GROUP,
} as const satisfies Record<string, FindingRow>;

export type FindingCode = keyof typeof FINDINGS;

/** What a finding may add to its row. `detail` is technical English and never holds a value from the document. */
export interface FindingExtra {
  readonly at?: string;
  /** Of a group: the documents it is about, from 1. */
  readonly members?: number[];
  readonly detail?: string;
  readonly basis?: LegalBasis;
  /** Replaces the row's next step, where a rule or agreement words its own. */
  readonly next?: Localized;
}

const bare = new Map<FindingCode, Finding>();
for (const [code, row] of Object.entries<FindingRow>(FINDINGS)) {
  Object.freeze(row.message);
  if (row.next !== undefined) Object.freeze(row.next);
  bare.set(code as FindingCode, Object.freeze({ code, ...row }) as Finding);
}

/**
 * One finding, in both languages. Without extras the same frozen object is given each time, so that a clean verdict
 * allocates nothing for what it passed, and what never changes is written once (octets.node.ts).
 */
export function finding(code: FindingCode, extra?: FindingExtra): Finding {
  const row = bare.get(code)!;
  return extra === undefined ? row : { ...row, ...extra };
}
