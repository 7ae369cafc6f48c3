import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { writeJson } from '../codec/json.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import type { Part } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { instantOf } from '../document/time.ts';
import { profileOf } from '../federation/import-profile.ts';
import { IMPORTERS } from '../federation/importers.ts';
import { judgeAges } from '../region/age.ts';
import { clockOf } from '../region/clock.ts';
import type { Federation } from '../region/federation.ts';
import type { Register } from '../trust/revocations.ts';
import { COMMON } from '../trust/view.ts';
import { bundleCommand } from './bundle.ts';
import { heldLines, heldReport } from './held.ts';
import { rows } from './help.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { packCommand } from './pack.ts';
import { environmentInWords, notUsed, oneLine, table } from './render.ts';
import { screenCommand } from './screen.ts';
import { addToStore, openTrustStore } from './store.ts';
import { storeLines, storeReport } from './store-status.ts';
import { notWritten, tell } from './tell.ts';
import { badName, badRegion, noSuchFile, thereAre } from './usage.ts';

const KINDS = Object.entries(IMPORTERS).map(([name, { about }]) => ({ name, summary: `${about.zh} · ${about.en}` }));

/** `tongren trust`: foreign lists into region packs, and what the store holds. */
export function trustCommand(program: Command, io: Io): void {
  const trust = program
    .command('trust')
    .summary('导入签发方名单，查看信任库 · import lists of issuers, and look at the trust store');
  trust
    .command('import')
    .summary('把外来签发方名单转为地区包 · turn a foreign list of issuers into a region pack')
    .argument('<kind>', `名单种类 · kind of list: ${Object.keys(IMPORTERS).join(', ')}`)
    .argument('<path>', '文件或文件夹 · file or folder')
    .requiredOption(
      '--region <id>',
      '这些签发方所属的地区（x-eu-dcc、330000 等） · the region whose issuers they are (x-eu-dcc, 330000 …)',
    )
    .option('--key <pem>', '名单签名必须能用此公钥验证 · public key that must have signed the list')
    .option('--name <name>', '地区包中的文件名 · name of the file in the pack', 'imported')
    .option('--store <dir>', '信任库 · trust store')
    .option('--apply', '写入；否则只说明将要做什么 · write it; otherwise this only says what would be done')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .addHelpText('after', rows(KINDS))
    .action((kind: string, path: string, options: ImportOptions) => importList(kind, path, options, io));
  packCommand(trust, io);
  screenCommand(trust, io);
  bundleCommand(trust, io);
  trust
    .command('status')
    .summary('信任库有什么、多旧、哪些不能用 · what the store holds, how old it is, and what in it cannot be used')
    .option('--store <dir>', '信任库 · trust store')
    .option('--json', '供程序读取的报告 · machine-readable report')
    .action((options: { store?: string; json?: boolean }) => status(options, io));
}

interface ImportOptions {
  readonly region: string;
  readonly key?: string;
  readonly name: string;
  readonly store?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

async function importList(kind: string, path: string, options: ImportOptions, io: Io): Promise<void> {
  const importer = Object.hasOwn(IMPORTERS, kind) ? IMPORTERS[kind]! : undefined;
  if (importer === undefined) {
    throw new UsageError(say(`没有“${kind}”这种名单`, `no kind of list "${kind}"`), thereAre(Object.keys(IMPORTERS)));
  }
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(options.name)) throw badName();
  if (!/^([0-9]{6}|x-[a-z0-9-]{1,30})$/.test(options.region)) throw badRegion('--region');
  const key =
    options.key === undefined ? undefined : await readFile(options.key, 'utf8').catch(() => missing(options.key!));
  const imported = await read(() =>
    filesOf(path).then((files) => importer.read({ files, key, platform: nodePlatform })),
  );
  const issued = instantOf(io.clock());
  const store = options.store ?? configOf(io).store;
  const at = (folder: string, ending: string): string =>
    join('regions', options.region, folder, `${options.name}${ending}`);
  const file = at(importer.folder ?? 'issuers', '.json');
  const { issuers, revoked = [], crls = [], left } = imported;
  const profile = profileOf(issuers, importer.folder === 'anchors' ? 'anchor' : 'last');
  const json = (value: object): string => writeJson(value as unknown as Value);
  const files = new Map<string, Uint8Array | string>([
    [file, json({ issued, source: `${kind}: ${basename(path)}`, issuers })],
    ...(revoked.length === 0 ? [] : [[at('revocations', '.json'), json({ issued, revoked })] as const]),
    ...crls.map((der, i) => [at('crls', `-${i}.crl`), der] as const),
  ]);

  const counts = { issuers: issuers.length, revoked: revoked.length, crls: crls.length };
  if (options.json)
    io.out(
      JSON.stringify({ file, files: [...files.keys()], ...counts, left, profile, applied: options.apply === true }),
    );
  else {
    tell(
      io.out,
      say(
        `签发方 ${issuers.length} 个${importer.signed ? '，名单签名无误' : ''}；已撤销证照 ${revoked.length} 份；证书吊销列表 ${crls.length} 份；略去 ${left.length} 项`,
        `${issuers.length} issuers${importer.signed ? ', list signature good' : ''}; ${revoked.length} revoked documents; ${crls.length} lists of revoked certificates; ${left.length} left out`,
      ),
    );
    for (const { what, why } of left) io.out(oneLine(`  略去 left out: ${what}: ${why}`));
    for (const { fault, count, keyIds } of profile)
      io.out(
        oneLine(
          `  签发不合规范（仍会导入）not made by RFC 5280, imported all the same: ${count} × ${fault}: ${keyIds.join(' ')}`,
        ),
      );
  }
  const names = [...files.keys()].join(', ');
  if (!options.apply) return tell(io.hint, notWritten(names, store));
  await addToStore(store, options.region, files);
  io.hint(`已写入 written into ${store}: ${names}`);
}

