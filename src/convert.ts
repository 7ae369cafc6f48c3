import { encodeBase64, encodeBase64url } from './codec/base64url.ts';
import { encodeHex } from './codec/hex.ts';
import { writeJson } from './codec/json.ts';
import { writeJws } from './codec/jws.ts';
import type { EnvelopeSigner } from './codec/proof.ts';
import { encodeUtf8 } from './codec/utf8.ts';
import type { Value } from './codec/value.ts';
import type { EnvelopeAlgorithmName } from './crypto/algorithms.ts';
import type { Platform } from './crypto/platform.ts';
import { Broken, unlessBroken } from './document/broken.ts';
import type { ConversionProof, ConvertAnswer, SharedDocument, Verdict } from './document/generated/types.ts';
import { leavesOf, setAt, stepsOf, valueAt } from './document/pointer.ts';
import { standingOf } from './document/statuses.ts';
import { beijingTime, endOf, instantOf } from './document/time.ts';
import type { Format, Written } from './format/compile.ts';
import { bytesOf, type Presented } from './format/open.ts';
import { type Journey, journey, type Question } from './journey.ts';
import type { Standpoint } from './region/standpoint.ts';

/** A conversion lives this long at most: long enough to be used once, too short to become a document of its own. */
const MAX_CONVERSION_MS = 10 * 60_000;

/**
 * The gateway's own conversion issuer. No region's issuing key lives in a gateway. A format that is sealed is sealed with the
 * gateway's own seal, which no list of issuers knows.
 */
export type ConversionIssuer = ReadonlyMap<EnvelopeAlgorithmName, ConversionSigner>;

export interface ConversionSigner extends EnvelopeSigner {
  /** SESeal, DER. */
  readonly seal?: Uint8Array;
}

/** `document` for the shared words, or the format to write. */
export type Target = 'document' | Format;

/** What targets are called: `document`, or <region>/<format>. */
export const targetNames = (formats: readonly Format[]): string[] => ['document', ...formats.map(nameOf)];

/** Undefined if there is no such format. */
export const targetNamed = (to: string, formats: readonly Format[]): Target | undefined =>
  to === 'document' ? to : formats.find((each) => nameOf(each) === to);

const nameOf = ({ region, id }: Format): string => `${region}/${id}`;

/** Never as of the time of signing: what was good then must not come out as good for the next ten minutes. */
export interface ConversionAsk extends Omit<Question, 'asOf'> {
  readonly presented: Presented;
  readonly target: Target;
  /** Who may use it. */
  readonly audience: string;
}

/** A conversion and what it says of itself. `jws` is the whole of it, signed. */
export interface Conversion {
  readonly proof: ConversionProof;
  readonly document: SharedDocument | undefined;
  readonly wire: string | Uint8Array | undefined;
  /** The signature file that belongs to it, and what the file is called, where the format has these. */
  readonly beside: Uint8Array | undefined;
  readonly fileName: string | undefined;
  /** Where each field of the shared document came from. */
  readonly sources: Readonly<Record<string, string>>;
  /** Parts of the original that are not in the shared document, and parts of that which the target cannot carry. */
  readonly lost: { readonly original: readonly string[]; readonly target: readonly string[] };
  readonly jws: string;
}

/** Why there is no conversion, other than the verdict. */
export class NotConvertible extends Error {
  override readonly name = 'NotConvertible';
}

/**
 * Says a document in the shared words or writes it in another region's format. Only what the verifying region accepts
 * is converted: a signature under something unproven would launder it. In: the journey whose verdict was settled, where
 * there is a memory to settle it. Out: the verdict on the original, and the conversion if there is one. Errors:
 * NotConvertible; Broken if the target needs what the document does not say.
 */
