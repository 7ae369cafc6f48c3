import { decodeBase64url, encodeBase64url } from '../codec/base64url.ts';
import {
  atEnd,
  type Cursor,
  derOf,
  enter,
  finish,
  inside,
  nullOf,
  oidOf,
  read,
  TAG,
  unsignedOf,
  wholeBitStringOf,
} from '../codec/der.ts';
import { bitString, integer, nullValue, oid, sequence } from '../codec/der-writer.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import { type AlgorithmName, algorithmNamed, algorithmOfJose, type Digester, type KeyKind } from './algorithms.ts';
import { CURVES, type CurveKind, curveNamed, curveOfOid } from './curves.ts';
import { secondCoordinate } from './points.ts';
import { PSS_NAMES, type PssDigest, pssAlgorithm, pssAlgorithmOf, RSASSA_PSS, readPssParameters } from './pss.ts';

/**
 * A public key as numbers, independent of the container (certificate, SPKI, JWK, COSE key) that it came in.
 * Coordinates have the curve's full length; `n` and `e` are big-endian without leading zeros.
 */
export type PublicKey =
  | { readonly kind: CurveKind; readonly x: Uint8Array; readonly y: Uint8Array }
  | { readonly kind: 'Ed25519'; readonly x: Uint8Array }
  | {
      readonly kind: 'RSA';
      readonly n: Uint8Array;
      readonly e: Uint8Array;
      /** Set where the container allows the key for some algorithms only (id-RSASSA-PSS, a JWK's `alg`). */
      readonly only?: readonly AlgorithmName[];
    };

/** A public key as JSON (RFC 7517, RFC 7518 §6, RFC 8037; `crv` "SM2" is the federation's own). */
export type Jwk =
  | { readonly kty: 'EC'; readonly crv: CurveKind; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string; readonly alg?: string };

const broken = (detail: string): Broken => new Broken('key', detail);

/** Whether signatures of this algorithm can be checked with this key at all. */
export const keyFits = (algorithm: AlgorithmName, key: PublicKey): boolean =>
  algorithmNamed(algorithm)?.key === key.kind &&
  (key.kind !== 'RSA' || key.only === undefined || key.only.includes(algorithm));

const OID = {
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
  rsa: '1.2.840.113549.1.1.1',
} as const;
/** 8192 bits. */
const MAX_MODULUS = 1024;
const MAX_EXPONENT = 5;

/** How a SubjectPublicKeyInfo of each algorithm goes on: `parameters` stands behind the OID, `key` is the BIT STRING. */
const SPKI_READERS = new Map<string, (parameters: Cursor, key: Uint8Array) => PublicKey>([
  [OID.ec, ecFromSpki],
  [OID.ed25519, ed25519FromSpki],
  [OID.rsa, rsaFromSpki],
  [RSASSA_PSS, rsaPssFromSpki],
]);

/**
 * Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): EC on a named curve (RFC 5480), Ed25519 (RFC 8410), RSA (RFC 3279,
 * RFC 4055). An EC point given in full is not yet found on its curve: that is checked when the key is prepared.
 *
 * @throws Broken part `key` or `der`
 */
export function keyFromSpki(der: Uint8Array): PublicKey {
  const spki = inside(derOf(der, TAG.sequence));
  const algorithm = enter(spki);
  const reader = SPKI_READERS.get(oidOf(read(algorithm, TAG.oid)));
  const bits = wholeBitStringOf(read(spki, TAG.bitString));
  finish(spki);
  if (reader === undefined) throw broken('algorithm of the key is not in use');
  return reader(algorithm, bits);
}

function ecFromSpki(parameters: Cursor, key: Uint8Array): PublicKey {
  // Explicit curve parameters are how a forger brings his own curve (CVE-2020-0601): only names are read.
  const curve = curveOfOid(oidOf(read(parameters, TAG.oid)));
  finish(parameters);
  if (curve === undefined) throw broken('curve is not in use');
  const { kind, size } = curve;
  if (key.length === 2 * size + 1 && key[0] === 4) {
    return { kind, x: key.slice(1, size + 1), y: key.slice(size + 1) };
  }
  if (key.length !== size + 1 || (key[0] !== 2 && key[0] !== 3)) throw broken('point has a wrong form or length');
  const y = secondCoordinate(kind, key);
  if (y === undefined) throw broken('point is not on the curve');
  return { kind, x: key.slice(1), y };
}

