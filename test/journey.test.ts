import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../src/document/findings.ts';
import { journey } from '../src/journey.ts';
import {
  codesOf,
  DAY,
  federation,
  NOW,
  ownKey,
  samples,
  sampleVerdict,
  shortOf,
  standpointOf,
  testBed,
  testDocument,
  verdictOf,
  walk,
} from './support/federation.ts';
import { signPayload } from './support/payload.ts';

describe('the verdicts on the samples', () => {
  it.each(samples.map((sample) => [`${sample.region} ${sample.name}`, sample] as const))(
    '%s: as expected, complete, and fit for its schema',
    (_name, sample) => {
      const { expect: wanted } = sample;
      const verdict = sampleVerdict(sample);
      expect(verdict.outcome).toBe(wanted.outcome);
      expect(verdict.reasons).toEqual(wanted.outcome === 'accept' ? [] : expect.arrayContaining(wanted.reasons ?? []));
      expect(verdict.environment).toBe('reference');
      if (verdict.outcome !== 'accept') expect(verdict.next?.zh ?? '').not.toBe('');
      for (const code of verdict.reasons) expect(codesOf(verdict)).toContain(code);
    },
  );

  it('the same twice are the same', () => {
    for (const sample of samples) expect(walk(sample).verdict).toEqual(walk(sample).verdict);
  });
});

describe('a signature file', () => {
  const beside = samples.find(({ region, name }) => region === '320000' && name === 'licence')!.beside!;
  const saidOf = (bytes: Uint8Array) => journey({ bytes }, standpointOf('310000'), { purpose: 'counter' }).verdict;

  it('alone is told to be one, and that its file is missing', () => {
    const verdict = saidOf(beside);
    expect([verdict.outcome, ...verdict.reasons]).toEqual(['undetermined', 'PARTS_MISSING', 'NOT_RECOGNISED']);
    expect(saidOf(beside.subarray(0, 200)).reasons).toEqual(['NOT_RECOGNISED']);
  });
});

describe('every region that the federation has can judge every sample', () => {
  it.each([...federation.regions.keys()])('%s', (region) => {
    for (const sample of samples) {
      for (const purpose of federation.catalogue.purposes)
        verdictOf(sample, { standpoint: standpointOf(region), purpose: purpose.code });
    }
  });
});

describe('all findings are collected', () => {
  it('what is wrong with one thing does not hide what is wrong with another', () => {
    const key = ownKey('ES256', {
      unit: 'A',
      documentTypes: ['freight-pass'],
      validUntil: '2026-11-01T00:00:00Z',
      status: [{ state: 'compromised', since: '2026-10-01T00:00:00Z' }],
    });
    const bed = testBed({ files: { 'regions/x-judge/agreements.json': { agreements: [] } } }, key);
    const verdict = verdictOf(
      signPayload({ id: 7, unit: 'B', iat: (NOW - DAY) / 1000, exp: (NOW - DAY / 2) / 1000 }, key.signer),
      { standpoint: bed.standpoint },
    );
    expect(codesOf(verdict)).toEqual([
      'RECOGNISED',
      'SIGNATURE_VALID',
      'ISSUER_MISMATCH',
      'KEY_USAGE_MISMATCH',
      'KEY_NOT_VALID_WHEN_SIGNED',
      'KEY_EXPIRED',
      'KEY_COMPROMISED',
      'REVOCATION_NOT_PUBLISHED',
      'FIELD_INVALID',
      'EXPIRED',
      'NO_AGREEMENT',
    ]);
    expect(shortOf(verdict)).toBe('refuse ISSUER_MISMATCH');
  });

  it('in the order of the journey', () => {
    const order = ['open', 'resolve', 'authenticate', 'convert', 'validate', 'judge'];
    for (const sample of samples) {
      const stages = verdictOf(sample).findings.map(({ stage }) => order.indexOf(stage));
      expect(stages).toEqual(stages.toSorted((a, b) => a - b));
    }
  });

  it('and none that the closed list does not have', () => {
    for (const sample of samples) for (const code of codesOf(verdictOf(sample))) expect(FINDINGS).toHaveProperty(code);
  });
});

describe('who issued it', () => {
  it('is whoever’s key verified it, never what the document says; where none did, the format’s region, unproven', () => {
    const bed = testBed();
    const said = walk(bed.sign(testDocument({ issuer: { region: '310000', unit: 'X' } })), {
      standpoint: bed.standpoint,
    }).verdict;
    expect([said.issuer?.region, said.document?.issuer.region, said.authentic]).toEqual(['x-test', 'x-test', true]);
    const stranger = walk(bed.sign(testDocument(), ownKey().signer), { standpoint: bed.standpoint }).verdict;
    expect([stranger.issuer, stranger.document?.issuer.region, stranger.authentic, shortOf(stranger)]).toEqual([
      undefined,
      'x-test',
      false,
      'undetermined UNKNOWN_ISSUER',
    ]);
  });

  it('a verdict on an altered document shows it as not proven', () => {
    const verdict = verdictOf(samples.find(({ name }) => name === 'altered')!.wire);
    expect([verdict.authentic, verdict.issuer, shortOf(verdict)]).toEqual([
      false,
      undefined,
      'refuse SIGNATURE_INVALID',
    ]);
  });
});

describe('an unknown code value', () => {
  it('makes the document undetermined, whatever it could mean, and the rest is still said', () => {
    const codes = {
      list: 'state',
      version: 1,
      name: { zh: '状态', en: 'State' },
      scheme: 'licence',
      codes: [{ raw: '1', shared: 'valid' }],
    };
    const key = ownKey();
    const base = testBed({}, key).format.declaration;
    const map = [
      ...base.map,
      { to: '/status/canonical', from: '/s', as: { codes: 'state' } },
      { to: '/status/raw', from: '/s' },
      { to: '/status/rawScheme', value: 'state' },
    ];
    const bed = testBed(
      {
        format: { map, absent: base.absent!.filter((section) => section !== '/status') },
        files: { 'regions/x-test/codes/state.json': codes },
      },
      key,
    );
    const said = (s: unknown) =>
      verdictOf(signPayload({ id: 'X', exp: (NOW + DAY) / 1000, s: s as string }, key.signer), {
        standpoint: bed.standpoint,
      });
    expect(shortOf(said('1'))).toBe('accept');
    expect(shortOf(said('2'))).toBe('undetermined UNKNOWN_CODE_VALUE');
    expect(shortOf(said(' 1 '))).toBe('accept');
    expect(codesOf(said(' 1 '))).toContain('REPAIRED');
    expect(shortOf(said(1))).toBe('refuse FIELD_INVALID');
    expect(JSON.stringify(said('PLANTED'))).not.toContain('PLANTED');
  });
});

it('a verdict is the asker’s own: nothing in it can change the next', () => {
  const wire = samples.find(({ name }) => name === 'vaccination')!.wire;
  const first = verdictOf(wire);
  const before = structuredClone(first);
  first.findings.length = 0;
  first.reasons.push('X');
  first.compare!.length = 0;
  (first.document as { docType: object }).docType = {};
  expect(verdictOf(wire)).toEqual(before);
});

it('the whole document stays inside: only the verdict leaves, by the purpose', () => {
  const wire = samples.find(({ name }) => name === 'vaccination')!.wire as string;
  const { verdict, converted } = journey({ text: wire }, standpointOf(), { purpose: 'hotel' });
  expect(converted!.document.holder!.name).toBe('Muster, Eva');
  expect(JSON.stringify(verdict)).not.toMatch(/Muster|MUSTER|1990/);
});
