import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { say } from '../../document/say.ts';
import { newPack } from '../../federation/region-template.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { type Io, UsageError } from '../io.ts';
import { NOT_WRITTEN, tell } from '../tell.ts';
import { badRegion } from '../usage.ts';

interface Options {
  readonly out: string;
  readonly nameZh?: string;
  readonly nameEn?: string;
  readonly contact?: string;
  readonly issues: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

const MANIFEST = 'region.json';

/** `tongren region new`: a pack with everything to fill in. */
export function newCommand(region: Command, io: Io): void {
  region
    .command('new')
    .summary('新建可用的地区包，内容待填 · a pack that works, with everything to fill in')
    .argument('<id>', 'GB/T 2260 代码，或 x-<名称> · GB/T 2260 code, or x-<name>')
    .requiredOption('--out <dir>', '地区包写入何处 · where the pack goes')
    .option('--name-zh <name>', '中文名称 · its name in Chinese')
    .option('--name-en <name>', '英文名称 · its name in English')
    .option('--contact <text>', '联系单位，绝不写个人 · whom to ask: an office, never a person')
    .option(
      '--issues <types>',
      '目录中的证照类型，用逗号分隔 · document types of the catalogue, separated by commas',
      'vehicle-pass',
    )
    .option('--apply', '写入；否则只说明将写入什么 · write it; otherwise this only says what would be written')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((id: string, options: Options) => run(id, options, io));
}

async function run(id: string, { out, nameZh, nameEn, contact, issues, apply, json }: Options, io: Io): Promise<void> {
  if (!/^([0-9]{6}|x-[a-z0-9][a-z0-9-]{0,30})$/.test(id)) throw badRegion(id);
  if (existsSync(join(out, MANIFEST)))
    throw new UsageError(say(`${out}：已有地区包`, `${out}: there is a pack already`));
  const name = { ...(nameZh === undefined ? {} : { zh: nameZh }), ...(nameEn === undefined ? {} : { en: nameEn }) };
  const files = newPack({ id, name, contact, issues: issues.split(',').map((type) => type.trim()) });
  // What makes it a pack comes last: whoever was interrupted before runs the command again.
  const inOrder = [...files].sort(([one], [other]) => Number(one === MANIFEST) - Number(other === MANIFEST));
  if (apply) for (const [file, content] of inOrder) await writeWhole(join(out, file), content);
  if (json) io.out(JSON.stringify({ region: id, files: [...files.keys()], applied: apply === true }));
  else for (const file of files.keys()) io.out(join(out, file));
  if (apply) io.hint(`下一步 next: 填好所标内容后 fill in what is marked, then: npx tongren region check ${out}`);
  else tell(io.hint, NOT_WRITTEN);
}
