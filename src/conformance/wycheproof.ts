import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBase64url } from '../codec/base64url.ts';
import { decodeHex } from '../codec/hex.ts';
import { rawFromDer } from '../codec/signature.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { ALGORITHMS, type AlgorithmName, algorithmOfJose, type KeyKind } from '../crypto/algorithms.ts';
import { keyFromJwk, keyFromSpki, keyThumbprint, type PublicKey } from '../crypto/keys.ts';
import { browserPlatform } from '../crypto/platform.browser.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { Platform, Verifier } from '../crypto/platform.ts';
import { PSS_NAMES, type PssDigest, pssAlgorithmOf } from '../crypto/pss.ts';
import { Broken } from '../document/broken.ts';
import type { CaseResult, Suite } from './suite.ts';

/**
 * C2SP Wycheproof, `testvectors_v1`: edge cases of signatures, each labelled valid, invalid or acceptable. A case agrees
 * when both platforms give the label's answer, or, where either is acceptable, the same one.
 */

interface Test {
  readonly tcId: number;
  readonly comment: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly flags?: readonly string[];
  readonly msg?: string;
  readonly sig?: string;
  readonly jws?: unknown;
}

type Jwk = Readonly<Record<string, unknown>>;
/** One key, or a set of keys. */
type Published = Jwk & { readonly keys?: readonly Jwk[] };

interface Group {
  readonly type: string;
  readonly sha?: string;
  readonly publicKey?: { readonly curve?: string };
  readonly publicKeyDer?: string;
  readonly public?: Published;
  readonly private?: Published;
  readonly keySize?: number;
  readonly mgf?: string;
  readonly mgfSha?: string;
  readonly sLen?: number;
  readonly tests: readonly Test[];
}

interface File {
  readonly algorithm?: string;
  readonly testGroups: readonly Group[];
}

