import { validateShared } from './document/consistency.ts';
import type { Finding, Reference, SharedDocument, Verdict } from './document/generated/types.ts';
import type { Converted, Opened } from './format/compile.ts';
import type { Said } from './format/lately.ts';
import { type Opening, open, type Presented } from './format/open.ts';
import { archiveFindings } from './judge/archive.ts';
import { judge } from './judge/judge.ts';
import type { Showing } from './judge/presented.ts';
import { judgeAges } from './region/age.ts';
import { judgeClock } from './region/clock.ts';
import { objectionOf, partsFor, type Standpoint } from './region/standpoint.ts';
import { judgeTroubles } from './region/troubles.ts';
import { verdictOf } from './region/verdict.ts';
import { authenticate, type Checked, CLOCK_TOLERANCE_MS, type Evidence } from './trust/authenticate.ts';
import { signedTime } from './trust/signed-time.ts';

/** For what, and when, a verdict is asked, and how the document was shown. */
export interface Question extends Showing {
  /** A purpose of the catalogue. */
  readonly purpose: string;
  /** Epoch ms; the standpoint's clock if absent. The verdict says that the time was stated. */
  readonly at?: number | undefined;
  /** Judge an archived copy as of when it was signed. */
  readonly asOf?: 'signing' | undefined;
  /** OCSP answers (DER) about certificates that came with the document, where somebody asked for them. */
  readonly answers?: readonly Uint8Array[];
  /** What came of asking the region that it refers to (exchange/resolve.ts). */
  readonly resolving?: readonly Finding[];
}

/** The verdict, and what the steps gave (whole, identities included): for conversion, inspection and conformance. */
export interface Journey {
  readonly verdict: Verdict;
  readonly opened: Opened | undefined;
  /** To what it refers, where it is no document but refers to one. Not for logs: a token may be a bearer's. */
  readonly reference?: Reference | undefined;
  readonly evidence: Evidence | undefined;
  readonly converted: Converted | undefined;
}

/** What many documents did together before each went on alone (journeys.ts). */
export interface Begun {
  /** Whose formats and keys it was opened by: what was begun from another counts for nothing. */
  readonly standpoint: Standpoint;
  readonly opening: Opening;
  readonly checked: Checked;
}

/** A document in the shared words, and whether that is one. */
function say(opened: Opened, region: string): Said {
  const converted = opened.format.convert(opened, region);
  const validation = converted.sound ? validateShared(converted.document) : [];
  const sound = validation.length > 0 && validation.every(({ result }) => result === 'pass');
  return { region, converted, validation, sound };
}

/**
 * One document, from bytes to verdict, in the order that ARCHITECTURE.md gives: open → authenticate → convert → validate →
 * judge. Synchronous; the same function in the server, on the command line and in the checkpoint's browser. Every
 * input gives a verdict. Errors: RangeError for a purpose that the catalogue does not have.
 */
export function journey(presented: Presented, standpoint: Standpoint, question: Question, before?: Begun): Journey {
  const { purpose, at, asOf, answers, resolving } = question;
  const disclose = standpoint.purposes.get(purpose);
  if (disclose === undefined) throw new RangeError(`no purpose "${purpose}" in the catalogue`);
  const { trust, environment } = standpoint;
  const now = at ?? standpoint.clock();
  const begun = before?.standpoint === standpoint ? before : undefined;

  const opening = begun?.opening ?? open(presented, standpoint, now);
  const { format, opened, reference } = opening;

  const signed = asOf === undefined ? undefined : opened && signedTime(opened, now);
  const { remembered } = standpoint;
  const evidence =
    opened &&
    authenticate(
      {
        proof: opened.proof,
        algorithm: opened.algorithm,
        attestations: opened.attestations,
        unsigned: opened.unsigned,
        claims: opened.claims,
        region: opened.format.region,
        environment,
        answers,
        now,
        asOf: signed?.at,
        remembered,
        checked: begun?.checked,
      },
      trust,
    );
  const key = evidence?.key;
  const region = key?.region ?? opened?.format.region;
  const ages = judgeAges(region === undefined ? [] : partsFor(standpoint, region), standpoint.ages, now);
  const troubles = region === undefined ? [] : judgeTroubles(standpoint, region);
  const stated = at !== undefined;
  const clock = judgeClock(standpoint.floor, region, now, stated);

  const said = opening.said?.region === region ? opening.said : opened && say(opened, region!);
  // What a region gave when it was asked is made for us, and nobody hands it in again.
  if (said !== undefined && said !== opening.said && key !== undefined && resolving === undefined)
    standpoint.lately?.keep(presented, opening, said);
  const { converted, validation = [] } = said ?? {};
  const shared = converted?.document;
  const document = said?.sound ? (shared as SharedDocument) : undefined;

  const objection = region === undefined || shared?.status === undefined ? undefined : objectionOf(standpoint, region);
  const units = [key?.unit, shared?.issuer?.unit].filter((unit) => unit !== undefined);
  const judgement =
    shared &&
    judge(
      {
        document: shared,
        documentType: shared.docType?.code,
        payload: opened!.payload,
        issuerChain: key && standpoint.chain(key.region),
        keyId: key?.keyId,
        isUnit: (unit) => units.some((own) => trust.sameUnit(region!, own, unit)),
        format: format!.id,
        formatRegion: format!.region,
        purpose,
        now: signed?.at ?? now,
        tolerance: CLOCK_TOLERANCE_MS,
        objection,
        showing: question,
        presenting: converted!.presenting,
        readAsAgreed: (lists) => standpoint.readAsAgreed(opened!, region!, shared, lists),
      },
      standpoint,
    );

  const archive = asOf === undefined ? undefined : archiveFindings(signed?.source);
  const early = [resolving, opening.findings, evidence?.findings, ages.findings, troubles, clock];
  const findings: Finding[] = [];
  for (const step of [...early, converted?.findings, validation, judgement, archive])
    if (step !== undefined) for (const found of step) findings.push(found);
  const { restsOn } = ages;
  const verdict = verdictOf(
    { purpose, disclose, now, stated, signed, showing: question, format, key, document, findings, restsOn },
    standpoint,
  );
  return { verdict, opened, reference, evidence, converted };
}
