import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENVELOPES } from '../../src/codec/envelopes.ts';
import { PAYLOADS } from '../../src/codec/payloads.ts';
import { TRANSPORTS } from '../../src/codec/transports.ts';
import type { Value } from '../../src/codec/value.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import type { Format } from '../../src/format/compile.ts';
import { JUDGE, presentedOf, samples, specimenFor, standpointOf, walk, withOwnKeys } from '../support/federation.ts';

/**
 * What a trusted issuer signs may still be nonsense. Every value of a good document is replaced by every kind of value, and
 * signed again: there is always a verdict, it fits its schema, and it never repeats what the document said.
 */
const own = withOwnKeys();
const standpoint = standpointOf(JUDGE, own.federation);
const PLANTED = 'PLANTED\u001b[31m\u202e张三';

const STRANGE: readonly Value[] = [
  null,
  true,
  0,
  -1,
  1.5,
  Number.MAX_SAFE_INTEGER,
  1e300,
  '',
  ' ',
  PLANTED,
  '1',
  'A'.repeat(5000),
  '2026-02-30',
  [],
  [[]],
  [PLANTED],
  {},
  { [PLANTED]: PLANTED },
  { length: 3, constructor: { name: 'x' } },
];
/** What only CBOR has. */
const BINARY: readonly Value[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  2n ** 64n - 1n,
  -(2n ** 63n),
  Uint8Array.of(),
  new Uint8Array(64),
];

function packed(format: Format, payload: Value): string | Uint8Array | undefined {
  const { envelope, payload: kind, layout: declared, transport, recognise } = format.declaration;
  const { signer } = own.keys.get(format.id)!;
  // Fields without names of their own hold nothing but a record of them.
  if (declared !== undefined && (typeof payload !== 'object' || payload === null || Array.isArray(payload)))
    return undefined;
  try {
    const bytes = PAYLOADS[kind]!.encode(payload, (declared ?? {}) as never);
    const sealed = ENVELOPES[envelope.type]!.write(bytes, envelope as never, signer, { digest: nodePlatform.digest });
    let wire = typeof sealed === 'string' || sealed instanceof Uint8Array ? sealed : sealed.beside;
    for (const step of transport.toReversed()) wire = TRANSPORTS[step]!.encode(wire);
    return typeof wire === 'string' ? `${recognise.prefix ?? ''}${wire}${recognise.suffix ?? ''}` : wire;
  } catch (error) {
    // What the payload's codec cannot write no document can hold.
    if (error instanceof Broken) return undefined;
    throw error;
  }
}

type Path = readonly (string | number)[];
function* pathsOf(node: Value, path: Path = []): Generator<Path> {
  yield path;
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return;
  for (const [key, inner] of Object.entries(node))
    yield* pathsOf(inner as Value, [...path, Array.isArray(node) ? Number(key) : key]);
}

function replaced(node: Value, path: Path, value: Value | undefined): Value {
  const [step, ...rest] = path;
  if (step === undefined) return value ?? null;
  if (Array.isArray(node))
    return node.flatMap((item, i) =>
      i !== step ? [item] : rest.length === 0 && value === undefined ? [] : [replaced(item, rest, value)],
    );
  const entries = Object.entries(node as object) as [string, Value][];
  return Object.fromEntries(
    entries.flatMap(([key, inner]) =>
      key !== step
        ? [[key, inner]]
        : rest.length === 0 && value === undefined
          ? []
          : [[key, replaced(inner, rest, value)]],
    ),
  );
}

function judged(format: Format, payload: Value): void {
  const wire = packed(format, payload);
  if (wire === undefined) return;
  const { findings, reasons, outcome } = walk(presentedOf(wire), { standpoint }).verdict;
  expect(JSON.stringify({ findings, reasons })).not.toContain('PLANTED');
  if (outcome !== 'accept') expect(reasons.length).toBeGreaterThan(0);
}

describe.each(own.federation.formats.map((format) => [format.id, format] as const))('%s', (id, format) => {
  const good = samples.find((sample) => sample.format === id && sample.expect.outcome === 'accept')!;
  const { payload } = format.open(specimenFor(good));
  const strange = format.declaration.payload === 'cbor' ? [...STRANGE, ...BINARY] : STRANGE;

  it('every value replaced by every kind of value, and every member left out', () => {
    expect([...pathsOf(payload)].length).toBeGreaterThan(5);
    for (const path of pathsOf(payload))
      for (const value of [...strange, undefined]) judged(format, replaced(payload, path, value));
  });

  it('several at once', () => {
    const paths = [...pathsOf(payload)];
    const change = fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...strange));
    fc.assert(
      fc.property(fc.array(change, { minLength: 2, maxLength: 6 }), (changes) => {
        let altered: Value = payload;
        for (const [path, value] of changes) {
          // A change may have taken away what the next one wanted to change.
          try {
            altered = replaced(altered, path, value);
          } catch {}
        }
        judged(format, altered);
      }),
      { numRuns: 60 },
    );
  });
});
