import { ENVELOPES } from '../codec/envelopes.ts';
import { CODE_LIMITS, type Limits } from '../codec/limits.ts';
import { PAYLOADS } from '../codec/payloads.ts';
import type { EnvelopeSigner, Proof } from '../codec/proof.ts';
import { TRANSPORTS } from '../codec/transports.ts';
import type { Value } from '../codec/value.ts';
import { type Algorithm, algorithmNamed } from '../crypto/algorithms.ts';
import { Broken } from '../document/broken.ts';
import { finding } from '../document/findings.ts';
import type {
  Family,
  Finding,
  FormatCase,
  FormatDeclaration,
  Localized,
  MapRow,
  SharedDocument,
} from '../document/generated/types.ts';
import { stepsOf, valueAt } from '../document/pointer.ts';
import type { CodeTable } from './codes.ts';
import { type CompiledMap, compileMap, type DeclaredRow } from './map.ts';
import { compileRecognise, type Specimen } from './recognise.ts';

/** What is in a document and who is said to vouch for it. Nothing is believed yet. */
export interface Opened {
  readonly format: Format;
  readonly payload: Value;
  readonly proof: Proof;
  /** The algorithm's row, or undefined if the declaration does not allow what the document names. */
  readonly algorithm: Algorithm | undefined;
  /** As the document presents itself: needed to ask whether the key may sign this. */
  readonly claims: {
    readonly documentType?: string;
    readonly unit?: string;
    readonly issuedAt?: string;
    readonly revocationId?: string;
  };
}

/** A payload in the shared words. `document` lacks what had a problem; then `problems` is not empty. */
export interface Converted {
  readonly document: Partial<SharedDocument>;
  readonly problems: readonly Finding[];
  readonly repairs: readonly string[];
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
  recognise(specimen: Specimen): number | undefined;
  /** Throws Broken for a document of this format that is damaged or passes a limit. */
  open(specimen: Specimen): Opened;
  /** In: what was opened, and the region whose key verified it. */
  convert(opened: Opened, issuingRegion: string): Converted;
  /** Writes the region's format. Out: text or file bytes, and the leaves that the format cannot carry. Throws Broken. */
  write(document: SharedDocument, signer: EnvelopeSigner): { wire: string | Uint8Array; unwritten: string[] };
}

export interface FormatContext {
  readonly region: string;
  readonly codes: ReadonlyMap<string, CodeTable>;
  /** Document types of the catalogue, with their families. */
  readonly types: ReadonlyMap<string, { readonly family: Family; readonly nationalCode?: string }>;
}

interface Case {
  readonly documentType: string;
  readonly docType: SharedDocument['docType'];
  readonly map: CompiledMap;
  applies(payload: Value): boolean;
  readonly single: readonly string[] | undefined;
}

/**
 * Compiles a declaration (already valid by its schema) into a format: closures over the codec tables, made once.
 * Errors: Error with the pointer and reason, for words that no table has and maps that are not total.
 */
export function compileFormat(declared: FormatDeclaration, context: FormatContext): Format {
  const steps = declared.transport.map((name, i) => rowOf(TRANSPORTS, name, `/transport/${i}`));
  const envelope = rowOf(ENVELOPES, declared.envelope.type, '/envelope/type');
  const payloads = rowOf(PAYLOADS, declared.payload, '/payload');
  const limits: Limits = { ...CODE_LIMITS, ...declared.limits };
  const algorithms = declared.envelope.algorithms.map((name) => algorithmNamed(name)!);
  const allowed = new Map<string, Algorithm>();
  for (const row of algorithms) {
    for (const label of [`cose:${row.cose}`, `jose:${row.jose}`]) allowed.set(label, row);
  }
  const cases = compileCases(declared, context);
  const { prefix = '', suffix = '' } = declared.recognise;
  const wantedHeader = Object.entries(declared.envelope.header ?? {});

  const format: Format = {
    id: declared.format,
    region: context.region,
    title: declared.title,
    declaration: declared,
    uncovered: [
      ...steps.flatMap((step) => step.uncovered ?? []),
      ...envelope.uncovered,
      ...(algorithms.some(({ key }) => key === 'P-256' || key === 'P-384')
        ? ['ECDSA: s may be replaced by n − s']
        : []),
    ],
    recognise: compileRecognise(declared.recognise),
    open(specimen) {
      let current: string | Uint8Array = unwrapped(specimen, prefix, suffix);
      if (current.length > limits.input) throw new Broken('input', 'longer than the format allows', 'LIMIT_EXCEEDED');
      for (const step of steps) current = step.decode(current, limits);
      const sealed = envelope.open(current, limits);
      for (const [name, value] of wantedHeader) {
        if (sealed.header[name] !== value) throw new Broken('header', `"${name}" is not what the format asks for`);
      }
      const payload = payloads.decode(sealed.payload, limits);
      return {
        format,
        payload,
        proof: sealed.proof,
        algorithm: allowed.get(sealed.proof.algorithm),
        claims: claimsOf(cases, payload),
      };
    },
    convert(opened, issuingRegion) {
      const applying = cases.filter((each) => each.applies(opened.payload));
      const chosen = applying[0];
      if (chosen === undefined || applying.length > 1) {
        const detail = `${applying.length} of the format's cases apply`;
        return {
          document: {},
          problems: [finding('TYPE_NOT_DETERMINED', { detail })],
          repairs: [],
          sources: () => ({}),
          lost: () => [],
        };
      }
      const read = chosen.map.read(opened.payload);
      const problems = [...read.problems];
      if (chosen.single !== undefined && listLength(opened.payload, chosen.single) !== 1) {
        problems.push(finding('TYPE_NOT_DETERMINED', { detail: 'more than one entry where the format allows one' }));
      }
      const issuer = { ...(read.fields['issuer'] as object | undefined), region: issuingRegion };
      return {
        document: { docType: chosen.docType, ...read.fields, issuer } as Partial<SharedDocument>,
        problems,
        repairs: read.repairs,
        sources: () => chosen.map.sourcesOf(read.fields),
        lost: () => chosen.map.lost(opened.payload),
      };
    },
    write(document, signer) {
      const chosen = cases.find((each) => each.documentType === document.docType.code);
      if (chosen === undefined)
        throw new Broken('/docType/code', 'the format does not carry this type of document', 'FIELD_INVALID');
      const bytes = payloads.encode(chosen.map.write(document as unknown as Record<string, unknown>));
      let current = envelope.write(bytes, declared.envelope, signer);
      for (const step of steps.toReversed()) current = step.encode(current);
      const wire = typeof current === 'string' ? `${prefix}${current}${suffix}` : current;
      return { wire, unwritten: chosen.map.unwritten(document as unknown as Record<string, unknown>) };
    },
  };
  return format;
}

