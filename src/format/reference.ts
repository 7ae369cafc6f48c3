import { Broken } from '../document/broken.ts';
import type { Localized, Reference, ReferenceDeclaration, ReferenceParameter } from '../document/generated/types.ts';
import { firstSignOf, type Specimen } from './recognise.ts';

/**
 * A code that only refers to a document: a link with an opaque token, which is worth nothing without the region that made
 * it. Whoever holds such a token may be all that its owner is (苏康码's gave the whole account), so it goes to that region
 * and nowhere else: not into findings, logs, receipts or the text of errors.
 */
export interface ReferenceFormat {
  readonly id: string;
  readonly region: string;
  readonly title: Localized;
  readonly declaration: ReferenceDeclaration;
  /** As of a format: of every such code. */
  readonly firstSign: number | undefined;
  recognise(specimen: Specimen): number | undefined;
  /** What it refers to, and in which region. Throws Broken for a link that is damaged. */
  refers(specimen: Specimen): Reference & { readonly region: string };
}

const SIGNS: Readonly<Record<ReferenceParameter['signs'], RegExp>> = {
  digits: /^[0-9]*$/,
  hex: /^[0-9a-fA-F]*$/,
  'letters-and-digits': /^[A-Za-z0-9]*$/,
};

const MAX_LINK = 4000;

/** Compiles a declaration (already valid by its schema). Errors: Error with pointer and reason. */
export function compileReference(declared: ReferenceDeclaration, region: string): ReferenceFormat {
  const { prefix, refers, parameters } = declared;
  const names = parameters.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new Error('/parameters: one name stands twice');
  if (!names.includes(refers.parameter)) throw new Error('/refers/parameter: is none of the parameters');
  for (const [i, { least, most }] of parameters.entries())
    if (most < least) throw new Error(`/parameters/${i}/most: less than the least`);
  return {
    id: declared.format,
    region,
    title: declared.title,
    declaration: declared,
    firstSign: firstSignOf({ prefix }),
    recognise: ({ text }) => (text?.startsWith(prefix) ? 10 * prefix.length : undefined),
    refers({ text }) {
      if (text!.length > MAX_LINK) throw new Broken('link', 'longer than a link may be', 'LIMIT_EXCEEDED');
      const values = readParameters(text!.slice(prefix.length));
      for (const parameter of parameters) check(parameter, values.get(parameter.name));
      return { [refers.kind]: values.get(refers.parameter)!, region };
    },
  };
}

function readParameters(query: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    const name = at < 0 ? pair : pair.slice(0, at);
    // Of two, one reader would take the first and another the last.
    if (values.has(name)) throw new Broken('link', 'a parameter stands twice');
    values.set(name, at < 0 ? '' : pair.slice(at + 1));
  }
  return values;
}

function check({ name, begins = '', signs, least, most }: ReferenceParameter, value: string | undefined): void {
  const counted = value?.startsWith(begins) ? value.slice(begins.length) : undefined;
  if (counted === undefined || counted.length < least || counted.length > most || !SIGNS[signs].test(counted))
    throw new Broken('link', `parameter "${name}" is missing, or not of its form`);
}
