import { sameBytes } from '../codec/bytes.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { CodeList } from '../document/generated/types.ts';
import { validateCodeList } from '../document/generated/validators.js';
import { type Federation, loadFederation } from '../region/federation.ts';
import { attempt, type Files, PackError, readJson } from '../region/pack.ts';
import type { MintedSample } from './mint.node.ts';
import { packHash } from './pack-hash.ts';
import { type Shadow, shadowRun } from './region-shadow.node.ts';
import { inWords, type Judging, rehearse, sampleVerdict } from './rehearse.node.ts';

/** What a new pack changes: files, codes, and the verdict of every sample. */
export interface PackDiff {
  /** Of the new pack's files (pack-hash.ts): what is to be signed. */
  readonly hash: string;
  readonly files: readonly { readonly file: string; readonly change: 'added' | 'removed' | 'changed' }[];
  readonly codes: readonly {
    readonly list: string;
    readonly raw: string;
    readonly before?: string;
    readonly after?: string;
  }[];
  readonly verdicts: readonly VerdictDiff[];
  /** At every region whose agreements name versions that the new pack changes: samples of the old pack and of the new one. */
  readonly shadows: readonly (Shadow & Pick<VerdictDiff, 'written'>)[];
  /** Why the new pack's own samples could not be tried out. */
  readonly fault?: string;
}

export interface VerdictDiff {
  readonly region: string;
  readonly sample: string;
  /** Whose formats wrote it: the pack as it was (documents that people hold), or as it is to be. */
  readonly written: 'before' | 'after';
  readonly before: string;
  readonly after: string;
}

/** Lists of the moment, which rehearsing makes anew: they go with the keys that signed a sample, not with the declarations. */
const MINTED = /^regions\/[^/]+\/(issuers|anchors|crls|revocations|timestampers|issuance|samples)\//;
/** Whether a change of it is not tried out: keys and lists, of which the samples have their own. */
export const isUntried = (file: string): boolean => MINTED.test(file) && !file.includes('/samples/');

/**
 * Compares a pack with the one in the store. In: the region, its new files, the store with all members and its old files.
 *
 * @throws PackError if the old pack cannot be tried out
 */
export async function diffPack(id: string, files: Files, store: Files, judging: Judging): Promise<PackDiff> {
  const base = `regions/${id}/`;
  const before = new Map([...store].filter(([file]) => file.startsWith(base)));
  const others = new Map([...store].filter(([file]) => !file.startsWith(base)));
  const none: Written = { verdicts: [], shadows: [] };
  const after = await written('after', id, new Map([...others, ...files]), before, judging).catch((error: unknown) => {
    if (error instanceof PackError) return error;
    throw error;
  });
  const old = before.size === 0 ? none : await written('before', id, store, files, judging);
  const next = after instanceof PackError ? none : after;
  return {
    hash: packHash(files, nodePlatform),
    files: filesOf(before, files),
    codes: codesOf(before, files),
    verdicts: [...old.verdicts, ...next.verdicts],
    shadows: [...old.shadows, ...next.shadows],
    ...(after instanceof PackError ? { fault: after.message } : {}),
  };
}

type Written = Pick<PackDiff, 'verdicts' | 'shadows'>;

/**
 * Samples as one side writes them, judged by both sides: only the declarations are exchanged, keys and revocations stay
 * those of the rehearsal.
 */
async function written(
  side: VerdictDiff['written'],
  id: string,
  source: Files,
  other: Files,
  judging: Judging,
): Promise<Written> {
  const { store, federation, samples } = await rehearse(source, id, judging.now);
  const exchanged = new Map([...store].filter(([file]) => !file.startsWith(`regions/${id}/`) || MINTED.test(file)));
  for (const [file, bytes] of other)
    if (!MINTED.test(file) && !file.endsWith('.recipe.json')) exchanged.set(file, bytes);
  const [old, next] = [federation, loadFederation(exchanged, nodePlatform)];
  const [before, after] = side === 'before' ? [old, next] : [next, old];
  // What others issue is the same on both sides: once is enough, and only where this pack changes the verdict.
  const mine = (sample: MintedSample): boolean => sample.region === id;
  const verdicts = samples
    .filter((sample) => mine(sample) || side === 'after')
    .map((sample) => ({ sample, ...both(sample, before, after, judging) }))
    .filter(({ sample, before: was, after: is }) => mine(sample) || was !== is)
    .map(({ sample, ...verdicts }) => ({ region: sample.region, sample: sample.name, written: side, ...verdicts }));
  const changed = { files: side === 'before' ? exchanged : store, federation: after };
  const shadows = shadowRun(id, samples.filter(mine), before, changed, judging.now);
  return { verdicts, shadows: shadows.map((shadow) => ({ ...shadow, written: side })) };
}

const both = (sample: MintedSample, before: Federation, after: Federation, judging: Judging) => ({
  before: inWords(sampleVerdict(sample, before, judging)),
  after: inWords(sampleVerdict(sample, after, judging)),
});

function filesOf(before: Files, after: Files): PackDiff['files'] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((file) => {
    const [was, is] = [before.get(file), after.get(file)];
    if (was !== undefined && is !== undefined && sameBytes(was, is)) return [];
    return [{ file, change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed' } as const];
  });
}

function codesOf(before: Files, after: Files): PackDiff['codes'] {
  const [was, is] = [tableOf(before), tableOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((key) => {
    const [one, other] = [was.get(key), is.get(key)];
    if (one === other) return [];
    const [list, raw] = JSON.parse(key) as [string, string];
    return [
      { list, raw, ...(one === undefined ? {} : { before: one }), ...(other === undefined ? {} : { after: other }) },
    ];
  });
}

function tableOf(files: Files): Map<string, string> {
  const lists = [...files].filter(([file]) => /^regions\/[^/]+\/codes\/.*\.json$/.test(file));
  return new Map(
    lists.flatMap(([file, bytes]) => {
      const list = attempt(
        () => readJson<CodeList>(file, bytes, validateCodeList),
        () => {},
      );
      return (list?.codes ?? []).map(
        ({ raw, shared }) => [JSON.stringify([list!.list, JSON.stringify(raw)]), shared] as const,
      );
    }),
  );
}
