import { decodeBase64url, encodeBase64url } from '../codec/base64url.ts';
import { parseJson, writeJson } from '../codec/json.ts';
import { openJws } from '../codec/jws.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { algorithmNamed, type EnvelopeAlgorithmName } from '../crypto/algorithms.ts';
import { sm3 } from '../crypto/sm3.ts';
import { Broken } from '../document/broken.ts';
import type { ConsentUse, HolderConsent, Reference } from '../document/generated/types.ts';
import { validateHolderConsent } from '../document/generated/validators.js';
import { exists } from '../document/time.ts';
import { ASKED_BY } from '../format/connector.ts';
import type { Systems } from '../region/systems.ts';

/** Why a consent does not allow what is asked. */
export type ConsentRefusal = Exclude<ConsentUse['outcome'], 'given' | 'empty'>;

/** What is asked, as far as a consent speaks of it. */
export interface ConsentQuestion {
  readonly federation: string;
  /** The region whose gateway this is. */
  readonly gateway: string;
  /** `<region>/<id>` */
  readonly asker: string;
  readonly documentType: string;
  readonly purpose: string;
  readonly reference: Reference;
  /** Epoch ms. */
  readonly now: number;
}

const TYPE = 'tongren-consent+jws';
const LIMITS = { input: 20_000, inflated: 0, depth: 6, items: 500 };

/**
 * Reads a consent. Only a key of its own region, which that region lists as signing consents, can have made it. In: the JWS, the
 * systems of the federation, epoch ms. Undefined if it is none, or nobody can tell: what is in it is then worth nothing.
 */
export function readConsent(jws: string, systems: Systems, now: number): HolderConsent | undefined {
  try {
    const { proof, payload, header } = openJws(jws, LIMITS);
    const [keyId] = proof.keyIds;
    if (header['typ'] !== TYPE || keyId === undefined || 'demands' in proof) return undefined;
    const key = systems.key(keyId, now);
    if (key === undefined || !key.system.may.includes('consent')) return undefined;
    if (proof.algorithm !== `jose:${algorithmNamed(key.algorithm).jose}`) return undefined;
    if (!key.verify(proof.signed, proof.signature)) return undefined;
    const value = parseJson(decodeUtf8(payload), LIMITS);
    if (!validateHolderConsent(value)) return undefined;
    const consent = value as unknown as HolderConsent;
    // A region speaks for its own holders alone.
    return consent.region === key.system.region && exists(consent.from) && exists(consent.until) ? consent : undefined;
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}

/** Who signs a consent: a key that its region's systems.json lists with `consent`. Raw signatures: r‖s for ECDSA and SM2. */
export interface ConsentSigner {
  /** `<region>/<id>#<RFC 7638 thumbprint>` */
  readonly keyId: string;
  readonly algorithm: EnvelopeAlgorithmName;
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Signs a consent: what the holder's region hands to whoever may use it. Out: the JWS. */
export async function writeConsent(consent: HolderConsent, signer: ConsentSigner): Promise<string> {
  const header = { alg: algorithmNamed(signer.algorithm).jose, kid: signer.keyId, typ: TYPE };
  const part = (value: unknown): string => encodeBase64url(encodeUtf8(writeJson(value as Value)));
  const signed = `${part(header)}.${part(consent)}`;
  return `${signed}.${encodeBase64url(await signer.sign(encodeUtf8(signed)))}`;
}

/** Whether it allows what is asked, revocation and the number of uses aside. Undefined if it does. */
export function refusalOf(consent: HolderConsent, question: ConsentQuestion): ConsentRefusal | undefined {
  return CHECKS.find(([, allows]) => !allows(consent, question))?.[0];
}

type Allows = (consent: HolderConsent, question: ConsentQuestion) => boolean;

/** One row for each thing that a consent limits. */
const CHECKS: readonly (readonly [ConsentRefusal, Allows])[] = [
  ['other-federation', ({ federation }, asked) => federation === asked.federation],
  ['other-gateway', ({ gateway }, asked) => gateway === asked.gateway],
  ['asker', ({ askers }, { asker }) => askers.includes(asker)],
  ['document-type', ({ documentTypes }, { documentType }) => documentTypes.includes(documentType)],
  ['purpose', ({ purposes }, { purpose }) => purposes.includes(purpose)],
  ['subject', ({ subjects }, { reference }) => subjects.some((subject) => isSubject(subject, reference))],
  ['not-yet', ({ from }, { now }) => Date.parse(from) <= now],
  ['over', ({ until }, { now }) => now < Date.parse(until)],
];

type Subject = HolderConsent['subjects'][number];

/** All that a reference says must be allowed: one more member could be somebody else's. */
const isSubject = ({ salt, digest }: Subject, reference: Reference): boolean => {
  const said = ASKED_BY.filter((kind) => reference[kind] !== undefined);
  const [kind] = said;
  return kind !== undefined && said.length === 1 && subjectDigest(salt, kind, reference[kind]!) === digest;
};

/** SM3(salt ‖ kind ‖ value), base64url. */
export function subjectDigest(salt: string, kind: string, value: string): string {
  const bytes = decodeBase64url(salt);
  const rest = encodeUtf8(kind + value);
  const all = new Uint8Array(bytes.length + rest.length);
  all.set(bytes);
  all.set(rest, bytes.length);
  return encodeBase64url(sm3(all));
}
