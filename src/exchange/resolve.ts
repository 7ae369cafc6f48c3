import { encodeBase64url } from '../codec/base64url.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Platform } from '../crypto/platform.ts';
import { digestsOf } from '../crypto/salted.ts';
import { Broken } from '../document/broken.ts';
import { type FindingCode, finding } from '../document/findings.ts';
import type { Reference, SharedDocument, Use } from '../document/generated/types.ts';
import { ASKED_BY, type AskedBy, type Connector, Missing } from '../format/connector.ts';
import { type Presented, referenceText } from '../format/open.ts';
import { type Journey, journey, type Question } from '../journey.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { type RegionClient, RegionSilent } from './region-client.node.ts';

/** Asks the regions that references point to, and judges what they answer like any other document. */
export interface Resolver {
  /**
   * In: a reference, and who asks for what. Out: the journey of the document behind it, or that of the reference with the
   * reason why there is none. Never longer than a region may take; a region that is down is told at once.
   */
  resolve(reference: Reference, standpoint: Standpoint, question: ResolveQuestion): Promise<Resolved>;
}

export interface ResolveQuestion extends Question {
  readonly use?: Use | undefined;
  /** Who asks: what was answered to one is not told to another. */
  readonly caller?: string | undefined;
  /** Only documents of this type are wanted. */
  readonly documentType?: string | undefined;
  /** What holds now is asked of whoever has a number of this kind: only a connector that signs its answers to that is asked. */
  readonly live?: { readonly idType: string } | undefined;
}

export interface Resolved {
  readonly journey: Journey;
  /** What was handed out by the region; undefined if nothing usable was. */
  readonly presented: Presented | undefined;
}

export interface ResolverOptions {
  readonly client: RegionClient;
  readonly platform: Platform;
  /** This many random octets. */
  readonly random: (octets: number) => Uint8Array;
  /** Epoch ms. */
  readonly clock: () => number;
}

/** An answer about a token may be looked at again by the same asker for this long: it says what holds now. */
const KEEP_MS = 60_000;
const MOST_KEPT = 1_000;
/** One after the other, and each may take its time: an officer waits. */
const MOST_ASKED = 3;
const NONCE_OCTETS = 16;

interface Answered {
  readonly presented: Presented;
  readonly nonce: string;
  readonly by: Connector;
}

/** What came of asking: an answer, or the finding that says why there is none. */
type Outcome = Answered | FindingCode;

