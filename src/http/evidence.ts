import { evidenceFor } from '../exchange/evidence.ts';
import { askOfQuery } from './ask.ts';
import { answerJson, type Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { queryOf } from './guard.ts';
import { Problem } from './problems.ts';
import type { Verifier } from './verifier.ts';

/** GET /v1/evidence: what proves something in a region, as another region recognises it. */
export function readEvidence(gateway: Gateway, verifier: Verifier, exchange: Exchange): void {
  const { req, caller } = exchange;
  const query = queryOf(req, ['proves', 'region', 'purpose', 'for']);
  const [proves, region] = [needed(query, 'proves'), needed(query, 'region')];
  const federation = gateway.federation();
  const asked = askOfQuery(new Map([...query].filter(([name]) => name === 'for' || name === 'purpose')));
  const { standpoint, purpose } = verifier.question(
    { for: caller.region ?? gateway.defaults.region, ...asked },
    caller,
  );
  if (!standpoint.regions.has(region))
    throw new Problem('unknown-region', 'there is no such region in this federation', {
      at: 'region',
      allowed: [...standpoint.regions.keys()],
    });
  const evidence = evidenceFor({ proves, region, purpose }, federation, standpoint);
  if (evidence === undefined)
    throw new Problem('invalid-query', 'the catalogue has no such requirement', {
      at: 'proves',
      allowed: (federation.catalogue.requirements ?? []).map(({ code }) => code),
    });
  answerJson(exchange, evidence);
}

function needed(query: ReadonlyMap<string, string>, name: string): string {
  const value = query.get(name);
  if (value === undefined || value === '') throw new Problem('invalid-query', 'a parameter is missing', { at: name });
  return value;
}
