import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encodeBase64 } from '../codec/base64url.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { EnvelopeAlgorithmName } from '../crypto/algorithms.ts';
import { keyThumbprint, spkiFromKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { DecryptionKey, EncryptionKey, SystemEntry, SystemKeysFile } from '../document/generated/types.ts';
import { validateSystemKeys } from '../document/generated/validators.js';
import type { MessageSigner } from '../exchange/message-signature.ts';
import { PackError, readJson } from '../region/pack.ts';
import { selfIssued } from './authority.node.ts';
import { keyFromPem, newKeyPem } from './pkcs8.node.ts';

/** What a system calls other regions' gateways with: its own keys, which no other machine has. */
export interface SystemKeys {
  /** `<region>/<id>`. */
  readonly name: string;
  readonly region: string;
  /** Signs its requests and answers. */
  readonly signer: MessageSigner;
  /** With the private half: they open bodies that are encrypted to the region. */
  readonly decryption: readonly DecryptionKey[];
}

export interface NewSystem {
  readonly name: string;
  readonly algorithm: EnvelopeAlgorithmName;
  readonly certificate?: boolean | undefined;
  /** Set for a region's gateway: bodies to the region are encrypted to a key of this kind. */
  readonly encryption?: EncryptionKey['crv'] | undefined;
}

/** Makes a system's keys. Out: what its file holds. Errors: RangeError for an algorithm that requests are not signed with. */
export function newSystemKeys({ name, algorithm, certificate, encryption }: NewSystem): SystemKeysFile {
  const signing = newKeyPem(algorithm);
  return {
    system: name,
    signing,
    ...(certificate ? { certificate: encodeBase64(selfIssued(`${name} (access)`, keyFromPem(signing))) } : {}),
    ...(encryption === undefined ? {} : { encryption: [newDecryptionKey(encryption)] }),
  };
}

/** @throws Broken for a key that cannot be used */
export function systemKeysOf({ system, signing: pem, encryption = [] }: SystemKeysFile): SystemKeys {
  const signing = keyFromPem(pem);
  return {
    name: system,
    region: system.slice(0, system.indexOf('/')),
    signer: {
      keyId: `${system}#${keyThumbprint(nodePlatform, signing.publicKey)}`,
      algorithm: signing.algorithm.name,
      sign: (data) => signing.sign(data),
    },
    decryption: encryption,
  };
}

/** The public halves, as a region's systems.json holds them. */
export function publicPartsOf({ signing, certificate, encryption = [] }: SystemKeysFile): {
  entry: Pick<SystemEntry, 'keys' | 'certificates'>;
  encryption: EncryptionKey[];
} {
  const spki = encodeBase64(spkiFromKey(keyFromPem(signing).publicKey));
  return {
    entry: { keys: [{ spki }], ...(certificate === undefined ? {} : { certificates: [certificate] }) },
    encryption: encryption.map(({ d: _secret, ...key }) => ({ ...key, use: 'enc' as const })),
  };
}

/** The gateway's own keys, ready to sign and to open. Errors: as of `gatewayKeysFile`. */
export const gatewaySystemKeys = async (file: string, region: string): Promise<SystemKeys> =>
  systemKeysOf(await gatewayKeysFile(file, region));

/**
 * The gateway's own keys. Made when there are none yet, for this user alone to read. Others know them only when the region has
 * published their public halves in its systems.json (`tongren keys system`). Errors: PackError for a file that cannot be used,
 * or is another region's.
 */
export async function gatewayKeysFile(file: string, region: string): Promise<SystemKeysFile> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) {
    const made = newSystemKeys({ name: `${region}/gateway`, algorithm: 'SM2-SM3', encryption: 'P-256' });
    await writeSystemKeys(file, made);
    return made;
  }
  const keys = readJson<SystemKeysFile>(file, new Uint8Array(bytes), validateSystemKeys);
  if (!keys.system.startsWith(`${region}/`))
    throw new PackError(file, '/system', `the keys are those of another region than ${region}`);
  return keys;
}

/** For this user alone to read, whole or not at all. */
export async function writeSystemKeys(file: string, keys: SystemKeysFile): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, encodeUtf8(`${JSON.stringify(keys, undefined, 2)}\n`), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function newDecryptionKey(crv: EncryptionKey['crv']): DecryptionKey {
  const { privateKey } =
    crv === 'P-256' ? generateKeyPairSync('ec', { namedCurve: crv }) : generateKeyPairSync('x25519');
  const jwk = privateKey.export({ format: 'jwk' }) as Omit<DecryptionKey, 'kid'>;
  const kid = Buffer.from(nodePlatform.digest('SHA-256', encodeUtf8(`${jwk.x}.${jwk.y ?? ''}`))).toString('base64url');
  return { kid, ...jwk };
}