function rowOf<Row>(table: Readonly<Record<string, Row>>, name: string, at: string): Row {
  const row = Object.hasOwn(table, name) ? table[name] : undefined;
  if (row === undefined) throw new Error(`${at}: no "${name}"; there are: ${Object.keys(table).join(', ')}`);
  return row;
}

function compileCases(declared: FormatDeclaration, context: FormatContext): readonly Case[] {
  if ((declared.cases === undefined) === (declared.documentType === undefined)) {
    throw new Error('/cases: a format has either one "documentType" or "cases"');
  }
  const single: readonly FormatCase[] = declared.cases ?? [
    { documentType: declared.documentType!, when: { at: '' }, map: [] },
  ];
  return single.map((each, i) => {
    const where = declared.cases === undefined ? '' : `/cases/${i}`;
    const type = context.types.get(each.documentType);
    if (type === undefined)
      throw new Error(`${where}/documentType: the catalogue has no document type "${each.documentType}"`);
    const at = stepsOf(each.when.at);
    const absent = [...(declared.absent ?? []), ...(each.absent ?? [])];
    const ignore = [...(declared.ignore ?? []), ...(each.ignore ?? [])];
    try {
      return {
        documentType: each.documentType,
        docType: Object.freeze({
          code: each.documentType,
          family: type.family,
          ...(type.nationalCode === undefined ? {} : { nationalCode: type.nationalCode }),
        }),
        map: compileMap([...rowsAt('', declared.map), ...rowsAt(where, each.map)], ignore, absent, context),
        applies: (payload) => present(valueAt(payload, at) as Value | undefined, each.when.equals),
        single: each.when.single ? at : undefined,
      };
    } catch (error) {
      const { message } = error as Error;
      throw new Error(message.startsWith('/') ? message : `${where}/map: ${message}`);
    }
  });
}

const rowsAt = (where: string, rows: readonly MapRow[]): DeclaredRow[] =>
  rows.map((row, i) => ({ row, at: `${where}/map/${i}` }));

/** Null and empty lists are as good as absent: some issuers write every member and fill one. */
function present(value: Value | undefined, equals: string | number | boolean | undefined): boolean {
  if (equals !== undefined) return value === equals;
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function listLength(payload: Value, at: readonly string[]): number {
  const list = valueAt(payload, at);
  return Array.isArray(list) ? list.length : 0;
}

function claimsOf(cases: readonly Case[], payload: Value): Opened['claims'] {
  const chosen = cases.find((each) => each.applies(payload));
  if (chosen === undefined) return {};
  const unit = chosen.map.peek(payload, '/issuer/unit');
  const issuedAt = chosen.map.peek(payload, '/validity/issuedAt');
  const revocationId = chosen.map.peek(payload, '/revocationId');
  return {
    documentType: chosen.documentType,
    ...(typeof unit === 'string' ? { unit } : {}),
    ...(typeof issuedAt === 'string' ? { issuedAt } : {}),
    ...(typeof revocationId === 'string' ? { revocationId } : {}),
  };
}

function unwrapped(specimen: Specimen, prefix: string, suffix: string): string | Uint8Array {
  if (prefix === '' && suffix === '') return specimen.text ?? specimen.bytes!;
  const text = specimen.text!;
  return text.slice(prefix.length, text.length - suffix.length);
}