export function createResolver({ client, platform, random, clock }: ResolverOptions): Resolver {
  const kept = new Map<string, { readonly until: number; readonly answer: Answered }>();
  const digest = (text: string): string => encodeBase64url(platform.digest('SM3', encodeUtf8(text)));
  const digests = digestsOf(platform);

  /** Only what was signed over our nonce is kept, and only for the asker whose nonce it was. */
  const remembered = (key: string): Answered | undefined => {
    const found = kept.get(key);
    if (found !== undefined && found.until > clock()) return found.answer;
    kept.delete(key);
    return undefined;
  };
  const remember = (key: string, answer: Answered): void => {
    // In the order in which they end: what is over goes, not only what is too much.
    for (const [old, { until }] of kept) {
      if (until > clock()) break;
      kept.delete(old);
    }
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    kept.set(key, { until: clock() + KEEP_MS, answer });
  };

  const askOne = async (
    by: Connector,
    reference: Reference,
    standpoint: Standpoint,
    question: ResolveQuestion,
  ): Promise<Outcome> => {
    const nonce = encodeBase64url(random(NONCE_OCTETS));
    const { purpose, documentType, use = ownUse(standpoint, purpose, nonce), live } = question;
    try {
      const asked = { reference, asker: standpoint.region, purpose, documentType, nonce, use, idType: live?.idType };
      const body = by.write(asked);
      const answer = by.read(await client.ask(by, body));
      return 'absent' in answer ? 'REFERENCE_UNKNOWN' : { presented: answer.presented, nonce, by };
    } catch (error) {
      if (error instanceof Missing) return 'ELEMENTS_MISSING';
      if (error instanceof Broken) return 'REGION_ANSWER_UNUSABLE';
      if (error instanceof RegionSilent) return error.code === 'not-allowed' ? 'NOBODY_TO_ASK' : 'REGION_SILENT';
      throw error;
    }
  };

  /** One after the other: first the region itself, then whoever stands in for it, where it does not answer. */
  const ask = async (
    connectors: readonly Connector[],
    reference: Reference,
    standpoint: Standpoint,
    question: ResolveQuestion,
  ): Promise<Outcome> => {
    let first: Outcome | undefined;
    for (const by of connectors) {
      const outcome = await askOne(by, reference, standpoint, question);
      if (typeof outcome !== 'string' || outcome === 'REFERENCE_UNKNOWN') return outcome;
      first ??= outcome;
    }
    return first ?? 'NOBODY_TO_ASK';
  };

  return {
    async resolve(reference, standpoint, question) {
      const unresolved = (why: FindingCode): Resolved => ({
        journey: journey({ reference }, standpoint, { ...question, resolving: [finding(why)] }),
        presented: undefined,
      });
      // Of several, the answer might be about another than is compared.
      const [kind, ...more] = ASKED_BY.filter((each) => reference[each] !== undefined);
      if (kind === undefined || more.length > 0) return unresolved('NOBODY_TO_ASK');
      const text = referenceText(reference);
      const { caller = '', use } = question;
      const key = digest(JSON.stringify([standpoint.region, question.purpose, caller, use ?? null, text]));
      // What a consent is used for, and a state that is asked for itself, is asked anew each time.
      const known = question.documentType === undefined && question.live === undefined ? remembered(key) : undefined;
      const outcome =
        known ?? (await ask(connectorsFor(reference, kind, question, standpoint), reference, standpoint, question));
      if (typeof outcome === 'string') return unresolved(outcome);

      const { presented, nonce, by } = outcome;
      const own = by.region === reference.region || reference.region === undefined;
      const resolving = [finding(own ? 'RESOLVED' : 'RESOLVED_BY_OTHER', { detail: by.region })];
      // A token, or a number whose state is asked, means only what its region signs now, for us; anything else is a document like
      // any other.
      const asked = liveText(reference, kind, question);
      const challenge =
        asked === undefined ? {} : { challenge: { audience: standpoint.region, nonce, answersTo: digest(asked) } };
      const walked = journey(presented, standpoint, { ...question, ...challenge, resolving });
      // Nobody showed this document: what no key of the region vouches for is the answer's fault, and no forgery.
      if (walked.evidence?.key === undefined) return unresolved('REGION_ANSWER_UNUSABLE');
      if (!isAskedFor(walked, { reference, kind, by, question }, digests)) return unresolved('ANSWER_FOR_ANOTHER');
      if (
        known === undefined &&
        kind === 'token' &&
        walked.verdict.findings.some(({ code }) => code === 'CHALLENGE_MET')
      )
        remember(key, outcome);
      return { journey: walked, presented };
    },
  };
}

/** The five elements where the caller says none: the region, the purpose, and a number of this question's own. */
function ownUse({ region, regions, purposeNames }: Standpoint, purpose: string, nonce: string): Use {
  const names = [...purposeNames].filter(([name, code]) => code === purpose && name !== purpose);
  return {
    orgName: regions.get(region)!.name.zh,
    username: `gateway-${region}`,
    itemName: names[0]?.[0] ?? purpose,
    itemCode: purpose,
    businessCode: `Q-${nonce.replaceAll(/[^A-Za-z0-9]/g, '')}`,
  };
}

/**
 * Whoever can be asked: a token goes to the region whose code it is and to nobody else. Without a region, a plate is asked
 * where it was given out.
 */
