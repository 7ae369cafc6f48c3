import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { Localized, Outcome, SystemKeysFile, Verdict } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import { type MintedGroup, type MintedSample, mint } from '../federation/mint.node.ts';
import { signReference } from '../federation/reference.node.ts';
import { startSystems } from '../federation/reference-systems.node.ts';
import { presentedSample } from '../federation/samples.node.ts';
import { writeSystemKeys } from '../federation/system-keys.node.ts';
import { judgeGroup } from '../group.ts';
import { journey } from '../journey.ts';
import { type Memory, settle } from '../record/settle.ts';
import type { Federation } from '../region/federation.ts';
import { DECLARATIONS, readFolder } from '../region/folder.node.ts';
import { folderSource } from '../region/source.node.ts';
import { forget, pinBeside, servedBy } from '../region/state.node.ts';
import { openSigned } from '../region/store.node.ts';
import { isAddress } from '../settings.ts';
import { demonstrateExchange, type Step } from './exchange-demonstration.ts';
import { SIGNATURE_FILE } from './inputs.ts';
import { configOf, EXIT, type Io, UsageError } from './io.ts';
import { ICONS, oneLine, table } from './render.ts';
import { beginWatch, runServer } from './serve.ts';
import { withDatabase } from './store.ts';
import { tell } from './tell.ts';

/** `npm start`: mints the reference federation, verifies every sample of it, prints the verdicts, then serves. */
export function startCommand(program: Command, io: Io): void {
  program
    .command('start')
    .summary('生成参考联盟，核验样例，然后启动服务 · mint the reference federation, verify its samples, then serve')
    .option(
      '--once',
      '不启动服务；结论全部符合预期时退出码为 0 · do not serve; exit 0 when every verdict is the expected one',
    )
    .action(async (options: { once?: boolean }) => {
      const config = configOf(io);
      if (isAddress(config.store))
        throw new UsageError(
          say(
            'TONGREN_STORE：参考联盟须生成在文件夹里，不能是网址',
            'TONGREN_STORE: the reference federation is minted into a folder, not to an address',
          ),
        );
      await mayBeReplaced(config.store);
      await isNotServed(config.store);
      const now = io.clock();
      const minted = await mint(await readFolder(DECLARATIONS), now);
      const { store, samples, groups, systems } = minted;
      const { repository, root } = await signReference(store, now);
      await writeStore(config.store, repository);
      await writeFile(pinBeside(config.store), root);
      // A federation begun anew: what was seen of the last one would only be in its way.
      await forget(config.store);
      await writeSamples(join(dirname(config.store), 'samples'), samples);
      const ownKeys = await writeSystems(join(dirname(config.store), 'systems'), systems, config.region);
      const place = { store: config.store, pinned: root, sources: [folderSource(config.store)] };
      const opened = await openSigned(place, { clock: io.clock, hint: io.hint });
      const { federation } = opened;
      // The samples say what they must get in the default region, for the default purpose.
      const { region, purpose } = readConfig({});
      const [documents, together] = await withMemory(async (memory) => {
        const judge = judgeOf(federation, { region, purpose, memory, clock: () => now });
        return [sorted(await inTurn(samples, judge.sample)), await inTurn(groups, judge.group)];
      });
      const wrong = show(say('份证照', 'documents'), '证照 document', documents, io, headings(federation, documents));
      io.out('');
      const wrongGroups = show(say('组证照', 'groups'), '组合 group', together, io);
      io.out('');
      const regions = await startSystems(minted, io.clock);
      try {
        const exchanges = await demonstrateExchange(minted, regions, federation, io.clock);
        const wrongSteps = showSteps(exchanges, io);
        tell(
          io.hint,
          say(
            `这是参考联盟，并非真实：密钥新近生成，信任库在 ${config.store}`,
            `reference federation only: fresh keys, store in ${config.store}`,
          ),
        );
        if (wrong + wrongGroups + wrongSteps > 0) process.exitCode = EXIT.refused;
        else if (!options.once)
          await runServer(opened, config.store, io, beginWatch(io), {
            exchangeKeys: ownKeys,
            exchangeHosts: regions.hosts,
          });
      } finally {
        await regions.close();
      }
    });
}

