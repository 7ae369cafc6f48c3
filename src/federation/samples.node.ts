import { encodeBase64url } from '../codec/base64url.ts';
import type { EnvelopeSigner } from '../codec/proof.ts';
import { signatureName } from '../codec/signature.ts';
import { writeTimestamp } from '../codec/timestamp-writer.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { PACKAGE_LIMITS, readZip } from '../codec/zip.ts';
import { writeZip } from '../codec/zip-writer.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type {
  FurtherSigner,
  Localized,
  SampleEdit,
  SampleRecipe,
  SampleTimestamp,
  SharedDocument,
} from '../document/generated/types.ts';
import type { Format, Written } from '../format/compile.ts';
import type { Presented } from '../format/open.ts';
import { specimenOf } from '../format/recognise.ts';
import { PackError } from '../region/pack.ts';
import { selfIssued } from './authority.node.ts';
import type { MintedIssuers } from './issuers.node.ts';
import { makeSeal } from './seals.ts';
import { certificateKeyId, mintKey, signerOf } from './signer.node.ts';

/** A document made for the reference federation, and the verdict it must get. */
export interface MintedSample {
  readonly region: string;
  readonly name: string;
  readonly title: Localized;
  readonly format: string;
  readonly wire: string | Uint8Array;
  /** The signature file that belongs to it, where the format has one. */
  readonly beside?: Uint8Array;
  /** How it is shown. */
  readonly shown: NonNullable<SampleRecipe['shown']>;
  /** The ending of its file. */
  readonly extension: string;
  readonly expect: SampleRecipe['expect'];
  /** What its recipe's document is, and whose: for what plays the region's systems. */
  readonly says?: { readonly type: string | undefined; readonly holder: string | undefined };
}

/** A sample as it is handed in. */
export const presentedSample = ({ wire, beside }: Pick<MintedSample, 'wire' | 'beside'>): Presented =>
  typeof wire === 'string' ? { text: wire } : beside === undefined ? { bytes: wire } : { bytes: wire, beside };

export interface SampleContext {
  readonly file: string;
  readonly region: string;
  /** Undefined for a code that only refers to a document. */
  readonly format: Format | undefined;
  readonly issuers: MintedIssuers;
  /** Of every region: a sample may be signed with another's key. */
  readonly all: ReadonlyMap<string, MintedIssuers>;
  /** Epoch ms. */
  readonly now: number;
}

/** Makes one sample of a recipe (times resolved). Errors: PackError, with the recipe's file. */
export function mintSample(recipe: SampleRecipe, context: SampleContext): MintedSample {
  const { name, title, format, shown = {}, expect } = recipe;
  const written = writtenOf(recipe, context);
  const plain = typeof written.wire === 'string' ? 'txt' : 'bin';
  const extension = context.format?.declaration.file?.extension ?? plain;
  const document = recipe.document as Partial<SharedDocument> | undefined;
  const says = { type: document?.docType?.code, holder: document?.holder?.idNumber };
  return { region: context.region, name, title, format, extension, shown, expect, says, ...written };
}

function writtenOf(recipe: SampleRecipe, context: SampleContext): Pick<MintedSample, 'wire' | 'beside'> {
  const { file, format, issuers, now } = context;
  if (format === undefined) {
    if (recipe.text === undefined) throw new PackError(file, '/text', `${recipe.format} only refers to documents`);
    return { wire: recipe.text };
  }
  if (recipe.document === undefined) throw new PackError(file, '/document', 'nothing to be written');
  const first = { ...recipe, signer: recipe.signer ?? [...issuers.keys.keys()][0] ?? '' };
  const [signer, ...further] = [first, ...(recipe.further ?? [])].map((row) => signerFor(row, context, now));
  const change = CHANGES[recipe.change ?? 'none'];
  const named = recipe.keyId === undefined ? signer! : { ...signer!, keyId: recipe.keyId };
  const signing = change.sign?.(named) ?? named;
  const written = format.write(
    recipe.document as unknown as SharedDocument,
    further.length === 0 ? signing : { ...signing, further },
  );
  const wire = change.wire?.(written.wire) ?? written.wire;
  return {
    ...(recipe.change === 'without-signature-file' ? {} : besideOf(written)),
    wire: recipe.edit === undefined ? wire : edited(file, wire, recipe.edit),
  };
}

const besideOf = ({ beside }: Written): Pick<MintedSample, 'beside'> => (beside === undefined ? {} : { beside });

