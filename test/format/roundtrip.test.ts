import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/codec/value.ts';
import { Broken } from '../../src/document/broken.ts';
import { validateShared } from '../../src/document/consistency.ts';
import type { CodeList, FormatDeclaration, MapRow, SharedDocument } from '../../src/document/generated/types.ts';
import { setAt, stepsOf } from '../../src/document/pointer.ts';
import { instantOf } from '../../src/document/time.ts';
import { type CodeTable, codeTable } from '../../src/format/codes.ts';
import type { Format } from '../../src/format/compile.ts';
import { compileSteps } from '../../src/format/conversions.ts';
import { specimenOf } from '../../src/format/recognise.ts';
import {
  DAY,
  federation,
  fileOf,
  JUDGE,
  NOW,
  presentedOf,
  samples,
  standpointOf,
  store,
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

/** Wire values by the first conversion of a row. */
const WIRE: Readonly<Record<string, (max: number, to: string) => fc.Arbitrary<Value>>> = {
  text: (max, to) => text(to === '/revocationId' ? 16 : 1, max),
  name: (max) => text(1, max),
  integer: () => fc.integer({ min: -5, max: 1_000_000 }),
  'number-text': () => fc.integer({ min: 0, max: 99 }),
  boolean: () => fc.boolean(),
  'epoch-seconds': (_, to) => (to.endsWith('/until') ? seconds(86_400, 8_640_000) : seconds(-8_640_000, -60)),
  'epoch-milliseconds': (_, to) =>
    (to.endsWith('/until') ? seconds(86_400, 8_640_000) : seconds(-8_640_000, -60)).map((s) => s * 1000),
  instant: () => seconds(-8_640_000, 0).map(iso),
  day: (_, to) => (to.endsWith('/until') ? dayFrom(1, 300) : dayFrom(-300, -1)),
  'birth-date': () =>
    fc.oneof(
      dayFrom(-30_000, -400),
      dayFrom(-30_000, -400).map((d) => d.slice(0, 7)),
      dayFrom(-30_000, -400).map((d) => d.slice(0, 4)),
    ),
  'compact-time': (_, to) =>
    (to.endsWith('/until') ? seconds(86_400, 8_640_000) : seconds(-8_640_000, -60)).map((s) =>
      beijing(s).replace(/[-:T]/g, ''),
    ),
  'beijing-time': (_, to) =>
    (to.endsWith('/until') ? seconds(86_400, 8_640_000) : seconds(-8_640_000, -60)).map((s) =>
      beijing(s).replace('T', ' '),
    ),
  'compact-day': (_, to) =>
    (to.endsWith('/until') ? dayFrom(1, 300) : dayFrom(-300, -1)).map((d) => d.replaceAll('-', '')),
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

/** Identifiers that are well formed, by kind. */
const IDENTIFIER: Readonly<Record<string, fc.Arbitrary<string>>> = {
  plate: fc.tuple(fc.constantFrom('沪A', '苏E', '浙F', '皖A'), digits(5)).map((parts) => parts.join('')),
  'pass-number': digits(11).map((rest) => `3${rest}`),
  'citizen-number': fc.constantFrom('11010519491231002X', '440524188001010014'),
  uscc: fc.constantFrom('11330000MB0000000H', '11340000MB0000000M'),
};

/** First words of `as`, with the argument if there is one. */
function wordOf(as: unknown): [string, unknown] {
  const first = Array.isArray(as) ? as[0] : (as ?? 'text');
  return typeof first === 'string' ? [first, undefined] : Object.entries(first as object)[0]!;
}

function wireOf(
  row: { to: string; from?: string; as?: unknown },
  codes: ReadonlyMap<string, CodeList>,
  layout?: FormatDeclaration['layout'],
): fc.Arbitrary<Value> {
  const fixed = layout?.fixed?.fields.find(({ name }) => `/${name}` === row.from);
  if (fixed !== undefined && (row.as === undefined || row.as === 'text'))
    return digits(9).map((n) => n.padStart(fixed.bytes, '0'));
  const [word, argument] = wordOf(row.as);
  const name = row.to.slice(row.to.lastIndexOf('/') + 1);
  if (word === 'codes') return fc.constantFrom(...codes.get(argument as string)!.codes.map(({ raw }) => raw));
  if (word === 'identifier') return IDENTIFIER[argument as string]!;
  if (word === 'each') return fc.array(entryOf(argument as EachRow[], codes), { minLength: 1, maxLength: 4 });
  if (word === 'join') {
    const { members } = argument as { members: string[] };
    return fc.record(
      Object.fromEntries(members.map((member) => [member, text(1, 20).map((t) => t.replaceAll(/[,<]/g, ''))])),
      { requiredKeys: [members[0]!] },
    );
  }
  const make = WIRE[word];
  if (make === undefined) throw new Error(`no wire values for "${word}": add a row`);
  return word === 'text' && FIELDS[name] !== undefined ? FIELDS[name] : make(MAX[name] ?? 30, row.to);
}

interface EachRow {
  to: string;
  from: string;
  as?: unknown;
  optional?: boolean;
}

const entryOf = (rows: EachRow[], codes: ReadonlyMap<string, CodeList>): fc.Arbitrary<Value> =>
  fc.record(Object.fromEntries(rows.map((row) => [row.from, wireOf(row, codes)])), {
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
  const cases = declaration.cases ?? [{ documentType: declaration.documentType!, map: [] as MapRow[] }];
  return fc.oneof(...cases.map((each) => documentOf(declaration, each, region, codes, tables)));
}

function documentOf(
  declaration: FormatDeclaration,
  { documentType, map }: { documentType: string; map: MapRow[] },
  region: string,
  codes: ReadonlyMap<string, CodeList>,
  tables: ReadonlyMap<string, CodeTable>,
): fc.Arbitrary<SharedDocument> {
  const rows = [...declaration.map, ...map];
  const sources = [...new Set(rows.flatMap((row) => row.from ?? []))];
  const strictest = (from: string): MapRow => {
    const same = rows.filter((row) => row.from === from);
    return same.find((row) => row.to === '/revocationId' || wordOf(row.as)[0] === 'codes') ?? same[0]!;
  };
  const required = sources.filter((from) => rows.some((row) => row.from === from && !row.optional));
  const type = federation.catalogue.documentTypes.find(({ code }) => code === documentType)!;
  const arbitraries = Object.fromEntries(
    sources.map((from) => [from, wireOf(strictest(from), codes, declaration.layout)]),
  );
  return fc.record(arbitraries, { requiredKeys: required }).map((wire) => {
    const document: Record<string, unknown> = {
      docType: { code: documentType, family: type.family },
      issuer: { region },
    };
    for (const row of rows) {
      const raw = row.from === undefined ? undefined : (wire[row.from] as Value | undefined);
      const value =
        row.from === undefined
          ? row.value
          : raw === undefined
            ? undefined
            : compileSteps(row.as, { codes: tables }).read(raw, () => {});
      if (value !== undefined) setAt(document, stepsOf(row.to), value);
    }
    return structuredClone(document) as unknown as SharedDocument;
  });
}

/** Where a row selects from a larger whole, or fields have a fixed length, documents are taken from the samples instead. */
const SELECTING: ReadonlySet<string> = new Set(['find', 'get', 'count', 'first']);
const selects = ({ declaration: { map, cases = [], layout } }: Format): boolean =>
  layout?.fixed !== undefined ||
  [map, ...cases.map((each) => each.map)].flat().some(({ as }) => SELECTING.has(wordOf(as)[0]));
const [selecting, plain] = [
  federation.formats.filter(selects),
  federation.formats.filter((format) => !selects(format)),
];
const read = (format: Format, wire: string | Uint8Array) =>
  format.convert(format.open(specimenOf(typeof wire === 'string' ? { text: wire } : { bytes: wire })), format.region);

describe.each(selecting.map((format) => [format.id, format] as const))('%s', (id, format) => {
  const good = samples.filter((sample) => sample.format === id && sample.expect.outcome === 'accept');

  it.each(good.map(({ name, wire }) => [name, wire] as const))(
    'sample %s, read, is written and read back the same, or refused',
    (_name, wire) => {
      const { document, sound } = read(format, wire);
      expect(sound).toBe(true);
      let again: string | Uint8Array;
      try {
        again = format.write(document as SharedDocument, own.keys.get(id)!.signer).wire;
      } catch (error) {
        expect(error).toBeInstanceOf(Broken);
        return;
      }
      // A format without numbers gives each document the name of its signature.
      const named = !format.declaration.absent?.includes('/docId');
      const plainly = (shared: object): object => structuredClone({ ...shared, ...(named ? {} : { docId: '' }) });
      expect(plainly(read(format, again).document)).toEqual(plainly(document));
    },
  );
});

describe.each(plain.map((format) => [format.id, format] as const))('%s', (id, format) => {
  const { signer } = own.keys.get(id)!;

  it('what is written is read back the same', () => {
    let sound = 0;
    fc.assert(
      fc.property(documentsOf(format), (document) => {
        fc.pre(validateShared(document).every(({ code }) => code === 'WELL_FORMED'));
        sound += 1;
        const { wire, unwritten } = format.write(document, signer);
        expect(unwritten).toEqual([]);
        const { document: again, findings, lost } = read(format, wire);
        expect(findings.map(({ code }) => code)).toEqual(['CONVERTED']);
        expect(lost()).toEqual([]);
        const { nationalCode: _, ...docType } = again.docType!;
        expect(structuredClone({ ...again, docType })).toEqual(document);
      }),
      { numRuns: 150 },
    );
    // Most of what is made must be worth writing, or the property says nothing.
    expect(sound).toBeGreaterThan(120);
  });

  it('is accepted where it is recognised, whatever it says', () => {
    const standpoint = standpointOf(JUDGE, own.federation);
    fc.assert(
      fc.property(documentsOf(format), (document) => {
        fc.pre(validateShared(document).every(({ code }) => code === 'WELL_FORMED'));
        const { verdict } = walk(presentedOf(format.write(document, signer).wire), { standpoint });
        // Units are bound to keys; these keys have none. A state that is not clear is judged as such.
        const standing = document.status && standpoint.statuses.word(document.status.canonical)?.standing;
        const stated = { refuse: ['STATUS_REFUSED'], unknown: ['STATUS_UNDETERMINED'], clear: [], note: [] };
        expect(
          verdict.findings.filter(({ result }) => result === 'fail' || result === 'unknown').map(({ code }) => code),
        ).toEqual(stated[standing ?? 'clear']);
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
