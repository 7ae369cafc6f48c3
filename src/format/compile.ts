import type { Digest } from '../codec/cms-algorithms.ts';
import { ENVELOPES } from '../codec/envelopes.ts';
import { CODE_LIMITS, type Limits } from '../codec/limits.ts';
import type { Part } from '../codec/parts.ts';
import { PAYLOADS } from '../codec/payloads.ts';
import type { Attestation, Claims, EnvelopeSigner, Proof } from '../codec/proof.ts';
import { signatureName } from '../codec/signature.ts';
import { indexOf } from '../codec/status-list.ts';
import type { Value } from '../codec/value.ts';
import { type Algorithm, algorithmNamed } from '../crypto/algorithms.ts';
import { browserPlatform } from '../crypto/platform.browser.ts';
import { Broken } from '../document/broken.ts';
import { compileCheck } from '../document/checks.ts';
import { finding } from '../document/findings.ts';
import type {
  Family,
  Finding,
  FormatDeclaration,
  FormatFile,
  Localized,
  Presenting,
  SharedDocument,
} from '../document/generated/types.ts';
import { once } from '../document/once.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import { type PresentingRule, presentingRule } from '../document/presenting.ts';
import type { StatusTable } from '../document/statuses.ts';
import { type Carrier, compileCarriers } from './carriers.ts';
import { type Case, claimsOf, compileCases, statesOfOthers } from './cases.ts';
import type { CodeTable } from './codes.ts';
import { compileCondition } from './conditions.ts';
import { compileKeyName } from './key-name.ts';
import type { Specimen } from './recognise.ts';
import { compileSigningTime } from './signing-time.ts';
import { textOf } from './step.ts';
import { compileUnfold } from './unfold.ts';

/** What is in a document and who is said to vouch for it. Nothing is believed yet. */
export interface Opened {
  readonly format: Format;
  readonly payload: Value;
  /** What was put right while reading it, in a few words for engineers. */
  readonly repairs: readonly string[];
  readonly proof: Proof;
  /** The algorithm's row, or undefined if the declaration does not allow what the document names. */
  readonly algorithm: Algorithm | undefined;
  /** All its signatures, where it may carry several, and the parts that none of them covers. */
  readonly attestations?: readonly OpenedAttestation[];
  readonly unsigned?: readonly string[];
  /** As the document presents itself: needed to ask whether the key may sign this. */
  readonly claims: Claims;
}

/** A signature with the rows of the algorithms it names, or undefined where the declaration does not allow one. */
export interface OpenedAttestation extends Attestation {
  readonly algorithm: Algorithm | undefined;
  readonly makerAlgorithm: Algorithm | undefined;
}

/** A payload in the shared words. `document` lacks what had a problem. */
export interface Converted {
  readonly document: Partial<SharedDocument>;
  /** Whether everything could be read. */
  readonly sound: boolean;
  readonly findings: readonly Finding[];
  /** How documents of its kind are shown. */
  readonly presenting: PresentingRule;
  /** Where each field came from. Worked out when asked, as is what got lost. */
  sources(): Record<string, string>;
  /** Leaves of the payload that the shared document does not carry. */
  lost(): string[];
}

export interface Format {
  readonly id: string;
  readonly region: string;
  readonly title: Localized;
  readonly declaration: FormatDeclaration;
  /** Bytes of a document that no signature covers, in words. */
  readonly uncovered: readonly string[];
  /** Of every text of it, where they all begin alike: others need not be asked whether they are of it. */
  readonly firstSign: number | undefined;
  recognise(specimen: Specimen): number | undefined;
  /** The part of a longer document that this is, if it is one, and parts put together. Both throw Broken. */
  part(specimen: Specimen): Part | undefined;
  join(parts: readonly Part[]): Specimen;
  /** Throws Broken for a document of this format that is damaged or passes a limit. */
  open(specimen: Specimen): Opened;
  /** In: what was opened, and the region whose key verified it. */
  convert(opened: Opened, issuingRegion: string): Converted;
  /** Writes the region's format. Throws Broken. */
  write(document: SharedDocument, signer: EnvelopeSigner): Written;
}

