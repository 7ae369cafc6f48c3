import { createPublicKey, getHashes, hash, type KeyObject, verify } from 'node:crypto';
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { derFromRaw } from '../codec/signature.ts';
import type { AlgorithmName, DigestName } from './algorithms.ts';
import { sharedCore } from './core/core.ts';
import { fastVerifier, type Remembering, verifyTogether } from './core/verifier.ts';
import { CURVES, type CurveKind, onCurve } from './curves.ts';
import { ed25519Point } from './ed25519.ts';
import { keyFits, type PublicKey, spkiFromKey } from './keys.ts';
import type { Platform, Verifier } from './platform.ts';
import { PSS_NAMES, type PssDigest } from './pss.ts';
import { type RsaKey, rsaNumbers } from './rsa.ts';
import { createSeen } from './seen.ts';
import { prepareSm2 } from './sm2.ts';
import { sm3 } from './sm3.ts';

/**
 * Node's OpenSSL, except for SM2 and for P-256 keys that come often (see core/).
 *
 * Measured on Node 24: one-shot `verify` with a bare KeyObject is the fastest form by far. Options in an object
 * (`{ key, dsaEncoding }`, `{ key, padding }`) cost a third of an ECDSA check and half of an RSA check, so signatures
 * are turned into DER here, and PSS is said by the key itself. Keys are usable on both platforms or on neither: the
 * checks are the portable ones, and OpenSSL's own object is made at the first signature.
 */
type Prepare = (key: PublicKey) => Verifier | undefined;

/** Made at the first key. Larger tables are built between two requests. */
const core = sharedCore({ later: (work) => setImmediate(work).unref() });

/** A pass that is shown again within a day need not be computed again. Some three megabytes. */
const MOST_REMEMBERED = 32_768;
const REMEMBERED_MS = 24 * 3_600_000;
const remembering: Remembering = {
  seen: createSeen(MOST_REMEMBERED, REMEMBERED_MS, () => performance.now()),
  name: (octets) => hash('sha256', octets, 'base64url'),
};

/** OpenSSL's form of a key, made once, when it is first needed. */
function onFirstUse(spki: () => Uint8Array): () => KeyObject {
  let made: KeyObject | undefined;
  return () => {
    made ??= createPublicKey({ key: Buffer.from(spki()), format: 'der', type: 'spki' });
    return made;
  };
}

function ecdsa(kind: CurveKind, digest: 'sha256' | 'sha384' | 'sha512'): Prepare {
  const curve = CURVES[kind];
  const length = 2 * curve.size;
  return (key) => {
    if (key.kind !== kind || key.x.length !== curve.size || key.y.length !== curve.size) return undefined;
    if (!onCurve(curve, bytesToNumberBE(key.x), bytesToNumberBE(key.y))) return undefined;
    const keyObject = onFirstUse(() => spkiFromKey(key));
    return (data, signature) => signature.length === length && verify(digest, data, keyObject(), derFromRaw(signature));
  };
}

/** P-256 by the core where it can tell, else by OpenSSL. */
const es256 =
  (remembering: Remembering | undefined): Prepare =>
  (key) => {
    const complete = ecdsa('P-256', 'sha256')(key);
    const fast = key.kind === 'P-256' && complete ? core()?.key('P-256', key.x, key.y) : undefined;
    if (complete === undefined || fast === undefined) return complete;
    return fastVerifier({ kind: 'P-256', key: fast, digested: DIGESTS['SHA-256'] }, complete, {
      patient: true,
      remembering,
    });
  };

const ed25519: Prepare = (key) => {
  if (key.kind !== 'Ed25519' || ed25519Point(key.x) === undefined) return undefined;
  const keyObject = onFirstUse(() => spkiFromKey(key));
  return (data, signature) => signature.length === 64 && verify(null, data, keyObject(), signature);
};

const rsa =
  (digest: 'sha256' | 'sha384' | 'sha512', spki: (key: RsaKey) => Uint8Array): Prepare =>
  (key) => {
    const numbers = key.kind === 'RSA' ? rsaNumbers(key) : undefined;
    if (key.kind !== 'RSA' || numbers === undefined) return undefined;
    const length = Math.ceil(numbers.bits / 8);
    const keyObject = onFirstUse(() => spki(key));
    return (data, signature) => signature.length === length && verify(digest, data, keyObject(), signature);
  };

/**
 * The key as id-RSASSA-PSS, restricted to the parameters of one algorithm: OpenSSL then takes nothing else from it, in
 * particular no PKCS#1 v1.5 signature and no other salt.
 */
const pssSpki =
  (digest: PssDigest) =>
  ({ n, e }: RsaKey): Uint8Array =>
    spkiFromKey({ kind: 'RSA', n, e, only: [PSS_NAMES[digest]] });

const rsaSpki = ({ n, e }: RsaKey): Uint8Array => spkiFromKey({ kind: 'RSA', n, e });

const preparers = (remembering: Remembering | undefined): Readonly<Record<AlgorithmName, Prepare>> => ({
  ES256: es256(remembering),
  ES384: ecdsa('P-384', 'sha384'),
  ES512: ecdsa('P-521', 'sha512'),
  PS256: rsa('sha256', pssSpki('SHA-256')),
  PS384: rsa('sha384', pssSpki('SHA-384')),
  PS512: rsa('sha512', pssSpki('SHA-512')),
  RS256: rsa('sha256', rsaSpki),
  RS384: rsa('sha384', rsaSpki),
  RS512: rsa('sha512', rsaSpki),
  EdDSA: ed25519,
  'SM2-SM3': (key) => prepareSm2(key, undefined, core(), remembering),
  'P-256-SHA-384': ecdsa('P-256', 'sha384'),
  'P-256-SHA-512': ecdsa('P-256', 'sha512'),
  'P-384-SHA-256': ecdsa('P-384', 'sha256'),
  'P-384-SHA-512': ecdsa('P-384', 'sha512'),
  'P-521-SHA-256': ecdsa('P-521', 'sha256'),
  'P-521-SHA-384': ecdsa('P-521', 'sha384'),
});

/** A plain Uint8Array, not a Buffer, whose `slice` and `toString` do something else. */
const digest =
  (name: string) =>
  (data: Uint8Array): Uint8Array => {
    // As a text of one sign for each octet: Node takes twice as long to make a buffer.
    const text = hash(name, data, 'binary');
    const octets = new Uint8Array(text.length);
    for (let i = 0; i < octets.length; i++) octets[i] = text.charCodeAt(i);
    return octets;
  };

const DIGESTS: Readonly<Record<DigestName, (data: Uint8Array) => Uint8Array>> = {
  'SHA-256': digest('sha256'),
  'SHA-384': digest('sha384'),
  'SHA-512': digest('sha512'),
  // Some builds of OpenSSL leave the Chinese algorithms out.
  SM3: getHashes().includes('sm3') ? digest('sm3') : (data) => sm3(data),
};

function platformWith(remembering: Remembering | undefined): Platform {
  const prepare = preparers(remembering);
  return {
    name: 'node',
    prepare: (algorithm, key) => (keyFits(algorithm, key) ? prepare[algorithm](key) : undefined),
    digest: (name, data) => DIGESTS[name](data),
    verifyMany: (checks) => verifyTogether(core(), checks),
  };
}

export const nodePlatform = platformWith(remembering);
/** The same, without a memory of good signatures: for measuring what one costs. */
export const forgetfulPlatform = platformWith(undefined);
