import type { Proof } from '../codec/proof.ts';
import type { Presented } from '../format/open.ts';
import { type Begun, type Journey, journey } from '../journey.ts';
import type { Standpoint } from '../region/standpoint.ts';
import type { StatusQuestion } from '../trust/key.ts';
import type { OcspClient } from './ocsp.node.ts';
import type { ResolveQuestion, Resolver } from './resolve.ts';

/** Who may be asked about a document; undefined: nobody. */
export interface Others {
  readonly ocsp?: OcspClient | undefined;
  readonly resolver?: Resolver | undefined;
}

/** A journey, and the document that went on it: of a reference, what the region gave. */
export interface Walked extends Journey {
  readonly presented: Presented;
}

/**
 * The journey of one document. What only refers to one is asked for in its region; where nobody can tell whether a certificate
 * was revoked, it is walked again with the answers of those who can. All other documents wait for nobody. Errors: as `journey`.
 */
export function walk(
  presented: Presented,
  standpoint: Standpoint,
  question: ResolveQuestion,
  { ocsp, resolver }: Others,
  begun?: Begun,
): Walked | Promise<Walked> {
  const walked = journey(presented, standpoint, question, begun);
  const { reference } = walked;
  if (reference !== undefined && resolver !== undefined && question.challenge === undefined)
    return resolver
      .resolve(reference, standpoint, question)
      .then((found) => ({ ...found.journey, presented: found.presented ?? presented }));
  const asked = ocsp && answersFor(walked, standpoint, ocsp);
  if (asked === undefined) return { ...walked, presented };
  return asked.then((answers) => ({
    ...(answers.length === 0 ? walked : journey(presented, standpoint, { ...question, answers }, begun)),
    presented,
  }));
}

/** Undefined if there is nothing to ask. */
function answersFor(
  { verdict, opened }: Journey,
  { trust, regions }: Standpoint,
  client: OcspClient,
): Promise<readonly Uint8Array[]> | undefined {
  if (opened === undefined || !verdict.findings.some(({ code }) => code === 'CERTIFICATE_STATUS_UNKNOWN'))
    return undefined;
  const { region } = opened.format;
  const asked = proofsOf(opened).flatMap(({ certificates }) => {
    const key = certificates && trust.embedded(region, certificates).key;
    const responders = key === undefined ? undefined : regions.get(key.region)?.ocsp;
    return key?.asks === undefined || responders === undefined ? [] : [{ questions: key.asks, responders }];
  });
  if (asked.length === 0) return undefined;
  return Promise.all(asked.map(({ questions, responders }) => client.ask(unique(questions), responders))).then(
    (answers) => answers.flat(),
  );
}

function proofsOf({ proof, attestations = [] }: NonNullable<Journey['opened']>): readonly Proof[] {
  return [
    proof,
    ...attestations.flatMap((each) => (each.seal === undefined ? [each.proof] : [each.proof, each.seal.maker])),
  ];
}

const unique = (questions: readonly StatusQuestion[]): readonly StatusQuestion[] => [...new Set(questions)];
