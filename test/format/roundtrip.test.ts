import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/codec/value.ts';
import { validateShared } from '../../src/document/consistency.ts';
import type {
  CodeList,
  FormatCase,
  FormatDeclaration,
  MapRow,
  SharedDocument,
} from '../../src/document/generated/types.ts';
import { mod37_36 } from '../../src/document/identifiers.ts';
import { setAt, stepsOf, valueAt } from '../../src/document/pointer.ts';
import { instantOf } from '../../src/document/time.ts';
import { type CodeTable, codeTable } from '../../src/format/codes.ts';
import type { Format } from '../../src/format/compile.ts';
import { compileSteps } from '../../src/format/conversions.ts';
import {
  DAY,
  federation,
  fileOf,
  JUDGE,
  NOW,
  specimenFor,
  standpointOf,
  store,
  type Wire,
  walk,
  withOwnKeys,
} from '../support/federation.ts';

/**
 * A document of any format, made from the format's own rows: what is written can be read, and says the same. Values are
 * made as they stand on the wire, so that two fields that a format keeps in one place agree.
 */
const own = withOwnKeys();

const ALPHABET = ['a', 'Z', '0', '9', ' ', '-', '张', '淼', '·', 'é', '\u{20bb7}', 'ß', 'ﬁ'];
const text = (min: number, max: number) =>
  fc
    .array(fc.constantFrom(...ALPHABET), { minLength: min, maxLength: max })
    .map((signs) => signs.join('').trim())
    .filter((t) => t.length >= min && t.length <= max);
const digits = (length: number) =>
  fc.integer({ min: 0, max: 10 ** length - 1 }).map((n) => String(n).padStart(length, '0'));
const seconds = (from: number, to: number) => fc.integer({ min: from, max: to }).map((s) => Math.floor(NOW / 1000) + s);
const dayFrom = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((d) => new Date(NOW + d * DAY).toISOString().slice(0, 10));
const iso = (s: number): string => instantOf(s * 1000);
const beijing = (s: number): string => iso(s + 8 * 3600).slice(0, 19);

const ends = (to: string): boolean => /\/(until|expiresAt)$/.test(to);

/** Wire values by the first conversion of a row. */
const WIRE: Readonly<Record<string, (max: number, to: string) => fc.Arbitrary<Value>>> = {
  text: (max, to) => text(to === '/revocationId' ? 16 : 1, max),
  name: (max) => text(1, max),
  integer: () => fc.integer({ min: -5, max: 1_000_000 }),
  'number-text': () => fc.integer({ min: 0, max: 99 }),
  boolean: () => fc.boolean(),
  'epoch-seconds': (_, to) => (ends(to) ? seconds(86_400, 8_640_000) : seconds(-8_640_000, -60)),
  'epoch-milliseconds': (_, to) =>
    (ends(to) ? seconds(86_400, 8_640_000) : seconds(-8_640_000, -60)).map((s) => s * 1000),
  instant: () => seconds(-8_640_000, 0).map(iso),
  day: (_, to) => (ends(to) ? dayFrom(1, 300) : dayFrom(-300, -1)),
  'birth-date': () =>
    fc.oneof(
      dayFrom(-30_000, -400),
      dayFrom(-30_000, -400).map((d) => d.slice(0, 7)),
      dayFrom(-30_000, -400).map((d) => d.slice(0, 4)),
    ),
  'compact-time': (_, to) =>
    (ends(to) ? seconds(86_400, 8_640_000) : seconds(-8_640_000, -60)).map((s) => beijing(s).replace(/[-:T]/g, '')),
  'beijing-time': (_, to) =>
    (ends(to) ? seconds(86_400, 8_640_000) : seconds(-8_640_000, -60)).map((s) => beijing(s).replace('T', ' ')),
  'compact-day': (_, to) => (ends(to) ? dayFrom(1, 300) : dayFrom(-300, -1)).map((d) => d.replaceAll('-', '')),
  base64url: () => fc.uint8Array({ minLength: 16, maxLength: 32 }),
  hex: () => fc.uint8Array({ minLength: 16, maxLength: 32 }),
};

/** What the shared document's schema asks of a field, where it is less than "some text". */
const FIELDS: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  idType: digits(3),
  kind: fc.constantFrom('person', 'enterprise'),
};
const MAX: Readonly<Record<string, number>> = {
  plateNo: 10,
  trailerPlate: 10,
  plateColor: 4,
  areaCode: 12,
  orgCode: 40,
  number: 40,
  idNumber: 40,
  version: 20,
};