function ed25519FromSpki(parameters: Cursor, key: Uint8Array): PublicKey {
  finish(parameters);
  if (key.length !== 32) throw broken('Ed25519 key has a wrong length');
  return { kind: 'Ed25519', x: key.slice() };
}

function rsaFromSpki(parameters: Cursor, key: Uint8Array): PublicKey & { kind: 'RSA' } {
  // RFC 3279 §2.3.1 says NULL; some leave it out, which can be read no other way.
  if (!atEnd(parameters)) nullOf(read(parameters, TAG.null));
  finish(parameters);
  return rsaPublicKey(key);
}

const ALL_PSS = Object.values(PSS_NAMES);

function rsaPssFromSpki(parameters: Cursor, key: Uint8Array): PublicKey & { kind: 'RSA' } {
  // Parameters restrict hash and salt (RFC 4055 §3.3): a key that asks for others than ours must not be used all the same.
  if (atEnd(parameters)) return { ...rsaPublicKey(key), only: ALL_PSS };
  const only = pssAlgorithmOf(readPssParameters(parameters), false);
  if (only === undefined) throw broken('RSASSA-PSS key is restricted to other parameters');
  return { ...rsaPublicKey(key), only: [only] };
}

/** RSAPublicKey (RFC 8017 §A.1.1). */
function rsaPublicKey(key: Uint8Array): PublicKey & { kind: 'RSA' } {
  const numbers = inside(derOf(key, TAG.sequence));
  const n = unsignedOf(read(numbers, TAG.integer));
  const e = unsignedOf(read(numbers, TAG.integer));
  finish(numbers);
  return rsaKey(n, e);
}

function rsaKey(n: Uint8Array, e: Uint8Array): PublicKey & { kind: 'RSA' } {
  if (n.length === 0 || e.length === 0) throw broken('RSA key with a zero');
  if (n.length > MAX_MODULUS || e.length > MAX_EXPONENT)
    throw new Broken('key', 'RSA key is too long', 'LIMIT_EXCEEDED');
  return { kind: 'RSA', n: n.slice(), e: e.slice() };
}

/** The key as SubjectPublicKeyInfo: EC points uncompressed, RSA restricted to PSS as id-RSASSA-PSS. */
export function spkiFromKey(key: PublicKey): Uint8Array {
  if (key.kind === 'Ed25519') return sequence(sequence(oid(OID.ed25519)), bitString(key.x));
  if (key.kind === 'RSA') {
    const numbers = bitString(sequence(integer(key.n), integer(key.e)));
    const pss = ALL_PSS.filter((name) => key.only?.includes(name));
    if (pss.length !== key.only?.length) return sequence(sequence(oid(OID.rsa), nullValue()), numbers);
    const [one] = pss;
    return pss.length === 1
      ? sequence(pssAlgorithm(algorithmNamed(one!)!.digest as PssDigest), numbers)
      : sequence(sequence(oid(RSASSA_PSS)), numbers);
  }
  const { size, oid: name } = CURVES[key.kind];
  const point = new Uint8Array(2 * size + 1);
  point[0] = 4;
  point.set(key.x, 1);
  point.set(key.y, size + 1);
  return sequence(sequence(oid(OID.ec), oid(name)), bitString(point));
}

