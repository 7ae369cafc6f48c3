import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/codec/value.ts';
import { Broken } from '../../src/document/broken.ts';
import type { IssuerList, SharedDocument } from '../../src/document/generated/types.ts';
import { compileKeyName } from '../../src/format/key-name.ts';
import { specimenOf } from '../../src/format/recognise.ts';
import {
  DAY,
  federation,
  federationWith,
  fileOf,
  formatOf,
  issuersOf,
  NOW,
  ownKey,
  samples,
  shortOf,
  standpointOf,
  verdictOf,
} from '../support/federation.ts';

const context = { codes: new Map() };
const three = compileKeyName(['/domain', '/version', { from: '/index', as: 'number-text' }], context);
const one = compileKeyName(['/kid'], context);

const written = (name: typeof one, keyId: string, payload: object = {}): unknown => {
  name.write(payload as Value, keyId);
  return payload;
};

describe('a key that fields of the payload name', () => {
  it.each<[typeof one, object, string[]]>([
    [one, { kid: 'js2026a' }, ['js2026a']],
    [one, { kid: 7 }, ['7']],
    [three, { domain: '4000', version: '70', index: 1 }, ['4000.70.1']],
    [three, { domain: '4000', version: '70' }, []],
    [one, {}, []],
    [one, { kid: null }, []],
    [one, { kid: ['js2026a'] }, []],
  ])('%#: is read', (name, payload, ids) => {
    expect(name.read(payload as Value)).toEqual(ids);
  });

  it('is written into the same fields, each as the payload keeps it', () => {
    expect(written(one, 'a-b-c')).toEqual({ kid: 'a-b-c' });
    expect(written(three, '4000.70.12')).toEqual({ domain: '4000', version: '70', index: 12 });
  });

  it.each(['4000.70', '4000.70.1.2', 'js2026a', '4000.70.x'])('%s has not the parts that the fields need', (keyId) => {
    expect(() => written(three, keyId)).toThrow(Broken);
  });

  it('is not written over what another field keeps there', () => {
    expect(written(one, 'k1', { kid: 'k1' })).toEqual({ kid: 'k1' });
    expect(() => written(one, 'k1', { kid: 'k2' })).toThrow(Broken);
  });

  it('by a conversion that no table has is a fault of the declaration, with its place', () => {
    expect(() => compileKeyName([{ from: '/a', as: 'rot13' as never }], context)).toThrow(
      /^\/envelope\/keyFrom\/0\/as: no conversion "rot13"/,
    );
  });
});

describe('rotating a key whose id stands in the payload', () => {
  /** A good document of the format, read back from its sample. */
  const documentOf = (format: string): SharedDocument => {
    const own = formatOf(federation, format);
    const opened = own.open(
      specimenOf({
        text: samples.find(
          (each) => each.format === format && each.expect.outcome === 'accept' && !each.name.startsWith('code'),
        )!.wire as string,
      }),
    );
    return own.convert(opened, own.region).document as SharedDocument;
  };

  it.each([
    ['ssm-frame/1', '4000.70.2', '330000'],
    ['js-pass/1', 'js2027a', '310000'],
  ])('%s: needs a new row in the list of issuers, and nothing else', (id, keyId, verifier) => {
    const own = formatOf(federation, id);
    const list = `regions/${own.region}/issuers/reference.json`;
    const next = ownKey('SM2-SM3', { keyId });
    const old = fileOf<IssuerList>(list);
    const rotated = federationWith({ [list]: issuersOf([...old.issuers, next.entry], NOW - DAY / 24) });
    const { wire } = formatOf(rotated, id).write(documentOf(id), next.signer);
    const said = (from: typeof federation) => shortOf(verdictOf(wire, { standpoint: standpointOf(verifier, from) }));
    expect(said(rotated)).toBe('accept');
    expect(said(federation)).toBe('undetermined UNKNOWN_ISSUER');
  });
});
