import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import { finding } from '../src/document/findings.ts';
import type { GroupVerdict, SharedDocument, Verdict } from '../src/document/generated/types.ts';
import { validateGroupVerdict } from '../src/document/generated/validators.js';
import type { MintedGroup } from '../src/federation/mint.node.ts';
import { type GroupQuestion, judgeGroup, MOST_MEMBERS } from '../src/group.ts';
import type { Standpoint } from '../src/region/standpoint.ts';
import { withFindings } from '../src/region/verdict.ts';
import {
  formatOf,
  groups,
  JUDGE,
  presentedOf,
  samples,
  standpointOf,
  walk,
  withOwnKeys,
} from './support/federation.ts';

type Wire = string | Uint8Array;
interface Given {
  readonly wire: Wire;
  readonly role?: string;
}

/** What groups say of themselves; each verdict must fit its schema. */
function judge(
  given: readonly (Wire | Given)[],
  asked: Partial<GroupQuestion> = {},
  standpoint: Standpoint = standpointOf(),
): GroupVerdict {
  const question = { purpose: 'checkpoint', ...asked };
  const members = given.map((each) => {
    const { wire, role } = typeof each === 'string' || each instanceof Uint8Array ? { wire: each } : each;
    const presented = presentedOf(wire);
    const walked = walk(presented, { standpoint, ...question });
    return { presented, walked, verdict: settled(walked.verdict), ...(role === undefined ? {} : { role }) };
  });
  const verdict = judgeGroup(members, standpoint, question, nodePlatform);
  const sent = JSON.parse(JSON.stringify(verdict));
  if (!validateGroupVerdict(sent)) throw new Error(JSON.stringify(validateGroupVerdict.errors));
  return verdict;
}

/** As a gateway's memory settles it where a one-time code is shown for the first time. */
function settled(verdict: Verdict): Verdict {
  const open = verdict.findings.some(({ code }) => code === 'REPLAY_UNCHECKED');
  const told = verdict.findings.map((each) => (each.code === 'REPLAY_UNCHECKED' ? finding('REPLAY_CHECKED') : each));
  return open ? withFindings(verdict, told) : verdict;
}

const short = ({ outcome, reasons }: GroupVerdict): string => [outcome, ...reasons].join(' ');
const said = ({ findings }: GroupVerdict): string[] => findings.map(({ code }) => code);
const occupantsOf = ({ occupants }: MintedGroup): Partial<GroupQuestion> =>
  occupants === undefined ? {} : { occupants };
const wiresOf = ({ members }: MintedGroup): Wire[] => members.map(({ wire }) => wire);

describe('the groups of the reference federation', () => {
  it.each(groups.map((group) => [group.name, group] as const))('%s', (_, group) => {
    const verdict = judge(wiresOf(group), occupantsOf(group));
    expect([verdict.outcome, ...(group.expect.reasons ?? [])]).toEqual([group.expect.outcome, ...verdict.reasons]);
  });

  const accepted = groups.filter(({ expect: { outcome } }) => outcome === 'accept');
  it('are of every composition, and each has its bad ones', () => {
    const cases = accepted.map((group) => judge(wiresOf(group), occupantsOf(group)).composition?.id);
    expect(new Set(cases)).toEqual(new Set(standpointOf().compositions.all.map(({ id }) => id)));
    expect(new Set(groups.map(({ expect: { outcome } }) => outcome))).toEqual(
      new Set(['accept', 'conditional', 'refuse']),
    );
  });

  it.each(accepted.map((group) => [group.name, group] as const))('%s: no member can be altered', (_, group) => {
    const wires = wiresOf(group);
    for (const [i, wire] of wires.entries()) {
      for (const at of [0.3, 0.5, 0.7, 0.95]) {
        const altered = wires.with(i, flip(wire as string, at));
        expect(judge(altered, occupantsOf(group)).outcome, `${i} ${at}`).not.toBe('accept');
      }
    }
  });
});

/** Another sign of the same alphabet, somewhere in a text. */
function flip(text: string, at: number): string {
  const i = Math.floor(text.length * at);
  return text.slice(0, i) + (text[i] === 'A' ? 'B' : 'A') + text.slice(i + 1);
}

const RANK = { accept: 0, conditional: 1, undetermined: 2, refuse: 3 } as const;
const pick = fc.subarray([...samples], { minLength: 1, maxLength: 5 });

