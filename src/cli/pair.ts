import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { encodeBase64url } from '../codec/base64url.ts';
import { writeQr } from '../codec/picture.node.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { ApiKey, Registration } from '../document/generated/types.ts';
import { validateApiKeys } from '../document/generated/validators.js';
import { newKey } from '../http/keys.ts';
import { joinBundle, makeBundle } from '../region/bundle.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { checkpointOf, openTrustStore } from './store.ts';

interface Options {
  readonly checkpoint: string;
  readonly lane: Registration['lane'];
  readonly id?: string;
  readonly for?: string;
  readonly also?: string;
  readonly kiosk?: boolean;
  readonly seed?: string;
  readonly store?: string;
  readonly url?: string;
  readonly qr?: string;
  readonly json?: boolean;
}

const LANES: readonly Registration['lane'][] = ['person', 'vehicle', 'freight', 'counter'];

/** `tongren pair`: a pairing link for a checkpoint's device. */
export function pairCommand(program: Command, io: Io): void {
  program
    .command('pair')
    .summary("register a checkpoint's device: its link, or a picture of it to scan")
    .description(
      'Makes a pairing link (登记链接) for the checkpoint page: the device gets the digest of the root that it will trust, its place and its lane, and with --id a key of its own.',
    )
    .requiredOption('--checkpoint <code>', 'where the device stands')
    .addOption(new Option('--lane <lane>', 'what it looks at').choices(LANES).default('person'))
    .option('--id <id>', 'make a key for the device under this name; needed where callers have keys')
    .option('--for <region>', 'verifying region (GB/T 2260 code)')
    .option('--also <region>', 'the other region of a checkpoint that two share: both judge, and each gets a receipt')
    .option('--kiosk', 'people serve themselves there (综合自助终端)')
    .option('--seed <file>', 'write the lists of today, for a device that has no network when it starts')
    .option('--store <dir>', 'trust store')
    .option('--url <address>', 'address of the gateway, as the device reaches it')
    .option('--qr <file>', 'write the link as a QR code (PNG)')
    .option('--json', 'one object: link, registration and the row of the key')
    .action((options: Options) => pair(options, io));
}

async function pair(options: Options, io: Io): Promise<void> {
  const config = configOf(io);
  const region = options.for ?? config.region;
  const { federation, signed } = await openTrustStore(options.store, io);
  const regions = [region, ...(options.also === undefined ? [] : [options.also])];
  const unknown = regions.find((each) => !federation.regions.has(each));
  if (unknown !== undefined) throw new UsageError(`no region ${unknown} in this store`);
  if (options.also === region) throw new UsageError('--also: the same region twice');
  const root = signed?.kept.roots.at(-1);
  if (signed === undefined || root === undefined)
    throw new UsageError('a plain folder has no root that a device could trust', 'name a signed store');
  const made = options.id === undefined ? undefined : newKey(randomBytes);
  const row = made && rowOf(options.id!, regions, made.sha256);
  const registration: Registration = {
    v: 1,
    ...(made === undefined ? {} : { key: made.key }),
    place: checkpointOf(options.checkpoint),
    region,
    ...(options.also === undefined ? {} : { also: [options.also] }),
    ...(options.kiosk === true ? { profile: 'kiosk' } : {}),
    lane: options.lane,
    root: createHash('sha256').update(root).digest('hex'),
  };
  const base = options.url ?? `http://${config.host}:${config.port}`;
  const link = `${base.replace(/\/+$/, '')}/checkpoint/#pair=${encodeBase64url(Buffer.from(JSON.stringify(registration)))}`;
  if (options.qr !== undefined) await writeFile(options.qr, await writeQr(link), { mode: 0o600 });
  if (options.seed !== undefined) {
    for (const [i, each] of regions.entries()) {
      const { index, parts } = makeBundle(signed.kept, signed.view, { region: each }, nodePlatform);
      // One file for each region: a bundle is one lane's.
      const file = i === 0 ? options.seed : `${options.seed}.${each}`;
      await writeFile(
        file,
        joinBundle(index, (digest) => parts.get(digest)),
      );
      io.hint(
        `${file}: the lists for ${each}; choose it on the device, or drop it there: it is verified like any other`,
      );
    }
  }
  if (options.json) io.out(JSON.stringify({ link, registration, ...(row === undefined ? {} : { row }) }));
  else {
    io.out(link);
    if (row !== undefined) io.out(JSON.stringify(row));
  }
  if (row === undefined) return;
  io.hint('the link holds the key of the device: show it to that device alone, and keep no copy');
  io.hint('put the row into the file of TONGREN_API_KEYS (SIGHUP reads it again); to cut the device off, take it out');
}

function rowOf(id: string, regions: string[], sha256: string): ApiKey {
  const row: ApiKey = { id, sha256, scopes: ['verify', 'record', 'resolve'], regions, perMinute: 600 };
  if (!validateApiKeys([row]))
    throw new UsageError('--id: not a name for a system', 'small letters and digits, as lane-7');
  return row;
}
