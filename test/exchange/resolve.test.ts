import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import type { Value } from '../../src/codec/value.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { FormatDeclaration, Reference } from '../../src/document/generated/types.ts';
import type { RegionClient } from '../../src/exchange/region-client.node.ts';
import { createResolver, type ResolveQuestion } from '../../src/exchange/resolve.ts';
import { walk } from '../../src/exchange/status.ts';
import type { SystemTrouble } from '../../src/federation/reference-systems.node.ts';
import { NOW, ownKey, samples, shortOf, testBed, testFormat } from '../support/federation.ts';
import { signPayload } from '../support/payload.ts';
import { type SystemStage, systemStage } from '../support/systems.ts';

let stage: SystemStage;
beforeAll(async () => {
  stage = await systemStage();
});
afterEach(() => {
  stage.now = NOW;
  for (const region of ['000000', '310000', '320000', '340000']) stage.systems.trouble(region, undefined);
});
afterAll(() => stage.systems.close());

const TOKEN = samples.find(({ name }) => name === 'token')!.wire as string;
const TRUCK: Reference = { plate: '皖A12345', region: '340000' };
const USE = { orgName: '参考检查站', username: 'desk-01', itemName: '查验', itemCode: 'CY-01', businessCode: 'CASE-1' };

interface Asking extends Partial<ResolveQuestion> {
  readonly region?: string;
  readonly resolver?: ReturnType<SystemStage['resolver']>;
}

async function ask(presented: Parameters<typeof walk>[0], { region = '310000', resolver, ...question }: Asking = {}) {
  const standpoint = stage.federation.standpoint(region, () => stage.now)!;
  const asked = { purpose: 'checkpoint', use: USE, ...question };
  const walked = await walk(presented, standpoint, asked, { resolver: resolver ?? stage.resolver() });
  const { outcome, findings, document } = walked.verdict;
  const found = findings.filter(({ stage: at }) => at === 'resolve').map(({ code }) => code);
  return { short: [outcome, ...found].join(' '), document, walked };
}

describe('what only refers to a document', () => {
  it('is asked for in its region, and judged like any other document', async () => {
    const { short, document } = await ask({ text: TOKEN });
    expect(short).toBe('accept RESOLVED');
    expect(document?.status?.canonical).toBe('green');
    expect((await ask({ reference: TRUCK })).short).toBe('accept RESOLVED');
  });

  it.each<[string, string, string, string]>([
    ['310000', '330000', '91310000MA0000B073', 'business-licence'],
    ['330000', '310000', '91330100MA0000A005', 'business-licence'],
    ['340000', '310000', '91340100MA0000D0X4', 'road-transport-certificate'],
  ])('%s: a certificate by its holder, of the type that is wanted', async (region, asker, cardNumber, documentType) => {
    const { short, walked } = await ask(
      { reference: { cardNumber, region } },
      { region: asker, purpose: 'exchange', documentType },
    );
    expect([short, walked.converted?.document?.docType?.code]).toEqual(['accept RESOLVED', documentType]);
  });

  it('stays undetermined where nobody may be asked, or no region is named', async () => {
    const standpoint = stage.federation.standpoint('310000', () => stage.now)!;
    const alone = await walk({ text: TOKEN }, standpoint, { purpose: 'checkpoint' }, {});
    expect(alone.verdict.reasons).toEqual(['REFERENCE_UNRESOLVED']);
    expect((await ask({ reference: { plate: '皖A12345' } })).short).toBe(
      'undetermined NOBODY_TO_ASK REFERENCE_UNRESOLVED',
    );
  });

  it('is unknown if the region says so', async () => {
    expect((await ask({ text: TOKEN.replace('token=0123', 'token=3210') })).short).toBe(
      'undetermined REFERENCE_UNKNOWN REFERENCE_UNRESOLVED',
    );
  });

  it('a token is shown neither in the verdict nor in an error', async () => {
    const token = /token=(\w+)/.exec(TOKEN)![1]!;
    for (const trouble of [undefined, 'error-inside', 'resets'] as const) {
      stage.systems.trouble('320000', trouble);
      expect(JSON.stringify((await ask({ text: TOKEN })).walked.verdict)).not.toContain(token);
    }
  });
});

