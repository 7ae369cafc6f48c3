import { writeJson } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Value } from '../codec/value.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import { finding } from '../document/findings.ts';
import type { Verdict } from '../document/generated/types.ts';
import { journey } from '../journey.ts';
import { type Federation, loadFederation } from '../region/federation.ts';
import { type Files, PackError, readManifest } from '../region/pack.ts';
import { withFindings } from '../region/verdict.ts';
import { type MintedSample, mint } from './mint.node.ts';
import { presentedSample } from './samples.node.ts';

/**
 * A store tried out: every sample of every pack is signed with keys made for the moment, and judged. Only the keys are other
 * ones than in earnest; formats, code lists, agreements and rules are those of the packs.
 */
export interface Rehearsal {
  /** With the keys made for the moment; no sample. */
  readonly store: ReadonlyMap<string, Uint8Array>;
  readonly federation: Federation;
  readonly samples: readonly MintedSample[];
  /** Another member's samples cannot be made: only the region's own are here. */
  readonly alone: boolean;
}

/**
 * Mints what the recipes of a store say. Files of others that cannot be used are left out, so that they stop nobody.
 *
 * @param id the region that is looked at: its faults are told
 * @throws PackError for a faulty recipe or file of `id`
 */
export async function rehearse(source: Files, id: string, now: number): Promise<Rehearsal> {
  const files = new Map(source);
  // Made-up keys belong to no other environment, and are refused in one.
  const manifest = { ...readManifest(files), environment: 'reference' };
  files.set('federation.json', encodeUtf8(writeJson(manifest as unknown as Value)));
  leaveOut(files, `regions/${id}/`);
  let fault: PackError | undefined;
  // One member with a faulty recipe must not stop the others: with all; without the others' samples,
  // and the lists that name them; without anything of theirs that is made up.
  for (const others of [/./, /^regions\/[^/]+\/(?!samples|revocations|issuance)/, /^$/]) {
    const made = await minted(recipesOf(id, files, others), now);
    if (made instanceof PackError) {
      fault ??= made;
      continue;
    }
    const { store, samples } = made;
    return { store, federation: loadFederation(store, nodePlatform), samples, alone: fault !== undefined };
  }
  throw fault!;
}

/** Takes out what of the others cannot be used, and what then cannot either; without its manifest, a whole region. */
function leaveOut(files: Map<string, Uint8Array>, own: string): void {
  for (let left = files.size; ; left = files.size) {
    for (const { file } of loadFederation(files, nodePlatform).rejected) {
      if (file.startsWith(own)) continue;
      const gone = file.endsWith('/region.json') ? file.slice(0, -'region.json'.length) : file;
      for (const each of [...files.keys()]) if (each.startsWith(gone)) files.delete(each);
    }
    if (files.size === left) return;
  }
}

/** All files, but of the others only the recipes that are wanted. */
const recipesOf = (id: string, files: Files, wanted: RegExp): Files =>
  new Map(
    [...files].filter(
      ([file]) => !file.endsWith('.recipe.json') || file.startsWith(`regions/${id}/`) || wanted.test(file),
    ),
  );

async function minted(files: Files, now: number): Promise<Awaited<ReturnType<typeof mint>> | PackError> {
  try {
    return await mint(files, now);
  } catch (error) {
    if (error instanceof PackError) return error;
    // A document that its format cannot say: a code without a row, a field that is missing.
    if (error instanceof Broken)
      return new PackError('samples', '', `cannot be written: ${error.part}: ${error.message}`);
    throw error;
  }
}

/** For whom samples are judged that do not say it themselves. */
export interface Judging {
  readonly now: number;
  readonly region: string;
  readonly purpose: string;
}

/** A sample's verdict. Undefined where the store has nobody to judge it. */
export function sampleVerdict(
  sample: MintedSample,
  federation: Federation,
  { now, region, purpose }: Judging,
): Verdict | undefined {
  const wanted = sample.expect.for ?? (federation.regions.has(region) ? region : sample.region);
  const standpoint = federation.standpoint(wanted, () => now);
  const asked = sample.expect.purpose ?? purpose;
  if (standpoint === undefined || !standpoint.purposes.has(asked)) return undefined;
  const { before, ...showing } = sample.shown;
  const { verdict } = journey(presentedSample(sample), standpoint, { purpose: asked, ...showing });
  // As if the memory of one-time codes had been asked: it knows what the sample says of it.
  const known = finding(before === undefined ? 'REPLAY_CHECKED' : 'REPLAYED');
  return withFindings(
    verdict,
    verdict.findings.map((each) => (each.code === 'REPLAY_UNCHECKED' ? known : each)),
  );
}

export const isExpected = ({ expect }: MintedSample, verdict: Verdict | undefined): boolean =>
  verdict !== undefined &&
  verdict.outcome === expect.outcome &&
  (expect.reasons ?? []).every((code) => verdict.reasons.includes(code as Verdict['reasons'][number]));

export const inWords = (verdict: Verdict | undefined): string =>
  verdict === undefined ? 'nobody to judge it' : [verdict.outcome, ...verdict.reasons].join(' ');
