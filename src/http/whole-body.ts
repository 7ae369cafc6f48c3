import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import { isDigestOf } from '../exchange/content-digest.ts';
import { openBody, SEALED_MEDIA } from '../exchange/sealed-body.ts';
import { readBody } from './body.ts';
import type { Desk, Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { hasBody } from './guard.ts';
import { NOBODY } from './keys.ts';
import { Problem } from './problems.ts';

const NOTHING = new Uint8Array(0);

const isSealed = ({ req }: Exchange): boolean =>
  (req.headers['content-type'] ?? '').trim().toLowerCase() === SEALED_MEDIA;

/**
 * Whether a body says something only when it is there whole: one whose digest was signed, or one that is sealed. Of nobody's, on
 * open routes, nothing is opened.
 */
export const needsWholeBody = (exchange: Exchange): boolean =>
  exchange.signed !== undefined || (exchange.caller !== NOBODY && isSealed(exchange));

/**
 * Reads a body that has to be checked, or opened, before anything is done with a part of it. It is done here for all routes,
 * before they run, so that none can forget it; they get it from readBody or chunksOf as ever. So a signed batch has the limit
 * of a JSON body. Errors: Problem `altered-body`, `sealed-body`; those of readBody.
 */
export async function takeWholeBody(desk: Desk, gateway: Gateway, exchange: Exchange): Promise<void> {
  const { req, signed, limits } = exchange;
  const body = hasBody(req) ? await readBody(desk, exchange, limits.json) : NOTHING;
  if (signed !== undefined) {
    const { digest } = signed;
    const asSigned = digest === undefined ? body.length === 0 : isDigestOf(digest, body, nodePlatform);
    if (!asSigned) throw new Problem('altered-body', 'the body is not what its Content-Digest says');
  }
  exchange.body = isSealed(exchange) ? await opened(exchange, gateway, body) : body;
}

/** From here on the request is what was sealed: routes see the type and the body inside. */
async function opened(exchange: Exchange, gateway: Gateway, sealed: Uint8Array): Promise<Uint8Array> {
  const { caller, req } = exchange;
  if (caller.region === undefined || gateway.systemKeys === undefined)
    throw new Problem('sealed-body', 'only bodies of regions’ systems are opened');
  const { decryption, region } = await gateway.systemKeys();
  try {
    const { contentType, body } = await openBody(sealed, decryption, { from: caller.id, to: region });
    req.headers['content-type'] = contentType;
    return body;
  } catch (error) {
    if (error instanceof Broken) throw new Problem('sealed-body', error.message);
    throw error;
  }
}
