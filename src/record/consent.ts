import { decodeBase64url, encodeBase64url } from '../codec/base64url.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { sm3 } from '../crypto/sm3.ts';
import { unlessBroken } from '../document/broken.ts';
import type { ConsentUse, HolderConsent, Reference } from '../document/generated/types.ts';
import { validateHolderConsent } from '../document/generated/validators.js';
import { exists } from '../document/time.ts';
import { ASKED_BY } from '../format/connector.ts';
import type { Systems } from '../region/systems.ts';
import { readSigned, type SignedKind, type SystemSigner, writeSigned } from './signed.ts';

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
  /** The issuing region takes consents of this region's holders (its own manifest says so). */
  honours(region: string): boolean;
  /** Epoch ms. */
  readonly now: number;
}

const CONSENT: SignedKind = {
  typ: 'tongren-consent+jws',
  may: 'consent',
  limits: { input: 20_000, inflated: 0, depth: 6, items: 500 },
};

/** Who signs a consent: a key that its region's systems.json lists with `consent`. */
export type ConsentSigner = SystemSigner;

/**
 * Reads a consent. Only a key of its own region, which that region lists as signing consents, can have made it. In: the JWS, the
 * systems of the federation, epoch ms. Undefined if it is none, or nobody can tell: what is in it is then worth nothing.
 */
export function readConsent(jws: string, systems: Systems, now: number): HolderConsent | undefined {
  const { value, system } = readSigned(jws, CONSENT, systems, now) ?? {};
  if (system === undefined || !validateHolderConsent(value)) return undefined;
  const consent = value as unknown as HolderConsent;
  const sound = exists(consent.from) && exists(consent.until) && consent.subjects.every(({ salt }) => isSalt(salt));
  // A region signs in its own name alone.
  return consent.region === system.region && sound ? consent : undefined;
}

/** Signs a consent: what the holder's region hands to whoever may use it. Out: the JWS. */
export const writeConsent = (consent: HolderConsent, signer: ConsentSigner): Promise<string> =>
  writeSigned(consent, CONSENT, signer);

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
  // Whoever signs for a holder vouches for whose document it is: its issuer decides whom it believes.
  ['region', ({ region }, { reference, honours }) => region === reference.region || honours(region)],
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

const isSalt = (salt: string): boolean => unlessBroken(() => decodeBase64url(salt)) !== undefined;

/** SM3(salt ‖ kind ‖ value), base64url. */
export function subjectDigest(salt: string, kind: string, value: string): string {
  const bytes = decodeBase64url(salt);
  const rest = encodeUtf8(kind + value);
  const all = new Uint8Array(bytes.length + rest.length);
  all.set(bytes);
  all.set(rest, bytes.length);
  return encodeBase64url(sm3(all));
}
