import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { encodeBase64url } from '../codec/base64url.ts';
import { writeQr } from '../codec/picture.node.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { ApiKey, Registration } from '../document/generated/types.ts';
import { validateApiKeys } from '../document/generated/validators.js';
import { say } from '../document/say.ts';
import { newKey } from '../http/keys.ts';
import { joinBundle, makeBundle } from '../region/bundle.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { checkpointOf, openTrustStore } from './store.ts';
import { tell, wroteFile } from './tell.ts';
import { noRegion } from './usage.ts';

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
    .summary(
      "登记卡口设备：生成链接或供扫描的图片 · register a checkpoint's device: its link, or a picture of it to scan",
    )
    .description(
      '为卡口页面生成登记链接：设备由此得到所信任的根的摘要、所在卡口和车道，加 --id 时另得自己的密钥 · Makes a pairing link for the checkpoint page: the device gets the digest of the root that it will trust, its place and its lane, and with --id a key of its own.',
    )
    .requiredOption('--checkpoint <code>', '设备所在的卡口 · where the device stands')
    .addOption(new Option('--lane <lane>', '核验对象 · what it looks at').choices(LANES).default('person'))
    .option(
      '--id <id>',
      '以此名称为设备生成密钥；调用方使用密钥时必须指定 · make a key for the device under this name; needed where callers have keys',
    )
    .option('--for <region>', '核验地区（GB/T 2260 代码） · verifying region (GB/T 2260 code)')
    .option(
      '--also <region>',
      '两地共用卡口的另一地区：两地都作判断，各有回执 · the other region of a checkpoint that two share: both judge, and each gets a receipt',
    )
    .option('--kiosk', '综合自助终端，由群众自助使用 · people serve themselves there')
    .option(
      '--seed <file>',
      '写出当日名单，供启动时没有网络的设备使用 · write the lists of today, for a device that has no network when it starts',
    )
    .option('--store <dir>', '信任库 · trust store')
    .option('--url <address>', '设备访问网关所用的地址 · address of the gateway, as the device reaches it')
    .option('--qr <file>', '把链接写成二维码图片（PNG） · write the link as a QR code (PNG)')
    .option('--json', '一个对象：链接、登记内容和密钥行 · one object: link, registration and the row of the key')
    .action((options: Options) => pair(options, io));
}

async function pair(options: Options, io: Io): Promise<void> {
  const config = configOf(io);
  const region = options.for ?? config.region;
  const { federation, signed } = await openTrustStore(options.store, io);
  const regions = [region, ...(options.also === undefined ? [] : [options.also])];
  const unknown = regions.find((each) => !federation.regions.has(each));
  if (unknown !== undefined) throw noRegion(unknown);
  if (options.also === region) throw new UsageError(say('--also：与本地区相同', '--also: the same region twice'));
  const root = signed?.kept.roots.at(-1);
  if (signed === undefined || root === undefined)
    throw new UsageError(
      say('普通文件夹没有设备可信任的根', 'a plain folder has no root that a device could trust'),
      say('请指定已签名的信任库', 'name a signed store'),
    );
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
      tell(
        io.hint,
        say(
          `${file}：${each} 的名单；在设备上选取或拖入，与其他名单一样自行验证`,
          `${file}: the lists for ${each}; choose it on the device, or drop it there: it is verified like any other`,
        ),
      );
    }
  }
  if (options.qr !== undefined) io.hint(wroteFile(options.qr));
  if (options.json) io.out(JSON.stringify({ link, registration, ...(row === undefined ? {} : { row }) }));
  else {
    io.out(link);
    if (row !== undefined) io.out(JSON.stringify(row));
  }
  if (row === undefined) return;
  tell(
    io.hint,
    say(
      '链接中含设备密钥：只给该设备看，不留副本',
      'the link holds the key of the device: show it to that device alone, and keep no copy',
    ),
  );
  tell(
    io.hint,
    say(
      '请把该行写入 TONGREN_API_KEYS 所指文件（SIGHUP 重新读取）；删去即停用设备',
      'put the row into the file of TONGREN_API_KEYS (SIGHUP reads it again); to cut the device off, take it out',
    ),
  );
}

function rowOf(id: string, regions: string[], sha256: string): ApiKey {
  const row: ApiKey = { id, sha256, scopes: ['verify', 'record', 'resolve'], regions, perMinute: 600 };
  if (!validateApiKeys([row]))
    throw new UsageError(
      say('--id：不能用作系统名', '--id: not a name for a system'),
      say('用小写字母和数字，例如 lane-7', 'small letters and digits, as lane-7'),
    );
  return row;
}
