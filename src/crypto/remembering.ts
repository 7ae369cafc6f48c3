import { encodeHex } from '../codec/hex.ts';
import { keyThumbprint } from './keys.ts';
import type { Platform, Verifier } from './platform.ts';

/**
 * A platform that checks the same signature once: lists are read twice, first to learn what of them is needed, and again whenever
 * some of them are newer. For what is public: it keeps digests of what was signed. An answer is remembered for
 * the very algorithm, key, data (by their SHA-256) and signature that it was given for.
 */
export function remembering(platform: Platform, most = 4096): Platform {
  const answers = new Map<string, boolean>();
  return {
    ...platform,
    prepare(algorithm, key) {
      const verify = platform.prepare(algorithm, key);
      if (verify === undefined) return undefined;
      const signer = `${algorithm} ${keyThumbprint(platform, key)}`;
      const remembered: Verifier = (data, signature) => {
        const asked = `${signer} ${encodeHex(platform.digest('SHA-256', data))} ${encodeHex(signature)}`;
        let answer = answers.get(asked);
        if (answer === undefined) {
          answer = verify(data, signature);
          if (answers.size >= most) answers.clear();
          answers.set(asked, answer);
        }
        return answer;
      };
      return remembered;
    },
  };
}
