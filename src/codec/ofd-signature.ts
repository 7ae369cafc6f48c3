import { Broken } from '../document/broken.ts';
import { decodeBase64 } from './base64url.ts';
import { sameBytes } from './bytes.ts';
import { proofOfSigner, readSignedData } from './cms.ts';
import { type Digest, type DigestName, namedSignature } from './cms-algorithms.ts';
import { derOf, inside, nextTag, TAG } from './der.ts';
import {
  baseLocOf,
  childrenOf,
  fileOf,
  type OfdFiles,
  onlyChild,
  optionalChild,
  referredFile,
  xmlOf,
} from './ofd-package.ts';
import type { Attestation } from './proof.ts';
import { attestedSeal, readSealSignature, type Seal } from './seal.ts';
import { momentOf } from './seal-time.ts';
import { attributeOf, textOfElement, type XmlElement } from './xml.ts';

/** How a file stands to the digest that a signature lists for it. */
export interface OfdReference {
  readonly file: string;
  /**
   * superseded: the list of signatures is another one since a later signature was added to it, which is how a document
   * gets a second seal. The later signature is checked like the first.
   */
  readonly state: 'ok' | 'altered' | 'missing' | 'superseded';
}

/** What a SignedValue holds. */
export type SignedValueKind = 'seal' | 'cms' | 'raw';

/** One signature as its Signature.xml describes it. */
export interface OfdSignature {
  /** Signature.xml. */
  readonly file: string;
  readonly valueFile: string;
  /** `Seal.esl`, a copy of the seal, where there is one. */
  readonly sealFile: string | undefined;
  readonly kind: SignedValueKind;
  readonly references: readonly OfdReference[];
  /** Undefined where the value does not say it by a digest. */
  readonly dataHashMatches: boolean | undefined;
  readonly seal: Seal | undefined;
  /** As Signature.xml says, epoch ms. */
  readonly statedTime: number | undefined;
  /** One for each signer. */
  readonly attestations: readonly Attestation[];
}

const MAX_SIGNATURES = 32;
const MAX_REFERENCES = 10_000;

/** Methods of digests by their spellings, upper case. MD5 and SHA-1, which the standard's first examples use, are forged. */
const CHECK_METHODS = new Map<string, DigestName>([
  ['1.2.156.10197.1.401', 'SM3'],
  // The keyed form's number, which some writers put for SM3 itself.
  ['1.2.156.10197.1.401.2', 'SM3'],
  ['SM3', 'SM3'],
  ['2.16.840.1.101.3.4.2.1', 'SHA-256'],
  ['SHA256', 'SHA-256'],
  ['SHA-256', 'SHA-256'],
]);

/** Digests are worked out once for each file, however many signatures list it. */
export type FileDigest = (method: DigestName, file: string) => Uint8Array | undefined;

export function fileDigests(files: OfdFiles, digest: Digest): FileDigest {
  const known = new Map<string, Uint8Array>();
  return (method, file) => {
    const bytes = files.contents.get(file);
    if (bytes === undefined) return undefined;
    const key = `${method} ${file}`;
    const made = known.get(key) ?? digest(method, bytes);
    known.set(key, made);
    return made;
  };
}

/** The signatures of a list (Signatures.xml), in its order, which is the order in which they were made. */
export function readSignatures(files: OfdFiles, list: string, digest: Digest, digests: FileDigest): OfdSignature[] {
  const entries = childrenOf(xmlOf(files, list, 'Signatures'), 'Signature');
  if (entries.length > MAX_SIGNATURES) throw new Broken(list, 'too many signatures', 'LIMIT_EXCEEDED');
  const signatures = entries.map((entry, i) => {
    const context = { files, list, isLast: i === entries.length - 1, digest, digests };
    return readSignature(fileOf(files, list, baseLocOf(entry, list)), attributeOf(entry, 'Type'), context);
  });
  // Listed twice, a signature would count as its own successor.
  if (new Set(signatures.map(({ file }) => file)).size < signatures.length)
    throw new Broken(list, 'a signature is listed twice');
  return signatures;
}

interface Context {
  readonly files: OfdFiles;
  readonly list: string;
  readonly isLast: boolean;
  readonly digest: Digest;
  readonly digests: FileDigest;
}

function readSignature(file: string, type: string | undefined, context: Context): OfdSignature {
  const { files } = context;
  const root = xmlOf(files, file, 'Signature');
  const info = onlyChild(root, 'SignedInfo', file);
  const references = readReferences(onlyChild(info, 'References', file), file, context);
  const seal = optionalChild(info, 'Seal', file);
  const location = seal && textOfElement(onlyChild(seal, 'BaseLoc', file));
  const valueFile = fileOf(files, file, textOfElement(onlyChild(root, 'SignedValue', file)));
  const value = files.contents.get(valueFile);
  if (value === undefined) throw new Broken(file, 'the signature value is not in the package');
  const kind = kindOf(value, valueFile);
  // GB/T 33190: a signature is a seal unless its type says otherwise.
  if ((type ?? 'Seal') !== (kind === 'seal' ? 'Seal' : 'Sign'))
    throw new Broken(file, 'signed otherwise than its type says');
  const time = optionalChild(info, 'SignatureDateTime', file);
  const described = {
    file,
    valueFile,
    sealFile: location && fileOf(files, file, location),
    kind,
    references,
    statedTime: time && momentOf(textOfElement(time)),
    method: textOfElement(onlyChild(info, 'SignatureMethod', file)).trim(),
  };
  return { ...described, ...VALUE_READERS[kind](value, described, context) };
}

