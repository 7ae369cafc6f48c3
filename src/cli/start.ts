import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { type MintedSample, mint } from '../federation/mint.node.ts';
import { journey } from '../journey.ts';
import { type Federation, loadFederation } from '../region/federation.ts';
import { DECLARATIONS, readFolder } from '../region/folder.node.ts';
import { configOf, EXIT, type Io, UsageError } from './io.ts';
import { ICONS, table } from './render.ts';
import { runServer } from './serve.ts';

/** `npm start`: mints the reference federation, verifies every sample of it, prints the verdicts, then serves. */
export function startCommand(program: Command, io: Io): void {
  program
    .command('start')
    .summary('mint the reference federation, verify its samples, then serve')
    .option('--once', 'do not serve; exit 0 when every verdict is the expected one')
    .action(async (options: { once?: boolean }) => {
      const config = configOf(io);
      await mayBeReplaced(config.store);
      const { store, samples } = await mint(await readFolder(DECLARATIONS), io.clock());
      await writeStore(config.store, store);
      await writeSamples(join(dirname(config.store), 'samples'), samples);
      const federation = loadFederation(store, nodePlatform);
      // The samples say what they must get in the default region, for the default purpose.
      const { region, purpose } = readConfig({});
      const { rows, wrong } = judgeSamples(federation, samples, region, purpose, io);
      for (const line of table([['', '判定 verdict', '证照 document', '理由 reasons'], ...rows])) io.out(line);
      io.out('');
      io.out(
        `${samples.length} documents, ${samples.length - wrong} verdicts as expected${wrong === 0 ? '' : `, ${wrong} NOT`}`,
      );
      io.hint(`reference federation only (参考联盟，非真实): fresh keys, store in ${config.store}`);
      if (wrong > 0) process.exitCode = EXIT.refused;
      else if (!options.once) await runServer(federation, io);
    });
}

function judgeSamples(
  federation: Federation,
  samples: readonly MintedSample[],
  region: string,
  purpose: string,
  io: Io,
): { rows: string[][]; wrong: number } {
  let wrong = 0;
  const rows = samples.map(({ wire, expect, title }) => {
    const standpoint = federation.standpoint(expect.for ?? region, io.clock)!;
    const presented = typeof wire === 'string' ? { text: wire } : { bytes: wire };
    const { verdict } = journey(presented, standpoint, { purpose: expect.purpose ?? purpose });
    const reasons = expect.reasons ?? [];
    const right = verdict.outcome === expect.outcome && reasons.every((code) => verdict.reasons.includes(code));
    if (!right) wrong += 1;
    const mark = right ? '' : ` ← expected ${expect.outcome} ${reasons.join(' ')}`;
    return [
      ICONS[verdict.outcome],
      `${verdict.word.zh} ${verdict.word.en}`,
      `${title.zh} ${title.en}`,
      `${verdict.reasons.join(' ')}${mark}`,
    ];
  });
  return { rows, wrong };
}

/** Minting replaces the whole folder: whatever else lies there, a production store above all, must not be lost by it. */
async function mayBeReplaced(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : [folder],
  );
  if (names.length === 0) return;
  const manifest = await readFile(join(folder, 'federation.json'), 'utf8').catch(() => '');
  if (!/"environment":\s*"reference"/.test(manifest)) {
    throw new UsageError(
      `${folder}: not replaced, for what lies there is no reference federation`,
      'set TONGREN_STORE to another folder',
    );
  }
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
  for (const { region, name, wire } of samples) {
    await mkdir(join(folder, region), { recursive: true });
    await writeFile(join(folder, region, `${name}.${typeof wire === 'string' ? 'txt' : 'bin'}`), wire);
  }
}
