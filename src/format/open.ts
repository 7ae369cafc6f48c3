import { joinBytes } from '../codec/bytes.ts';
import { isSignatureFile } from '../codec/cms-envelope.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import { finding } from '../document/findings.ts';
import type { Finding, Reference } from '../document/generated/types.ts';
import { ancestorsOf } from '../document/region-id.ts';
import { endOf } from '../document/time.ts';
import type { Format, Opened } from './compile.ts';
import type { Lately, Said } from './lately.ts';
import { repairedOf, type Specimen, specimenOf } from './recognise.ts';
import type { ReferenceFormat } from './reference.ts';

/** What can be handed in: a text, a file (with a signature file beside it), the texts of the codes in a picture, or only a reference to a document. */
export type Presented =
  | { readonly text: string }
  | { readonly bytes: Uint8Array; readonly beside?: Uint8Array }
  | { readonly codes: readonly string[]; readonly detail?: string }
  | { readonly reference: Reference };

/** What opening gives: the format and the opened document as far as it got, and why not further. */
export interface Opening {
  readonly format: Format | ReferenceFormat | undefined;
  readonly opened: Opened | undefined;
  /** To what it refers, where it is no document but refers to one. Not for logs: a token may be a bearer's. */
  readonly reference?: Reference;
  readonly findings: readonly Finding[];
  /** What it said when it was opened before, where that is kept. */
  readonly said?: Said;
}

/** The regions to which what was handed in is allotted; none if it is anybody's. */
export type OwnersOf = (specimen: Specimen) => readonly string[];

/** What can claim what was handed in. */
export interface Register {
  readonly formats: readonly Format[];
  /** Codes that only refer to documents. */
  readonly references: readonly ReferenceFormat[];
  readonly ownersOf: OwnersOf;
  /** What was opened by these before, where that is kept. */
  readonly lately?: Lately | undefined;
}

/**
 * Finds the one format that claims the input by right, and opens it. Never throws for what is in the input. `now` (epoch
 * ms) says whether the format is still in use.
 */
export function open(presented: Presented, register: Register, now: number): Opening {
  const opening = register.lately?.opening(presented) ?? openPresented(presented, register);
  const sunset = opening.format?.declaration.sunset;
  if (sunset === undefined || now <= endOf(sunset)) return opening;
  return { ...opening, findings: [...opening.findings, finding('FORMAT_RETIRED')] };
}

/** A signature and its certificates take a few kilobytes; with lists of revoked certificates it may be more. */
const MOST_SIGNATURE_BYTES = 1 << 20;

type Claimant = Format | ReferenceFormat;

function openPresented(presented: Presented, register: Register): Opening {
  if ('reference' in presented) return { ...closed(finding('REFERENCE_UNRESOLVED')), reference: presented.reference };
  if ('codes' in presented) return openPicture(presented.codes, presented.detail, register);
  const specimen = specimenOf(presented);
  const opening = openSpecimen(specimen, register);
  if (opening.format !== undefined || opening.findings[0]!.code !== 'NOT_RECOGNISED') return opening;
  if (specimen.bytes !== undefined && isSignatureFile(specimen.bytes, { input: MOST_SIGNATURE_BYTES }))
    // First, for what to do next is to bring its file.
    return closed(finding('PARTS_MISSING'), ...opening.findings);
  const repaired = repairedOf(specimen);
  if (repaired === undefined) return opening;
  const again = openSpecimen(repaired, register);
  return again.format === undefined
    ? opening
    : { ...again, findings: [...again.findings, finding('REPAIRED', { detail: 'GB 18030 was read as UTF-8' })] };
}

const closed = (...findings: Finding[]): Opening => ({ format: undefined, opened: undefined, findings });

/** The bytes of what was handed in: a digest of them says which document it was, without repeating it. */
export function bytesOf(presented: Presented): Uint8Array {
  if ('text' in presented) return encodeUtf8(presented.text);
  if ('bytes' in presented)
    return presented.beside === undefined ? presented.bytes : joinBytes([presented.bytes, presented.beside]);
  return encodeUtf8('codes' in presented ? presented.codes.join('\n') : referenceText(presented.reference));
}

/** A reference as one text: its members in the order of their names, so that the same one is the same text. */
export const referenceText = (reference: Reference): string => JSON.stringify(reference, Object.keys(reference).sort());