export function convertDocument(
  ask: ConversionAsk,
  standpoint: Standpoint,
  issuer: ConversionIssuer,
  platform: Platform,
  walked: Journey = journey(ask.presented, standpoint, ask),
): { verdict: Verdict; conversion: Conversion | undefined } {
  if (ask.at !== undefined && standpoint.environment === 'production')
    throw new NotConvertible('a conversion is made now: no other time can be stated in production');
  const now = ask.at ?? standpoint.clock();
  const { verdict, converted } = walked;
  if (converted === undefined || (verdict.outcome !== 'accept' && verdict.outcome !== 'conditional')) {
    return { verdict, conversion: undefined };
  }
  const whole = converted.document as SharedDocument;
  const document = standpoint.purposes.get(ask.purpose)!(whole);
  if (document.docId !== whole.docId) {
    throw new NotConvertible(`the purpose "${ask.purpose}" does not allow the whole document to be passed on`);
  }
  const { validity, usage } = whole;
  const until = Math.min(now + MAX_CONVERSION_MS, endOrNever(validity.until), endOrNever(usage?.expiresAt));
  const digest = platform.digest('SM3', bytesOf(ask.presented));
  const proof = proofOf(walked, ask.audience, { now, until, digest });
  const lost = converted.lost();
  const ownId = encodeHex(digest.subarray(0, 16));
  const written = ask.target === 'document' ? undefined : write(document, ask.target, issuer, { now, until, ownId });
  if (written !== undefined) checkLimits(whole, document, written, standpoint);
  const body = {
    conversion: { ...proof, lost: [...lost] },
    ...(written === undefined ? { document } : wireMembers(written)),
  };
  const signer = issuer.get('ES256') ?? [...issuer.values()][0];
  if (signer === undefined) throw new NotConvertible('this gateway has no conversion key');
  return {
    verdict,
    conversion: {
      proof: body.conversion,
      document: written === undefined ? document : undefined,
      wire: written?.wire,
      beside: written?.beside,
      fileName: written?.fileName,
      sources: Object.fromEntries(
        Object.entries(converted.sources()).filter(([at]) => valueAt(document, stepsOf(at)) !== undefined),
      ),
      lost: { original: lost, target: written?.unwritten ?? [] },
      jws: writeJws(encodeUtf8(writeJson(body as unknown as Value)), { typ: 'tongren-conversion+jws' }, signer),
    },
  };
}

function write(
  document: SharedDocument,
  target: Format,
  issuer: ConversionIssuer,
  { now, until, ownId }: { readonly now: number; readonly until: number; readonly ownId: string },
): Written {
  const name = target.declaration.envelope.algorithms.find((algorithm) => issuer.has(algorithm));
  if (name === undefined) throw new NotConvertible(`this gateway has no conversion key for ${target.id}`);
  // The copy ends with the conversion, and never outlives the original.
  const shortened = {
    ...document,
    validity: { ...document.validity, until: instantOf(Math.floor(until / 1000) * 1000) },
  };
  const { seal, ...signer } = issuer.get(name)!;
  const keyId = target.declaration.envelope.conversionKeyId ?? signer.keyId;
  const stamp = { signedAt: Math.floor(now / 1000) * 1000, ...(seal === undefined ? {} : { seal }) };
  const latest = Math.min(endOrNever(document.validity.until), endOrNever(document.usage?.expiresAt));
  const each = (copy: SharedDocument): Written =>
    writeCoarsely(copy, latest, (coarse) => target.write(coarse, { ...signer, keyId, stamp }));
  try {
    return each(shortened);
  } catch (error) {
    const own = error instanceof Broken ? writeUnderOwnId(shortened, ownId, each) : undefined;
    if (own === undefined) throw error;
    return own;
  }
}

/** What a document is good for, beside its validity, which a conversion shortens. */
const LIMITS = ['/usage', '/presentation/audience', '/presentation/nonce', '/presentation/purpose'];

/** What a pass is bound to. Some words of a road and a crew may be lost; were all of them, it would be good on any, with anybody. */
const BOUND = ['/vehicle/plateNo', '/route', '/crew'];

/** Whether nothing of it was written. */
function isLost(at: string, whole: SharedDocument, shown: SharedDocument, unwritten: readonly string[]): boolean {
  const steps = stepsOf(at);
  if (valueAt(whole, steps) === undefined) return false;
  const said = valueAt(shown, steps);
  return said === undefined || leavesOf(said, steps).every((leaf) => unwritten.includes(leaf));
}

/**
 * A copy may say less than the original, and may not allow more: a yellow code, or a licence copied for one use, must not
 * come out as one without these words because the target has no place for them, or the purpose does not show them. In:
 * the whole document, and what of it was written. Throws Broken FIELD_INVALID.
 */