/** A verdict that was expected, or was not: one row of a table. */
interface Judged {
  readonly row: string[];
  readonly right: boolean;
  readonly outcome: Outcome;
}

interface JudgedSample extends Judged {
  readonly sample: MintedSample;
}

/** A memory of one-time codes for the samples alone: real, empty, and gone afterwards. */
async function withMemory<T>(run: (memory: Memory) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tongren-'));
  try {
    return await withDatabase(join(folder, 'samples.sqlite'), run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface SampleQuestion {
  readonly region: string;
  readonly purpose: string;
  readonly memory: Memory;
  /** Stands still: the codes among the samples live for a minute, however long all of them take here. */
  readonly clock: () => number;
}

/** What each sample and each group of them gets, beside what it must get. All are shown at one desk, some elsewhere before. */
function judgeOf(
  federation: Federation,
  { region, purpose, memory, clock }: SampleQuestion,
): { sample(sample: MintedSample): Promise<JudgedSample>; group(group: MintedGroup): Promise<Judged> } {
  const settling = { memory: async () => memory, clock };
  const walk = async (sample: MintedSample, expect: MintedSample['expect']) => {
    const { before, ...showing } = sample.shown;
    const standpoint = federation.standpoint(expect.for ?? region, clock)!;
    const question = { purpose: expect.purpose ?? purpose, ...showing };
    const presented = presentedSample(sample);
    const look = async (checkpoint: string) => {
      const walked = journey(presented, standpoint, question);
      return { walked, verdict: await settle(walked, { checkpoint, device: 'samples' }, settling) };
    };
    if (before !== undefined) await look(before);
    return { standpoint, question, presented, ...(await look('samples')) };
  };
  return {
    sample: async (sample) => ({ sample, ...judged((await walk(sample, sample.expect)).verdict, sample) }),
    async group(group) {
      const { members, occupants, expect } = group;
      const walks = await Promise.all(members.map((member) => walk(member, expect)));
      const { standpoint, question } = walks[0]!;
      const asked = { ...question, ...(occupants === undefined ? {} : { occupants }) };
      return judged(judgeGroup(walks, standpoint, asked, nodePlatform), group);
    },
  };
}

function judged(
  { outcome, word, reasons }: Pick<Verdict, 'outcome' | 'word' | 'reasons'>,
  { title, expect }: Pick<MintedSample, 'title' | 'expect'>,
): Judged {
  const wanted = expect.reasons ?? [];
  const right = outcome === expect.outcome && wanted.every((code) => reasons.includes(code));
  const mark = right ? '' : ` ← 应为 expected ${expect.outcome} ${wanted.join(' ')}`;
  const row = [ICONS[outcome], `${word.zh} ${word.en}`, `${title.zh} ${title.en}`, `${reasons.join(' ')}${mark}`];
  return { row, right, outcome };
}

const ORDER = Object.keys(ICONS);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** By issuing region and format, the good documents of each first. */
const sorted = (all: readonly JudgedSample[]): JudgedSample[] =>
  all.toSorted(
    (one, other) =>
      compare(one.sample.region, other.sample.region) ||
      compare(one.sample.format, other.sample.format) ||
      ORDER.indexOf(one.outcome) - ORDER.indexOf(other.outcome),
  );

/** The name of the issuing region above its first document: place → line. */
function headings({ regions }: Federation, all: readonly JudgedSample[]): ReadonlyMap<number, string> {
  const first = new Map<string, number>();
  for (const [i, { sample }] of all.entries()) if (!first.has(sample.region)) first.set(sample.region, i);
  return new Map(
    [...first].map(([id, i]) => [i, oneLine(`${id}  ${regions.get(id)!.name.zh} ${regions.get(id)!.name.en}`)]),
  );
}

/** One after the other: what was shown before decides over what comes after. */
async function inTurn<T, J extends Judged>(all: readonly T[], judge: (one: T) => Promise<J>): Promise<J[]> {
  const judged: J[] = [];
  for (const one of all) judged.push(await judge(one));
  return judged;
}

/** Prints a table and how many of its verdicts are as expected. Out: how many are not. */
function show(
  what: Localized,
  title: string,
  all: readonly Judged[],
  io: Io,
  above: ReadonlyMap<number, string> = new Map(),
): number {
  const wrong = all.filter(({ right }) => !right).length;
  const [head, ...lines] = table([['', '结论 verdict', title, '理由 reasons'], ...all.map(({ row }) => row)]);
  io.out(head!);
  for (const [i, line] of lines.entries()) {
    const heading = above.get(i);
    if (heading !== undefined) for (const each of ['', heading]) io.out(each);
    io.out(line);
  }
  io.out('');
  tell(
    io.out,
    say(
      `${all.length} ${what.zh}，结论符合预期 ${all.length - wrong}${wrong === 0 ? '' : `，不符 ${wrong}`}`,
      `${all.length} ${what.en}, ${all.length - wrong} verdicts as expected${wrong === 0 ? '' : `, ${wrong} NOT`}`,
    ),
  );
  return wrong;
}

/** Prints what the exchange came to. Out: how many steps came to something else. */
function showSteps(steps: readonly Step[], io: Io): number {
  const wrong = steps.filter(({ right }) => !right).length;
  const rows = steps.map(({ what, came, right }) => [right ? '✓' : '✗', what, came]);
  for (const line of table([['', '地区间交换 exchange', '结果 result'], ...rows])) io.out(line);
  io.out('');
  tell(
    io.out,
    say(
      `交换 ${steps.length} 步，符合预期 ${steps.length - wrong}${wrong === 0 ? '' : `，不符 ${wrong}`}`,
      `${steps.length} steps of an exchange, ${steps.length - wrong} as expected${wrong === 0 ? '' : `, ${wrong} NOT`}`,
    ),
  );
  return wrong;
}

/** Minting replaces the whole folder: whatever else lies there, a production store above all, must not be lost by it. */
async function mayBeReplaced(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : [folder],
  );
  if (names.length === 0) return;
  const said = await Promise.all(
    ['federation.json', 'metadata/1.root.json'].map((file) => readFile(join(folder, file), 'utf8').catch(() => '')),
  );
  if (!said.some((text) => /"environment":\s*"reference"/.test(text))) {
    throw new UsageError(
      say(
        `${folder}：未覆盖，其中内容不是参考联盟`,
        `${folder}: not replaced, for what lies there is no reference federation`,
      ),
      say('请把 TONGREN_STORE 设为其他文件夹', 'set TONGREN_STORE to another folder'),
    );
  }
}

/** A gateway that serves it would refuse the new one, which others have signed, and call its documents forged. */
async function isNotServed(folder: string): Promise<void> {
  const pid = await servedBy(folder);
  if (pid !== undefined)
    throw new UsageError(
      say(
        `${folder}：有网关正在使用此信任库（进程 ${pid}）`,
        `${folder}: a gateway serves this store (process ${pid})`,
      ),
      say('请先停止它，或把 TONGREN_STORE 设为其他文件夹', 'stop it first, or set TONGREN_STORE to another folder'),
    );
}

/** The new store is written beside the old one and then takes its place: nobody ever reads half of it. */
async function writeStore(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  for (const [file, bytes] of files) {
    const path = join(fresh, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}

async function writeSamples(folder: string, samples: readonly MintedSample[]): Promise<void> {
  for (const region of new Set(samples.map((sample) => sample.region)))
    await rm(join(folder, region), { recursive: true, force: true });
  for (const { region, name, extension, wire, beside } of samples) {
    await mkdir(join(folder, region), { recursive: true });
    await writeFile(join(folder, region, `${name}.${extension}`), wire);
    if (beside !== undefined) await writeFile(join(folder, region, `${name}.${SIGNATURE_FILE}`), beside);
  }
}

/**
 * The keys of the regions' systems, for whoever plays them: `310000-gateway.json`, for this user alone to read. Out: the file of
 * this region's gateway, if it has one.
 */
async function writeSystems(
  folder: string,
  systems: readonly SystemKeysFile[],
  region: string,
): Promise<string | undefined> {
  const fileOf = (system: string): string => join(folder, `${system.replace('/', '-')}.json`);
  for (const keys of systems) await writeSystemKeys(fileOf(keys.system), keys);
  const own = `${region}/gateway`;
  return systems.some(({ system }) => system === own) ? fileOf(own) : undefined;
}
