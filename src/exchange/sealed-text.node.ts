import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Broken } from '../document/broken.ts';
import { PackError } from '../region/pack.ts';

/** Seals what a gateway has to keep for a few minutes, so that whoever gets hold of its database reads nothing of it. */
export interface Sealer {
  /** `name` is bound to it: sealed under one, it opens under no other. */
  seal(text: string, name: string): string;
  /** @throws Broken for what was not sealed with this key and name, or was changed */
  open(sealed: string, name: string): string;
  /** The same for the same text, and to whoever has not the key it says nothing of it: 32 octets, base64url. */
  fingerprint(text: string): string;
}

const ALGORITHM = 'aes-256-gcm';
const KEY = 32;
const NONCE = 12;
const TAG = 16;

/** AES-256-GCM (NIST SP 800-38D) with a fresh nonce for each text. In: 32 octets. */
export function sealer(key: Uint8Array): Sealer {
  // One key for each use: HKDF (RFC 5869) keeps them apart.
  const derived = (use: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `tongren ${use}`, KEY));
  const sealing = derived('sealing');
  const marking = derived('fingerprint');
  return {
    seal(text, name) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv(ALGORITHM, sealing, nonce).setAAD(Buffer.from(name));
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
        'base64',
      );
    },
    open(sealed, name) {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < NONCE + TAG) throw new Broken('sealed', 'too short');
      const decipher = createDecipheriv(ALGORITHM, sealing, bytes.subarray(0, NONCE)).setAAD(Buffer.from(name));
      decipher.setAuthTag(bytes.subarray(-TAG));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8');
      } catch {
        throw new Broken('sealed', 'not sealed with this key, or changed');
      }
    },
    fingerprint: (text) => createHmac('sha256', marking).update(text).digest('base64url'),
  };
}

/** The gateway's own key for this, made when there is none yet; for this user alone. All processes on one database share it. Errors: PackError for a file that holds none. */
export async function sealerAt(file: string): Promise<Sealer> {
  const read = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (read !== undefined) {
    const key = Buffer.from(read.toString('utf8').trim(), 'base64');
    if (key.length !== KEY) throw new PackError(file, '', `no key of ${KEY} octets, in base64`);
    return sealer(key);
  }
  const key = randomBytes(KEY);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const own = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(own, `${key.toString('base64')}\n`, { mode: 0o600 });
  try {
    // Not over another's: of two that start at once, both use the key of one.
    await link(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return sealerAt(file);
  } finally {
    await unlink(own);
  }
  return sealer(key);
}