describe('whatever is shown together', () => {
  it('the order never matters', () => {
    fc.assert(
      fc.property(
        pick.chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))),
        ([some, shuffled]) => {
          const [one, other] = [some, shuffled].map((list) =>
            judge(
              list.map(({ wire }) => wire),
              { occupants: 2 },
            ),
          );
          expect([one!.outcome, one!.reasons.toSorted(), said(one!).toSorted(), one!.composition]).toEqual([
            other!.outcome,
            other!.reasons.toSorted(),
            said(other!).toSorted(),
            other!.composition,
          ]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a refused document makes nothing better, nor does one that nobody can tell make a refusal softer', () => {
    // By itself and here: some are refused only as they are shown elsewhere.
    const bad = samples.filter(({ wire }) => walk(presentedOf(wire)).verdict.outcome === 'refuse');
    expect(bad.length).toBeGreaterThan(20);
    const noise = 'no document at all';
    fc.assert(
      fc.property(pick, fc.constantFrom(...bad), (some, worse) => {
        const wires = some.map(({ wire }) => wire);
        const before = RANK[judge(wires).outcome];
        expect(RANK[judge([...wires, worse.wire]).outcome]).toBeGreaterThanOrEqual(before);
        expect(judge([...wires, worse.wire]).outcome).toBe('refuse');
        expect(judge([...wires, worse.wire, noise]).outcome).toBe('refuse');
        expect(RANK[judge([...wires, noise]).outcome]).toBeGreaterThanOrEqual(RANK.undetermined);
      }),
      { numRuns: 40 },
    );
  });
});

/** Documents of the tests' own, signed with their own keys, for a judge who recognises all. */
const { federation, keys } = withOwnKeys();
const standpoint = standpointOf(JUDGE, federation);
const LI = '440524188001010014';
const WANG = '11010519491231002X';
const salted = (salt: string, id: string): object => ({
  idType: '111',
  idSalt: Buffer.from(salt.padEnd(16, '.')).toString('base64url'),
  idRef: createHash('sm3')
    .update(`${salt.padEnd(16, '.')}111${id}`)
    .digest('base64url'),
});
let serial = 0;
function make(format: string, code: string, family: string, change: object): string {
  serial += 1;
  const document = {
    docType: { code, family },
    docId: `330421${String(serial).padStart(6, '0')}`,
    revocationId: `TEST-${String(serial).padStart(20, '0')}`,
    issuer: { region: '330000', orgCode: '11330000MB0000000H' },
    validity: { issuedAt: '2026-11-22T00:00:00Z', from: '2026-11-22', until: '2026-12-22' },
    ...change,
  } as unknown as SharedDocument;
  return formatOf(federation, format).write(document, keys.get(format)!.signer).wire as string;
}
const paper = (code: string, change: object, family = 'licence'): string => make('zj-paper/1', code, family, change);
const card = (name: string, idNumber: string): string =>
  paper('id-card', { holder: { kind: 'person', name, idType: '111', idNumber } });
const licence = (name: string, idNumber: string): string =>
  paper('driving-licence', { holder: { kind: 'person', name, idType: '111', idNumber } });
const transport = (plateNo: string): string =>
  paper('road-transport-certificate', { holder: { kind: 'vehicle' }, vehicle: { plateNo } });
const pass = (holder: object, change: object = {}): string =>
  make('zj-pass/1', 'commuter-pass', 'pass', {
    holder: { kind: 'person', ...holder },
    route: { from: '330421', to: '310116' },
    ...change,
  });
const vehiclePass = (plateNo = '浙F12345', change: object = {}): string =>
  paper(
    'vehicle-pass',
    { holder: { kind: 'vehicle' }, vehicle: { plateNo }, route: { from: '330421', to: '310116' }, ...change },
    'pass',
  );
const freight = (crew: object[], plateNo = '浙F12345'): string =>
  make('ah-pass/1', 'freight-pass', 'pass', {
    issuer: { region: '340000', unit: '34' },
    revocationId: Buffer.from(`freight-${String(serial).padStart(8, '0')}`).toString('base64url'),
    vehicle: { plateNo },
    route: { from: '340100', to: '310114' },
    crew,
    status: { canonical: 'green', raw: '1', rawScheme: 'ah-health-level' },
    validity: { issuedAt: '2026-11-22T00:00:00Z', until: '2026-11-25T00:00:00Z' },
  });
const li = { name: '李示例', ...salted('a', LI) };
const wang = { name: '王示例', ...salted('b', WANG) };
const ask = (given: readonly (Wire | Given)[], asked: Partial<GroupQuestion> = {}): GroupVerdict =>
  judge(given, asked, standpoint);

describe('a truck', () => {
  const good = [freight([wang]), licence('王示例', WANG), transport('浙F12345')];

  it('with its pass, driver and certificate is accepted', () => {
    const verdict = ask(good, { occupants: 1 });
    expect([short(verdict), verdict.composition?.id, verdict.members.map(({ role }) => role?.id)]).toEqual([
      'accept',
      'freight',
      ['pass', 'driver', 'vehicle'],
    ]);
  });

  it.each<[string, string, Wire[]]>([
    ['whose driver is not on the pass', 'refuse HOLDERS_DIFFER', [freight([li]), ...good.slice(1)]],
    ['whose pass names nobody', 'conditional HOLDERS_TO_COMPARE PEOPLE_TO_COUNT', [freight([]), ...good.slice(1)]],
    [
      'whose pass names people by name alone',
      'conditional HOLDERS_TO_COMPARE PEOPLE_TO_COUNT',
      [freight([{ name: '王示例', idType: '111' }]), ...good.slice(1)],
    ],
    ['whose certificate is another’s', 'refuse PLATES_DIFFER', [...good.slice(0, 2), transport('浙F54321')]],
    ['that a later certificate swaps', 'refuse PLATES_DIFFER', [...good, transport('浙F54321')]],
    ['with a second pass for another truck', 'refuse ROLE_FULL PLATES_DIFFER', [...good, freight([wang], '浙F54321')]],
    ['with a second driver whom nobody named', 'refuse HOLDERS_DIFFER', [...good, licence('李示例', LI)]],
    ['without its certificate', 'refuse ROLE_MISSING', good.slice(0, 2)],
    [
      'of which one document could not be read',
      'undetermined MEMBER_UNDETERMINED ROLE_UNREAD',
      [...good.slice(0, 2), 'nothing'],
    ],
    ['with a document of no case', 'undetermined COMPOSITION_UNKNOWN', [...good, vehiclePass()]],
  ])('%s: %s', (_, wanted, wires) => {
    const verdict = ask(wires);
    const [outcome, ...reasons] = wanted.split(' ');
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.reasons.filter((code) => code !== 'PEOPLE_TO_COUNT')).toEqual(
      reasons.filter((code) => code !== 'PEOPLE_TO_COUNT'),
    );
  });

  it('of which something differs is not made better by noise', () => {
    const wires = [...good.slice(0, 2), transport('浙F54321')];
    expect(short(ask([...wires, 'nothing']))).toBe('refuse PLATES_DIFFER');
    // Nor by a good document of another case.
    expect(short(ask([...wires, vehiclePass()]))).toContain('refuse PLATES_DIFFER');
    expect(short(ask([...wires, samples.find(({ name }) => name === 'freight-from-nobody')!.wire]))).toContain(
      'refuse',
    );
  });

  it('beside two people’s documents is told as unknown: cases that ask for nothing hold nobody’s against another', () => {
    const two = [pass(li), pass(wang), card('李示例', LI)];
    expect(short(ask([freight([wang, li]), ...good.slice(1), ...two]))).toContain('undetermined');
    expect(said(ask([vehiclePass(), ...two]))).not.toContain('HOLDERS_DIFFER');
  });

  it('whose driver stands only in a pass that is forged is not compared', () => {
    const verdict = ask([flip(freight([li]), 0.5), ...good.slice(1)]);
    expect([verdict.outcome, said(verdict).includes('HOLDERS_DIFFER')]).toEqual(['refuse', false]);
  });
});

