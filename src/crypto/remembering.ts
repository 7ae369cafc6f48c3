import { encodeBase64url } from '../codec/base64url.ts';
import { encodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { once } from '../document/once.ts';
import { keyThumbprint } from './keys.ts';
import type { Platform } from './platform.ts';

/** A platform that remembers, and what of it can be kept for the next one. */
export interface RememberingPlatform extends Platform {
  /**
   * Names of what was asked for since this was last called and came out good: plain text, to be handed to the next
   * platform as `known`. Whoever keeps them must keep them from being written by others.
   */
  good(): readonly string[];
}

/**
 * A platform that checks the same signature once: lists are read twice, first to learn what of them is needed, and again whenever
 * some of them are newer. For what is public: it keeps digests of what was signed. An answer is remembered for
 * the very algorithm, key, data (by their SHA-256) and signature that it was given for.
 *
 * In: names that an earlier one gave as good, and how many answers are held at most. A key of which something is known is
 * made ready only when there is something to compute by it.
 */
export function remembering(platform: Platform, known: Iterable<string> = [], most = 4096): RememberingPlatform {
  const answers = new Map<string, boolean>(Array.from(known, (name) => [name, true] as const));
  const asked = new Set<string>();
  const answerTo = (what: string, compute: () => boolean): boolean => {
    const name = encodeBase64url(platform.digest('SHA-256', encodeUtf8(what)));
    let answer = answers.get(name);
    if (answer === undefined) {
      answer = compute();
      if (answers.size >= most) {
        answers.clear();
        asked.clear();
      }
      answers.set(name, answer);
    }
    if (answer) asked.add(name);
    return answer;
  };
  return {
    ...platform,
    prepare(algorithm, key) {
      const signer = `${algorithm} ${keyThumbprint(platform, key)}`;
      const prepared = once(() => platform.prepare(algorithm, key));
      if (!answerTo(signer, () => prepared() !== undefined)) return undefined;
      return (data, signature) =>
        answerTo(
          `${signer} ${encodeHex(platform.digest('SHA-256', data))} ${encodeHex(signature)}`,
          () => prepared()?.(data, signature) ?? false,
        );
    },
    good() {
      const names = [...asked].sort();
      asked.clear();
      return names;
    },
  };
}
