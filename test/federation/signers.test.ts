import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pemFromDer } from '../../src/codec/pem.ts';
import { spkiFromKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { keyFromPem, NEW_KEYS, newKeyPem } from '../../src/federation/pkcs8.node.ts';
import { openSigners, readPublicKey } from '../../src/federation/signers.node.ts';
import { signedFile, targetsSigned } from '../../src/federation/tuf-write.ts';
import { readMetadata } from '../../src/trust/tuf/metadata.ts';
import { keyholdersOf } from '../../src/trust/tuf/profile.ts';
import { isSignedBy } from '../../src/trust/tuf/signatures.ts';
import { temporary } from '../support/cli.ts';
import { T0 } from '../support/tuf.ts';

const { folder, write, remove } = temporary();
afterAll(remove);

const DATA = new TextEncoder().encode('bytes to be signed');
const openssl = (...args: string[]): string =>
  execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
const has = (() => {
  try {
    return openssl('version').startsWith('OpenSSL 3');
  } catch {
    return false;
  }
})();

/** Signs as the writer does, and asks the verifier. */
async function signs(file: string, passphrase?: string): Promise<boolean> {
  const [signer] = await openSigners([file], passphrase);
  const holders = new Map([['310000', { keys: [signer!.publicKey], threshold: 1 }]]);
  const head = { version: 1, issued: T0, expires: T0 + 1000 };
  const bytes = await signedFile(targetsSigned(head, new Map(), holders, nodePlatform), [signer!], nodePlatform);
  const metadata = readMetadata(bytes, 'targets');
  const [of] = metadata.body.delegations;
  const keys = metadata.body.delegatedKeys;
  expect(keyholdersOf(of!, keys).keyIds).toEqual([signer!.keyId]);
  return isSignedBy(metadata, { role: '310000', of: of!, keys }, nodePlatform);
}

describe('keys in files', () => {
  it.each(NEW_KEYS)('%s as PKCS#8, made here', async (algorithm) => {
    const pem = newKeyPem(algorithm);
    const file = write(`${algorithm}.pem`, pem);
    const open = write(`${algorithm}.pub.pem`, pemFromDer(spkiFromKey(keyFromPem(pem).publicKey), 'PUBLIC KEY'));
    expect(await signs(file)).toBe(true);
    const [signer] = await openSigners([file]);
    expect((await readPublicKey(open)).keyId).toBe(signer!.keyId);
    expect(signer!.name).toBe(algorithm);
  });

  it.skipIf(!has)('SM2, P-256, Ed25519 and RSA as OpenSSL writes them, in the clear and encrypted', async () => {
    const kinds = [
      ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:SM2'],
      ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ['-algorithm', 'ed25519'],
      ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
    ];
    for (const [i, kind] of kinds.entries()) {
      openssl('genpkey', ...kind, '-out', `o${i}.pem`);
      openssl('pkcs8', '-topk8', '-in', `o${i}.pem`, '-passout', 'pass:secret', '-out', `e${i}.pem`);
      expect(await signs(join(folder, `o${i}.pem`))).toBe(true);
      expect(await signs(join(folder, `e${i}.pem`), 'secret')).toBe(true);
      await expect(signs(join(folder, `e${i}.pem`), 'wrong')).rejects.toThrow(/cannot be decrypted/);
      await expect(signs(join(folder, `e${i}.pem`))).rejects.toThrow(/no passphrase was given/);
    }
  });

  it.skipIf(!has)('RSA and P-256 in PKCS#12, as OpenSSL writes it today and as it did', async () => {
    for (const [name, kind] of [
      ['rsa', ['-newkey', 'rsa:2048']],
      ['ec', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ] as const) {
      openssl('req', '-x509', ...kind, '-nodes', '-subj', '/CN=x', '-keyout', `${name}.key`, '-out', `${name}.crt`);
      const pair = ['-inkey', `${name}.key`, '-in', `${name}.crt`, '-passout', 'pass:secret'];
      for (const how of [[], ['-legacy']]) {
        openssl('pkcs12', '-export', ...how, ...pair, '-out', `${name}.p12`);
        expect(await signs(join(folder, `${name}.p12`), 'secret')).toBe(true);
      }
      await expect(signs(join(folder, `${name}.p12`), '密码')).rejects.toThrow(/ASCII/);
      await expect(signs(join(folder, `${name}.p12`), 'wrong')).rejects.toThrow(/another passphrase/);
    }
  });

  it('that are damaged or of no kind are refused by the name of their file', async () => {
    for (const [name, content] of [
      ['empty.pem', ''],
      ['public.pem', pemFromDer(spkiFromKey(keyFromPem(newKeyPem('EdDSA')).publicKey), 'PUBLIC KEY')],
      ['garbage.pem', pemFromDer(Uint8Array.of(0x30, 3, 2, 1, 0), 'PRIVATE KEY')],
      ['garbage.p12', 'no DER'],
      ['key.jwk', '{}'],
    ] as const)
      await expect(openSigners([write(name, content)])).rejects.toThrow(name);
    await expect(openSigners([join(folder, 'nowhere.pem')])).rejects.toThrow(/no such file/);
  });

  it('a folder gives every key in it, and no public one', async () => {
    for (const name of ['ring/a', 'ring/b']) write(`${name}.pem`, newKeyPem('EdDSA'));
    write('ring/c.pub.pem', 'not looked at');
    expect((await openSigners([join(folder, 'ring')])).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

/** A little device: it holds a key in its own folder, and answers as it is told. */
const DEVICE = `#!/usr/bin/env node
import { readFileSync } from 'node:fs';
const mode = process.argv[2];
const { algorithm, message, digest } = JSON.parse(readFileSync(0, 'utf8'));
if (mode === 'silent') setTimeout(() => {}, 60_000);
else if (mode === 'fails') process.exit(3);
else if (mode === 'garbage') console.log('no');
else {
  const { keyFromPem } = await import(process.argv[3] + '/src/federation/pkcs8.node.ts');
  const { derFromRaw } = await import(process.argv[3] + '/src/codec/signature.ts');
  const key = keyFromPem(readFileSync('device.pem', 'utf8'));
  if (key.algorithm.name !== algorithm) process.exit(4);
  if ((digest === undefined) !== (algorithm === 'EdDSA')) process.exit(5);
  const signature = key.sign(Buffer.from(mode === 'other' ? 'something else' : message, mode === 'other' ? 'utf8' : 'base64'));
  const form = mode === 'der' ? 'der' : 'raw';
  console.log(JSON.stringify({ signature: Buffer.from(form === 'der' ? derFromRaw(signature) : signature).toString('base64'), form }));
}
`;

describe('a key in a device', () => {
  const device = (algorithm: (typeof NEW_KEYS)[number], mode: string, timeoutSeconds = 20): string => {
    const pem = newKeyPem(algorithm);
    const name = `${algorithm}-${mode}`;
    write(`${name}/device.pem`, pem);
    chmodSync(write(`${name}/device.mjs`, DEVICE), 0o755);
    const publicKey = pemFromDer(spkiFromKey(keyFromPem(pem).publicKey), 'PUBLIC KEY');
    const command = [process.execPath, './device.mjs', mode, process.cwd()];
    return write(`${name}/hsm.signer.json`, JSON.stringify({ publicKey, command, timeoutSeconds }));
  };

  it.each(NEW_KEYS)('%s signs through a command', async (algorithm) => {
    expect(await signs(device(algorithm, 'raw'))).toBe(true);
    if (algorithm !== 'EdDSA') expect(await signs(device(algorithm, 'der'))).toBe(true);
  });

  it.each([
    ['other', /does not verify under its public key/],
    ['fails', /exit 3/],
    ['garbage', /no JSON/],
  ])('that does wrong (%s) spoils nothing', async (mode, words) => {
    await expect(signs(device('SM2-SM3', mode))).rejects.toThrow(words);
  });

  it('that never answers is given up', async () => {
    await expect(signs(device('SM2-SM3', 'silent', 1))).rejects.toThrow(/no answer in time/);
  });

  it('gets the digest that GB/T 32918.2 §6.1 has signed', async () => {
    // OpenSSL signs SM2 with a user id on its command line, from the message; the device from the digest. Both fit one key.
    const { sm2Digest, sm2PrivateKey, sm2PublicKey } = await import('../../src/crypto/sm2.ts');
    const key = sm2PublicKey(sm2PrivateKey());
    expect(sm2Digest(key, DATA)).toHaveLength(32);
    expect(sm2Digest(key, DATA)).not.toEqual(sm2Digest(key, DATA, 'another id'));
  });
});