/** Identifiers that are well formed, by kind; of an issuing office, that of the format's own region. */
const OFFICES: Readonly<Record<string, string>> = {
  '310000': '11310000MB00000009',
  '320000': '11320000MB0000000D',
  '330000': '11330000MB0000000H',
  '330200': '11330200MB0000000U',
  '340000': '11340000MB0000000M',
};
const IDENTIFIER: Readonly<Record<string, fc.Arbitrary<string>>> = {
  plate: fc.tuple(fc.constantFrom('沪A', '苏E', '浙F', '皖A'), digits(5)).map((parts) => parts.join('')),
  'pass-number': fc
    .tuple(fc.constantFrom('310116', '320583', '330421', '340100'), digits(6))
    .map((parts) => parts.join('')),
  uscc: fc.constantFrom('91330100MA0000A005', '91340100MA0000D0X4', ...Object.values(OFFICES)),
  'citizen-number': fc.constantFrom('11010519491231002X', '440524188001010014'),
  // Its serial; type, issuer and check character follow from the rest of the document.
  'licence-identifier': digits(12),
};

type Step = string | Readonly<Record<string, unknown>>;
const stepsIn = (as: unknown): readonly Step[] =>
  Array.isArray(as) ? (as as Step[]) : as === undefined ? ['text'] : [as as Step];
const nameOf = (step: Step): string => (typeof step === 'string' ? step : Object.keys(step)[0]!);
const argumentOf = (step: Step): unknown => (typeof step === 'string' ? undefined : Object.values(step)[0]);

/** A row's way into the payload (`from`, and what it selects there), and the conversions of what stands there. */
function sourceOf(row: MapRow): { key: string; steps: readonly Step[] } {
  const steps = stepsIn(row.as);
  const first = steps.findIndex((step) => nameOf(step) !== 'find' && nameOf(step) !== 'get');
  const selecting = first < 0 ? steps : steps.slice(0, first);
  return { key: `${row.from} ${JSON.stringify(selecting)}`, steps: first < 0 ? ['text'] : steps.slice(first) };
}

interface Place {
  readonly region: string;
  readonly codes: ReadonlyMap<string, CodeList>;
  readonly layout?: FormatDeclaration['layout'];
}

/** What can stand on the wire for a row whose conversions begin so. */
function wireOf(
  to: string,
  from: string | undefined,
  [step, ...others]: readonly Step[],
  place: Place,
): fc.Arbitrary<Value> {
  const word = nameOf(step!);
  const argument = argumentOf(step!);
  const name = to.slice(to.lastIndexOf('/') + 1);
  const fixed = place.layout?.fixed?.fields.find((field) => `/${field.name}` === from);
  if (fixed !== undefined && word === 'text')
    return fc
      .integer({ min: 0, max: 999_999_999 })
      .map((n) => String(n).padStart(fixed.bytes, '0').slice(-fixed.bytes));
  if (to === '/issuer/orgCode') return fc.constant(OFFICES[place.region]!);
  if (to === '/issuer/areaCode') return fc.constantFrom('340100', '310114');
  if (word === 'codes') return fc.constantFrom(...place.codes.get(argument as string)!.codes.map(({ raw }) => raw));
  if (word === 'identifier') return IDENTIFIER[argument as string]!;
  if (word === 'each') return fc.array(entryOf(argument as EachRow[], place), { minLength: 1, maxLength: 4 });
  if (word === 'first') return wireOf(to, from, [...stepsIn((argument as unknown[])[0]), ...others], place);
  if (word === 'join') {
    const { members, lists = {}, with: glue } = argument as { members: string[]; lists?: object; with: string };
    const part = text(1, 20).map((t) => t.replaceAll(/[,<]/g, '').replaceAll(glue, ''));
    const single = part.filter((t) => t.trim() === t && t !== '' && !t.includes(' '));
    const parts: [string, fc.Arbitrary<unknown>][] = members.map((member) => [
      member,
      Object.hasOwn(lists, member) ? fc.array(single, { minLength: 1, maxLength: 3 }) : part,
    ]);
    return fc.record(Object.fromEntries(parts), { requiredKeys: [members[0]!] }) as fc.Arbitrary<Value>;
  }
  const make = WIRE[word];
  if (make === undefined) throw new Error(`no wire values for "${word}": add a row`);
  return word === 'text' && FIELDS[name] !== undefined ? FIELDS[name] : make(MAX[name] ?? 30, to);
}

