import { encodeBase64 } from '../../src/codec/base64url.ts';
import { pairSigner, writeCertificate } from '../../src/codec/certificate-writer.ts';
import { SM2_WITH_SM3 } from '../../src/codec/cms-algorithms.ts';
import { derFromRaw } from '../../src/codec/signature.ts';
import { type TimestampFields, type TimestampSigner, writeTimestamp } from '../../src/codec/timestamp-writer.ts';
import { spkiFromKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { IssuerEntry } from '../../src/document/generated/types.ts';
import { certificateKeyId, mintKey } from '../../src/federation/signer.node.ts';
import { DAY, NOW } from './federation.ts';

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const ECDSA = '1.2.840.10045.4.3.2';

/** A timestamping authority of the tests' own, its certificate signed by itself. */
export interface TestAuthority {
  readonly signer: TimestampSigner;
  readonly entry: IssuerEntry;
  token(data: Uint8Array, time: number, change?: Partial<TimestampFields>): Uint8Array;
}

export function timestamper(
  algorithm: 'ES256' | 'SM2-SM3' = 'ES256',
  change: { purposes?: readonly string[]; critical?: boolean; entry?: Partial<IssuerEntry> } = {},
): TestAuthority {
  const key = mintKey(algorithm);
  const name = { country: 'CN', organization: 'Test', commonName: 'Test timestamps' };
  const oid = algorithm === 'ES256' ? ECDSA : SM2_WITH_SM3;
  const certificate = writeCertificate(
    {
      serial: 7,
      issuer: name,
      subject: name,
      notBefore: NOW - 400 * DAY,
      notAfter: NOW + 4000 * DAY,
      spki: spkiFromKey(key.publicKey),
      keyUsage: 1,
      extendedKeyUsage: change.purposes ?? [TIME_STAMPING],
      extendedKeyUsageCritical: change.critical ?? true,
    },
    pairSigner(oid, key.sign),
  );
  const signer: TimestampSigner = {
    certificate,
    algorithm: oid,
    digest: algorithm === 'ES256' ? 'SHA-256' : 'SM3',
    sign: (data) => derFromRaw(key.sign(data)),
  };
  return {
    signer,
    entry: { keyId: certificateKeyId(certificate), certificate: encodeBase64(certificate), ...change.entry },
    token: (data, time, fields = {}) =>
      writeTimestamp({ policy: '1.2.3.4', data, serial: 1, time, ...fields }, signer, nodePlatform.digest),
  };
}
