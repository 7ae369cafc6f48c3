import type { Disclose } from '../document/disclose.ts';
import type {
  CatalogueType,
  Finding,
  Part,
  SharedDocument,
  Verdict,
  VerdictStatus,
} from '../document/generated/types.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import { instantOf } from '../document/time.ts';
import type { Format } from '../format/compile.ts';
import { isHeld } from '../judge/judge.ts';
import { inOwnWords } from '../judge/next-steps.ts';
import { decide } from '../judge/outcome.ts';
import type { Showing } from '../judge/presented.ts';
import type { SignedTime } from '../trust/signed-time.ts';
import type { TrustedKey } from '../trust/view.ts';
import { clockOf } from './clock.ts';
import { objectionOf, type Standpoint } from './standpoint.ts';

/** What the steps of a journey gave. */
export interface VerdictInput {
  readonly purpose: string;
  readonly disclose: Disclose;
  /** Epoch ms, and whether the asker stated it. */
  readonly now: number;
  readonly stated: boolean;
  readonly showing: Showing;
  /** Set where it was asked for a verdict as of signing, and there is such a time. */
  readonly signed?: SignedTime | undefined;
  readonly format: Pick<Format, 'id' | 'region'> | undefined;
  readonly key: TrustedKey | undefined;
  /** The whole document; only what the purpose allows goes into the verdict. */
  readonly document: SharedDocument | undefined;
  readonly findings: Finding[];
  readonly restsOn: readonly Part[];
}

/** Puts the verdict together: the outcome by precedence, and everything it rests on. */
export function verdictOf(input: VerdictInput, standpoint: Standpoint): Verdict {
  const { format, key, document } = input;
  const decision = decide(input.findings);
  const { outcome, word, sentence, reasons } = decision;
  const { next, findings } = inOwnWords(decision, input.findings, standpoint.nextSteps, input.purpose);
  // Member by member, in the order in which they are written: this is the hot path.
  const verdict = { outcome, word, sentence } as Omit<Verdict, 'findings' | 'restsOn'> & Partial<Verdict>;
  if (next !== undefined) verdict.next = next;
  verdict.reasons = [...reasons];
  verdict.federation = standpoint.federation;
  verdict.environment = standpoint.environment;
  verdict.region = standpoint.region;
  verdict.purpose = input.purpose;
  verdict.clock = clockOf(standpoint.floor, input.now, input.stated);
  const presented = presentedOf(input.showing);
  if (presented !== undefined) verdict.presented = presented;
  if (input.signed !== undefined) verdict.asOf = { at: instantOf(input.signed.at), source: input.signed.source };
  if (format !== undefined) verdict.format = named(format, formatOf);
  if (key !== undefined) verdict.issuer = named(key, issuerOf);
  if (document !== undefined) {
    const shown = input.disclose(document);
    const type = standpoint.types.get(document.docType.code);
    if (type !== undefined) verdict.typeName = named(type, nameOf);
    verdict.authentic = key !== undefined;
    verdict.document = shown;
    // What the purpose does not show cannot be compared.
    verdict.compare = comparable(type?.compare ?? NOTHING, shown);
    // A state in words that nobody here has accepted is not said in words.
    const status = input.findings.some(isHeld) ? undefined : statusOf(shown, standpoint);
    if (status !== undefined) verdict.status = status;
  }
  verdict.findings = findings as Finding[];
  verdict.restsOn = [...input.restsOn];
  return verdict as Verdict;
}

const formatOf = ({ id, region }: Pick<Format, 'id' | 'region'>) => ({ id, region });
const issuerOf = ({ region, name, unit, keyId }: TrustedKey) =>
  unit === undefined ? { region, name, keyId } : { region, name, unit, keyId };

const nameOf = ({ name }: Pick<CatalogueType, 'name'>) => ({ ...name });

/** What a verdict says of a format, a key or a type: the same each time, and never changed. */
function named<Of extends object, Said extends object>(of: Of, say: (of: Of) => Said): Said {
  let said = NAMED.get(of) as Said | undefined;
  if (said === undefined) {
    said = Object.freeze(say(of));
    NAMED.set(of, said);
  }
  return said;
}

const NAMED = new WeakMap<object, object>();

const NOTHING: readonly string[] = [];

/** Pointers by list, taken apart once. */
const TAKEN_APART = new WeakMap<readonly string[], readonly { readonly pointer: string; readonly steps: string[] }[]>();

function comparable(pointers: readonly string[], shown: SharedDocument): string[] {
  let apart = TAKEN_APART.get(pointers);
  if (apart === undefined) {
    apart = pointers.map((pointer) => ({ pointer, steps: stepsOf(pointer) }));
    TAKEN_APART.set(pointers, apart);
  }
  return apart.filter(({ steps }) => valueAt(shown, steps) !== undefined).map(({ pointer }) => pointer);
}

/** The document's own state in words. One that the catalogue does not have is left to the findings. */
function statusOf({ status, issuer }: SharedDocument, standpoint: Standpoint): VerdictStatus | undefined {
  const word = status && standpoint.statuses.word(status.canonical);
  if (word === undefined) return undefined;
  const objection = word.standing === 'clear' ? undefined : objectionOf(standpoint, issuer.region);
  return {
    word: word.word,
    name: word.name,
    scheme: word.scheme.name,
    standing: word.standing,
    ...(status!.reasonCode === undefined ? {} : { reasonCode: status!.reasonCode }),
    ...(status!.authority === undefined ? {} : { authority: status!.authority }),
    ...(objection === undefined ? {} : { objection }),
  };
}

function presentedOf({ medium, challenge }: Showing): Verdict['presented'] {
  const audience = typeof challenge === 'object' ? challenge.audience : undefined;
  if (medium === undefined && audience === undefined) return undefined;
  return { ...(medium === undefined ? {} : { medium }), ...(audience === undefined ? {} : { audience }) };
}

/** The same verdict with other findings: what they say together is decided anew. */
export function withFindings({ next: _before, ...verdict }: Verdict, findings: Finding[]): Verdict {
  const { next, reasons, ...decided } = decide(findings);
  return { ...verdict, ...decided, ...(next === undefined ? {} : { next }), reasons: [...reasons], findings };
}