it('a verdict that was changed behind the journey counts, not the one before', () => {
  const [code, paperPass] = ['code-green', 'pass-pseudonym'].map(
    (name) => samples.find((each) => each.region === '330000' && each.name === name)!,
  );
  const standpointHere = standpointOf();
  const members = [code!, paperPass!].map(({ wire }) => {
    const presented = presentedOf(wire);
    return { presented, walked: walk(presented) };
  });
  const replayed = withFindings(members[0]!.walked.verdict, [
    ...members[0]!.walked.verdict.findings,
    finding('REPLAYED'),
  ]);
  const judged = (verdict: Verdict): string =>
    short(
      judgeGroup([{ ...members[0]!, verdict }, members[1]!], standpointHere, { purpose: 'checkpoint' }, nodePlatform),
    );
  expect([judged(settled(members[0]!.walked.verdict)), judged(replayed)]).toEqual(['accept', 'refuse MEMBER_REFUSED']);
});

describe('the same document twice', () => {
  const one = licence('王示例', WANG);
  const rest = [freight([wang]), transport('浙F12345')];

  it('counts once, and is said', () => {
    const verdict = ask([...rest, one, one, one, one], { occupants: 1 });
    expect([verdict.outcome, verdict.findings.find(({ code }) => code === 'DUPLICATE_MEMBER')?.members]).toEqual([
      'accept',
      [3, 4, 5, 6],
    ]);
  });

  it('is not two documents of a case', () => {
    expect(short(ask([one, one]))).toContain('undetermined');
    expect(said(ask([one, one], { composition: 'one-holder' }))).toContain('MEMBER_WITHOUT_ROLE');
    const twice = pass(li);
    expect(short(ask([twice, twice], { composition: 'one-holder' }))).toBe('refuse ROLE_MISSING');
  });

  it('for two different things is refused', () => {
    const verdict = ask([...rest, { wire: one, role: 'driver' }, { wire: one, role: 'qualification' }], {
      occupants: 1,
    });
    expect([verdict.outcome, verdict.reasons]).toEqual(['refuse', ['MEMBER_IN_TWO_ROLES', 'ROLE_MISMATCH']]);
  });

  it('in the name of a second person lets nobody ride along', () => {
    const rider = pass(li);
    expect(short(ask([vehiclePass(), rider, rider], { occupants: 2 }))).toBe('refuse PEOPLE_WITHOUT_PASS');
    // Two passes of one person are two documents, and still one person.
    expect(short(ask([vehiclePass(), rider, pass(li)], { occupants: 2 }))).toBe('refuse PEOPLE_WITHOUT_PASS');
  });
});