/** A picture may show codes that are no documents (a poster's link): they do not count. */
function openPicture(codes: readonly string[], detail: string | undefined, register: Register): Opening {
  if (codes.length === 0) return closed(finding('PICTURE_WITHOUT_CODE', detail === undefined ? undefined : { detail }));
  // A code that was seen twice is one code.
  const specimens = [...new Set(codes)].map((text) => specimenOf({ text }));
  const documents: Specimen[] = [];
  const parts = new Map<Format, Specimen[]>();
  for (const specimen of specimens) {
    const [format, ...others] = claimsOf(specimen, register);
    if (format === undefined) continue;
    if (others.length > 0 || 'refers' in format || !isPart(specimen, format)) documents.push(specimen);
    else parts.set(format, [...(parts.get(format) ?? []), specimen]);
  }
  const found = documents.length + parts.size;
  if (found > 1) return closed(finding('SEVERAL_CODES', { detail: `${found} documents` }));
  const [split] = parts;
  if (split !== undefined) {
    const [format, pieces] = split;
    return attempt(format, () => {
      const marked = pieces.map((piece) => format.part(piece)).filter((part) => part !== undefined);
      return openSpecimen(format.join(marked), register);
    });
  }
  return openSpecimen(documents[0] ?? specimens[0]!, register);
}

/** Is it one of the codes that a document is split into? One whose mark is wrong is one too, and says so when they are joined. */
function isPart(specimen: Specimen, format: Format): boolean {
  try {
    return format.part(specimen) !== undefined;
  } catch (error) {
    if (error instanceof Broken) return true;
    throw error;
  }
}

/** What is broken in a recognised document becomes a finding. */
function attempt(format: Claimant, run: () => Opening): Opening {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { format, opened: undefined, findings: [finding(error.code, { at: error.part, detail: error.message })] };
  }
}

function openSpecimen(specimen: Specimen, register: Register): Opening {
  const claims = claimsOf(specimen, register);
  const format = claims[0];
  if (format === undefined) return closed(finding('NOT_RECOGNISED'));
  if (claims.length > 1)
    return closed(
      finding('AMBIGUOUS_FORMAT', {
        detail: claims
          .map((each) => `${each.region} ${each.id}`)
          .join(', ')
          .slice(0, 500),
      }),
    );
  return attempt(format, () =>
    'refers' in format
      ? {
          format,
          opened: undefined,
          reference: format.refers(specimen),
          findings: [finding('RECOGNISED'), finding('REFERENCE_UNRESOLVED')],
        }
      : { format, opened: format.open(specimen), findings: [finding('RECOGNISED')] },
  );
}

/** The formats that claim it by right: more than one is an ambiguity, reported and never guessed between. */
function claimsOf(specimen: Specimen, { formats, references, ownersOf }: Register): readonly Claimant[] {
  const claims: Claim[] = [];
  const first = specimen.text?.charCodeAt(0);
  const take = (format: Claimant): void => {
    if (format.firstSign !== undefined && format.firstSign !== first) return;
    const score = format.recognise(specimen);
    if (score !== undefined) claims.push({ format, score });
  };
  formats.forEach(take);
  references.forEach(take);
  return (claims.length === 0 ? claims : byRight(claims, ownersOf(specimen))).map(({ format }) => format);
}

interface Claim {
  readonly format: Claimant;
  readonly score: number;
}

/**
 * Saying more of a document decides between formats of one region only. Between regions it would give the document to whoever
 * asks for one more member of it: there, what is allotted is its owner's alone, whether or not the owner has a format for it, and
 * of the rest a superior goes before its parts.
 */
function byRight(all: readonly Claim[], owners: readonly string[]): readonly Claim[] {
  const claims = owners.length === 0 ? all : all.filter(({ format }) => owners.includes(format.region));
  if (claims.length < 2) return claims;
  const claiming = new Set(claims.map(({ format }) => format.region));
  const highest = claims.filter(({ format }) => !ancestorsOf(format.region).some((above) => claiming.has(above)));
  if (highest.some(({ format }) => format.region !== highest[0]!.format.region)) return highest;
  const best = Math.max(...highest.map(({ score }) => score));
  return highest.filter(({ score }) => score === best);
}
