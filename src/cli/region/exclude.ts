import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { writeJson } from '../../codec/json.ts';
import type { Value } from '../../codec/value.ts';
import type { AgreementList, Catalogue } from '../../document/generated/types.ts';
import { validateAgreements, validateCatalogue } from '../../document/generated/validators.js';
import { say } from '../../document/say.ts';
import { writeWhole } from '../../federation/repository.node.ts';
import { DECLARATIONS } from '../../region/folder.node.ts';
import { readJson } from '../../region/pack.ts';
import type { Io } from '../io.ts';
import { tell } from '../tell.ts';
import { changing, hintPublish, mustFit, packAt } from './pack.ts';

interface Options {
  readonly types?: string;
  readonly unit?: string;
  readonly basisZh: string;
  readonly basisEn: string;
  readonly number?: string;
  readonly until?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

/** `tongren region exclude`: a region stops recognising an issuer or a type, by itself and at once. */
export function excludeCommand(region: Command, io: Io): void {
  region
    .command('exclude')
    .summary(
      '不再认可某签发方或其某类证照：负面清单的一行，先于任何协议 · stop recognising an issuer, or types of it: a row of the negative list, before every agreement',
    )
    .argument('<dir>', '本地区包的文件夹 · folder of the own pack')
    .argument('<issuer>', '不再认可其证照的地区 · the region whose documents are not recognised any more')
    .option('--types <list>', '只限这些证照类型，用逗号分隔 · only these document types, separated by commas')
    .option('--unit <unit>', '只限该地区的这一单位 · only this unit of it')
    .requiredOption('--basis-zh <title>', '法律依据 · legal basis')
    .requiredOption('--basis-en <title>', '法律依据的英文名称 · the same in English')
    .option('--number <number>', '文号 · its number')
    .option('--until <moment>', '到时自动失效 · it ends by itself')
    .option('--apply', '写入；否则只显示该行 · write it; otherwise this only shows the row')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((dir: string, issuer: string, options: Options) =>
      changing(dir, options, () => run(dir, issuer, options, io)),
    );
}

async function run(dir: string, issuer: string, options: Options, io: Io): Promise<void> {
  const { types, unit, basisZh, basisEn, number, until, apply, json } = options;
  const { id } = await packAt(dir);
  const file = join(dir, 'agreements.json');
  const bytes = await readFile(file).catch(() => undefined);
  const list: AgreementList = bytes === undefined ? { agreements: [] } : readJson(file, bytes, validateAgreements);
  const row = {
    issuingRegion: issuer,
    ...(types === undefined ? {} : { documentTypes: types.split(',').map((type) => type.trim()) }),
    ...(unit === undefined ? {} : { unit }),
    ...(until === undefined ? {} : { until }),
    basis: { title: { zh: basisZh, en: basisEn }, ...(number === undefined ? {} : { number }) },
  };
  const next = { ...list, excluded: [...(list.excluded ?? []), row] };
  mustFit(file, next, validateAgreements);
  if (apply) await writeWhole(file, writeJson(next as unknown as Value));
  if (json) io.out(JSON.stringify({ region: id, row, applied: apply === true }));
  else io.out(JSON.stringify(row));
  await hintUnknown(row.documentTypes ?? [], io);
  hintPublish(apply, id, dir, io);
}

/** Whoever excludes in a hurry and misspells a type excludes nothing. A federation may have types of its own: so it is told, not refused. */
async function hintUnknown(types: readonly string[], io: Io): Promise<void> {
  const file = join(DECLARATIONS, 'catalogue.json');
  const { documentTypes: known } = readJson<Catalogue>(file, await readFile(file), validateCatalogue);
  const unknown = types.filter((type) => known.every(({ code }) => code !== type)).join(', ');
  if (unknown === '') return;
  tell(
    io.hint,
    say(
      `注意：自带目录中没有类型 ${unknown}；联盟目录中也没有的话，此项不起作用（region check --store 可核对）`,
      `mind: the catalogue that comes along has no type ${unknown}; if the federation's has none either, this excludes nothing (region check --store tells)`,
    ),
  );
}