/** Members that hold private or symmetric key material (RFC 7518 §§ 6.2.2, 6.3.2, 6.4). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

type Members = Readonly<Record<string, unknown>>;

const JWK_READERS: Readonly<Record<string, (jwk: Members) => PublicKey>> = {
  EC: (jwk) => {
    const kind = jwk['crv'];
    const curve = typeof kind === 'string' ? curveNamed(kind) : undefined;
    if (curve === undefined) throw broken('curve is not in use');
    const { size } = curve;
    return { kind: curve.kind, x: member(jwk, 'x', size), y: member(jwk, 'y', size) };
  },
  OKP: (jwk) => {
    if (jwk['crv'] !== 'Ed25519') throw broken('curve is not in use');
    return { kind: 'Ed25519', x: member(jwk, 'x', 32) };
  },
  RSA: (jwk) => {
    const n = member(jwk, 'n');
    const e = member(jwk, 'e');
    if (n[0] === 0 || e[0] === 0) throw broken('RSA number with leading zeros');
    return rsaKey(n, e);
  },
};

function member(jwk: Members, name: string, length?: number): Uint8Array {
  const text = jwk[name];
  if (typeof text !== 'string') throw broken(`member ${name} is missing`);
  if (text.length > 2 * MAX_MODULUS) throw new Broken('key', `member ${name} is too long`, 'LIMIT_EXCEEDED');
  const bytes = decodeBase64url(text);
  if (length !== undefined && bytes.length !== length) throw broken(`member ${name} has a wrong length`);
  return bytes;
}

/**
 * Reads a public JSON Web Key. Members that say what the key is for are obeyed: `use` other than `sig`, `key_ops`
 * without `verify` and an `alg` of another kind of key are refused. So is anything private or symmetric: who publishes a
 * private key has lost it, and a secret taken for a public key would let every reader of the list sign.
 *
 * @throws Broken part `key` or `base64url`
 */
export function keyFromJwk(jwk: unknown): PublicKey {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) throw broken('JWK is not an object');
  const members = jwk as Members;
  if (PRIVATE_MEMBERS.some((name) => members[name] !== undefined)) throw broken('JWK holds a private or secret part');
  const kty = members['kty'];
  const reader = typeof kty === 'string' && Object.hasOwn(JWK_READERS, kty) ? JWK_READERS[kty] : undefined;
  if (reader === undefined) throw broken('kind of key is not in use');
  const { use, key_ops: operations, alg } = members;
  if (use !== undefined && use !== 'sig') throw broken('JWK is not for signatures');
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    throw broken('JWK is not for verifying');
  }
  const key = reader(members);
  if (alg === undefined) return key;
  const algorithm = typeof alg === 'string' ? algorithmOfJose(alg) : undefined;
  if (algorithm?.key !== key.kind) throw broken('JWK is for another algorithm');
  return key.kind === 'RSA' ? { ...key, only: [algorithm.name] } : key;
}

const TO_JWK: { readonly [K in KeyKind]: (key: PublicKey & { kind: K }) => Jwk } = {
  'P-256': ecToJwk,
  'P-384': ecToJwk,
  'P-521': ecToJwk,
  SM2: ecToJwk,
  Ed25519: ({ x }) => ({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(x) }),
  RSA: ({ n, e, only }) => ({
    kty: 'RSA',
    n: encodeBase64url(n),
    e: encodeBase64url(e),
    // A JWK can name one: of several the first, which takes nothing in that the key does not.
    ...(only === undefined ? {} : { alg: algorithmNamed(only[0]!)!.jose! }),
  }),
};

function ecToJwk({ kind, x, y }: PublicKey & { kind: CurveKind }): Jwk {
  return { kty: 'EC', crv: kind, x: encodeBase64url(x), y: encodeBase64url(y) };
}

/** The key as a JSON Web Key, with the required members only (and `alg` where the key is restricted). */
export const keyToJwk = (key: PublicKey): Jwk => (TO_JWK[key.kind] as (key: PublicKey) => Jwk)(key);

/** RFC 7638 thumbprint with SHA-256, base64url: the same for one key in whatever container it came. */
export const keyThumbprint = (platform: Digester, key: PublicKey): string =>
  jwkThumbprint(platform, { ...keyToJwk(key) });

/** The same of a JSON Web Key of any kind, whether or not it is one that we check signatures with. */
export function jwkThumbprint(platform: Digester, jwk: Readonly<Record<string, string | undefined>>): string {
  // Required members only, in the order of their names (RFC 7638 §3.2).
  const names = ['crv', 'e', 'kty', 'n', 'x', 'y'].filter((name) => jwk[name] !== undefined);
  const text = `{${names.map((name) => `"${name}":"${jwk[name]}"`).join(',')}}`;
  return encodeBase64url(platform.digest('SHA-256', encodeUtf8(text)));
}
