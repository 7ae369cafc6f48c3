import { dirname, resolve } from 'node:path';
import { decodeBase64, encodeBase64 } from '../codec/base64url.ts';
import { derFromPem } from '../codec/pem.ts';
import { rawFromDer } from '../codec/signature.ts';
import { ALGORITHMS, type Algorithm } from '../crypto/algorithms.ts';
import { keyFromSpki, type PublicKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { sm2Digest } from '../crypto/sm2.ts';
import { Broken } from '../document/broken.ts';
import type { ExternalSigner } from '../document/generated/types.ts';
import type { TufSigner } from './tuf-write.ts';

/**
 * A key that lies elsewhere. For each signature the command is started once and gets one line of JSON on standard input:
 *
 *     { "algorithm": "SM2-SM3", "message": "<base64>", "digest": "<base64>" }
 *
 * `digest` is what a device signs that does not hash itself: SM3(Z_A ‖ message) with the usual user id (GB/T 32918.2
 * §6.1), or SHA-256 of the message (SHA-384 for P-384); Ed25519 has none. It answers one line on standard output, and exits with 0:
 *
 *     { "signature": "<base64>", "form": "raw" }
 *
 * `raw` is r‖s (or Ed25519's, or RSA's octets), `der` a SEQUENCE of r and s. What it says on standard error is shown.
 */
interface Answer {
  readonly signature?: unknown;
  readonly form?: unknown;
}

const MAX_ANSWER = 64 * 1024;
const USUAL_SECONDS = 60;

/** The device behind `config`. `file` is where the configuration lies. @throws Broken for a public key not in use */
export function externalSigner(config: ExternalSigner, file: string): TufSigner {
  const [der] = derFromPem(config.publicKey, 'PUBLIC KEY');
  if (der === undefined) throw new Broken('signer', 'publicKey is no PEM block "PUBLIC KEY"');
  const publicKey = keyFromSpki(der);
  // For RSA the first that fits is PS256, which is the one that signed metadata knows.
  const algorithm = ALGORITHMS.find(({ key }) => key === publicKey.kind)!;
  const check = nodePlatform.prepare(algorithm.name, publicKey);
  if (check === undefined) throw new Broken('signer', 'publicKey cannot be used');
  return {
    publicKey,
    async sign(data) {
      const signature = rawOf(await ask(config, file, questionOf(algorithm, publicKey, data)), algorithm);
      // A device that signs with another key, or another user id, must not spoil a file that others have signed.
      if (!check(data, signature)) throw new Broken('signer', 'its signature does not verify under its public key');
      return signature;
    },
  };
}

function questionOf(algorithm: Algorithm, key: PublicKey, data: Uint8Array): object {
  const digest =
    key.kind === 'SM2'
      ? sm2Digest(key, data)
      : key.kind === 'Ed25519'
        ? undefined
        : nodePlatform.digest(algorithm.digest, data);
  return {
    algorithm: algorithm.name,
    message: encodeBase64(data),
    ...(digest === undefined ? {} : { digest: encodeBase64(digest) }),
  };
}

function rawOf({ signature, form = 'raw' }: Answer, { raw }: Algorithm): Uint8Array {
  if (typeof signature !== 'string' || (form !== 'raw' && form !== 'der'))
    throw new Broken('signer', 'the answer has no signature, or one of an unknown form');
  const bytes = decodeBase64(signature);
  if (form === 'raw' || raw === undefined) return bytes;
  const both = rawFromDer(bytes, raw / 2);
  if (both === undefined) throw new Broken('signer', 'the signature is no SEQUENCE of two numbers');
  return both;
}

function ask(
  { command, timeoutSeconds = USUAL_SECONDS }: ExternalSigner,
  file: string,
  question: object,
): Promise<Answer> {
  const folder = dirname(resolve(file));
  const [program, ...args] = command as [string, ...string[]];
  return new Promise((done, failed) => {
    const fail = (detail: string): void => failed(new Broken('signer', `${program}: ${detail}`));
    // Asked for only now: most commands start none, and each waits for every module.
    const child = process
      .getBuiltinModule('node:child_process')
      .spawn(program.startsWith('./') ? resolve(folder, program) : program, args, {
        cwd: folder,
        stdio: ['pipe', 'pipe', 'inherit'],
        timeout: timeoutSeconds * 1000,
        killSignal: 'SIGKILL',
      });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.length > MAX_ANSWER) child.kill('SIGKILL');
    });
    child.on('error', ({ message }) => fail(message));
    child.on('close', (code, signal) => {
      if (code !== 0) return fail(signal === null ? `exit ${code}` : 'no answer in time, or too long a one');
      try {
        done(JSON.parse(out) as Answer);
      } catch {
        fail('its answer is no JSON');
      }
    });
    // Whoever does not read the question has ended, and `close` says how.
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify(question)}\n`);
  });
}