/** A document written in a region's format. */
export interface Written {
  /** A text, or a file. */
  readonly wire: string | Uint8Array;
  /** The signature file that belongs to it, where the format has one. */
  readonly beside?: Uint8Array;
  /** What the file is to be called, where the format says so. */
  readonly fileName?: string;
  /** Leaves of the document that the format cannot carry. */
  readonly unwritten: string[];
}

export interface FormatContext {
  readonly region: string;
  readonly codes: ReadonlyMap<string, CodeTable>;
  /** Document types of the catalogue, with their families. */
  readonly types: ReadonlyMap<string, ContextType>;
  /** What documents can say of their own state; nothing if absent. */
  readonly statuses?: StatusTable;
  /** How digests are made, for documents that hold some. */
  readonly digest?: Digest;
  /** This very declaration was compiled before, without a fault: what is not needed to recognise a document waits for the first. */
  readonly sound?: boolean;
}

/** What a format needs to know of a document type of the catalogue. */
export interface ContextType {
  readonly family: Family;
  readonly nationalCode?: string;
  readonly statusSchemes?: readonly string[];
  readonly presenting?: Presenting;
}

/**
 * Compiles a declaration (already valid by its schema) into a format: closures over the codec tables, made once.
 * Errors: Error with the pointer and reason, for words that no table has and maps that are not total.
 */
export function compileFormat(declared: FormatDeclaration, context: FormatContext): Format {
  const envelope = rowOf(ENVELOPES, declared.envelope.type, '/envelope/type');
  envelope.check?.(declared.envelope);
  const payloads = rowOf(PAYLOADS, declared.payload, '/payload');
  const layout = declared.layout ?? {};
  if (payloads.needs !== undefined && layout[payloads.needs] === undefined) {
    throw new Error(`/layout: payload "${declared.payload}" needs "${payloads.needs}"`);
  }
  const limits: Limits = { ...(envelope.file ?? CODE_LIMITS), ...declared.limits };
  if (envelope.file !== undefined && declared.transport.length > 0)
    throw new Error(`/transport: envelope "${declared.envelope.type}" is a file, with nothing before it`);
  const digest = context.digest ?? browserPlatform.digest;
  const algorithms = declared.envelope.algorithms.map((name) => algorithmNamed(name)!);
  const allowed = new Map<string, Algorithm>();
  for (const row of algorithms) {
    const { cose, jose, oid } = row;
    for (const [scheme, name] of Object.entries({ cose, jose, oid }))
      if (name !== undefined) allowed.set(`${scheme}:${name}`, row);
  }
  if (declared.envelope.bare !== undefined) {
    if (algorithms.length !== 1)
      throw new Error('/envelope/algorithms: where no header names one, there is exactly one');
    allowed.set('declared', algorithms[0]!);
  }
  const carriers = compileCarriers(declared, limits);
  const [written] = carriers;
  const content = once(() => compileContent(declared, context));
  if (context.sound !== true) content();
  const wantedHeader = Object.entries(declared.envelope.header ?? {});

  const format: Format = {
    id: declared.format,
    region: context.region,
    title: declared.title,
    declaration: declared,
    uncovered: [
      ...carriers.flatMap((carrier) => carrier.uncovered),
      ...envelope.uncovered,
      ...(algorithms.some(({ key }) => key.startsWith('P-')) ? ['ECDSA: s may be replaced by n − s'] : []),
    ],
    firstSign: carriers.every(({ firstSign }) => firstSign === written.firstSign) ? written.firstSign : undefined,
    recognise: carriers.length === 1 ? written.recognise : (specimen) => bestOf(carriers, specimen)?.score,
    part: (specimen) => written.part(specimen),
    join: (parts) => written.join(parts),
    open(specimen) {
      const carrier = carriers.length === 1 ? written : (bestOf(carriers, specimen)?.carrier ?? written);
      const input = (envelope.file && fileOf(specimen, limits)) ?? carrier.unpack(specimen);
      const tools = specimen.beside === undefined ? { digest } : { digest, beside: specimen.beside };
      const sealed = envelope.open(input, limits, declared.envelope, tools);
      for (const [name, value] of wantedHeader) {
        if (sealed.header[name] !== value) throw new Broken('header', `"${name}" is not what the format asks for`);
      }
      const payload = payloads.decode(sealed.payload, limits, layout);
      const { keyName, unfold, claims } = content();
      const repairs: string[] = [];
      unfold?.read(payload, limits, (repair) => repairs.push(repair));
      const opened: Opened = {
        format,
        payload,
        repairs,
        proof: keyName === undefined ? sealed.proof : { ...sealed.proof, keyIds: keyName.read(payload) },
        algorithm: allowed.get(sealed.proof.algorithm),
        claims: claims(payload),
      };
      if (sealed.attestations === undefined) return opened;
      const attestations = sealed.attestations.map((each) => ({
        ...each,
        algorithm: allowed.get(each.proof.algorithm),
        makerAlgorithm: each.seal && allowed.get(each.seal.maker.algorithm),
      }));
      return { ...opened, attestations, unsigned: sealed.unsigned ?? [] };
    },
    convert: (opened, issuingRegion) => content().convert(opened, issuingRegion),
    write(document, signer) {
      const { cases, keyName, signing, unfold } = content();
      const chosen = cases.find((each) => each.documentType === document.docType.code);
      if (chosen === undefined)
        throw new Broken('/docType/code', 'the format does not carry this type of document', 'FIELD_INVALID');
      const payload = chosen.map.write(document as unknown as Record<string, unknown>);
      keyName?.write(payload, signer.keyId);
      signing?.write(payload, signer);
      unfold?.write(payload);
      const bytes = payloads.encode(payload, layout);
      const sealed = envelope.write(bytes, declared.envelope, signer, { digest });
      const unwritten = chosen.map.unwritten(document as unknown as Record<string, unknown>);
      const name = declared.file && fileName(declared.file, document);
      const about = name === undefined ? { unwritten } : { unwritten, fileName: name };
      if (typeof sealed === 'string' || sealed instanceof Uint8Array) return { wire: written.pack(sealed), ...about };
      return { wire: sealed.content, beside: sealed.beside, ...about };
    },
  };
  return format;
}

