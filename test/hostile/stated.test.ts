import { describe, expect, it } from 'vitest';
import { ENVELOPES } from '../../src/codec/envelopes.ts';
import { PAYLOADS } from '../../src/codec/payloads.ts';
import type { Value } from '../../src/codec/value.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import {
  formatOf,
  JUDGE,
  presentedOf,
  samples,
  shortOf,
  specimenFor,
  standpointOf,
  verdictOf,
  type Wire,
  withOwnKeys,
} from '../support/federation.ts';

/**
 * What an issuer has said of a document, nobody may overlook: a state, or a limit, that stands in the signed bytes and in
 * a place that the format does not read for this document, must not make it look like one without.
 */
const { federation, keys } = withOwnKeys();
const standpoint = standpointOf(JUDGE, federation);

type Plain = Record<string, Value>;

/** A good sample's payload, changed and signed anew by a key that may. */
function said(region: string, name: string, change: (payload: Plain) => void = () => {}, purpose = 'counter'): string {
  const sample = samples.find((each) => each.region === region && each.name === name)!;
  const format = formatOf(federation, sample.format);
  const { declaration: declared } = format;
  const payload = structuredClone(format.open(specimenFor(sample)).payload) as Plain;
  change(payload);
  for (const pointer of declared.unfold ?? []) Object.assign(payload, { [pointer.slice(1)]: folded(payload, pointer) });
  const bytes = PAYLOADS[declared.payload]!.encode(payload, declared.layout as never);
  const written = ENVELOPES[declared.envelope.type]!.write(bytes, declared.envelope, keys.get(format.id)!.signer, {
    digest: (algorithm, content) => nodePlatform.digest(algorithm, content),
  });
  const wire: Wire =
    typeof written === 'string' || written instanceof Uint8Array
      ? written
      : { wire: written.content, beside: written.beside };
  return shortOf(verdictOf(presentedOf(wire), { standpoint, purpose }));
}
const folded = (payload: Plain, pointer: string): string => JSON.stringify(payload[pointer.slice(1)]);
const put = (at: 'CustomDatas' | 'data', members: object) => (payload: Plain) => {
  Object.assign(payload[at]!, members);
};

describe.each([
  ['330000', 'licence'],
  ['320000', 'licence-transport'],
])('a licence of %s (%s) that was copied for one use', (region, name) => {
  const copy = (members: object): string => said(region, name, put('CustomDatas', members));

  it.each<[object, string]>([
    [{}, 'accept'],
    [{ JZJZZSY: '窗口办事', JZJYXQJZSJ: '2026-12-01 00:00:00' }, 'accept'],
    [{ JZJZZSY: '窗口办事', JZJYXQJZSJ: '2026-11-23 11:00:00' }, 'refuse USAGE_EXPIRED'],
    [{ JZJZZSY: '旅馆入住' }, 'refuse PURPOSE_DENIED'],
    [{ JZJZZSY: '仅供甲公司投标' }, 'conditional USAGE_TO_COMPARE'],
    [{ JZJZZZ: '甲' }, 'conditional USAGE_TO_COMPARE'],
    [{ JZJZZSY: '窗口办事', JZJZZSJ: '2026-12-01 00:00:00' }, 'refuse USAGE_NOT_YET'],
    [{ JZJYXQJZSJ: '很久' }, 'refuse FIELD_INVALID'],
  ])('%o: %s', (members, wanted) => expect(copy(members)).toBe(wanted));

  it('is not one that ends under the name that another system writes', () => {
    expect(copy({ ZZYXQJZSJ: '2020-01-01' })).toBe('refuse FIELD_INVALID');
  });
});

describe('a state that is stated', () => {
  it.each<[string, string, object, string]>([
    ['licence', 'where another type says it', { status: '03' }, 'undetermined UNKNOWN_CODE_VALUE'],
    ['licence', 'as a number', { status: 3 }, 'undetermined UNKNOWN_CODE_VALUE'],
    ['licence', 'as nothing', { status: '' }, 'accept'],
    ['licence-transport-valid', 'by its own list', { status: '03' }, 'refuse STATUS_REFUSED'],
    ['licence-transport-valid', 'as a number, which no list has', { status: 3 }, 'undetermined UNKNOWN_CODE_VALUE'],
    ['licence-transport-valid', 'as white space', { status: ' ' }, 'refuse DOCUMENT_INVALID'],
  ])('in an Anhui %s, %s', (name, _, members, wanted) => {
    expect(said('340000', name, put('data', members))).toBe(wanted);
  });

  it.each([' ', 'CANCELLED', 'issued', null, ['ISSUED']])(
    'in a Shanghai licence, as %o, is not overlooked',
    (state) => {
      const change = (payload: Plain) => Object.assign(payload, { license_status: state });
      expect(said('310000', 'licence', () => {})).toBe('accept');
      expect(said('310000', 'licence', change)).not.toMatch(/^(accept|conditional)/);
    },
  );
});

it('a pass of a kind that is not agreed is none of the kind that is', () => {
  const kind = (text: string) =>
    said('320000', 'pass', (payload) => Object.assign(payload, { kind: text }), 'checkpoint');
  expect(kind('01')).toMatch(/^(accept|conditional)/);
  expect(kind('02')).toBe('undetermined UNKNOWN_CODE_VALUE');
});
