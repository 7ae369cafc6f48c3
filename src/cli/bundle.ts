import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { nodePlatform } from '../crypto/platform.node.ts';
import { say } from '../document/say.ts';
import { joinBundle, makeBundle } from '../region/bundle.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { openTrustStore, standpointFor } from './store.ts';

interface Options {
  readonly for?: string;
  readonly purpose?: string;
  readonly out: string;
  readonly store?: string;
}

/** `tongren trust bundle`: what a checkpoint's desk needs of the signed store, in one file. */
export function bundleCommand(trust: Command, io: Io): void {
  trust
    .command('bundle')
    .summary(
      '把卡口所需的已签名信任库内容写成一个文件 · write what a checkpoint needs of the signed store into one file',
    )
    .requiredOption('--out <file>', '要写入的文件 · file to write')
    .option('--for <region>', '核验地区（GB/T 2260 代码） · verifying region (GB/T 2260 code)')
    .option('--purpose <purpose>', '只为此用途；缺省为全部 · for this purpose alone; all of them if absent')
    .option('--store <dir>', '信任库 · trust store')
    .action(async (options: Options) => {
      const config = configOf(io);
      const { federation, signed } = await openTrustStore(options.store, io);
      if (signed === undefined)
        throw new UsageError(
          say('此信任库无人签名', 'nobody signed this store'),
          say(
            '离线包只能由已签名的信任库制作：页面不信其他内容',
            'a bundle is made of a signed store only: a page believes nothing else',
          ),
        );
      const { region } = standpointFor(federation, options.for ?? config.region, options.purpose ?? config.purpose, io);
      const lane = { region, ...(options.purpose === undefined ? {} : { purposes: [options.purpose] }) };
      const { index, parts } = makeBundle(signed.kept, signed.view, lane, nodePlatform);
      const bytes = joinBundle(index, (digest) => parts.get(digest));
      // Nobody ever reads half of it.
      const fresh = `${options.out}.${randomBytes(6).toString('hex')}`;
      await writeFile(fresh, bytes);
      await rename(fresh, options.out);
      io.out(`${options.out}: ${region}, ${parts.size} 份 files, ${bytes.length} 字节 bytes`);
    });
}