/** What a declaration says of the payload. Errors: as of `compileFormat`. */
function compileContent(declared: FormatDeclaration, context: FormatContext) {
  const keyName = declared.envelope.keyFrom && compileKeyName(declared.envelope.keyFrom, context);
  const unfold = declared.unfold && compileUnfold(declared.unfold);
  const signing = declared.signedAt && compileSigningTime(declared.signedAt, context);
  const cases = compileCases(declared, context, [...(keyName?.fields ?? []), ...(signing?.fields ?? [])]);
  const revocable = compileRevocation(declared);
  const claims = (payload: Value): Claims => {
    const own = claimsOf(cases, payload);
    const signed = signing?.claims(payload, own) ?? own;
    return revocable === undefined ? signed : { ...signed, ...revocable(payload) };
  };
  return { cases, keyName, signing, unfold, claims, convert: conversionOf(declared, cases) };
}

const UNKNOWN_KIND = presentingRule(false);

/** By what the payload says it may be revoked, beside what the map reads. Throws Broken for an id that is no text. */
function compileRevocation({ revocation }: FormatDeclaration): ((payload: Value) => Partial<Claims>) | undefined {
  if (revocation === undefined) return undefined;
  const { id: at, scope, status } = revocation;
  const idSteps = at === undefined ? undefined : stepsOf(at);
  const listSteps = status?.list === undefined ? undefined : stepsOf(status.list);
  const indexSteps = status && stepsOf(status.index);
  return (payload) => {
    const id = (idSteps && valueAt(payload, idSteps)) ?? undefined;
    const list = listSteps === undefined ? status?.name : valueAt(payload, listSteps);
    return {
      // One that is no text may stand in a list all the same: it must not pass for a document without.
      ...(id === undefined || scope === undefined
        ? {}
        : { revocationId: textOf(id as Value).trim(), revocationScope: scope }),
      ...(indexSteps === undefined
        ? {}
        : {
            status: {
              list: typeof list === 'string' ? list : undefined,
              index: indexOf(valueAt(payload, indexSteps)),
            },
          }),
    };
  };
}