describe('a region whose system', () => {
  it.each<[SystemTrouble, string]>([
    ['resets', 'REGION_SILENT'],
    ['redirects', 'REGION_SILENT'],
    ['garbage', 'REGION_ANSWER_UNUSABLE'],
    ['error-inside', 'REGION_ANSWER_UNUSABLE'],
    ['wrong-signature', 'REGION_ANSWER_UNUSABLE'],
  ])('%s: cannot tell, with a next step, and nothing of the answer is shown', async (trouble, code) => {
    stage.systems.trouble('320000', trouble);
    const { short, document } = await ask({ text: TOKEN });
    expect([short, document]).toEqual([`undetermined ${code} REFERENCE_UNRESOLVED`, undefined]);
  });

  it('answers about somebody else: nothing of it is shown', async () => {
    stage.systems.trouble('340000', 'wrong-person');
    stage.systems.trouble('310000', 'wrong-person');
    const truck = await ask({ reference: TRUCK });
    expect([truck.short, truck.document]).toEqual(['undetermined ANSWER_FOR_ANOTHER REFERENCE_UNRESOLVED', undefined]);
    const licence = await ask(
      { reference: { cardNumber: '91340100MA0000B15F', region: '310000' } },
      { region: '330000', purpose: 'counter', documentType: 'business-licence' },
    );
    expect([licence.short, licence.document]).toEqual([
      'undetermined ANSWER_FOR_ANOTHER REFERENCE_UNRESOLVED',
      undefined,
    ]);
  });

  it('signs an answer to another token, or gives an old one: no answer to us', async () => {
    stage.systems.trouble('320000', 'wrong-person');
    expect((await ask({ text: TOKEN })).short).toBe('undetermined RESOLVED ANSWER_MISMATCH');
    stage.systems.trouble('320000', 'replays');
    expect((await ask({ text: TOKEN })).short).toBe('undetermined RESOLVED ANSWER_MISMATCH');
  });

  it('is down: another answers for it, where the asking region agreed to that', async () => {
    stage.systems.trouble('340000', 'resets');
    const { short, walked } = await ask({ reference: TRUCK });
    expect([short, walked.verdict.issuer?.region]).toEqual(['conditional RESOLVED_BY_OTHER', '000000']);
    expect((await ask({ reference: TRUCK }, { region: '000000' })).short).toContain('REGION_SILENT');
  });

  it('is down: left alone for a while, and asked again later', async () => {
    const resolver = stage.resolver();
    stage.systems.trouble('320000', 'resets');
    for (let i = 0; i < 5; i++) await ask({ text: TOKEN }, { resolver });
    const asked = stage.systems.asked('320000');
    expect((await ask({ text: TOKEN }, { resolver })).short).toContain('REGION_SILENT');
    expect(stage.systems.asked('320000')).toBe(asked);
    // The others are asked as before.
    expect((await ask({ reference: TRUCK }, { resolver })).short).toBe('accept RESOLVED');
  });
});

it('an answer about a token is kept for a minute at most, for the same region and purpose alone', async () => {
  const resolver = stage.resolver();
  const asked = async (question: Asking = {}): Promise<number> => {
    const before = stage.systems.asked('320000');
    expect((await ask({ text: TOKEN }, { resolver, ...question })).short).toContain('RESOLVED');
    return stage.systems.asked('320000') - before;
  };
  expect([await asked(), await asked()]).toEqual([1, 0]);
  expect([await asked({ region: '330000' }), await asked({ purpose: 'road-police' })]).toEqual([1, 1]);
  stage.now = NOW + 59_000;
  expect(await asked()).toBe(0);
  stage.now = NOW + 60_000;
  expect(await asked()).toBe(1);
});

it('an answer whose map gives no texts, or no list, gets its verdict, and nothing of it is shown', async () => {
  const own = ownKey();
  const numbers = { to: '/holder/idNumber', from: '/number', as: 'integer', optional: true };
  const crew = { to: '/crew', from: '/crew', as: [{ get: '/0' }], optional: true };
  const bed = testBed(
    {
      format: {
        map: [...testFormat().map, numbers, crew] as FormatDeclaration['map'],
        absent: testFormat().absent!.filter((section) => section !== '/crew'),
      },
      manifest: { endpoint: 'systems.test.example' },
      files: {
        'regions/x-test/connectors/test.json': {
          connector: 'test/1',
          title: { zh: '测试', en: 'Test' },
          path: '/query',
          asks: ['cardNumber'],
          documentTypes: ['vehicle-pass'],
          request: { number: '{cardNumber}' },
          answer: {
            good: { at: '/flag', is: ['0'] },
            absent: { at: '/flag', is: ['3'] },
            document: '/data',
            as: 'text',
          },
        },
      },
    },
    own,
  );
  expect(bed.federation.rejected).toEqual([]);
  for (const more of [{ number: 1101011990 }, { crew: [1] }] satisfies Value[]) {
    const data = signPayload({ id: 'X-1', exp: NOW / 1000 + 999, ...more }, own.signer);
    const client = { ask: async () => encodeUtf8(JSON.stringify({ flag: '0', data })) } as unknown as RegionClient;
    const random = (octets: number) => new Uint8Array(octets);
    const resolver = createResolver({ client, platform: nodePlatform, random, clock: () => NOW });
    const reference = { cardNumber: '1101011990', region: 'x-test' };
    const { journey } = await resolver.resolve(reference, bed.standpoint, { purpose: 'checkpoint', use: USE });
    expect([shortOf(journey.verdict), journey.verdict.document]).toEqual(['refuse DOCUMENT_INVALID', undefined]);
  }
});