function readReferences(list: XmlElement, file: string, context: Context): OfdReference[] {
  const method = CHECK_METHODS.get((attributeOf(list, 'CheckMethod') ?? '').trim().toUpperCase());
  if (method === undefined) throw new Broken(file, 'digests of its parts are not SM3', 'ALGORITHM_NOT_ALLOWED');
  const entries = childrenOf(list, 'Reference');
  if (entries.length > MAX_REFERENCES) throw new Broken(file, 'too many references', 'LIMIT_EXCEEDED');
  return entries.map((entry) => {
    const location = attributeOf(entry, 'FileRef');
    if (location === undefined) throw new Broken(file, 'a reference to no file');
    const referred = referredFile(context.files, file, location);
    const value = textOfElement(onlyChild(entry, 'CheckValue', file));
    const stated = decodeBase64(value.length > 200 ? '' : value.replace(/\s+/g, ''));
    const actual = context.digests(method, referred);
    return { file: referred, state: stateOf(referred, stated, actual, context) };
  });
}

function stateOf(
  file: string,
  stated: Uint8Array,
  actual: Uint8Array | undefined,
  { list, isLast }: Context,
): OfdReference['state'] {
  if (actual === undefined) return 'missing';
  if (sameBytes(stated, actual)) return 'ok';
  return file === list && !isLast ? 'superseded' : 'altered';
}

/** By the first element: a seal's SEQUENCE, the identifier of CMS, or the first of two numbers. */
function kindOf(value: Uint8Array, file: string): SignedValueKind {
  const kind = KINDS.get(nextTag(inside(derOf(value, TAG.sequence))));
  if (kind === undefined) throw new Broken(file, 'a signature value of an unknown kind');
  return kind;
}

const KINDS = new Map<number, SignedValueKind>([
  [TAG.sequence, 'seal'],
  [TAG.oid, 'cms'],
  [TAG.integer, 'raw'],
]);

type Described = Omit<OfdSignature, 'dataHashMatches' | 'seal' | 'attestations'> & { readonly method: string };
type Value = Pick<OfdSignature, 'dataHashMatches' | 'seal' | 'attestations'>;

/** How each kind of value covers Signature.xml, one row each. */
const VALUE_READERS: Readonly<
  Record<SignedValueKind, (value: Uint8Array, described: Described, context: Context) => Value>
> = {
  /** GB/T 38540: over SM3 of Signature.xml, in a structure that carries the seal. */
  seal: (value, described, { files, digest, digests }) => {
    const { seal, dataHash, signedAt, proof } = readSealSignature(value, files.limits);
    const copy = described.sealFile === undefined ? undefined : { bytes: files.contents.get(described.sealFile) };
    const dataHashMatches = sameBytes(dataHash, digests('SM3', described.file)!);
    const attestation: Attestation = {
      ...common(described, signedAt),
      proof,
      contentMatches: dataHashMatches,
      seal: attestedSeal(seal, proof, digest, copy),
    };
    return { dataHashMatches, seal, attestations: [attestation] };
  },
  /** GB/T 35275 (GM/T 0099 §7.2.2): over Signature.xml itself, or over its SM3, which then is the content. */
  cms: (value, described, { files, digest, digests }) => {
    const { content, signers } = readSignedData(value, files.limits);
    const file = files.contents.get(described.file)!;
    const isThis =
      content === undefined || sameBytes(content, digests('SM3', described.file)!) || sameBytes(content, file);
    const attestations = signers.map((signer): Attestation => {
      const { proof, contentMatches } = proofOfSigner(signer, content ?? file, digest);
      const { signingTime } = signer.attributes ?? {};
      return { ...common(described, signingTime), proof, contentMatches: isThis && contentMatches };
    });
    const dataHashMatches = attestations.every(({ contentMatches }) => contentMatches);
    return { dataHashMatches, seal: undefined, attestations };
  },
  /** A pair of numbers over Signature.xml; whose they are is not said. */
  raw: (value, described, { files }) => {
    const signed = files.contents.get(described.file)!;
    const proof = { ...namedSignature(described.method, undefined, value), signed, keyIds: [] };
    const attestation: Attestation = { ...common(described, undefined), proof, contentMatches: true };
    return { dataHashMatches: undefined, seal: undefined, attestations: [attestation] };
  },
};

function common({ file, references, statedTime }: Described, signedAt: number | undefined) {
  const altered = references.filter(({ state }) => state === 'altered' || state === 'missing');
  const time = signedAt ?? statedTime;
  return {
    at: file,
    altered: altered.map((reference) => reference.file),
    ...(time === undefined ? {} : { signedAt: time }),
  };
}