describe('a vehicle and the people in it', () => {
  it.each<[string, number | undefined, string, Wire[]]>([
    ['everybody named', 2, 'accept', [vehiclePass(), pass(li), pass({ name: '王示例', ...salted('a', WANG) })]],
    ['fewer than named', 1, 'accept', [vehiclePass(), pass(li), pass({ name: '王示例', ...salted('a', WANG) })]],
    ['nobody in it', 0, 'accept', [vehiclePass(), pass(li)]],
    [
      'one too many',
      3,
      'refuse PEOPLE_WITHOUT_PASS',
      [vehiclePass(), pass(li), pass({ name: '王示例', ...salted('a', WANG) })],
    ],
    ['not counted', undefined, 'conditional PEOPLE_TO_COUNT', [vehiclePass(), pass(li)]],
    [
      'two passes that may be of one person',
      2,
      'conditional PEOPLE_TO_COUNT',
      [vehiclePass(), pass(li), pass({ name: '李示例', idRef: 'p-1' })],
    ],
    [
      'a pass for another vehicle',
      1,
      'refuse PLATES_DIFFER',
      [vehiclePass(), pass(li, { vehicle: { plateNo: '浙F54321' } })],
    ],
    [
      'a pass for another route',
      1,
      'refuse ROUTES_DIFFER',
      [vehiclePass(), pass(li, { route: { from: '330482', to: '310116' } })],
    ],
    [
      'a pass within a wider route',
      1,
      'accept',
      [vehiclePass('浙F12345', { route: { from: '330400', to: '310000' } }), pass(li)],
    ],
  ])('%s (%s): %s', (_, occupants, wanted, wires) => {
    expect(short(ask(wires, occupants === undefined ? {} : { occupants }))).toBe(wanted);
  });
});

describe('two commitments and a pass', () => {
  const enterprise = (docId: string): string =>
    paper('enterprise-commitment', { docId, holder: { kind: 'organisation', name: '示例企业' } }, 'statement');
  const personal = (docId: string, holder: object): string =>
    paper('personal-commitment', { docId, holder: { kind: 'person', ...holder } }, 'statement');
  const both = [
    { kind: 'enterprise', number: 'E-1' },
    { kind: 'person', number: 'P-1' },
  ];
  const of = (commitments: object[]): string => pass(li, { commitments });

  it.each<[string, string, Wire[]]>([
    ['complete', 'accept', [of(both), enterprise('E-1'), personal('P-1', li)]],
    [
      'with the holder’s card',
      'accept',
      [of(both), enterprise('E-1'), personal('P-1', { name: '李示例', ...salted('c', LI) }), card('李示例', LI)],
    ],
    ['the enterprise’s missing', 'refuse ROLE_MISSING', [of(both), personal('P-1', li)]],
    ['the enterprise’s another', 'refuse COMMITMENTS_DIFFER', [of(both), enterprise('E-2'), personal('P-1', li)]],
    [
      'the person’s under the enterprise’s number',
      'refuse COMMITMENTS_DIFFER',
      [of(both), enterprise('E-1'), personal('E-1', li)],
    ],
    [
      'the person’s another person’s',
      'refuse HOLDERS_DIFFER',
      [of(both), enterprise('E-1'), personal('P-1', { name: '王示例', ...salted('a', WANG) })],
    ],
    [
      'the person’s under another salt: compare the card',
      'conditional HOLDERS_TO_COMPARE',
      [of(both), enterprise('E-1'), personal('P-1', { name: '李示例', ...salted('c', LI) })],
    ],
    ['not named by the pass', 'conditional COMMITMENTS_TO_COMPARE', [of([]), enterprise('E-1'), personal('P-1', li)]],
  ])('%s: %s', (_, wanted, wires) => {
    expect(short(ask(wires))).toBe(wanted);
  });
});

