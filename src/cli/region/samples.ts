import { join } from 'node:path';
import type { Command } from 'commander';
import { writeJson } from '../../codec/json.ts';
import type { Value } from '../../codec/value.ts';
import { say } from '../../document/say.ts';
import { inWords, isExpected, rehearse, sampleVerdict } from '../../federation/rehearse.node.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { SIGNATURE_FILE } from '../inputs.ts';
import { configOf, EXIT, type Io, UsageError } from '../io.ts';
import { oneLine } from '../render.ts';
import { notWritten, tell } from '../tell.ts';
import { othersAt, packAt } from './pack.ts';

interface Options {
  readonly store?: string;
  readonly out?: string;
  readonly keysFor?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

const REHEARSED = ['rehearsal', 'reference'];

/** `tongren region samples`: a pack's samples, signed with keys made for the moment, and their verdicts. */
export function samplesCommand(region: Command, io: Io): void {
  region
    .command('samples')
    .summary(
      '用临时密钥签发地区包的样例并核验 · sign the samples of a pack with keys made for the moment, and judge them',
    )
    .argument('<dir>', '地区包的文件夹 · folder of the pack')
    .option(
      '--store <dir>',
      '其他成员的信任库，已发布的或文件夹；缺省用参考联盟的声明 · store of the other members, published or a folder; else the reference declarations',
    )
    .option('--out <dir>', '将证照写入此处 · write the documents there')
    .option(
      '--keys-for <environment>',
      `把临时生成的公钥写入地区包，只限 ${REHEARSED.join(' 或 ')} · write the made-up public keys into the pack, for ${REHEARSED.join(' or ')} only`,
    )
    .option('--apply', '写入；否则只判断 · write; otherwise this only judges')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((dir: string, options: Options) => run(dir, options, io));
}

async function run(dir: string, options: Options, io: Io): Promise<void> {
  const { keysFor } = options;
  // Whoever made them is gone, and so are the private keys; but nobody shall ask whether they are.
  if (keysFor !== undefined && !REHEARSED.includes(keysFor))
    throw new UsageError(say(`--keys-for：可用 ${REHEARSED.join('、')}`, `--keys-for: ${REHEARSED.join(' or ')}`));
  const { id, files } = await packAt(dir);
  const now = io.clock();
  const source = new Map([...(await othersAt(options.store))].filter(([file]) => !file.startsWith(`regions/${id}/`)));
  const { store, federation, samples } = await rehearse(new Map([...source, ...files]), id, now);
  const { region, purpose } = configOf(io);
  const judged = samples
    .filter((sample) => sample.region === id)
    .map((sample) => ({ sample, verdict: sampleVerdict(sample, federation, { now, region, purpose }) }));
  const written: string[] = [];
  const put = async (file: string, content: Uint8Array | string): Promise<void> => {
    if (options.apply) await writeWhole(file, content);
    written.push(file);
  };
  if (options.out !== undefined)
    for (const { name, extension, wire, beside } of judged.map(({ sample }) => sample)) {
      await put(join(options.out, `${name}.${extension}`), wire);
      if (beside !== undefined) await put(join(options.out, `${name}.${SIGNATURE_FILE}`), beside);
    }
  if (keysFor !== undefined)
    for (const [file, bytes] of madeLists(id, store, files))
      await put(join(dir, file.slice(`regions/${id}/`.length)), inEnvironment(bytes, file, keysFor));
  const rows = judged.map(({ sample, verdict }) => ({
    name: sample.name,
    title: sample.title,
    verdict: inWords(verdict),
    expected: isExpected(sample, verdict),
  }));
  if (options.json) io.out(JSON.stringify({ region: id, samples: rows, written, applied: options.apply === true }));
  else
    for (const { name, title, verdict, expected } of rows)
      io.out(
        oneLine(
          `${expected ? '+' : 'x'} ${name}: ${title.zh} ${title.en}: ${verdict}${expected ? '' : ' ← 不符预期 NOT as expected'}`,
        ),
      );
  if (options.apply && written.length > 0) io.hint(`已写入 written: ${written.join(', ')}`);
  else if (written.length > 0) tell(io.hint, notWritten(written.join(', ')));
  if (rows.some(({ expected }) => !expected)) process.exitCode = EXIT.refused;
}

/** What the rehearsal made and the pack does not hold itself. */
const madeLists = (id: string, store: ReadonlyMap<string, Uint8Array>, own: ReadonlyMap<string, Uint8Array>) =>
  [...store].filter(
    ([file]) =>
      file.startsWith(`regions/${id}/`) && (!own.has(file) || own.has(file.replace(/\.json$/, '.recipe.json'))),
  );

/** Lists of keys say the environment for which they are. */
function inEnvironment(bytes: Uint8Array, file: string, environment: string): Uint8Array | string {
  if (!/\/(issuers|anchors)\/[^/]+\.json$/.test(file)) return bytes;
  const list = JSON.parse(new TextDecoder().decode(bytes)) as { [member: string]: Value };
  return writeJson({ ...list, environment, source: `made up for the ${environment}` });
}
