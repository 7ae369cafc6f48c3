import { isUtf8 } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { encodeHex } from '../codec/hex.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { say } from '../document/say.ts';
import { bytesOf, open, type Presented } from '../format/open.ts';
import { loadFederation } from '../region/federation.ts';
import { DECLARATIONS, readFolder } from '../region/folder.node.ts';
import { inputsOf } from './inputs.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { describe } from './render.ts';
import { loadStore } from './store.ts';
import { tell, wroteFile } from './tell.ts';

/** `tongren inspect`: what is in a document and what was repaired. Believes nothing. */
export function inspectCommand(program: Command, io: Io): void {
  program
    .command('inspect')
    .summary('查看证照内容，不作核验 · show what is in a document; believes nothing')
    .argument(
      '[file...]',
      '文件；签名文件（.p7s）与原文件同名，一并给出；“-”为标准输入 · files, each signature file (.p7s) beside the file of its name; "-" for standard input',
    )
    .option('--text <string>', '扫描所得的码文 · the text of a scanned code')
    .option(
      '--store <dir>',
      '读取此信任库的格式，不用自带的声明 · read the formats of this store instead of the built-in declarations',
    )
    .option('--json', '每行一个对象 · one object per line')
    .option(
      '--qr <file>',
      '把这一份码文写成二维码图片（PNG），供摄像头扫描 · write the one code as a QR code (PNG) to be held before a camera',
    )
    .action(async (files: string[], options: Options) => {
      const inputs = inputsOf(files, options.text, io);
      if (options.qr !== undefined && inputs.length > 1)
        throw new UsageError(say('--qr 只能用于一份证照', '--qr goes with one document'));
      if (options.qr !== undefined && files.some((file) => resolve(file) === resolve(options.qr!)))
        throw new UsageError(say('--qr：图片不能写到码文文件上', '--qr: the picture would be written over the code'));
      // Formats need no keys, so inspecting needs no trust store.
      const register =
        options.store === undefined
          ? loadFederation(await readFolder(DECLARATIONS), nodePlatform)
          : await loadStore(options.store, io);
      let exit: number = EXIT.accepted;
      for (const input of inputs) {
        const presented = await input.read();
        if (options.qr !== undefined) await writePicture(options.qr, presented, io);
        const opening = open(presented, register, io.clock());
        const { format, opened, findings } = opening;
        if (opened === undefined) exit = EXIT.undetermined;
        const converted = opened?.format.convert(opened, opened.format.region);
        const shown = {
          input: input.name,
          ...(format === undefined
            ? {}
            : {
                format: format.id,
                region: format.region,
                title: format.title,
                ...('uncovered' in format ? { uncovered: format.uncovered } : {}),
              }),
          // Which kind it is, never what it says: whoever reads a token may be all that its owner is.
          ...(opening.reference === undefined ? {} : { refers: Object.keys(opening.reference) }),
          findings: [...findings, ...(converted?.findings ?? [])].map(describe),
          ...(opened === undefined
            ? {}
            : {
                repairs: opened.repairs,
                claims: opened.claims,
                proof: proofOf(opened.proof),
                payload: opened.payload,
              }),
          ...(converted === undefined
            ? {}
            : {
                document: converted.document,
                sources: converted.sources(),
                lost: converted.lost(),
              }),
        };
        io.out(JSON.stringify(shown, plain, options.json ? 0 : 2));
      }
      tell(
        io.hint,
        say(
          '未作任何核验；要结论请用 tongren verify',
          'nothing here was believed or checked: use "tongren verify" for a verdict',
        ),
      );
      process.exitCode = exit;
    });
}

interface Options {
  readonly text?: string;
  readonly store?: string;
  readonly json?: boolean;
  readonly qr?: string;
}

/** Errors: UsageError for what no QR code holds. */
async function writePicture(file: string, presented: Presented, io: Io): Promise<void> {
  const { writeQr } = await import('../codec/picture.node.ts');
  const bytes = bytesOf(presented);
  // An editor ends a text with a line end that no scanner gives.
  const content = isUtf8(bytes) ? new TextDecoder().decode(bytes).replace(/\r?\n$/, '') : bytes;
  if (content.length === 0) throw new UsageError(say('--qr：没有内容可写', '--qr: there is nothing to write'));
  const png = await writeQr(content).catch((error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(say('--qr：内容太长，一个二维码装不下', '--qr: too long for one QR code'));
  });
  await writeFile(file, png).catch(({ code }: NodeJS.ErrnoException) => {
    throw new UsageError(say(`--qr：图片写不下来（${code}）`, `--qr: the picture cannot be written (${code})`));
  });
  io.hint(wroteFile(file));
}

const proofOf = (proof: {
  algorithm: string;
  keyIds: readonly string[];
  signature: Uint8Array;
  signed: Uint8Array;
}): object => ({
  algorithm: proof.algorithm,
  keyIds: proof.keyIds,
  signature: proof.signature,
  signedBytes: proof.signed.length,
});

const plain = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? `hex:${encodeHex(value)}` : typeof value === 'bigint' ? value.toString() : value;