describe('one holder', () => {
  it.each<[string, string, Wire[]]>([
    ['a card and a pass of the same', 'accept', [card('李示例', LI), pass(li)]],
    ['a card and a pass of another', 'refuse HOLDERS_DIFFER', [card('王示例', WANG), pass(li)]],
    ['of one name and another number', 'refuse HOLDERS_DIFFER', [card('李示例', WANG), pass(li)]],
    [
      'of one number and another name: an officer looks',
      'conditional HOLDERS_TO_COMPARE',
      [card('王示例', LI), pass(li)],
    ],
    [
      'a card and a pass under a pseudonym',
      'conditional HOLDERS_TO_COMPARE',
      [card('李示例', LI), pass({ name: '李示例', idRef: 'p-1' })],
    ],
    [
      'three, of which one is another’s',
      'refuse HOLDERS_DIFFER',
      [card('李示例', LI), pass(li), pass({ name: '王示例', ...salted('z', WANG) })],
    ],
  ])('%s: %s', (_, wanted, wires) => {
    expect(short(ask(wires))).toBe(wanted);
  });
});

describe('a work resumption pass', () => {
  const resumption = (crew: object[]): string =>
    paper('work-resumption-pass', { holder: { kind: 'organisation', name: '示例企业' }, crew }, 'pass');
  it.each<[string, string, Wire[]]>([
    ['with its people', 'accept', [resumption([li, wang]), card('李示例', LI), card('王示例', WANG)]],
    ['with one of them', 'accept', [resumption([li, wang]), card('王示例', WANG)]],
    ['with somebody else', 'refuse HOLDERS_DIFFER', [resumption([li]), card('李示例', LI), card('王示例', WANG)]],
    [
      'with nobody',
      'undetermined COMPOSITION_UNKNOWN',
      [resumption([li]), paper('enterprise-commitment', { holder: { kind: 'organisation', name: 'x' } }, 'statement')],
    ],
  ])('%s: %s', (_, wanted, wires) => {
    expect(short(ask(wires))).toBe(wanted);
  });
});

describe('roles', () => {
  it('that are said must fit', () => {
    const wires = [freight([wang]), { wire: licence('王示例', WANG), role: 'vehicle' }, transport('浙F12345')];
    expect(short(ask(wires, { occupants: 1 }))).toBe('refuse ROLE_MISMATCH ROLE_MISSING');
  });

  it('and compositions come from data, so that one can be named', () => {
    expect(short(ask([pass(li)]))).toBe('undetermined COMPOSITION_UNCLEAR');
    expect(short(ask([pass(li)], { composition: 'commitments' }))).toBe('refuse ROLE_MISSING');
    expect(() => ask([pass(li)], { composition: 'ship' })).toThrow(RangeError);
  });
});

describe('what is said of a group', () => {
  it('is never what stands in its documents', () => {
    const verdict = ask([freight([li], '浙F54321'), licence('王示例', WANG), transport('浙F12345')], { occupants: 1 });
    const { members, ...own } = verdict;
    for (const value of ['示例', LI, WANG, '浙F', Buffer.from('a'.padEnd(16, '.')).toString('base64url')])
      expect(JSON.stringify(own.findings)).not.toContain(value);
    // Nor do the members show more than the purpose allows.
    expect(JSON.stringify(members)).not.toMatch(/王示例|李示例|11010519491231002X/);
  });

  it('names its members by their places', () => {
    const verdict = ask([transport('浙F54321'), freight([wang]), licence('王示例', WANG)], { occupants: 1 });
    expect(
      verdict.findings.filter(({ code }) => code === 'PLATES_DIFFER').map(({ at, members }) => [at, members]),
    ).toEqual([
      ['/vehicle', [1, 2]],
      ['/vehicle/plateNo', [1, 2]],
    ]);
  });

  it('has a limit', () => {
    const wires = Array.from({ length: MOST_MEMBERS + 1 }, () => 'x');
    expect(() => ask(wires)).toThrow(RangeError);
    expect(() => ask([])).toThrow(RangeError);
    expect(ask(wires.slice(1)).outcome).toBe('undetermined');
  });
});