function checkLimits(
  whole: SharedDocument,
  shown: SharedDocument,
  { unwritten }: Written,
  { statuses }: Standpoint,
): void {
  const { status } = whole;
  const clear = status === undefined || standingOf(statuses, status.canonical) === 'clear';
  const left = (clear ? LIMITS : [...LIMITS, '/status/canonical']).find((limit) => {
    if (valueAt(whole, stepsOf(limit)) === undefined) return false;
    const isShown = valueAt(shown, stepsOf(limit)) !== undefined;
    return !isShown || unwritten.some((at) => at === limit || at.startsWith(`${limit}/`));
  });
  const unbound =
    left ?? (whole.docType.family === 'pass' ? BOUND.find((at) => isLost(at, whole, shown, unwritten)) : undefined);
  if (unbound !== undefined)
    throw new Broken(unbound, 'the format cannot say it, and without it the copy would allow more', 'FIELD_INVALID');
}

const endOrNever = (moment: string | undefined): number => (moment === undefined ? Infinity : endOf(moment));

/** Where an id may stand that the holder never sees. */
const IDS = ['/docId', '/revocationId', '/presentation/onceId'] as const;

/**
 * Some formats have room for ids of one shape only (32 characters). The copy then gets an id of its own, made of the
 * original's digest, wherever the id of the original stood, and that is told as lost; the signed conversion around it names both.
 * Undefined if that is of no help.
 */
function writeUnderOwnId(
  document: SharedDocument,
  ownId: string,
  write: (document: SharedDocument) => Written,
): Written | undefined {
  const id = document.revocationId;
  const places = IDS.filter((pointer) => id !== undefined && valueAt(document, stepsOf(pointer)) === id);
  if (places.length === 0) return undefined;
  const copy = structuredClone(document);
  for (const pointer of places) setAt(copy as unknown as Record<string, unknown>, stepsOf(pointer), ownId);
  const written = unlessBroken(() => write(copy));
  return written && { ...written, unwritten: [...written.unwritten, ...places] };
}

/**
 * Writes; where a format can only say a day, its day for a moment, and that is told as lost. The copy then ends with its
 * day, and is not written if that is later than `latest` (epoch ms), where the original ends; the signed conversion around
 * it ends in minutes.
 */
function writeCoarsely(
  document: SharedDocument,
  latest: number,
  write: (document: SharedDocument) => Written,
): Written {
  try {
    return write(document);
  } catch (error) {
    const [, field] = error instanceof Broken ? (/^\/validity\/(issuedAt|from|until)$/.exec(error.part) ?? []) : [];
    const moment = document.validity[field as keyof SharedDocument['validity']];
    if (field === undefined || moment === undefined || moment.length === 10) throw error;
    const day = beijingTime(Date.parse(moment)).slice(0, 10);
    // To the second, as formats say it.
    if (field === 'until' && Math.floor(endOf(day) / 1000) > Math.floor(latest / 1000))
      throw new Broken(
        '/validity/until',
        'the format can only say a day, and the original ends before that',
        'FIELD_INVALID',
      );
    const written = writeCoarsely({ ...document, validity: { ...document.validity, [field]: day } }, latest, write);
    return { ...written, unwritten: [...written.unwritten, `/validity/${field}`] };
  }
}

/** What was written, as members of JSON. */
export const wireMembers = ({
  wire,
  beside,
  fileName,
}: { readonly [Member in 'wire' | 'beside' | 'fileName']?: Conversion[Member] }): object => ({
  ...(typeof wire === 'string' ? { wire } : wire === undefined ? {} : { wireBytes: encodeBase64(wire) }),
  ...(beside === undefined ? {} : { wireBeside: encodeBase64(beside) }),
  ...(fileName === undefined ? {} : { fileName }),
});

/** As convert-answer.schema.json has it. */
export const writtenOf = ({
  proof,
  document,
  sources,
  lost,
  jws,
  ...written
}: Conversion): NonNullable<ConvertAnswer['conversion']> =>
  ({
    proof,
    ...(document === undefined ? {} : { document }),
    ...wireMembers(written),
    sources,
    lost,
    jws,
  }) as NonNullable<ConvertAnswer['conversion']>;

function proofOf(
  { verdict, opened, evidence }: Journey,
  audience: string,
  { now, until, digest }: { now: number; until: number; digest: Uint8Array },
): ConversionProof {
  const revocationId = opened!.claims.revocationId;
  return {
    notOriginal: true,
    audience,
    issuedAt: instantOf(now),
    expiresAt: instantOf(until),
    original: {
      digest: encodeBase64url(digest),
      algorithm: 'SM3',
      format: opened!.format.id,
      issuingRegion: evidence!.key!.region,
      keyId: evidence!.key!.keyId,
      outcome: verdict.outcome as 'accept' | 'conditional',
      ...(revocationId === undefined ? {} : { revocationId }),
    },
  };
}