/** What a test asks: a signature under a key. Undefined when the key or signature is refused before any arithmetic. */
interface Question {
  readonly algorithm: AlgorithmName;
  readonly key: PublicKey;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

type Reading = { readonly question: Question | undefined } | { readonly notApplicable: string };

const platforms: readonly Platform[] = [nodePlatform, browserPlatform];

/** Curves as the vectors name them. */
const CURVE: Readonly<Record<string, KeyKind>> = { secp256r1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
/** JOSE algorithms that are registered but not ours (RFC 7518 §3.1, RFC 8812), with the kind of key they take. */
const OTHER_JOSE: Readonly<Record<string, string>> = { HS256: 'oct', HS384: 'oct', HS512: 'oct', ES256K: 'EC' };

/** One row per type of test group. */
const READERS: Readonly<Record<string, (group: Group, test: Test) => Reading>> = {
  EcdsaVerify: (group, test) => ecdsa(group, test, rawFromDer),
  EcdsaP1363Verify: (group, test) => ecdsa(group, test, (signature) => signature),
  EddsaVerify(group, test) {
    const curve = group.publicKey?.curve;
    if (curve !== 'edwards25519') return { notApplicable: `EdDSA on ${curve} is not in use` };
    return bySpki('EdDSA', group, test);
  },
  RsassaPkcs1Verify: (group, test) => rsa(PKCS1[group.sha ?? ''], `RSA with ${group.sha}`, group, test),
  RsassaPssVerify: pss,
  RsassaPssWithParametersVerify: pss,
  JsonWebKey: byJwk,
  JsonWebSignature: byJwk,
  JsonWebCrypto: byJwk,
};

function ecdsa(
  group: Group,
  test: Test,
  rawSignature: (signature: Uint8Array, size: number) => Uint8Array | undefined,
): Reading {
  const asked = `${group.publicKey?.curve} ${group.sha}`;
  const kind = CURVE[group.publicKey?.curve ?? ''];
  const algorithm = ALGORITHMS.find(({ key, digest }) => key === kind && digest === group.sha);
  if (algorithm === undefined) return { notApplicable: `ECDSA ${asked} is not in use` };
  return bySpki(algorithm.name, group, test, (signature) => rawSignature(signature, algorithm.raw! / 2));
}

const PKCS1: Readonly<Record<string, AlgorithmName>> = { 'SHA-256': 'RS256', 'SHA-384': 'RS384', 'SHA-512': 'RS512' };

function pss(group: Group, test: Test): Reading {
  const { sha, mgf, mgfSha, sLen } = group;
  const asked = `RSASSA-PSS with ${sha}, ${mgf} ${mgfSha}, salt of ${sLen}`;
  const ours = mgf === 'MGF1' && mgfSha === sha && Object.hasOwn(PSS_NAMES, sha ?? '');
  const digest = sha as PssDigest;
  return rsa(ours ? pssAlgorithmOf({ digest, salt: sLen ?? 0 }, true) : undefined, asked, group, test);
}

function rsa(algorithm: AlgorithmName | undefined, asked: string, group: Group, test: Test): Reading {
  if (algorithm === undefined) return { notApplicable: `${asked} is not in use` };
  const bits = group.keySize ?? 0;
  if (bits < 2048 || bits > 8192) return { notApplicable: `RSA keys of ${bits} bits are not in use` };
  return bySpki(algorithm, group, test);
}

function bySpki(
  algorithm: AlgorithmName,
  group: Group,
  test: Test,
  rawSignature: (signature: Uint8Array) => Uint8Array | undefined = (signature) => signature,
): Reading {
  const key = keyFromSpki(decodeHex(group.publicKeyDer ?? ''));
  const signature = rawSignature(decodeHex(test.sig ?? ''));
  return { question: signature && { algorithm, key, data: decodeHex(test.msg ?? ''), signature } };
}

/** A compact JWS under the group's key, or under the one that the group's key set holds for its `kid`. */
function byJwk(group: Group, test: Test): Reading {
  if (typeof test.jws !== 'string') return { notApplicable: 'encryption, or a JWS that is not compact, is not in use' };
  const parts = test.jws.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3) throw new Broken('jws', 'not three parts');
  const { alg, kid, crit } = jsonObject(header);
  const published = group.public ?? group.private ?? {};
  const candidates = published.keys?.filter((candidate) => candidate['kid'] === kid) ?? [published];
  if (candidates.some(({ kty }) => kty !== undefined && kty === OTHER_JOSE[String(alg)])) {
    return { notApplicable: `${alg} is not in use` };
  }
  // Two keys of one name: which of them is meant is anybody's guess.
  const [jwk] = candidates;
  if (jwk === undefined || candidates.length > 1) throw new Broken('jws', 'no key of this name, or several');
  const algorithm = algorithmOfJose(String(alg));
  if (algorithm === undefined || crit !== undefined) throw new Broken('jws', 'header asks for what is not known');
  const data = new TextEncoder().encode(`${header}.${payload}`);
  decodeBase64url(payload);
  return {
    question: { algorithm: algorithm.name, key: keyFromJwk(jwk), data, signature: decodeBase64url(signature) },
  };
}

function jsonObject(base64url: string): Readonly<Record<string, unknown>> {
  const text = decodeUtf8(decodeBase64url(base64url));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Broken('jws', 'header is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw new Broken('jws', 'header is not an object');
  return value as Readonly<Record<string, unknown>>;
}

function judge(name: string, group: Group, test: Test, prepared: Prepared): CaseResult {
  const reader = Object.hasOwn(READERS, group.type) ? READERS[group.type] : undefined;
  if (reader === undefined)
    return { name, result: 'not-applicable', because: `${group.type} tests do not ask about a signature in use` };
  let refusal = '';
  let question: Question | undefined;
  try {
    const reading = reader(group, test);
    if ('notApplicable' in reading) return { name, result: 'not-applicable', because: reading.notApplicable };
    question = reading.question;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    refusal = `${error.part}: ${error.message}`;
  }
  const answers = platforms.flatMap((platform) => ask(platform, prepared, question));
  if (answers.some((verified) => verified !== answers[0])) {
    return { name, result: 'differ', because: 'the two platforms, or the first and a later check, do not agree' };
  }
  const verified = answers[0] ?? false;
  if (test.result === 'acceptable') {
    return { name, result: 'agree', because: `acceptable, ${verified ? 'accepted' : 'refused'} (${test.comment})` };
  }
  if (verified === (test.result === 'valid')) return { name, result: 'agree' };
  const found = verified ? 'verified' : `refused${refusal && ` (${refusal})`}`;
  return { name, result: 'differ', because: `labelled ${test.result}, ${found}` };
}

/** Prepared keys of one group of tests, which are all about one key. */
type Prepared = Map<string, Verifier | undefined>;

/** Asked three times: the portable arithmetic answers the third time from a table, by other formulas. */
function ask(platform: Platform, prepared: Prepared, question: Question | undefined): boolean[] {
  if (question === undefined) return [false];
  const { algorithm, key, data, signature } = question;
  const id = `${platform.name} ${algorithm} ${keyThumbprint(platform, key)}`;
  if (!prepared.has(id)) prepared.set(id, platform.prepare(algorithm, key));
  const verifier = prepared.get(id);
  return verifier ? [1, 2, 3].map(() => verifier(data, signature)) : [false];
}

export const wycheproof: Suite = {
  name: 'wycheproof',
  summary:
    'C2SP Wycheproof：ECDSA、Ed25519、RSA 签名和 JSON Web Key 的边界情形，两种平台都测 · C2SP Wycheproof: edge cases of ECDSA, Ed25519, RSA signatures and JSON Web Keys, on both platforms',
  async run(dir, report, progress) {
    const folder = join(dir, 'testvectors_v1');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
    const files: { readonly name: string; readonly file: File }[] = [];
    for (const name of names)
      files.push({ name, file: JSON.parse(await readFile(join(folder, name), 'utf8')) as File });
    const count = (file: File): number => file.testGroups.reduce((sum, group) => sum + group.tests.length, 0);
    const total = files.reduce((sum, { file }) => sum + count(file), 0);
    if (total === 0) throw new Error(`no Wycheproof test vectors in ${folder}`);
    let done = 0;
    for (const { name, file } of files) {
      for (const group of file.testGroups) {
        const prepared: Prepared = new Map();
        for (const test of group.tests) {
          report(judge(`${name.replace(/\.json$/, '')} ${test.tcId} ${test.comment}`.trim(), group, test, prepared));
          progress?.(++done, total);
        }
      }
    }
  },
};
