import { decodeHex, encodeHex } from '../../codec/hex.ts';
import { olpcJson } from '../../codec/olpc-json.ts';
import { derFromPem, pemFromDer } from '../../codec/pem.ts';
import { derFromRaw, rawFromDer } from '../../codec/signature.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { isObject, type Value, type ValueObject } from '../../codec/value.ts';
import type { AlgorithmName, Digester, KeyKind } from '../../crypto/algorithms.ts';
import { CURVES, type CurveKind } from '../../crypto/curves.ts';
import { keyFits, keyFromSpki, keyThumbprint, type PublicKey, spkiFromKey } from '../../crypto/keys.ts';
import type { Platform } from '../../crypto/platform.ts';
import { unlessBroken } from '../../document/broken.ts';

/**
 * Keys as TUF metadata holds them (TUF 1.0 §4.2.2): `{ keytype, scheme, keyval: { public } }`. `sm2` with `sm2-sm3` is
 * the federation's own: the key as PEM like ECDSA's, the signature a DER SM2Signature (GM/T 0009) over SM3, with the
 * user id 1234567812345678.
 */
interface Scheme {
  readonly scheme: string;
  /** The first is the one that is written. `ecdsa-sha2-…` as a key type is what older writers used. */
  readonly keytypes: readonly string[];
  readonly algorithm: AlgorithmName;
  readonly kind: KeyKind;
  /** A key that is given as hexadecimal instead of PEM. */
  bare?(bytes: Uint8Array): PublicKey | undefined;
  /** The signature as our platforms take it; undefined if it cannot be read. */
  raw(signature: Uint8Array): Uint8Array | undefined;
  /** The other way, for writing. */
  written(raw: Uint8Array): Uint8Array;
}

const asIs = { raw: (bytes: Uint8Array) => bytes, written: (bytes: Uint8Array) => bytes };

function onCurve(scheme: string, keytypes: readonly string[], kind: CurveKind, algorithm: AlgorithmName): Scheme {
  const { size } = CURVES[kind];
  return {
    scheme,
    keytypes,
    algorithm,
    kind,
    bare: (bytes) =>
      bytes.length === 2 * size + 1 && bytes[0] === 4
        ? { kind, x: bytes.slice(1, size + 1), y: bytes.slice(size + 1) }
        : undefined,
    raw: (signature) => rawFromDer(signature, size),
    written: derFromRaw,
  };
}

const SCHEMES: readonly Scheme[] = [
  {
    scheme: 'ed25519',
    keytypes: ['ed25519'],
    algorithm: 'EdDSA',
    kind: 'Ed25519',
    bare: (x) => (x.length === 32 ? { kind: 'Ed25519', x } : undefined),
    ...asIs,
  },
  onCurve('ecdsa-sha2-nistp256', ['ecdsa', 'ecdsa-sha2-nistp256'], 'P-256', 'ES256'),
  onCurve('ecdsa-sha2-nistp384', ['ecdsa', 'ecdsa-sha2-nistp384'], 'P-384', 'ES384'),
  { scheme: 'rsassa-pss-sha256', keytypes: ['rsa'], algorithm: 'PS256', kind: 'RSA', ...asIs },
  onCurve('sm2-sm3', ['sm2'], 'SM2', 'SM2-SM3'),
];

/** A key that can check signatures. */
export interface TufKey {
  readonly kind: KeyKind;
  /** The same for one key under whatever id or spelling: thresholds count these. */
  readonly thumbprint: string;
  /** In: the signed bytes, the signature in hexadecimal as it stands in the file. Never throws. */
  verify(data: Uint8Array, signature: string): boolean;
}

/** 4096 octets of signature are more than any scheme makes. */
const MAX_SIGNATURE = 8192;
const MAX_PUBLIC = 8192;

/** Reads a key. Undefined if its kind is not in use here, or it is not usable: then nothing it signs counts. */
export function readTufKey(entry: ValueObject, platform: Platform): TufKey | undefined {
  const found = opened(entry);
  if (found === undefined) return undefined;
  const { scheme, key } = found;
  const check = platform.prepare(scheme.algorithm, key);
  if (check === undefined) return undefined;
  return {
    kind: scheme.kind,
    thumbprint: keyThumbprint(platform, key),
    verify(data, signature) {
      if (signature.length === 0 || signature.length > MAX_SIGNATURE) return false;
      const raw = unlessBroken(() => scheme.raw(decodeHex(signature)));
      return raw !== undefined && check(data, raw);
    },
  };
}

/** The public key of an entry, to write it again. Undefined as above. */
export const tufPublicKey = (entry: ValueObject): PublicKey | undefined => opened(entry)?.key;

function opened({ keytype, scheme: name, keyval }: ValueObject): { scheme: Scheme; key: PublicKey } | undefined {
  const text = isObject(keyval) ? keyval['public'] : undefined;
  const scheme = SCHEMES.find((row) => row.scheme === name && row.keytypes.some((type) => type === keytype));
  if (scheme === undefined || typeof text !== 'string' || text.length > MAX_PUBLIC) return undefined;
  const key = unlessBroken(() => publicKey(scheme, text));
  return key === undefined || !keyFits(scheme.algorithm, key) ? undefined : { scheme, key };
}

function publicKey(scheme: Scheme, text: string): PublicKey | undefined {
  if (!text.startsWith('-----BEGIN')) return scheme.bare?.(decodeHex(text));
  const blocks = derFromPem(text, 'PUBLIC KEY');
  return blocks.length === 1 ? keyFromSpki(blocks[0]!) : undefined;
}

/** The key as an entry of metadata. Errors: RangeError for a kind that no scheme is for. */
export function tufKeyEntry(key: PublicKey): ValueObject {
  const scheme = SCHEMES.find(({ kind }) => kind === key.kind);
  if (scheme === undefined) throw new RangeError(`no TUF scheme for ${key.kind}`);
  const text = key.kind === 'Ed25519' ? encodeHex(key.x) : pemFromDer(spkiFromKey(key), 'PUBLIC KEY');
  return { keytype: scheme.keytypes[0]!, scheme: scheme.scheme, keyval: { public: text } };
}

/** A raw signature in the form that the key's scheme writes, hexadecimal. */
export function tufSignature(entry: ValueObject, raw: Uint8Array): string {
  const scheme = SCHEMES.find((row) => row.scheme === entry['scheme']);
  if (scheme === undefined) throw new RangeError('a key without a scheme of ours');
  return encodeHex(scheme.written(raw));
}

/** The key id as TUF 1.0 first defined it: SHA-256 of the canonical form, hexadecimal. The federation's ids are these. */
export const tufKeyId = (entry: ValueObject, digester: Digester): string =>
  encodeHex(digester.digest('SHA-256', encodeUtf8(olpcJson(entry as Value))));
