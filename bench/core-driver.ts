/** Runs in Node and in the browser alike: SM2 checks by the platform of the checkpoint page. */
import { browserPlatform } from '../src/crypto/platform.browser.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../src/crypto/sm2.ts';

const SIZE = 64;

/** Until the key has its larger table. Out: runs all checks so many times, and tells µs for each. */
export async function prepared(): Promise<(repeats: number) => number> {
  const secret = sm2PrivateKey();
  const verifier = browserPlatform.prepare('SM2-SM3', sm2PublicKey(secret))!;
  const checks = Array.from({ length: SIZE }, (_, i) => {
    const data = new Uint8Array(320).fill(i);
    return { data, signature: sm2Sign(secret, data) };
  });
  const run = (repeats: number): number => {
    const began = performance.now();
    for (let i = 0; i < repeats; i++)
      for (const { data, signature } of checks)
        if (!verifier(data, signature)) throw new Error('a good signature was not taken');
    return ((performance.now() - began) * 1000) / (repeats * SIZE);
  };
  for (let round = 0; round < 20; round++) {
    run(5);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return run;
}
