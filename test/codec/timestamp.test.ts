import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { proofOfSigner } from '../../src/codec/cms.ts';
import { integer, octetString, oid, sequence } from '../../src/codec/der-writer.ts';
import { readTimestamp } from '../../src/codec/timestamp.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { NOW } from '../support/federation.ts';
import { timestamper } from '../support/timestamps.ts';

const { digest } = nodePlatform;
const data = new TextEncoder().encode('a signature');
const tsa = timestamper();
const folder = mkdtempSync(join(tmpdir(), 'tongren-timestamp-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: Uint8Array | string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END CERTIFICATE-----\n`;

describe('a timestamp token', () => {
  it.each(['ES256', 'SM2-SM3'] as const)('of %s is read as it was written', (algorithm) => {
    const authority = timestamper(algorithm);
    const read = readTimestamp(authority.token(data, NOW, { accuracy: 2 }));
    const imprint = algorithm === 'ES256' ? 'SHA-256' : 'SM3';
    expect(read).toMatchObject({ policy: '1.2.3.4', time: NOW, accuracy: 2000, imprint: { digest: imprint } });
    expect(read.imprint.value).toEqual(digest(imprint, data));
    expect(read.signer.certificate).toEqual(authority.signer.certificate);
    expect(proofOfSigner(read.signer, read.content, digest).contentMatches).toBe(true);
  });

  const openssl = spawnSync('openssl', ['version']).status === 0;
  if (!openssl) console.warn('SKIPPED: timestamps judged by openssl (no openssl on this machine)');
  const withOpenssl = openssl ? it : it.skip;

  withOpenssl('of ours is good for openssl, and one over other data is not', () => {
    const token = file('token.der', tsa.token(data, Date.now() - 5000));
    const authority = file('tsa.pem', pem(tsa.signer.certificate));
    const verify = (path: string) =>
      spawnSync('openssl', ['ts', '-verify', '-in', token, '-token_in', '-data', path, '-CAfile', authority], {
        encoding: 'utf8',
      });
    const good = verify(file('data', data));
    expect([good.status, good.stdout + good.stderr]).toEqual([0, expect.stringContaining('Verification: OK')]);
    expect(verify(file('other', 'another signature')).status).not.toBe(0);
  });

  withOpenssl('of openssl’s making is read, and its signature fits', () => {
    const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'k.pem');
    file(
      'o.cnf',
      [
        '[req]\ndistinguished_name=d\nx509_extensions=e\nprompt=no\n[d]\nCN=TSA\n[e]\nextendedKeyUsage=critical,timeStamping\nkeyUsage=digitalSignature',
        '[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=c.pem\ncerts=c.pem\nsigner_key=k.pem\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256,sha384,sha512\naccuracy=secs:1,millisecs:500,microsecs:100\nordering=yes\ness_cert_id_alg=sha256\n',
      ].join('\n'),
    );
    run('req', '-new', '-x509', '-key', 'k.pem', '-out', 'c.pem', '-days', '30', '-config', 'o.cnf');
    file('serial', '01');
    file('data', data);
    run('ts', '-query', '-data', 'data', '-sha512', '-cert', '-out', 'q.tsq');
    run('ts', '-reply', '-queryfile', 'q.tsq', '-config', 'o.cnf', '-token_out', '-out', 't.der');
    const read = readTimestamp(new Uint8Array(readFileSync(join(folder, 't.der'))));
    expect(read).toMatchObject({ policy: '1.2.3.4.1', accuracy: 1501, imprint: { digest: 'SHA-512' } });
    expect(Math.abs(read.time - Date.now())).toBeLessThan(600_000);
    expect(read.imprint.value).toEqual(digest('SHA-512', data));
    const { proof, contentMatches } = proofOfSigner(read.signer, read.content, digest);
    expect([proof.algorithm, contentMatches]).toEqual(['oid:1.2.840.10045.4.3.2', true]);
  });
});

describe('hostile tokens', () => {
  const good = tsa.token(data, NOW, { accuracy: 1 });
  const said = (token: Uint8Array): string => {
    try {
      readTimestamp(token);
      return 'read';
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return `${error.code} ${error.part}: ${error.message}`;
    }
  };
  const replaced = (from: Uint8Array, to: Uint8Array): Uint8Array =>
    Uint8Array.from(
      Buffer.from(
        Buffer.from(good).toString('hex').replace(Buffer.from(from).toString('hex'), Buffer.from(to).toString('hex')),
        'hex',
      ),
    );

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'MALFORMED der: element is cut off'],
    ['cut short', good.subarray(0, -1), 'MALFORMED der: element is longer than what holds it'],
    ['with more behind it', Uint8Array.from([...good, 0]), 'MALFORMED der: bytes after the end'],
    ['longer than any token', new Uint8Array(70_000), 'LIMIT_EXCEEDED timestamp: token is too long'],
    [
      'of another version',
      replaced(
        Uint8Array.from([...integer(1), ...oid('1.2.3.4')]),
        Uint8Array.from([...integer(2), ...oid('1.2.3.4')]),
      ),
      'MALFORMED timestamp: version is not 1',
    ],
    // id-ct-TSTInfo → id-ct-authData: other content under a timestamp's signature.
    [
      'of other content',
      replaced(oid('1.2.840.113549.1.9.16.1.4'), oid('1.2.840.113549.1.9.16.1.2')),
      'MALFORMED cms: signed as another type of content',
    ],
    [
      'with an accuracy of zero thousandths',
      replaced(sequence(integer(1)), Uint8Array.of(0x30, 3, 0x80, 1, 0)),
      'MALFORMED timestamp: part of an accuracy out of range',
    ],
    [
      'over SHA-1',
      replaced(
        Uint8Array.from([...oid('2.16.840.1.101.3.4.2.1'), 5, 0, ...octetString(digest('SHA-256', data))]),
        Uint8Array.from([...oid('2.16.840.1.101.3.4.2.9'), 5, 0, ...octetString(digest('SHA-256', data))]),
      ),
      'MALFORMED timestamp: digest is not in use',
    ],
    [
      'over a digest of SHA-384 that is too short',
      replaced(
        Uint8Array.from([...oid('2.16.840.1.101.3.4.2.1'), 5, 0, ...octetString(digest('SHA-256', data))]),
        Uint8Array.from([...oid('2.16.840.1.101.3.4.2.2'), 5, 0, ...octetString(digest('SHA-256', data))]),
      ),
      'MALFORMED timestamp: digest of another length than its algorithm',
    ],
  ])('%s', (_name, token, wanted) => expect(said(token)).toBe(wanted));

  it('with any byte altered: read or broken, and what is read either fits no more or says the same', () => {
    const genuine = readTimestamp(good);
    fc.assert(
      fc.property(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const token = good.map((byte, i) => (i === at ? byte ^ flip : byte));
        if (said(token) !== 'read') return;
        const read = readTimestamp(token);
        const { proof, contentMatches } = proofOfSigner(read.signer, read.content, digest);
        const intact =
          contentMatches &&
          Buffer.compare(proof.signed, genuine.signer.attributes!.signed) === 0 &&
          Buffer.compare(proof.signature, genuine.signer.signature) === 0;
        if (intact)
          expect([read.time, read.accuracy, read.imprint]).toEqual([genuine.time, genuine.accuracy, genuine.imprint]);
      }),
      { numRuns: 400 },
    );
  });
});
