import type { AlgorithmName, DigestName } from './algorithms.ts';
import { sharedCore } from './core/core.ts';
import { fastVerifier, verifyTogether } from './core/verifier.ts';
import { CURVES, type CurveKind, onCurve } from './curves.ts';
import { prepareEcdsa } from './ecdsa.ts';
import { prepareEd25519 } from './ed25519.ts';
import { keyFits, type PublicKey } from './keys.ts';
import { numberOf } from './numbers.ts';
import { lazily, type Platform, type Verifier } from './platform.ts';
import { preparePkcs1, preparePss } from './rsa.ts';
import { sha256 } from './sha256.ts';
import { sha384, sha512 } from './sha512.ts';
import { prepareSm2 } from './sm2.ts';
import { sm3 } from './sm3.ts';

const core = sharedCore({ later: setTimeout });

type Prepare = (key: PublicKey) => Verifier | undefined;

const DIGESTS: Readonly<Record<DigestName, (data: Uint8Array) => Uint8Array>> = {
  'SHA-256': sha256,
  'SHA-384': (data) => sha384(data),
  'SHA-512': (data) => sha512(data),
  SM3: (data) => sm3(data),
};

function ecdsa(kind: CurveKind, digest: DigestName): Prepare {
  const curve = CURVES[kind];
  return (key) => {
    if (key.kind !== kind || key.x.length !== curve.size || key.y.length !== curve.size) return undefined;
    const x = numberOf(key.x);
    const y = numberOf(key.y);
    if (!onCurve(curve, x, y)) return undefined;
    const complete = lazily(() => prepareEcdsa(curve, x, y, DIGESTS[digest]));
    const fast = kind === 'P-256' && digest === 'SHA-256' ? core()?.key(kind, key.x, key.y) : undefined;
    return fast === undefined
      ? complete
      : fastVerifier({ kind: 'P-256', key: fast, digested: DIGESTS[digest] }, complete);
  };
}

const rsa =
  (prepare: typeof preparePss, digest: Parameters<typeof preparePss>[1]): Prepare =>
  (key) =>
    key.kind === 'RSA' ? prepare(key, digest) : undefined;

const PREPARE: Readonly<Record<AlgorithmName, Prepare>> = {
  ES256: ecdsa('P-256', 'SHA-256'),
  ES384: ecdsa('P-384', 'SHA-384'),
  ES512: ecdsa('P-521', 'SHA-512'),
  PS256: rsa(preparePss, 'SHA-256'),
  PS384: rsa(preparePss, 'SHA-384'),
  PS512: rsa(preparePss, 'SHA-512'),
  RS256: rsa(preparePkcs1, 'SHA-256'),
  RS384: rsa(preparePkcs1, 'SHA-384'),
  RS512: rsa(preparePkcs1, 'SHA-512'),
  EdDSA: (key) => (key.kind === 'Ed25519' ? prepareEd25519(key.x) : undefined),
  'SM2-SM3': (key) => prepareSm2(key, undefined, core()),
  'P-256-SHA-384': ecdsa('P-256', 'SHA-384'),
  'P-256-SHA-512': ecdsa('P-256', 'SHA-512'),
  'P-384-SHA-256': ecdsa('P-384', 'SHA-256'),
  'P-384-SHA-512': ecdsa('P-384', 'SHA-512'),
  'P-521-SHA-256': ecdsa('P-521', 'SHA-256'),
  'P-521-SHA-384': ecdsa('P-521', 'SHA-384'),
};

/** Without Node: for the checkpoint's page, and as a second opinion beside OpenSSL in tests. */
export const browserPlatform: Platform = {
  name: 'browser',
  prepare: (algorithm, key) => (keyFits(algorithm, key) ? PREPARE[algorithm](key) : undefined),
  digest: (name, data) => DIGESTS[name](data),
  verifyMany: (checks) => verifyTogether(core(), checks),
};
