import type { Limits } from '../codec/limits.ts';
import { joinParts, type Part, type PartsOptions, readPart } from '../codec/parts.ts';
import { TRANSPORTS, TRANSPORTS_WITH, type Transport } from '../codec/transports.ts';
import { Broken } from '../document/broken.ts';
import type { FormatDeclaration, Recognise } from '../document/generated/types.ts';
import { compileRecognise, firstSignOf, type Specimen, specimenOf } from './recognise.ts';

/** One way in which documents of a format are handed over: how it is known, and the steps between it and the envelope. */
export interface Carrier {
  recognise(specimen: Specimen): number | undefined;
  /** Of every text in it, where they all begin alike. */
  readonly firstSign: number | undefined;
  /** Throws Broken. */
  unpack(specimen: Specimen): string | Uint8Array;
  pack(envelope: string | Uint8Array): string | Uint8Array;
  readonly uncovered: readonly string[];
  /** The part of a longer document that this is, if it is one. Throws Broken for a wrong mark. */
  part(specimen: Specimen): Part | undefined;
  /** The whole document. Throws Broken PARTS_MISSING, PARTS_MIXED. */
  join(parts: readonly Part[]): Specimen;
}

/** Compiles a format's carriers; the first is the one that is written. Errors: Error with pointer and reason. */
export function compileCarriers(declared: FormatDeclaration, limits: Limits): readonly [Carrier, ...Carrier[]] {
  const { recognise, transport, parts, also = [] } = declared;
  if (parts !== undefined && recognise.prefix === undefined)
    throw new Error('/parts: only a text with a prefix can come in parts');
  return [
    compileCarrier(recognise, transport, limits, '/transport', parts),
    ...also.map((other, i) => compileCarrier(other.recognise, other.transport, limits, `/also/${i}/transport`)),
  ];
}

function compileCarrier(
  recognise: Recognise,
  transport: readonly string[],
  limits: Limits,
  at: string,
  parts?: PartsOptions,
): Carrier {
  const steps = transport.map((word, i) => stepOf(word, `${at}/${i}`));
  const { prefix = '', suffix = '' } = recognise;
  const partOf = (specimen: Specimen): Part | undefined =>
    parts && readPart(unwrapped(specimen, prefix, suffix) as string, parts);
  return {
    recognise: compileRecognise(recognise),
    firstSign: firstSignOf(recognise),
    unpack(specimen) {
      let current = unwrapped(specimen, prefix, suffix);
      if (current.length > limits.input) throw new Broken('input', 'longer than the format allows', 'LIMIT_EXCEEDED');
      const part = partOf(specimen);
      // Alone it is not the document: joining says what is not there.
      if (part !== undefined) joinParts([part]);
      for (const step of steps) current = step.decode(current, limits);
      return current;
    },
    pack(envelope) {
      let current = envelope;
      for (const step of steps.toReversed()) current = step.encode(current);
      return typeof current === 'string' ? `${prefix}${current}${suffix}` : current;
    },
    uncovered: steps.flatMap((step) => step.uncovered ?? []),
    part: partOf,
    join: (found) => specimenOf({ text: `${prefix}${joinParts(found)}${suffix}` }),
  };
}

/** `zlib`, or `member:/a/b` for a step that takes an argument. */
function stepOf(word: string, at: string): Transport {
  const colon = word.indexOf(':');
  const name = colon < 0 ? word : word.slice(0, colon);
  const table: Readonly<Record<string, unknown>> = colon < 0 ? TRANSPORTS : TRANSPORTS_WITH;
  if (!Object.hasOwn(table, name)) throw new Error(`${at}: no "${name}"; there are: ${Object.keys(table).join(', ')}`);
  return colon < 0 ? TRANSPORTS[name]! : TRANSPORTS_WITH[name]!(word.slice(colon + 1));
}

function unwrapped(specimen: Specimen, prefix: string, suffix: string): string | Uint8Array {
  if (prefix === '' && suffix === '') return specimen.text ?? specimen.bytes!;
  const text = specimen.text!;
  return text.slice(prefix.length, text.length - suffix.length);
}
