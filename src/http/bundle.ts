import { encodeHex } from '../codec/hex.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { joinBundle, type MadeBundle, makeBundle } from '../region/bundle.ts';
import type { TrustStore } from '../region/store.node.ts';
import { answer, type Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { queryOf } from './guard.ts';
import { Problem } from './problems.ts';

type Signed = NonNullable<TrustStore['signed']>;

/** Bundles of one view, by lane: they are asked for again and again, and change only with the view. */
interface Made extends MadeBundle {
  readonly etag: string;
}

const MOST_KEPT = 64;
const PARAMETERS = ['for', 'purpose'];

/** Checkpoint bundles over HTTP. All of it is public and signed, so it is open to all, and a cache may serve it. */
export interface Bundles {
  whole(exchange: Exchange): void;
  index(exchange: Exchange): void;
  part(exchange: Exchange, sha256: string): void;
}

export function createBundles(gateway: Gateway): Bundles {
  let view: Signed['view'] | undefined;
  let made = new Map<string, Made>();

  const signedNow = (): Signed => {
    const signed = gateway.signed?.();
    if (signed === undefined) throw new Problem('no-bundle', 'this gateway goes by a folder that nobody signed');
    if (signed.view !== view) {
      view = signed.view;
      made = new Map();
    }
    return signed;
  };

  const bundleFor = ({ req }: Exchange): Made => {
    const { kept, view: current } = signedNow();
    const query = queryOf(req, PARAMETERS);
    const region = query.get('for') ?? gateway.defaults.region;
    const purpose = query.get('purpose');
    const federation = gateway.federation();
    if (!federation.regions.has(region))
      throw new Problem('unknown-region', 'there is no such region in this federation', {
        at: 'for',
        allowed: [...federation.regions.keys()],
      });
    const purposes = federation.catalogue.purposes.map(({ code }) => code);
    if (purpose !== undefined && !purposes.includes(purpose))
      throw new Problem('unknown-purpose', 'there is no such purpose', { at: 'purpose', allowed: purposes });
    const name = `${region} ${purpose ?? ''}`;
    let found = made.get(name);
    if (found === undefined) {
      const lane = { region, ...(purpose === undefined ? {} : { purposes: [purpose] }) };
      const fresh = makeBundle(kept, current, lane, nodePlatform);
      found = { ...fresh, etag: `"${encodeHex(nodePlatform.digest('SHA-256', fresh.index))}"` };
      if (made.size >= MOST_KEPT) made.delete(made.keys().next().value!);
      made.set(name, found);
    }
    return found;
  };

  const give = (exchange: Exchange, { etag }: Made, type: string, body: () => Uint8Array): void => {
    const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
    // RFC 9110 §13.1.2.
    const known = (exchange.req.headers['if-none-match'] ?? '')
      .split(',')
      .map((each) => each.trim().replace(/^W\//, ''));
    if (known.includes(etag) || known.includes('*')) answer(exchange, 304, headers, '');
    else answer(exchange, 200, { ...headers, 'Content-Type': type }, body());
  };

  return {
    whole(exchange) {
      const bundle = bundleFor(exchange);
      give(exchange, bundle, BUNDLE_TYPE, () => joinBundle(bundle.index, (digest) => bundle.parts.get(digest)));
    },
    index(exchange) {
      const bundle = bundleFor(exchange);
      give(exchange, { ...bundle, etag: bundle.etag.replace('"', '"index-') }, INDEX_TYPE, () => bundle.index);
    },
    part(exchange, sha256) {
      signedNow();
      // Only of indexes that were given out since the view last changed: whoever asks for a part has one.
      for (const { parts } of made.values()) {
        const content = parts.get(sha256);
        if (content !== undefined)
          return answer(exchange, 200, { 'Content-Type': BUNDLE_TYPE, 'Cache-Control': FOR_EVER }, content);
      }
      throw new Problem('not-found', 'there is no such content; ask for the index again');
    },
  };
}

const BUNDLE_TYPE = 'application/octet-stream';
const INDEX_TYPE = 'application/json';
const FOR_EVER = 'public, max-age=31536000, immutable';
