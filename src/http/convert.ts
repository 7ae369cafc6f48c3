import { convertDocument, NotConvertible, type Target, targetNamed, targetNames, writtenOf } from '../convert.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import type { Format } from '../format/compile.ts';
import { readConvertAsk } from './ask.ts';
import { readBody } from './body.ts';
import { answer, type Desk, type Exchange, noteVerdict } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { JSON_MEDIA, mediaTypeOf, queryOf } from './guard.ts';
import { Problem } from './problems.ts';
import { askerOf, wishOf } from './record.ts';
import type { Verifier } from './verifier.ts';
import { VERDICT_HEADERS } from './verify.ts';

/** Between systems, unless another purpose is named: the others show too little of a document to pass it on. */
const PURPOSE = 'exchange';

/** POST /v1/convert: the verdict on a document and, if it is accepted, the document in other words, signed by the gateway. */
export async function convert(desk: Desk, gateway: Gateway, verifier: Verifier, exchange: Exchange): Promise<void> {
  const { req, limits, caller } = exchange;
  mediaTypeOf(req, JSON_MEDIA);
  queryOf(req, []);
  const wish = wishOf(req);
  const ask = readConvertAsk(await readBody(desk, exchange, limits.json));
  const { to, audience, ...document } = ask;
  const asked = { ...document, purpose: ask.purpose ?? PURPOSE };
  const { standpoint, ...question } = verifier.question(asked, caller);
  const target = targetOf(to, standpoint.formats);
  const walked = await verifier.judge(asked, { ...askerOf(wish, caller), resolves: false });
  const { presented } = walked;
  const issuer = await gateway.conversionIssuer();
  const { verdict, conversion } = said(() =>
    convertDocument({ presented, target, audience, ...question }, standpoint, issuer, nodePlatform, walked),
  );
  noteVerdict(desk, exchange, verdict);
  const body = { verdict, ...(conversion === undefined ? {} : { conversion: writtenOf(conversion) }) };
  answer(exchange, 200, VERDICT_HEADERS, JSON.stringify(body));
}

/** Errors: Problem `unknown-target`, which lists what there is. */
function targetOf(to: string, formats: readonly Format[]): Target {
  const target = targetNamed(to, formats);
  if (target !== undefined) return target;
  const allowed = targetNames(formats);
  throw new Problem('unknown-target', 'there is no such format in this federation', { at: '/to', allowed });
}

/** Errors: Problem `not-convertible`, `target-cannot-say`. What is broken here is never the original: that is a verdict. */
function said<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof NotConvertible) throw new Problem('not-convertible', error.message);
    if (error instanceof Broken) throw new Problem('target-cannot-say', error.message, { at: error.part });
    throw error;
  }
}