function connectorsFor(
  reference: Reference,
  kind: AskedBy,
  { documentType, purpose, live: asksLive }: Pick<ResolveQuestion, 'documentType' | 'purpose' | 'live'>,
  standpoint: Standpoint,
): readonly Connector[] {
  const region = reference.region;
  if (region === undefined) return [];
  // Who may ask for a state by number, and for what, is settled elsewhere (states.ts): no other question reaches such a connector.
  const fits = ({ declaration: { asks, documentTypes, live } }: Connector): boolean =>
    asks.includes(kind) &&
    (kind === 'token' || (live === true) === (asksLive !== undefined)) &&
    (documentType === undefined || documentTypes.includes(documentType));
  const all = standpoint.connectors.filter(fits);
  const own = all.filter((each) => each.region === region && each.declaration.stands === undefined);
  if (kind === 'token' || asksLive !== undefined) return own.slice(0, MOST_ASKED);
  const agreed = standpoint.agreements.standIns(region, purpose, standpoint.clock());
  const others = all.filter((each) => each.declaration.stands?.includes(region) && agreed.includes(each.region));
  return [...own, ...others].slice(0, MOST_ASKED);
}

/** By what kinds of references a region, or who stands in for it, can be asked for a type of document; none if by none. */
export const waysToAsk = (
  region: string,
  question: Pick<ResolveQuestion, 'documentType' | 'purpose'>,
  standpoint: Standpoint,
): AskedBy[] => ASKED_BY.filter((kind) => connectorsFor({ region }, kind, question, standpoint).length > 0);

/** That of which an answer must be, by its signed digest; undefined where the document itself shows that. */
function liveText(reference: Reference, kind: AskedBy, { live }: ResolveQuestion): string | undefined {
  if (kind === 'token') return reference.token!;
  return live && `${live.idType}${reference[kind]}`;
}

interface AskedFor {
  readonly reference: Reference;
  readonly kind: AskedBy;
  readonly by: Connector;
  readonly question: ResolveQuestion;
}

/** Is it the document that was asked for? One that cannot be read to its end says nothing, and shows nothing. */
function isAskedFor(
  { converted, verdict }: Journey,
  { reference, kind, by, question: { documentType, live } }: AskedFor,
  digests: ReturnType<typeof digestsOf>,
): boolean {
  const document = converted?.document;
  if (document === undefined) return true;
  if (
    reference.region !== undefined &&
    verdict.issuer !== undefined &&
    ![reference.region, by.region].some((each) => isOf(verdict.issuer!.region, each))
  )
    return false;
  if (documentType !== undefined && document.docType?.code !== documentType) return false;
  // Anything may stand where texts should in what is no shared document, and nothing of that is shown.
  if (verdict.document === undefined) return true;
  // Judged by the signed digest of the number (ANSWER_MISMATCH).
  return live !== undefined || MATCHES[kind](document, reference[kind]!, digests);
}

/** A city's document is its province's as well. */
const isOf = (region: string, asked: string): boolean =>
  region === asked || (/^\d{2}0000$/.test(asked) && region.startsWith(asked.slice(0, 2)));

type Matches = (document: Partial<SharedDocument>, said: string, digests: ReturnType<typeof digestsOf>) => boolean;

/** How a document shows that it is what was asked for, one row each. */
const MATCHES: Readonly<Record<AskedBy, Matches>> = {
  // Judged by the signed digest of the token (ANSWER_MISMATCH).
  token: () => true,
  plate: ({ vehicle }, said) => vehicle?.plateNo === said || vehicle?.trailerPlate === said,
  passNumber: ({ docId, faceFields }, said) => docId === said || faceFields?.['number'] === said,
  cardNumber: ({ holder, crew = [] }, said, digests) => [holder, ...crew].some((each) => isNumber(each, said, digests)),
};

function isNumber(
  who: { idNumber?: string; idRef?: string; idSalt?: string; idType?: string } | undefined,
  said: string,
  digests: ReturnType<typeof digestsOf>,
): boolean {
  if (who === undefined) return false;
  if (who.idNumber !== undefined) return who.idNumber.toUpperCase() === said.toUpperCase();
  const { idRef, idSalt, idType } = who;
  if (idRef === undefined || idSalt === undefined || idType === undefined) return false;
  const wanted = digests.read(idRef);
  return wanted !== undefined && wanted === digests.salted(idSalt, idType, said.toUpperCase());
}

/** Where nobody may be asked. */
export const ASKS_NOBODY: Resolver = {
  async resolve(reference, standpoint, question) {
    const resolving = [finding('NOBODY_TO_ASK')];
    return { journey: journey({ reference }, standpoint, { ...question, resolving }), presented: undefined };
  },
};
