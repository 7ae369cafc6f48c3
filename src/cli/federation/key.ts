import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { pemFromDer } from '../../codec/pem.ts';
import { spkiFromKey } from '../../crypto/keys.ts';
import { unlessBroken } from '../../document/broken.ts';
import { say } from '../../document/say.ts';
import { keyFromPem, NEW_KEYS, newKeyPem } from '../../federation/pkcs8.node.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { type Io, UsageError } from '../io.ts';
import { notWritten, tell } from '../tell.ts';

interface Options {
  readonly algorithm: string;
  readonly apply?: boolean;
}

/** `tongren federation key`: a key pair in two files. */
export function keyCommand(federation: Command, io: Io): void {
  federation
    .command('key')
    .summary(
      '生成密钥对：NAME.pem 留在原处，NAME.pub.pem 公开 · make a key pair: NAME.pem, which stays where it is, and NAME.pub.pem',
    )
    .argument('<name>', '路径，不含扩展名 · path without an ending')
    .option('--algorithm <name>', `算法 · ${NEW_KEYS.join(', ')}`, 'SM2-SM3')
    .option('--apply', '写入两个文件；否则什么也不做 · write both; otherwise nothing is done')
    .action((name: string, options: Options) => run(name, options, io));
}

async function run(name: string, { algorithm, apply }: Options, io: Io): Promise<void> {
  const known = NEW_KEYS.find((name) => name === algorithm);
  if (known === undefined)
    throw new UsageError(say(`--algorithm：可用 ${NEW_KEYS.join('、')}`, `--algorithm: one of ${NEW_KEYS.join(', ')}`));
  const [secret, open] = [`${name}.pem`, `${name}.pub.pem`];
  // Whoever was interrupted between the two has the private one.
  const begun = existsSync(secret) && !existsSync(open) ? publicPem(await readFile(secret, 'utf8')) : undefined;
  // A key that is written over is lost, and with it what it holds.
  if (begun === undefined && [secret, open].some(existsSync))
    throw new UsageError(
      say(`${name}：已有同名密钥`, `${name}: there is a key of this name already`),
      say('请另取名称', 'choose another name'),
    );
  if (!apply) return tell(io.hint, notWritten(begun === undefined ? `${secret}, ${open}` : open));
  if (begun !== undefined) {
    await writeWhole(open, begun);
    return tell(io.out, say(`${open}：已由 ${secret} 补全`, `${open}: made of ${secret}, which was there`));
  }
  const pem = newKeyPem(known);
  await writeWhole(secret, pem, 0o600);
  await writeWhole(open, publicPem(pem)!);
  io.out(`${open} (${known})`);
  tell(
    io.hint,
    say(
      `${secret} 未加密，只有本人可读；重要的密钥应放在设备里，见 docs/operate.zh-CN.md`,
      `${secret} is not encrypted and readable by you alone; a key that matters lies in a device: docs/operate.md`,
    ),
  );
}

/** The public half; undefined where the text is no key, or an encrypted one. */
const publicPem = (pem: string): string | undefined =>
  unlessBroken(() => pemFromDer(spkiFromKey(keyFromPem(pem).publicKey), 'PUBLIC KEY'));