interface EachRow {
  to: string;
  from: string;
  as?: unknown;
  optional?: boolean;
}

const entryOf = (rows: EachRow[], place: Place): fc.Arbitrary<Value> =>
  fc.record(Object.fromEntries(rows.map((row) => [row.from, wireOf(row.to, undefined, stepsIn(row.as), place)])), {
    requiredKeys: rows.filter((row) => !row.optional).map((row) => row.from),
  }) as fc.Arbitrary<Value>;

/** Shared documents that the format carries, and nothing else. */
function documentsOf(format: Format): fc.Arbitrary<SharedDocument> {
  const { region, declaration } = format;
  const lists = [...store.keys()]
    .filter((file) => file.startsWith(`regions/${region}/codes/`))
    .map((file) => fileOf<CodeList>(file));
  const codes = new Map(lists.map((list) => [list.list, list]));
  const tables = new Map<string, CodeTable>(lists.map((list) => [list.list, codeTable(list)]));
  const place: Place = { region, codes, ...(declaration.layout === undefined ? {} : { layout: declaration.layout }) };
  const cases: readonly FormatCase[] = declaration.cases ?? [
    { documentType: declaration.documentType!, when: { at: '' }, map: [] },
  ];
  return fc.oneof(...cases.map((each) => documentOf(declaration, each, place, tables)));
}

function documentOf(
  declaration: FormatDeclaration,
  { documentType, map, ignore = [] }: FormatCase,
  place: Place,
  tables: ReadonlyMap<string, CodeTable>,
): fc.Arbitrary<SharedDocument> {
  const rows = [...declaration.map, ...map];
  // What counts what is written cannot be chosen: it is seen when the document is read (`completed`).
  const mapped = rows
    .filter((row) => row.from !== undefined && nameOf(stepsIn(row.as)[0]!) !== 'count')
    .map((row) => ({ row, ...sourceOf(row) }));
  const keys = [...new Set(mapped.map(({ key }) => key))];
  const strictest = (key: string) => {
    const same = mapped.filter((each) => each.key === key);
    return same.find(({ row, steps }) => row.to === '/revocationId' || nameOf(steps[0]!) === 'codes') ?? same[0]!;
  };
  const required = keys.filter((key) => mapped.some((each) => each.key === key && !each.row.optional));
  const type = federation.catalogue.documentTypes.find(({ code }) => code === documentType)!;
  const arbitraries = Object.fromEntries(
    keys.map((key) => {
      const { row, steps } = strictest(key);
      return [key, wireOf(row.to, row.from, steps, place)];
    }),
  );
  const constants = new Map(
    [...(declaration.ignore ?? []), ...ignore].flatMap(({ from, write }) =>
      write === undefined ? [] : [[from, write]],
    ),
  );
  return fc.record(arbitraries, { requiredKeys: required }).map((wire) => {
    const at = (from: string): unknown => constants.get(from) ?? wire[`${from} []`];
    for (const { at: from, segments } of declaration.expect ?? [])
      if (segments !== undefined)
        wire[`${from} []`] = licenceIdentifier(
          String(at(segments['5']!)),
          String(at(segments['6']!)),
          String(at(from)),
        );
    const document: Record<string, unknown> = {
      docType: { code: documentType, family: type.family },
      issuer: { region: place.region },
    };
    for (const { row, key, steps } of mapped) {
      const raw = wire[key] as Value | undefined;
      const value = raw === undefined ? undefined : compileSteps(steps, { codes: tables }).read(raw, () => {});
      if (value !== undefined) setAt(document, stepsOf(row.to), value);
    }
    for (const { to, value, with: other } of rows)
      if (value !== undefined && (other === undefined || wire[`${other} []`] !== undefined))
        setAt(document, stepsOf(to), value);
    return structuredClone(document) as unknown as SharedDocument;
  });
}

/** 证照标识 (GB/T 36904) with its check character. */
function licenceIdentifier(type: string, issuer: string, serial: string): string {
  const check = mod37_36(`${type}${issuer}${serial}001`);
  return `1.2.156.3005.2.${type}.${issuer}.${serial}.001.${check}`;
}