/** How a payload is said in the shared words. Errors while compiling: Error, for a condition that cannot be one. */
function conversionOf(declared: FormatDeclaration, cases: readonly Case[]): Format['convert'] {
  const expected = (declared.expect ?? []).map(({ otherwise = 'FIELD_INVALID', ...when }) => ({
    holds: compileCondition(when),
    found: finding(otherwise, { detail: `at ${when.at} stands something else than the format asks for` }),
  }));
  const checks = (declared.checks ?? []).map(compileCheck);
  const unnamed = declared.absent?.includes('/docId') === true;
  const states = statesOfOthers(cases);
  return (opened, issuingRegion) => {
    const applying = cases.filter((each) => each.applies(opened.payload));
    const chosen = applying[0];
    if (chosen === undefined || applying.length > 1) {
      const detail = `${applying.length} of the format's cases apply`;
      return {
        document: {},
        sound: false,
        findings: [finding('TYPE_NOT_DETERMINED', { detail })],
        presenting: UNKNOWN_KIND,
        sources: () => ({}),
        lost: () => [],
      };
    }
    const begun: Record<string, unknown> = unnamed
      ? { docType: chosen.docType, docId: signatureName(opened.proof.signature) }
      : { docType: chosen.docType };
    const read = chosen.map.read(opened.payload, begun);
    const { problems } = read;
    for (const { holds, found } of expected) if (!holds(opened.payload)) problems.push(found);
    if (chosen.single !== undefined && listLength(opened.payload, chosen.single) !== 1) {
      problems.push(finding('TYPE_NOT_DETERMINED', { detail: 'more than one entry where the format allows one' }));
    }
    for (const { at, steps } of states.get(chosen)!) {
      if ((valueAt(opened.payload, steps) ?? undefined) !== undefined)
        problems.push(
          finding('UNKNOWN_CODE_VALUE', { detail: `a state at ${at}, which this type of document has not` }),
        );
    }
    read.fields['issuer'] = { ...(read.fields['issuer'] as object | undefined), region: issuingRegion };
    const document = read.fields as Partial<SharedDocument>;
    const sound = problems.length === 0;
    const findings = sound ? [finding('CONVERTED')] : problems;
    if (opened.repairs.length + read.repairs.length > 0) findings.push(repaired([...opened.repairs, ...read.repairs]));
    findings.push(...read.remarks);
    for (const check of checks) findings.push(...check(document));
    return {
      document,
      sound,
      presenting: chosen.presenting,
      findings,
      sources: () => chosen.map.sourcesOf(read.fields),
      lost: () => chosen.map.lost(opened.payload),
    };
  };
}

const repaired = (repairs: readonly string[]): Finding =>
  finding('REPAIRED', { detail: repairs.join('; ').slice(0, 500) });

/** A name from a document leads nowhere and hides nothing: where it would, only the ending is left. */
function fileName({ extension, name }: FormatFile, document: SharedDocument): string {
  const stem = name === undefined ? undefined : valueAt(document, stepsOf(name));
  return typeof stem === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/.test(stem)
    ? `${stem}.${extension}`
    : `document.${extension}`;
}

/** A file as it was handed in: its signature is over every byte of it. */
function fileOf({ bytes }: Specimen, limits: Limits): Uint8Array | undefined {
  if (bytes !== undefined && bytes.length > limits.input)
    throw new Broken('input', 'longer than the format allows', 'LIMIT_EXCEEDED');
  return bytes;
}

function rowOf<Row>(table: Readonly<Record<string, Row>>, name: string, at: string): Row {
  const row = Object.hasOwn(table, name) ? table[name] : undefined;
  if (row === undefined) throw new Error(`${at}: no "${name}"; there are: ${Object.keys(table).join(', ')}`);
  return row;
}

function listLength(payload: Value, at: readonly string[]): number {
  const list = valueAt(payload, at);
  return Array.isArray(list) ? list.length : 0;
}

/** The carrier that claims the specimen best. */
function bestOf(carriers: readonly Carrier[], specimen: Specimen): { carrier: Carrier; score: number } | undefined {
  let best: { carrier: Carrier; score: number } | undefined;
  for (const carrier of carriers) {
    const score = carrier.recognise(specimen);
    if (score !== undefined && score > (best?.score ?? 0)) best = { carrier, score };
  }
  return best;
}
