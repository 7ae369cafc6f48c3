import type { Proof } from '../codec/proof.ts';
import type { Presented } from '../format/open.ts';
import { type Begun, type Journey, journey, type Question } from '../journey.ts';
import type { Standpoint } from '../region/standpoint.ts';
import type { StatusQuestion } from '../trust/key.ts';
import type { OcspClient } from './ocsp.node.ts';

/**
 * The journey of one document. Where nobody can tell whether a certificate was revoked, and somebody can be asked, it is
 * walked again with the answers; all other documents wait for nobody. Errors: as `journey`.
 */
export function walk(
  presented: Presented,
  standpoint: Standpoint,
  question: Question,
  client: OcspClient | undefined,
  begun?: Begun,
): Journey | Promise<Journey> {
  const walked = journey(presented, standpoint, question, begun);
  const asked = client && answersFor(walked, standpoint, client);
  if (asked === undefined) return walked;
  return asked.then((answers) =>
    answers.length === 0 ? walked : journey(presented, standpoint, { ...question, answers }, begun),
  );
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
