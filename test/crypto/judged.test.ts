import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Core, type CoreKey, createCore } from '../../src/crypto/core/core.ts';
import { type Difference, useCore } from '../../src/crypto/core/use.ts';
import { fastVerifier, verifyTogether } from '../../src/crypto/core/verifier.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { Platform, Verifier } from '../../src/crypto/platform.ts';
import { remembering } from '../../src/crypto/remembering.ts';
import { createSeen } from '../../src/crypto/seen.ts';
import { prepareSm2, sm2Digest, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import { readSnapshot, writeSnapshot } from '../../src/region/snapshot.node.ts';
import { temporary } from '../support/cli.ts';

const secret = sm2PrivateKey();
const key = sm2PublicKey(secret);
const data = new TextEncoder().encode('a document');
const other = new TextEncoder().encode('another document');
const signature = sm2Sign(secret, data);
const place = temporary();
afterAll(() => place.remove());
const told: Difference[] = [];
const judged = (): void => useCore({ use: 'judged', differed: (difference) => told.push(difference) });
afterEach(() => {
  told.length = 0;
  useCore({ use: 'alone', differed() {} });
});

/** A core that is at fault: it answers the opposite, or nothing. */
function coreThat(answers: (told: boolean | undefined) => boolean | undefined): Core {
  const honest = createCore();
  const self: Core = {
    bytes: honest.bytes,
    key(...point) {
      const found = honest.key(...point);
      return found && { ...found, core: self, check: (...asked) => answers(found.check(...asked)) };
    },
    many: (kind, checks) => honest.many(kind, checks).map(answers),
  };
  return self;
}

const wrong = coreThat((told) => told !== true);
const silent = coreThat(() => undefined);

/** One by one, few and many together: each way through the core. */
const WAYS: readonly ((core: Core, verifier: Verifier, data: Uint8Array) => boolean[])[] = [
  (_, verifier, data) => [verifier(data, signature)],
  (core, verifier, data) => verifyTogether(core, [{ verifier, data, signature }]),
  (core, verifier, data) =>
    verifyTogether(
      core,
      Array.from({ length: 9 }, () => ({ verifier, data, signature })),
    ),
];

describe('whoever judges the core', () => {
  it.each(WAYS)('finds out what it says wrongly, and then nothing is good (way %#)', (way) => {
    judged();
    const seen = createSeen(100, 1000, () => 0);
    const memory = { seen, name: (octets: Uint8Array) => Buffer.from(octets).toString('hex') };
    const verifier = prepareSm2(key, undefined, wrong, memory)!;
    // Twice: what was found at variance is no better the next time.
    for (let round = 0; round < 2; round++) {
      const genuine = way(wrong, verifier, data);
      expect(new Set(genuine)).toEqual(new Set([false]));
      expect(told.splice(0)).toEqual(genuine.map(() => ({ curve: 'SM2', core: 'bad' })));
      const forged = way(wrong, verifier, other);
      expect(new Set(forged)).toEqual(new Set([false]));
      expect(told.splice(0)).toEqual(forged.map(() => ({ curve: 'SM2', core: 'good' })));
    }
    // Without a judge, such a core is believed.
    useCore({ use: 'alone', differed() {} });
    expect(new Set(way(wrong, verifier, other))).toEqual(new Set([true]));
  });

  it.each(WAYS)('has nothing to say of a core that is right, nor of one that cannot tell (way %#)', (way) => {
    judged();
    for (const core of [createCore(), silent]) {
      const verifier = prepareSm2(key, undefined, core)!;
      expect(new Set(way(core, verifier, data))).toEqual(new Set([true]));
      expect(new Set(way(core, verifier, other))).toEqual(new Set([false]));
    }
    expect(told).toEqual([]);
  });

  it.each(WAYS)('is asked about every answer where there is one, and about none otherwise (way %#)', (way) => {
    let asked = 0;
    const core = createCore();
    const fast: CoreKey = core.key('SM2', key.x, key.y)!;
    const digested = (signed: Uint8Array) => sm2Digest(key, signed);
    const complete: Verifier = () => {
      asked += 1;
      return false;
    };
    const verifier = fastVerifier({ kind: 'SM2', key: fast, digested }, complete);
    const checks = way(core, verifier, other).length;
    expect(asked).toBe(0);
    judged();
    way(core, verifier, other);
    expect(asked).toBe(checks);
  });

  it('takes nothing over from a start at which nobody judged', async () => {
    const store = join(place.folder, 'kept');
    const uses = ['alone', 'judged', 'none'] as const;
    const checked = async (use: (typeof uses)[number]) => {
      useCore({ use, differed() {} });
      const { signatures } = await readSnapshot(store);
      const core = use === 'none' ? undefined : wrong;
      const prepare: Platform['prepare'] = () => prepareSm2(key, undefined, core);
      const platform = remembering({ ...nodePlatform, prepare }, signatures);
      const good = platform.prepare('SM2-SM3', key)!(other, signature);
      await writeSnapshot(store, { regions: new Map(), signatures: [...platform.takeGood()] });
      return good;
    };
    expect(await checked('alone')).toBe(true);
    expect(await checked('judged')).toBe(false);
    expect(await checked('alone')).toBe(true);
    expect(await checked('none')).toBe(false);
  });
});
