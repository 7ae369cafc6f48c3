import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bitString, oid, sequence } from '../codec/der-writer.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import { derFromPem } from '../codec/pem.ts';
import { rawFromDer } from '../codec/signature.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { CURVES } from '../crypto/curves.ts';
import { keyFromSpki, type PublicKey } from '../crypto/keys.ts';
import type { Verifier } from '../crypto/platform.ts';
import { prepareSm2, SM2_USER_ID, sm2PublicKey, sm2Sign } from '../crypto/sm2.ts';
import { Broken } from '../document/broken.ts';
import { type Certificate, publicKeyOf, readCertificate, signatureOf } from '../trust/certificate.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

interface Expected {
  readonly certificates: readonly {
    readonly certificate: string;
    /** Which of the file's certificates. */
    readonly index: number;
    /** Null: the issuer is not in the folder. */
    readonly signedBy: readonly { readonly issuer: string; readonly userId: string }[] | null;
  }[];
}

interface Vector {
  readonly id: string;
  readonly d?: string;
  readonly pub?: string;
  readonly uid?: string;
  readonly msg_utf8?: string;
  readonly k?: string;
  readonly r?: string;
  readonly s?: string;
  readonly sig_der?: string;
  readonly curve_params?: unknown;
  readonly valid: boolean;
}

/** SM2: who signed which certificate, under which user id, and published values of signatures. */
export const sm2: Suite = {
  name: 'sm2',
  summary:
    '两个项目的 SM2 证书：谁签了谁、用哪个用户标识；公开的测试向量 · SM2 certificates of two projects: which signed which and with which user id; published vectors',
  async run(dir, report, progress) {
    const { certificates } = JSON.parse(await readFile(join(dir, 'EXPECTED.json'), 'utf8')) as Expected;
    const vectors = JSON.parse(await readFile(join(dir, 'sm2-vectors.json'), 'utf8')) as readonly Vector[];
    const files = (await readdir(dir, { recursive: true })).filter((file) => /\.(pem|cert?|crt)$/.test(file)).sort();
    const known = new Map<string, Certificate[]>();
    for (const file of files) {
      const text = await readFile(join(dir, file), 'utf8');
      known.set(file, derFromPem(text, 'CERTIFICATE').map(readCertificate));
    }
    const issuers = [...known].map(([file, list]) => ({ file, keys: list.flatMap(sm2KeyOf) }));
    const labelled = new Set(certificates.map(({ certificate }) => certificate));
    const rest = files.filter((file) => !labelled.has(file));
    const total = certificates.length + rest.length + vectors.length;
    let done = 0;
    for (const { certificate, index, signedBy } of certificates) {
      const subject = known.get(certificate)?.[index];
      const found: Outcome =
        subject === undefined
          ? differ('this certificate was not found in the file')
          : judgeIssuers(signersOf(subject, issuers), signedBy);
      report({ name: `${certificate} ${index}`, ...found });
      progress?.(++done, total);
    }
    for (const file of rest) {
      report({ name: file, result: 'not-applicable', because: 'no label' });
      progress?.(++done, total);
    }
    for (const vector of vectors) {
      report({ name: vector.id, ...judgeVector(vector) });
      progress?.(++done, total);
    }
  },
};

/** The keys of a file, each prepared under the right user id. */
interface Issuer {
  readonly file: string;
  readonly keys: readonly { readonly key: PublicKey; readonly verify: Verifier | undefined }[];
}

function sm2KeyOf(certificate: Certificate): Issuer['keys'] {
  const key = publicKeyOf(certificate);
  return key.kind === 'SM2' ? [{ key, verify: prepareSm2(key) }] : [];
}

/** What else somebody signs under by mistake: no id at all, and the digits of the right one's octets. */
const MISTAKEN_IDS = ['', '31323334353637383132333435363738'] as const;

/**
 * Every file whose key made the signature, and under which id: by arithmetic alone, names do not count. Mistaken ids are
 * tried where nobody signed under the right one.
 */
function signersOf(subject: Certificate, issuers: readonly Issuer[]): string[] {
  const named = signatureOf(subject);
  if (named?.algorithm !== 'SM2-SM3') return [];
  const good = (check: Verifier | undefined): boolean => check?.(subject.tbs, named.signature) === true;
  const right = issuers.filter(({ keys }) => keys.some(({ verify }) => good(verify)));
  if (right.length > 0) return right.map(({ file }) => `${file} as "${SM2_USER_ID}"`);
  return issuers.flatMap(({ file, keys }) =>
    MISTAKEN_IDS.filter((id) => keys.some(({ key }) => good(prepareSm2(key, id)))).map((id) => `${file} as "${id}"`),
  );
}

function judgeIssuers(found: readonly string[], signedBy: Expected['certificates'][number]['signedBy']): Outcome {
  const expected = (signedBy ?? []).map(({ issuer, userId }) => `${issuer} as "${userId}"`);
  if ([...found].sort().join() === expected.sort().join()) return agree();
  const told = (list: readonly string[]): string => (list.length === 0 ? 'nobody in the folder' : list.join(', '));
  return differ(`signed by ${told(found)}; expected ${told(expected)}`);
}

function judgeVector(vector: Vector): Outcome {
  if (vector.curve_params !== undefined) {
    return notApplicable("a curve of its own; only the standard's recommended curve is in use");
  }
  const found = check(vector);
  const good = found === 'good';
  return good === vector.valid ? agree() : differ(`labelled ${vector.valid ? 'valid' : 'invalid'}, found ${found}`);
}

function check({ d, pub, k, r, s, sig_der: der, uid = SM2_USER_ID, msg_utf8: text = '' }: Vector): string {
  const message = encodeUtf8(text);
  const secret = d === undefined ? undefined : decodeHex(d);
  try {
    const key = pub === undefined ? sm2PublicKey(secret!) : keyOfPoint(decodeHex(pub));
    const verify = prepareSm2(key, uid);
    if (verify === undefined) return 'a key that is no point of the curve';
    if (r === undefined && der === undefined) return 'a key that is usable';
    const signature = der === undefined ? decodeHex(`${r}${s}`) : rawFromDer(decodeHex(der), 32);
    if (signature === undefined) return 'a signature that is no pair of numbers';
    if (!verify(message, signature)) return 'a signature that does not verify';
    if (secret === undefined || k === undefined) return 'good';
    const again = sm2Sign(secret, message, { userId: uid, k: BigInt(`0x${k}`) });
    return encodeHex(again) === encodeHex(signature) ? 'good' : 'another signature with the same k';
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return `${error.part}: ${error.message}`;
  }
}

/** A point as a key's container holds it, read by the same code as a certificate's key. */
const keyOfPoint = (point: Uint8Array): PublicKey =>
  keyFromSpki(sequence(sequence(oid('1.2.840.10045.2.1'), oid(CURVES.SM2.oid)), bitString(point)));
