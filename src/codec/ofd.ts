import { Broken } from '../document/broken.ts';
import type { Digest } from './cms-algorithms.ts';
import type { Limits } from './limits.ts';
import { type OfdFiles, openOfdFiles, ROOT_FILE, readBodies, readPages } from './ofd-package.ts';
import { fileDigests, type OfdSignature, readSignatures } from './ofd-signature.ts';
import { cmsStamp, type OfdStamp, sealStamp, stampOfd, writeOfd } from './ofd-writer.ts';
import type { EnvelopeSigner, Sealed } from './proof.ts';
import { writeZip } from './zip-writer.ts';

export type { OfdSignature };

/**
 * OFD documents (GB/T 33190) with electronic seals (GB/T 38540) and signatures (GM/T 0099).
 *
 * A signature lists the digests of files, and is itself over that list. So a seal can be good while the pages are not
 * the ones that were sealed: every digest is recomputed. And what a list leaves out is not signed at all: every file of
 * the package must be in the list of one of the signatures, whether a page names it or not, because readers differ in
 * what they look at.
 */
export interface Ofd {
  readonly files: OfdFiles;
  readonly signatures: readonly OfdSignature[];
  /** Files that no signature covers, and pages that are named but not there. */
  readonly uncovered: readonly string[];
}

const MAX_ATTESTATIONS = 64;

/**
 * Opens an OFD and recomputes all that can be without a key.
 *
 * @param digest how digests are made
 * @throws Broken part: a file of the package, or a codec's name; MALFORMED, LIMIT_EXCEEDED, or ALGORITHM_NOT_ALLOWED for
 *   digests other than SM3 and SHA-256
 */
export function openOfd(bytes: Uint8Array, limits: Limits, digest: Digest): Ofd {
  const files = openOfdFiles(bytes, limits);
  const bodies = readBodies(files);
  const digests = fileDigests(files, digest);
  const signatures = bodies.flatMap((body) =>
    body.signatures === undefined ? [] : readSignatures(files, body.signatures, digest, digests),
  );
  // Each may bring certificates of its own, which cost more to check than to send.
  if (signatures.reduce((sum, { attestations }) => sum + attestations.length, 0) > MAX_ATTESTATIONS) {
    throw new Broken('ofd', 'too many signatures', 'LIMIT_EXCEEDED');
  }
  const shown = bodies.flatMap(({ root }) => [root, ...readPages(files, root)]);
  const covered = new Set<string>();
  for (const { references } of signatures) {
    for (const { file, state } of references) if (state === 'ok') covered.add(file);
  }
  // The list grows with each signature; what it lists is checked, and what it leaves out is in no list.
  for (const body of bodies) if (body.signatures !== undefined) covered.add(body.signatures);
  for (const signature of signatures) for (const file of ownFiles(signature)) covered.add(file);
  const all = new Set([ROOT_FILE, ...shown, ...files.contents.keys()]);
  return { files, signatures, uncovered: [...all].filter((file) => !covered.has(file)) };
}

/** Files of a signature that are checked as part of it: its description, its value, and the copy of its seal. */
function ownFiles({ file, valueFile, sealFile, attestations }: OfdSignature): string[] {
  const copyMatches = attestations.some(({ seal }) => seal?.copyMatches === true);
  return [file, valueFile, ...(sealFile !== undefined && copyMatches ? [sealFile] : [])];
}

/** An OFD as an envelope: its payload is OFD.xml, which holds the metadata of an electronic licence. */
export function openSealedOfd(bytes: Uint8Array, limits: Limits, digest: Digest): Sealed {
  const { files, signatures, uncovered } = openOfd(bytes, limits, digest);
  const attestations = signatures.flatMap((signature) => signature.attestations);
  return {
    proof: attestations[0]?.proof ?? { algorithm: 'none', signed: NONE, signature: NONE, keyIds: [] },
    payload: files.contents.get(ROOT_FILE)!,
    header: {},
    attestations,
    unsigned: uncovered,
  };
}

/** Writes an OFD that shows its metadata, signed by each signer with his seal, or without one if he has none. */
export function writeSealedOfd(metadata: Uint8Array, signer: EnvelopeSigner, digest: Digest): Uint8Array {
  const stamps = [signer, ...(signer.further ?? [])].map((each) => stampOf(each, digest));
  return writeZip(stamps.reduce((files, stamp) => stampOfd(files, stamp, digest), writeOfd(metadata, signer.mark)));
}

function stampOf({ certificates, stamp, sign }: EnvelopeSigner, digest: Digest): OfdStamp {
  const [certificate] = certificates ?? [];
  if (certificate === undefined || stamp === undefined) {
    throw new Broken('ofd', 'signed by holders of certificates only', 'FIELD_INVALID');
  }
  const holder = { certificate, sign };
  return stamp.seal === undefined
    ? cmsStamp(holder, stamp.signedAt, digest)
    : sealStamp(stamp.seal, holder, stamp.signedAt, digest, stamp.timestamp);
}

const NONE = new Uint8Array(0);