const read = (format: Format, wire: Wire) => format.convert(format.open(specimenFor(wire)), format.region);

/** The document with what a format counts of it, and under the name that its signature gives it where it has no number. */
function completed(format: Format, document: SharedDocument, again: Partial<SharedDocument>): SharedDocument {
  const { declaration } = format;
  const cases = declaration.cases ?? [];
  const own = cases.find((each) => each.documentType === document.docType.code)?.map ?? [];
  const copy = structuredClone(document);
  for (const { to, as } of [...declaration.map, ...own])
    if (nameOf(stepsIn(as)[0]!) === 'count') setAt(copy, stepsOf(to), valueAt(again, stepsOf(to)));
  if (declaration.absent?.includes('/docId')) copy.docId = again.docId!;
  return copy;
}

/** What is found about how a document is shown: these live for any time, and are made for anybody. */
const SHOWING = /^(CODE_LIVES_TOO_LONG|REPLAY_UNCHECKED|(AUDIENCE|PURPOSE|NONCE)_MISMATCH)$/;

/** 1000 documents of each format in well under a minute: nothing is signed for it, since reading back asks no key. */
const RUNS = 1000;

describe.each(federation.formats.map((format) => [format.id, format] as const))('%s', (id, format) => {
  const { signer } = own.keys.get(id)!;
  const unsigning = { ...signer, sign: () => new Uint8Array(64).fill(1) };

  it('what is written is read back the same', { timeout: 120_000 }, () => {
    let sound = 0;
    fc.assert(
      fc.property(documentsOf(format), (document) => {
        const written = format.write(document, unsigning);
        expect(written.unwritten).toEqual([]);
        const { document: again, findings, lost } = read(format, written);
        const whole = completed(format, document, again);
        if (!validateShared(whole).every(({ code }) => code === 'WELL_FORMED')) return;
        sound += 1;
        // Six digits that are no area are told, and are text all the same.
        const said = findings.filter(({ code }) => !code.startsWith('AREA_'));
        expect(said.map(({ code, detail }) => [code, detail])).toEqual([['CONVERTED', undefined]]);
        expect(lost()).toEqual([]);
        const { nationalCode: _, ...docType } = again.docType!;
        expect(structuredClone({ ...again, docType })).toEqual(whole);
      }),
      { numRuns: RUNS },
    );
    // Most of what is made must be worth writing, or the property says nothing.
    expect(sound).toBeGreaterThan(RUNS * 0.7);
  });

  it('is accepted where it is recognised, whatever it says', { timeout: 60_000 }, () => {
    const standpoint = standpointOf(JUDGE, own.federation);
    fc.assert(
      fc.property(documentsOf(format), (document) => {
        fc.pre(
          validateShared({ ...document, docId: document.docId ?? '-' }).every(({ code }) => code === 'WELL_FORMED'),
        );
        const { verdict } = walk(format.write(document, signer), { standpoint });
        // Units are bound to keys; these keys have none. A state that is not clear is judged as such.
        const standing = document.status && standpoint.statuses.word(document.status.canonical)?.standing;
        const stated = { refuse: ['STATUS_REFUSED'], unknown: ['STATUS_UNDETERMINED'], clear: [], note: [] };
        const wrong = verdict.findings.filter(
          ({ code, result }) => (result === 'fail' || result === 'unknown') && !SHOWING.test(code),
        );
        // The lists of documents that are numbered here and there are nobody's.
        const numbered = format.declaration.revocation?.status === undefined ? [] : ['REVOCATION_UNCONFIRMED'];
        expect(wrong.map(({ code }) => code)).toEqual([...numbered, ...stated[standing ?? 'clear']]);
      }),
      { numRuns: 25 },
    );
  });

  it('says which parts of a document it cannot carry', () => {
    const [document] = fc.sample(documentsOf(format), { numRuns: 1, seed: 1 });
    const more = { ...document!, version: '7', usage: { maker: '甲', purpose: '乙' } };
    const declared = JSON.stringify(format.declaration.map);
    const expected = ['/version', '/usage/maker', '/usage/purpose'].filter((at) => !declared.includes(`"${at}"`));
    expect(format.write(more, signer).unwritten).toEqual(expect.arrayContaining(expected));
    expect(expected.length).toBeGreaterThan(0);
  });
});
