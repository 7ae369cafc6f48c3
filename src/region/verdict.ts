import type { Disclose } from '../document/disclose.ts';
import type { Finding, Part, SharedDocument, Verdict, VerdictStatus } from '../document/generated/types.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import { instantOf } from '../document/time.ts';
import type { Format } from '../format/compile.ts';
import { isHeld } from '../judge/judge.ts';
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
  readonly restsOn: Part[];
}

/** Puts the verdict together: the outcome by precedence, and everything it rests on. */
export function verdictOf(input: VerdictInput, standpoint: Standpoint): Verdict {
  const { format, key, document } = input;
  const { outcome, word, sentence, next, reasons } = decide(input.findings);
  const shown = document && input.disclose(document);
  const compare = document && (standpoint.types.get(document.docType.code)?.compare ?? []);
  return {
    outcome,
    word,
    sentence,
    ...(next === undefined ? {} : { next }),
    reasons: [...reasons],
    federation: standpoint.federation,
    environment: standpoint.environment,
    region: standpoint.region,
    purpose: input.purpose,
    clock: clockOf(standpoint.floor, input.now, input.stated),
    ...presentedOf(input.showing),
    ...(input.signed === undefined ? {} : { asOf: { at: instantOf(input.signed.at), source: input.signed.source } }),
    ...(format === undefined ? {} : { format: { id: format.id, region: format.region } }),
    ...(key === undefined
      ? {}
      : {
          issuer: {
            region: key.region,
            name: key.name,
            ...(key.unit === undefined ? {} : { unit: key.unit }),
            keyId: key.keyId,
          },
        }),
    ...(shown === undefined
      ? {}
      : {
          authentic: key !== undefined,
          document: shown,
          // What the purpose does not show cannot be compared.
          compare: comparable(compare!, shown),
          // A state in words that nobody here has accepted is not said in words.
          ...(input.findings.some(isHeld) ? {} : statusOf(shown, standpoint)),
        }),
    findings: input.findings,
    restsOn: input.restsOn,
  };
}

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
function statusOf({ status, issuer }: SharedDocument, standpoint: Standpoint): { status?: VerdictStatus } {
  const word = status && standpoint.statuses.word(status.canonical);
  if (word === undefined) return {};
  const objection = word.standing === 'clear' ? undefined : objectionOf(standpoint, issuer.region);
  return {
    status: {
      word: word.word,
      name: word.name,
      scheme: word.scheme.name,
      standing: word.standing,
      ...(status!.reasonCode === undefined ? {} : { reasonCode: status!.reasonCode }),
      ...(status!.authority === undefined ? {} : { authority: status!.authority }),
      ...(objection === undefined ? {} : { objection }),
    },
  };
}

function presentedOf({ medium, challenge }: Showing): Pick<Verdict, 'presented'> {
  const audience = typeof challenge === 'object' ? challenge.audience : undefined;
  if (medium === undefined && audience === undefined) return {};
  return {
    presented: { ...(medium === undefined ? {} : { medium }), ...(audience === undefined ? {} : { audience }) },
  };
}

/** The same verdict with other findings: what they say together is decided anew. */
export function withFindings({ next: _before, ...verdict }: Verdict, findings: Finding[]): Verdict {
  const { next, reasons, ...decided } = decide(findings);
  return { ...verdict, ...decided, ...(next === undefined ? {} : { next }), reasons: [...reasons], findings };
}