async function read<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Broken)
      throw new UsageError(
        say(`${error.part}：名单不能用：${error.message}`, `${error.part}: ${error.message}`),
        say('未导入任何内容', 'nothing was imported'),
      );
    throw error;
  }
}

async function missing(path: string): Promise<never> {
  throw noSuchFile(path);
}

async function filesOf(path: string): Promise<Map<string, Uint8Array>> {
  const info = (await stat(path).catch(() => undefined)) ?? (await missing(path));
  if (!info.isDirectory()) return new Map([[basename(path), await readFile(path)]]);
  const names = (await readdir(path)).sort().slice(0, 10_000);
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    if ((await stat(join(path, name))).isFile()) files.set(name, await readFile(join(path, name)));
  }
  return files;
}

/** What a region publishes of revoked documents, and how far each of its series has come. */
function revocationsOf(register: Register | undefined): object {
  const { count = 0, bytes = 0, series = [] } = register ?? {};
  return {
    count,
    memory: bytes,
    series: series.map(({ series: name, sequence, trouble }) => ({
      series: name,
      sequence,
      whole: trouble.length === 0,
    })),
  };
}

async function status(options: { store?: string; json?: boolean }, io: Io): Promise<void> {
  const opened = await openTrustStore(options.store, io);
  const { federation } = opened;
  const { manifest, trust, rejected, floor } = federation;
  const now = io.clock();
  const regions = [...federation.regions.keys()].map((region) => {
    const { restsOn } = judgeAges(
      trust.parts(region).filter((part) => part.region === region),
      manifest.ages,
      now,
    );
    const formats = federation.formats.filter((format) => format.region === region).map((format) => format.id);
    const register = trust.register(region);
    const keys = heldReport([...trust.held(region), ...federation.systems.held(region)], now);
    return { region, formats, parts: restsOn, register, keys, revoked: revocationsOf(register) };
  });
  const common = heldReport(trust.held(COMMON), now);
  const behind = floor.notBefore !== undefined && now < floor.notBefore;
  if (options.json)
    return io.out(
      JSON.stringify({
        federation: manifest.federation,
        environment: manifest.environment,
        issuers: trust.size,
        clock: { ...clockOf(floor, now, false), behind },
        store: storeReport(opened, now),
        regions: regions.map(({ register: _, ...region }) => region),
        common,
        snapshot: {
          used: federation.regions.size - federation.checkedAnew.length,
          checkedAnew: federation.checkedAnew,
        },
        // Nobody cosigns a store yet; whoever reads this shall not take silence for a yes.
        witnesses: [],
        rejected,
      }),
    );
  io.out(
    oneLine(
      `${manifest.name.zh} ${manifest.name.en}: ${environmentInWords(manifest.environment)}, 签发方 issuers: ${trust.size}`,
    ),
  );
  const compared =
    floor.notBefore === undefined
      ? ''
      : `, ${behind ? '落后于名单的签发时间 which is BEHIND' : '不早于名单的签发时间 not before'} lists made ${instantOf(floor.notBefore)}`;
  io.out(`时钟 clock: ${instantOf(now)}${compared}`);
  io.out(snapshotLine(federation));
  for (const line of storeLines(opened, now)) io.out(line);
  const rows = regions.flatMap(({ region, formats, parts }) =>
    (parts.length === 0 ? [undefined] : parts).map((part) => [
      region,
      formats.join(' ') || '-',
      part?.part ?? '-',
      part === undefined ? '-' : `${AGES[part.state]}, ${part.issued}`,
    ]),
  );
  for (const line of table([['地区 region', '格式 formats', '名单 list', '新旧 age'], ...rows])) io.out(line);
  for (const { region, keys } of [...regions, { region: COMMON, keys: common }])
    for (const line of heldLines(region, keys)) io.out(oneLine(line));
  for (const { region, register } of regions)
    if (register !== undefined) for (const line of revoked(region, register)) io.out(line);
  io.out('见证 witnesses: 尚无 none');
  for (const part of rejected) io.out(notUsed(part));
}

const AGES: Readonly<Record<Part['state'], string>> = {
  fresh: '新 fresh',
  warn: '较旧 ageing',
  block: '过旧 too old',
};

/** How much of the store was taken over from the last start, and what had to be checked now. */
function snapshotLine({ regions, checkedAnew }: Federation): string {
  const anew = checkedAnew.length === 0 ? '' : `; 重新核验 checked anew: ${checkedAnew.slice(0, 10).join(' ')}`;
  const more = checkedAnew.length > 10 ? ` … ${checkedAnew.length - 10}` : '';
  return `沿用上次已核验的地区 regions taken over from the last start: ${regions.size - checkedAnew.length} / ${regions.size}${anew}${more}`;
}

function revoked(region: string, { count, bytes, series }: Register): string[] {
  if (count === 0 && series.length === 0) return [];
  const packed = bytes === 0 ? '' : `, 打包 packed ${(bytes / 1e6).toFixed(1)} MB`;
  const named = series.map(
    ({ series: name, sequence, trouble }) =>
      `${name} 至 at ${sequence}${trouble.length === 0 ? '' : '（不完整 NOT WHOLE）'}`,
  );
  const told = named.length === 0 ? '' : `; 序列 series: ${named.join(', ')}`;
  return [oneLine(`${region} 已撤销 revoked: ${count} 份 documents${packed}${told}`)];
}
