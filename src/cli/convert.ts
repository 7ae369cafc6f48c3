import type { Command } from 'commander';
import { encodeBase64 } from '../codec/base64url.ts';
import { type Conversion, convertDocument, NotConvertible, type Target, targetNamed, wireMembers } from '../convert.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import { say } from '../document/say.ts';
import { conversionIssuer } from '../federation/conversion-keys.node.ts';
import type { Federation } from '../region/federation.ts';
import { inputsOf } from './inputs.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { renderVerdict } from './render.ts';
import { loadStore, standpointFor } from './store.ts';
import { tell } from './tell.ts';
import { thereAre } from './usage.ts';
import { exitOf, parseInstant } from './verify.ts';

interface Options {
  readonly to: string;
  readonly text?: string;
  readonly store?: string;
  readonly for?: string;
  readonly purpose: string;
  readonly audience?: string;
  readonly at?: string;
  readonly json?: boolean;
}

/** `tongren convert`: a document in the shared words, or in another region's format, with its losses. */
export function convertCommand(program: Command, io: Io): void {
  program
    .command('convert')
    .summary('把证照转换为通用格式或其他地区的格式 · say a document in the shared words or in another region’s format')
    .argument(
      '[file...]',
      '一个文件，有签名文件（.p7s）的一并给出；“-”为标准输入 · a file, with its signature file (.p7s) if it has one; "-" for standard input',
    )
    .requiredOption(
      '--to <target>',
      '“document”，或 <地区>/<格式>，如 340000/ah-pass/1 · "document", or <region>/<format>, such as 340000/ah-pass/1',
    )
    .option('--text <string>', '扫描所得的码文 · the text of a scanned code')
    .option('--store <dir>', '信任库 · trust store')
    .option('--for <region>', '核验地区（GB/T 2260 代码） · verifying region (GB/T 2260 code)')
    .option('--purpose <purpose>', '用途 · what it is for', 'exchange')
    .option(
      '--audience <name>',
      '转换件可由谁使用；未指明时为核验地区 · who may use the conversion; the verifying region if not said',
    )
    .option('--at <instant>', '按此时间判断（RFC 3339） · judge as of this time (RFC 3339)')
    .option('--json', '一个对象：结论和转换件 · one object: verdict and conversion')
    .action(async (files: string[], options: Options) => {
      process.exitCode = await convert(files, options, io);
    });
}

async function convert(files: readonly string[], options: Options, io: Io): Promise<number> {
  const config = configOf(io);
  const [input, ...others] = inputsOf(files, options.text, io);
  if (others.length > 0) throw new UsageError(say('一次只能转换一份证照', 'one document at a time'));
  const at = parseInstant(options.at);
  const federation = await loadStore(options.store, io);
  const region = options.for ?? config.region;
  const standpoint = standpointFor(federation, region, options.purpose, io);
  const ask = {
    presented: await input!.read(),
    target: targetOf(options.to, federation),
    audience: options.audience ?? region,
    purpose: options.purpose,
    ...(at === undefined ? {} : { at }),
  };
  const { verdict, conversion } = await said(async () =>
    convertDocument(ask, standpoint, await conversionIssuer(config.conversionKeys), nodePlatform),
  );
  if (options.json) {
    io.out(JSON.stringify({ verdict, ...(conversion === undefined ? {} : { conversion: shownOf(conversion) }) }));
  } else if (conversion === undefined) {
    for (const line of renderVerdict(input!.name, verdict)) io.out(line);
    tell(io.hint, say('只转换本地区认可的证照', 'only what the verifying region accepts is converted'));
  } else {
    if (conversion.document !== undefined)
      io.out(JSON.stringify({ document: conversion.document, sources: conversion.sources }, null, 2));
    if (typeof conversion.wire === 'string') io.out(conversion.wire);
    else if (conversion.wire !== undefined) io.out(encodeBase64(conversion.wire));
    if (conversion.beside !== undefined) io.out(encodeBase64(conversion.beside));
    io.hint(`未进入通用格式 not in the shared document: ${conversion.lost.original.join(' ') || '无 nothing'}`);
    if (ask.target !== 'document')
      io.hint(`未进入 not in ${options.to}: ${conversion.lost.target.join(' ') || '无 nothing'}`);
    const { audience, expiresAt } = conversion.proof;
    tell(
      io.hint,
      say(
        `不是原件：只供 ${audience} 使用，至 ${expiresAt}；加 --json 得签名件`,
        `no original: for ${audience}, until ${expiresAt}; --json gives the signed form`,
      ),
    );
  }
  return exitOf(verdict.outcome);
}

/** As convert-answer.schema.json has it. */
function shownOf({ wire, beside, fileName, ...conversion }: Conversion): object {
  return { ...conversion, ...wireMembers({ wire, beside, fileName }) };
}

function targetOf(to: string, federation: Federation): Target {
  const target = targetNamed(to, federation.formats);
  if (target !== undefined) return target;
  const there = ['document', ...federation.formats.map((each) => `${each.region}/${each.id}`)];
  throw new UsageError(say(`没有格式“${to}”`, `no format "${to}"`), thereAre(there));
}

async function said<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof NotConvertible) throw new UsageError(say(`不能转换：${error.message}`, error.message));
    if (error instanceof Broken)
      throw new UsageError(
        say(
          `目标格式无法表达：${error.part}：${error.message}`,
          `the target cannot say it: ${error.part}: ${error.message}`,
        ),
      );
    throw error;
  }
}
