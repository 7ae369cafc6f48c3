import { describe, expect, it } from 'vitest';
import type { SharedDocument } from '../../src/document/generated/types.ts';
import { presentedSample } from '../../src/federation/samples.node.ts';
import { federation, samples, standpointOf, walk } from '../support/federation.ts';

/** What every scene sees: the kind of document, from whom, when it is valid, its state without a reason, a number with its middle hidden. */
const ALWAYS = [
  '/docId',
  '/docType/code',
  '/docType/family',
  '/docType/nationalCode',
  '/issuer/areaCode',
  '/issuer/orgCode',
  '/issuer/orgName',
  '/issuer/region',
  '/issuer/unit',
  '/status/asOf',
  '/status/canonical',
  '/status/raw',
  '/status/rawScheme',
  '/validity/from',
  '/validity/issuedAt',
  '/validity/until',
];
const REASON = ['/status/authority', '/status/reasonCode'];
const JOURNEY = [
  '/commitments/digest',
  '/commitments/kind',
  '/commitments/number',
  '/goods/code',
  '/goods/kind',
  '/goods/quantity',
  '/route/from',
  '/route/to',
  '/route/via',
  '/usage/expiresAt',
  '/usage/madeAt',
  '/usage/maker',
  '/usage/purpose',
  '/vehicle/kind',
  '/vehicle/plateColor',
  '/vehicle/plateNo',
  '/vehicle/trailerPlate',
  '/version',
];
const HOLDER = ['/holder/idType', '/holder/kind', '/holder/nameMasked'];
const CREW = ['/crew/idType', '/crew/role'];
const faces = (...names: string[]): string[] => names.map((name) => `/faceFields/${name}`);

/** The fields of each scene, written down once more; `*` for whatever else stands on a document's face. */
const SCENES: Readonly<Record<string, readonly string[]>> = {
  checkpoint: [
    ...ALWAYS,
    ...REASON,
    ...JOURNEY,
    ...HOLDER,
    ...CREW,
    '/holder/birthDate',
    ...faces('employer', 'service', 'number', 'scope', 'disease', 'date', 'dose', 'doses', 'result', 'collectedAt'),
    ...faces('firstPositive', 'until'),
  ],
  'road-police': [
    ...ALWAYS,
    ...REASON,
    ...JOURNEY,
    ...HOLDER,
    ...CREW,
    ...['/crew/idRef', '/crew/idSalt', '/crew/name'],
    ...['/holder/birthDate', '/holder/idRef', '/holder/idSalt', '/holder/name'],
    ...faces('employer', 'service', 'number', 'scope'),
  ],
  counter: [
    ...ALWAYS,
    ...REASON,
    ...JOURNEY,
    ...HOLDER,
    ...CREW,
    ...['/holder/birthDate', '/holder/idNumber', '/holder/idRef', '/holder/idSalt', '/holder/name', '/holder/sex'],
    '/faceFields/*',
  ],
  hotel: [...ALWAYS, '/holder/kind', '/holder/nameMasked'],
  'internet-cafe': [...ALWAYS, '/holder/kind', '/holder/nameMasked'],
};
/** Words that a verdict uses of itself: the purpose it was asked for, regions, who issued. */
const OTHERWISE_SAID = [
  '/presentation/audience',
  '/presentation/purpose',
  '/route/from',
  '/route/to',
  '/faceFields/centre',
];
/** Scenes that see a number whole. */
const WHOLE_NUMBER = ['road-police', 'counter'];

function* leavesOf(value: unknown, at = ''): Generator<[string, unknown]> {
  if (Array.isArray(value)) for (const each of value) yield* leavesOf(each, at);
  else if (typeof value === 'object' && value !== null)
    for (const [name, each] of Object.entries(value)) yield* leavesOf(each, `${at}/${name}`);
  else yield [at, value];
}

const allows = (scene: string, leaf: string): boolean =>
  SCENES[scene]!.includes(leaf) || (leaf.startsWith('/faceFields/') && SCENES[scene]!.includes('/faceFields/*'));

/** One document of each format and type that could be read whole; whose fields name a person like those of any other. */
const kinds = new Map<string, (typeof samples)[number]>();
for (const sample of samples) {
  const { converted } = walk(presentedSample(sample), { standpoint: standpointOf(sample.expect.for) });
  if (converted?.sound) kinds.set(`${sample.format} ${converted.document.docType!.code} ${sample.name}`, sample);
}

describe.each(Object.keys(SCENES))('what a verdict shows at: %s', (purpose) => {
  it.each([...kinds])('%s', (_name, sample) => {
    const { verdict, converted } = walk(presentedSample(sample), {
      standpoint: standpointOf(sample.expect.for),
      purpose,
    });
    if (verdict.document === undefined) return;
    const whole = converted!.document as SharedDocument;
    const expected = new Set([...leavesOf(whole)].map(([leaf]) => leaf).filter((leaf) => allows(purpose, leaf)));
    // A whole name that the scene may not see is shown masked, and nothing else takes another's place.
    if (whole.holder?.name !== undefined && !allows(purpose, '/holder/name')) expected.add('/holder/nameMasked');
    const shown = new Set([...leavesOf(verdict.document)].map(([leaf]) => leaf));
    expect([...shown].sort()).toEqual([...expected].sort());
    // Nor does a value that is kept back stand anywhere else in the verdict.
    const text = JSON.stringify(verdict);
    const allowed = new Set([...leavesOf(whole)].filter(([leaf]) => allows(purpose, leaf)).map(([, value]) => value));
    for (const [leaf, value] of leavesOf(whole)) {
      if (OTHERWISE_SAID.includes(leaf)) continue;
      if (allows(purpose, leaf) && (leaf !== '/docId' || WHOLE_NUMBER.includes(purpose))) continue;
      if (typeof value !== 'string' || value.length < 4 || (allowed.has(value) && leaf !== '/docId')) continue;
      expect(text.includes(JSON.stringify(value)), leaf).toBe(false);
    }
    if (!allows(purpose, '/status/reasonCode'))
      expect([verdict.status?.reasonCode, verdict.status?.authority]).toEqual([undefined, undefined]);
  });
});

it('every purpose of the catalogue but the exchange between systems is a scene', () => {
  expect(Object.keys(SCENES).sort()).toEqual(
    federation.catalogue.purposes
      .map(({ code }) => code)
      .filter((code) => code !== 'exchange')
      .sort(),
  );
});