/** Who signs, and with which seal. */
function signerFor(
  { signer: name, seal, signedAt, timestamp }: FurtherSigner,
  context: SampleContext,
  now: number,
): EnvelopeSigner {
  const { file, format, issuers, all } = context;
  const time = signedAt === undefined ? Math.floor(now / 1000) * 1000 : Date.parse(signedAt);
  if (name === 'nobody') return stranger(format!, time);
  const [of, elsewhere] = name.split('/') as [string, string?];
  const known = elsewhere === undefined ? issuers.keys.get(name) : all.get(of)?.keys.get(elsewhere);
  if (known === undefined) throw new PackError(file, '/signer', `no issuer "${name}" in the region's recipes`);
  const own = seal === undefined ? undefined : issuers.seals.get(seal);
  if (seal !== undefined && own === undefined)
    throw new PackError(file, '/seal', `no seal "${seal}" in the region's recipes`);
  return {
    ...known,
    stamp: {
      signedAt: time,
      ...(own === undefined ? {} : { seal: own }),
      ...(timestamp === undefined ? {} : { timestamp: timestampBy(timestamp, context) }),
    },
  };
}

/** Stamps a signature with a time: a real authority would say its own clock's. */
function timestampBy({ by, at }: SampleTimestamp, { file, issuers }: SampleContext): (data: Uint8Array) => Uint8Array {
  const authority = issuers.timestampers.get(by);
  if (authority === undefined)
    throw new PackError(file, '/timestamp', `no authority for timestamps "${by}" in the region's recipes`);
  const fields = { policy: REFERENCE_POLICY, serial: 1, time: Date.parse(at) };
  return (data) => writeTimestamp({ ...fields, data }, authority, nodePlatform.digest);
}

/** anyPolicy: a reference federation makes no promises. */
const REFERENCE_POLICY = '2.5.29.32.0';

/** A key that no list knows, with a seal of his own making. */
function stranger(format: Format, signedAt: number): EnvelopeSigner {
  const key = mintKey(format.declaration.envelope.algorithms[0]!);
  const certificate = selfIssued('Nobody', key);
  const holder = { certificate, sign: key.sign };
  const seal = { number: 'NOBODY', name: '无名印章', picture: 'office', users: [certificate] } as const;
  const times = { validFrom: signedAt - YEAR_MS, validUntil: signedAt + YEAR_MS };
  return {
    ...signerOf(key, certificateKeyId(certificate), certificate),
    stamp: { signedAt, ...(key.algorithm.key === 'SM2' ? { seal: makeSeal({ ...seal, ...times }, holder) } : {}) },
  };
}

const YEAR_MS = 365 * 86_400_000;

/** What can be done to a document after signing, one row each: signer or wire → changed. */
const CHANGES: Readonly<
  Record<
    NonNullable<SampleRecipe['change']>,
    { sign?(signer: EnvelopeSigner): EnvelopeSigner; wire?(wire: string | Uint8Array): string | Uint8Array }
  >
> = {
  none: {},
  // Signing other bytes than those that are then read is the same, for a verifier, as altering them afterwards.
  'alter-payload': {
    sign: (signer) => ({
      ...signer,
      sign: (data) => signer.sign(data.map((byte, i) => (i === data.length - 1 ? byte ^ 1 : byte))),
    }),
  },
  /** Only one of two files is handed in. */
  'without-signature-file': {},
  'cut-short': { wire: (wire) => wire.slice(0, Math.floor(wire.length * 0.8)) },
};

function edited(file: string, wire: string | Uint8Array, { part, text, by }: SampleEdit): string | Uint8Array {
  const replaced = (whole: string): string => {
    if (text === undefined) return by;
    if (!whole.includes(text)) throw new PackError(file, '/edit/text', 'the document does not hold it');
    return whole.replace(text, () => by);
  };
  if (typeof wire === 'string') return replaced(wire);
  if (part === undefined) return encodeUtf8(replaced(decodeUtf8(wire)));
  const files = new Map(readZip(wire, PACKAGE_LIMITS));
  files.set(part, encodeUtf8(replaced(decodeUtf8(files.get(part) ?? new Uint8Array(0)))));
  return writeZip(files);
}

type Handed = Pick<MintedSample, 'wire' | 'beside'>;
const proofOf = (format: Format, { wire, beside }: Handed) =>
  format.open(specimenOf(typeof wire === 'string' ? { text: wire } : { bytes: wire, ...(beside && { beside }) })).proof;

/** What the sample's signature is called in a list of revoked documents. */
export const revocationNameOf = (format: Format, handed: Handed): string =>
  signatureName(proofOf(format, handed).signature);

/** What the sample is called in a region's log of what it issued: the digest of the signed bytes. */
export const signedDigestOf = (format: Format, handed: Handed): string =>
  encodeBase64url(nodePlatform.digest('SHA-256', proofOf(format, handed).signed));
