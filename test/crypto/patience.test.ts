import { expect, it } from 'vitest';
import { type CoreKey, createCore } from '../../src/crypto/core/core.ts';
import { fastVerifier, verifyTogether } from '../../src/crypto/core/verifier.ts';
import type { Verifier } from '../../src/crypto/platform.ts';
import { prepareSm2, sm2Digest, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';

const data = new TextEncoder().encode('a document');

/** A core whose tables are built when the test says so, and a verifier of it that has another way. */
function patient() {
  const turns: (() => void)[] = [];
  const core = createCore({ later: (work) => turns.push(work) });
  const secret = sm2PrivateKey();
  const { x, y } = sm2PublicKey(secret);
  const [key, portable] = [core.key('SM2', x, y)!, prepareSm2({ kind: 'SM2', x, y })!];
  const asked = { core: 0, complete: 0 };
  const counted: CoreKey = {
    ...key,
    check(...what) {
      asked.core += 1;
      return key.check(...what);
    },
  };
  const complete: Verifier = (...what) => {
    asked.complete += 1;
    return portable(...what);
  };
  const digested = (signed: Uint8Array) => sm2Digest({ x, y }, signed);
  const verifier = fastVerifier({ kind: 'SM2', key: counted, digested }, complete, { patient: true });
  const signature = sm2Sign(secret, data);
  const turn = (): void => {
    for (const work of turns.splice(0)) work();
  };
  return { core, key, asked, verifier, signature, turn, turns };
}

it('builds no table while a document waits, where there is another way: alone or with others', () => {
  for (const together of [1, 40]) {
    const { core, key, asked, verifier, signature, turn, turns } = patient();
    const checks = Array.from({ length: together }, () => ({ verifier, data, signature }));
    for (let done = 0; done < 80; done += together) expect(verifyTogether(core, checks)).not.toContain(false);
    expect([key.ready(), asked]).toEqual([false, { core: 0, complete: 80 }]);
    turn();
    // Asked for again and again, it is built once.
    expect([key.ready(), turns]).toEqual([true, []]);
    expect(verifyTogether(core, checks.slice(0, 1))).toEqual([true]);
    expect(asked).toEqual({ core: 1, complete: 80 });
  }
});

it('builds none for a key that is seldom seen', () => {
  const { key, verifier, signature, turn } = patient();
  for (let i = 0; i < 19; i++) verifier(data, signature);
  turn();
  expect(key.ready()).toBe(false);
  verifier(data, signature);
  turn();
  expect(key.ready()).toBe(true);
});

it('builds one at once for whoever never comes to the end of a turn', () => {
  const { key, verifier, signature } = patient();
  for (let i = 0; i < 99; i++) verifier(data, signature);
  expect(key.ready()).toBe(false);
  verifier(data, signature);
  expect(key.ready()).toBe(true);
});

it('has one piece at a time built, also where a piece asks for further ones', () => {
  const turns: (() => void)[] = [];
  const core = createCore({ later: (work) => turns.push(work) });
  const keys = [1, 2].map(() => {
    const { x, y } = sm2PublicKey(sm2PrivateKey());
    return core.key('SM2', x, y)!;
  });
  const [one, other] = keys as [CoreKey, CoreKey];
  one.prepare(true);
  for (let i = 0; i < 62; i++) one.table();
  // The curve comes often with this one: its piece asks for those of the base point's larger table.
  other.prepare(false);
  let run = 0;
  for (; turns.length > 0; run++) {
    expect(turns).toHaveLength(1);
    turns.shift()!();
  }
  expect(run).toBe(1 + 17);
  expect(other.ready()).toBe(true);
});
