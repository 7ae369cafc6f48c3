import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfig } from '../config.ts';
import { validateChallengeAsk } from '../document/generated/validators.js';
import { say } from '../document/say.ts';
import type { Federation } from '../region/federation.ts';
import { DECLARATIONS, readFolder } from '../region/folder.node.ts';
import { folderSource, type StoreSource } from '../region/source.node.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { pinBeside } from '../region/state.node.ts';
import { openFolder, openSigned, type SignedPlace, type TrustStore } from '../region/store.node.ts';
import { isAddress } from '../settings.ts';
import { StoreError } from '../store/error.ts';
import type { Store } from '../store/store.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { notUsed } from './render.ts';
import { tell } from './tell.ts';
import { badDatabase, noRegion, thereAre } from './usage.ts';

/** Where what is kept of a store from an address lies beside, and its pinned root. */
const FROM_ADDRESS = 'var/trust';

export interface StoreOptions {
  /** Go by what is kept: nobody is asked. */
  readonly offline?: boolean | undefined;
  /** The caller hints at what could not be used: finding it means reading every certificate, and whoever waits need not. */
  readonly hintsLater?: true;
}

/**
 * Opens the store a command works on, with what was seen of it before, and hints at what in it could not be used. What is
 * seen now is remembered. In: `--store`, else the configuration's.
 */
export async function openTrustStore(
  named: string | undefined,
  io: Io,
  { offline, hintsLater }: StoreOptions = {},
): Promise<TrustStore> {
  const config = configOf(io);
  const place = named ?? config.store;
  if (named !== undefined) readConfig({ TONGREN_STORE: named });
  const options = { clock: io.clock, hint: io.hint };
  const published = isAddress(place) || (await isPublished(place));
  if (!published && (await isPublished(join(place, 'repository'))))
    throw new UsageError(
      say(`${place}：这是联盟管理目录，不是信任库`, `${place}: an operator's folder, not a store`),
      say(`信任库在 ${join(place, 'repository')}`, `the store is ${join(place, 'repository')}`),
    );
  // Before it is read: a wrong folder may be the whole disk.
  if (!published && existsSync(place) && !existsSync(join(place, 'federation.json')))
    throw new UsageError(
      say(
        `${place}：不是信任库：既无 metadata/（已签名的），也无 federation.json`,
        `${place}: no trust store: neither metadata/ (a signed one) nor federation.json is there`,
      ),
      say('请查对 TONGREN_STORE 或 --store', 'look at TONGREN_STORE, or --store'),
    );
  const opened = published
    ? await openSigned(await signedPlace(place, config.root, offline === true), options)
    : await openFolder(place, options);
  if (hintsLater === undefined) hintNotUsed(opened.federation, io);
  return opened;
}

export function hintNotUsed({ rejected }: Federation, io: Io): void {
  for (const part of rejected.slice(0, 10)) io.hint(notUsed(part));
  if (rejected.length > 10)
    tell(
      io.hint,
      say(
        `另有 ${rejected.length - 10} 项未采用；见 tongren trust status`,
        `not used: ${rejected.length - 10} more; see "tongren trust status"`,
      ),
    );
}

/** The store as it is now, for a command that looks once. */
export const loadStore = async (named: string | undefined, io: Io): Promise<Federation> =>
  (await openTrustStore(named, io)).federation;

const isPublished = async (folder: string): Promise<boolean> =>
  (await stat(join(folder, 'metadata')).catch(() => undefined))?.isDirectory() ?? false;

async function signedPlace(place: string, root: string | undefined, offline: boolean): Promise<SignedPlace> {
  const addresses = isAddress(place) ? place.split(',').map((each) => each.trim()) : undefined;
  const store = addresses === undefined ? place : FROM_ADDRESS;
  const file = root ?? pinBeside(store);
  const pinned = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      say(
        `${file}：已签名信任库的固定根读不出来（${error.code}）`,
        `${file}: the pinned root of the signed store cannot be read (${error.code})`,
      ),
      say(
        '请经可信途径从联盟取得根文件，并写入 TONGREN_ROOT',
        'get the root file from the federation by a way you trust, and name it in TONGREN_ROOT',
      ),
    );
  });
  const sources = offline ? [] : await sourcesOf(place, addresses);
  return { store, pinned: new Uint8Array(pinned), sources };
}

/** What asks over the network is loaded only where somebody is to be asked so. */
async function sourcesOf(place: string, addresses: readonly string[] | undefined): Promise<StoreSource[]> {
  if (addresses === undefined) return [folderSource(place)];
  const { mirror } = await import('../exchange/mirror.node.ts');
  return addresses.map(mirror);
}

/** The standpoint of a verifying region, for a purpose that the catalogue has. */
export function standpointFor(federation: Federation, region: string, purpose: string, io: Io): Standpoint {
  const standpoint = federation.standpoint(region, io.clock);
  if (standpoint === undefined) {
    throw noRegion(region, federation.regions.keys());
  }
  if (!standpoint.purposes.has(purpose)) {
    throw new UsageError(
      say(`目录中没有用途“${purpose}”`, `no purpose "${purpose}" in the catalogue`),
      thereAre(standpoint.purposes.keys()),
    );
  }
  return standpoint;
}

/** A checkpoint's code. Errors: UsageError; the value is not repeated, for it may be a name. */
export function checkpointOf(code: string): string {
  if (validateChallengeAsk({ checkpoint: code })) return code;
  throw new UsageError(
    say('--checkpoint 不是卡口代码', '--checkpoint is no code of a checkpoint'),
    say('可用字母、数字和 . _ : / -，例如 G2-01', 'letters, digits and . _ : / -, as in G2-01'),
  );
}

/** As the database knows whoever asks from here. */
export const COMMAND_LINE = 'command-line';

export const randomOctets = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Opens the database for a piece of work, and closes it. Errors: UsageError if it cannot be had. */
export async function withDatabase<T>(address: string, run: (store: Store) => Promise<T>): Promise<T> {
  const { openStore } = await import('../store/store.ts');
  const store = await openStore(address, { random: randomOctets }).catch((error: unknown) => {
    if (error instanceof StoreError) throw badDatabase(error);
    throw error;
  });
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

/** A store that does not exist yet begins with the declarations that come with the project, without any issuer. */
export async function addToStore(
  store: string,
  region: string,
  added: ReadonlyMap<string, Uint8Array | string>,
): Promise<void> {
  if (isAddress(store) || (await isPublished(store)))
    throw new UsageError(
      say(`${store}：已签名的信任库不能直接写入`, `${store}: a signed store is not written into`),
      say(
        '请用 --store 指定自己的文件夹；其中内容可再签名发布',
        'name a folder of your own with --store; what is in it can then be signed and published',
      ),
    );
  const files = new Map(added);
  if ((await stat(join(store, 'federation.json')).catch(() => undefined)) === undefined) {
    for (const [name, bytes] of await readFolder(DECLARATIONS))
      if (!name.endsWith('.recipe.json')) files.set(name, bytes);
  }
  if (
    !files.has(`regions/${region}/region.json`) &&
    (await stat(join(store, 'regions', region, 'region.json')).catch(() => undefined)) === undefined
  ) {
    throw new UsageError(
      say(`信任库中没有地区 ${region}`, `the store has no region ${region}`),
      say('请先加入其 region.json（docs/add-a-region.zh-CN.md）', 'add its region.json first (docs/add-a-region.md)'),
    );
  }
  for (const [name, content] of files) {
    const path = join(store, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, content);
    await rename(`${path}.new`, path);
  }
}
