import { encodeBase64url } from '../codec/base64url.ts';
import { encodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { once } from '../document/once.ts';
import { keyFits, keyThumbprint } from './keys.ts';
import type { Platform } from './platform.ts';

/** A platform that remembers, and what of it can be kept for the next one. */
export interface RememberingPlatform extends Platform {
  /**
   * Names of what was asked for since this was last called and came out good: plain text, to be handed to the next
   * platform as `known`. Whoever keeps them must keep them from being written by others.
   */
  takeGood(): readonly string[];
}

/** Two names for each of 16,384 roles, twice over. */
const MOST = 65_536;

/**
 * A platform that computes the same good signature once: lists are read twice, first to learn what of them is needed, and again
 * whenever some of them are newer. For what is public: it keeps digests of what was signed. That one came out good is remembered
 * for the very algorithm, key, data (by their SHA-256) and signature.
 *
 * In: names that an earlier one gave as good, and how many names are held at most; those not asked about for long go first.
 * A key of which something is known is made ready only when there is something to compute by it.
 */
export function remembering(platform: Platform, known: Iterable<string> = [], most = MOST): RememberingPlatform {
  const names = new Set(known);
  const asked = new Set<string>();
  const isGood = (what: string, compute: () => boolean): boolean => {
    const name = encodeBase64url(platform.digest('SHA-256', encodeUtf8(what)));
    if (!names.delete(name)) {
      if (!compute()) return false;
      // A set keeps the order in which names came: the first was not asked about for longest.
      if (names.size >= most) names.delete(names.values().next().value!);
    }
    names.add(name);
    if (asked.size < most) asked.add(name);
    return true;
  };
  return {
    ...platform,
    prepare(algorithm, key) {
      // A thumbprint names a key, and not what it may be used for.
      if (!keyFits(algorithm, key)) return undefined;
      const signer = `${algorithm} ${keyThumbprint(platform, key)}`;
      const prepared = once(() => platform.prepare(algorithm, key));
      if (!isGood(signer, () => prepared() !== undefined)) return undefined;
      return (data, signature) =>
        isGood(
          `${signer} ${encodeHex(platform.digest('SHA-256', data))} ${encodeHex(signature)}`,
          () => prepared()?.(data, signature) ?? false,
        );
    },
    takeGood() {
      const taken = [...asked];
      asked.clear();
      return taken;
    },
  };
}
