import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { derFromPem } from '../codec/pem.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { keyFromSpki, type PublicKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import type { ExternalSigner } from '../document/generated/types.ts';
import { validateExternalSigner } from '../document/generated/validators.js';
import { readJson } from '../region/pack.ts';
import { tufKeyEntry, tufKeyId } from '../trust/tuf/keys.ts';
import { externalSigner } from './external-signer.node.ts';
import type { NamedKey, NamedSigner } from './operators.ts';
import { keyFromPem } from './pkcs8.node.ts';
import { keyFromPkcs12 } from './pkcs12.node.ts';
import type { TufSigner } from './tuf-write.ts';

type Reader = (bytes: Uint8Array, file: string, passphrase: string | undefined) => TufSigner | Promise<TufSigner>;

/** How keys are handed in, by the ending of their file, one row each. The first that fits. */
const READERS: readonly { readonly ending: string; readonly read: Reader }[] = [
  {
    ending: '.signer.json',
    read: (bytes, file) => externalSigner(readJson<ExternalSigner>(file, bytes, validateExternalSigner), file),
  },
  { ending: '.p12', read: (bytes, _, passphrase = '') => keyFromPkcs12(bytes, passphrase) },
  { ending: '.pfx', read: (bytes, _, passphrase = '') => keyFromPkcs12(bytes, passphrase) },
  { ending: '.pem', read: (bytes, _, passphrase) => keyFromPem(decodeUtf8(bytes), passphrase) },
];
const PUBLIC = '.pub.pem';

const nameOf = (file: string): string => basename(file).replace(/(\.pub)?\.pem$|\.p12$|\.pfx$|\.signer\.json$/, '');

const keyIdOf = (key: PublicKey): string => tufKeyId(tufKeyEntry(key), nodePlatform);

/**
 * Opens the keys of these files; of a folder, every key in it. Public keys among them are passed over.
 *
 * @throws Broken, with the file in its words, for a key that cannot be used; PackError for a faulty configuration
 */
export async function openSigners(paths: readonly string[], passphrase?: string): Promise<NamedSigner[]> {
  const signers = new Map<string, NamedSigner>();
  for (const path of paths) {
    for (const file of await filesAt(path)) {
      const signer = await openSigner(file, passphrase);
      signers.set(signer.keyId, signer);
    }
  }
  return [...signers.values()];
}

/** Files of private keys that others on this machine can read. Windows has no such bits, and none are told there. */
export async function exposedKeys(paths: readonly string[]): Promise<string[]> {
  const files = (await Promise.all(paths.map(filesAt))).flat().filter((file) => !file.endsWith('.signer.json'));
  const modes = await Promise.all(files.map(async (file) => [file, (await stat(file)).mode] as const));
  return process.platform === 'win32' ? [] : modes.flatMap(([file, mode]) => ((mode & 0o077) === 0 ? [] : [file]));
}

async function filesAt(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new Broken('key', `${path}: there is no such file`);
  if (!info.isDirectory()) return [path];
  const names = (await readdir(path)).sort();
  return names
    .filter((name) => !name.endsWith(PUBLIC) && READERS.some(({ ending }) => name.endsWith(ending)))
    .map((name) => join(path, name));
}

async function openSigner(file: string, passphrase: string | undefined): Promise<NamedSigner> {
  const reader = READERS.find(({ ending }) => file.endsWith(ending));
  if (reader === undefined)
    throw new Broken('key', `${file}: a key ends in ${READERS.map(({ ending }) => ending).join(', ')}`);
  return naming(file, async () => {
    const signer = await reader.read(await readFile(file), file, passphrase);
    const { publicKey } = signer;
    const name = nameOf(file);
    const sign = async (data: Uint8Array): Promise<Uint8Array> => naming(file, async () => signer.sign(data));
    return { publicKey, sign, keyId: keyIdOf(publicKey), name };
  });
}

/** Reads a public key: a PEM block "PUBLIC KEY". @throws Broken with the file in its words */
export const readPublicKey = (file: string): Promise<NamedKey> =>
  naming(file, async () => {
    const text = decodeUtf8(
      await readFile(file).catch(() => Promise.reject(new Broken('key', 'there is no such file'))),
    );
    const [der] = derFromPem(text, 'PUBLIC KEY');
    if (der === undefined) throw new Broken('key', 'no public key in this file');
    const publicKey = keyFromSpki(der);
    return { publicKey, keyId: keyIdOf(publicKey), name: nameOf(file) };
  });

async function naming<T>(file: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Broken) throw new Broken(error.part, `${file}: ${error.message}`, error.code);
    throw error;
  }
}
