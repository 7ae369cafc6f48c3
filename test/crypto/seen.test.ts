import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCore, MOST_MESSAGE } from '../../src/crypto/core/core.ts';
import { fastVerifier, type Remembering, verifyTogether } from '../../src/crypto/core/verifier.ts';
import type { Verifier } from '../../src/crypto/platform.ts';
import { createSeen } from '../../src/crypto/seen.ts';
import { prepareSm2, sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';
import { sm3 } from '../../src/crypto/sm3.ts';

describe('what is remembered of good signatures', () => {
  it('is bounded in number: what is asked for again stays, what is not goes', () => {
    const seen = createSeen(100, 1000, () => 0);
    seen.add('often');
    for (let i = 0; i < 1000; i++) {
      seen.add(`once ${i}`);
      expect(seen.has('often')).toBe(true);
    }
    const held = Array.from({ length: 1000 }, (_, i) => seen.has(`once ${i}`)).filter((found) => found).length;
    expect(held).toBeLessThanOrEqual(100);
    expect([seen.has('once 999'), seen.has('once 0'), seen.has('never')]).toEqual([true, false, false]);
  });

  it('is forgotten after a while, though nothing else comes', () => {
    let now = 0;
    const seen = createSeen(100, 1000, () => now);
    seen.add('a');
    now = 499;
    expect(seen.has('a')).toBe(true);
    now = 1500;
    expect(seen.has('a')).toBe(false);
  });
});

describe('a verifier that remembers', () => {
  const core = createCore();
  const secret = sm2PrivateKey();
  const key = sm2PublicKey(secret);
  const data = new TextEncoder().encode('a document');
  const signature = sm2Sign(secret, data);
  const names: string[] = [];
  const remembering = (): Remembering => ({
    seen: createSeen(1000, 1000, () => 0),
    name: (octets) => {
      const name = createHash('sha256').update(octets).digest('base64url');
      names.push(name);
      return name;
    },
  });
  const prepare = (memory: Remembering): Verifier => prepareSm2(key, undefined, core, memory)!;

  it('says the same of everything, the first time and again, alone and with others', () => {
    const verifier = prepare(remembering());
    const wrong = signature.map((octet, i) => (i === 40 ? octet ^ 1 : octet));
    const other = new TextEncoder().encode('b document');
    const checks = [
      { verifier, data, signature },
      { verifier, data: other, signature },
      { verifier, data, signature: wrong },
      { verifier, data, signature: signature.subarray(1) },
    ];
    for (let round = 0; round < 3; round++) {
      expect(verifyTogether(core, checks)).toEqual([true, false, false, false]);
      expect(checks.map((each) => verifier(each.data, each.signature))).toEqual([true, false, false, false]);
    }
  });

  it('asks no core with the key of another', () => {
    const verifier = prepareSm2(key, undefined, createCore())!;
    const checks = Array.from({ length: 9 }, () => ({ verifier, data, signature }));
    expect(verifyTogether(createCore(), checks)).toEqual(checks.map(() => true));
  });

  it('names nothing that is too long to be a document, and keeps nothing of what it named', () => {
    const named: Uint8Array[] = [];
    const { seen } = remembering();
    const memory: Remembering = {
      seen,
      name(octets) {
        named.push(octets);
        return 'a name';
      },
    };
    const long = new Uint8Array(9000).fill(7);
    const signed = sm2Sign(secret, long);
    const verifier = prepare(memory);
    expect([verifier(long, signed), verifier(long, signed), named]).toEqual([true, true, []]);
    verifier(data, signature);
    expect(named).toHaveLength(1);
    expect(new Set(named[0]!.subarray(5))).toEqual(new Set([0]));
  });

  it('remembers for one key only what that key signed', () => {
    const memory = remembering();
    const verifier = prepare(memory);
    expect(verifier(data, signature)).toBe(true);
    const stranger = sm2PublicKey(sm2PrivateKey());
    const theirs = prepareSm2(stranger, undefined, core, memory)!;
    expect([theirs(data, signature), verifyTogether(core, [{ verifier: theirs, data, signature }])]).toEqual([
      false,
      [false],
    ]);
    // The same key with another user id is another question, too.
    expect(prepareSm2(key, 'somebody', core, memory)!(data, signature)).toBe(false);
  });

  it('asks its core no more for what was good, and always for what was not', () => {
    let asked = 0;
    const coreKey = core.key('SM2', key.x, key.y)!;
    const counting = {
      ...coreKey,
      check: () => {
        asked += 1;
        return asked % 2 === 1;
      },
    };
    const digested = (octets: Uint8Array) => sm3(octets);
    const verifier = fastVerifier({ kind: 'SM2', key: counting, digested }, () => false, {
      remembering: remembering(),
    });
    expect([verifier(data, signature), verifier(data, signature), asked]).toEqual([true, true, 1]);
    const other = new Uint8Array(3);
    expect([verifier(other, signature), verifier(other, signature), asked]).toEqual([false, true, 3]);
  });

  it('never takes a short message for a long one whose digest it is', () => {
    const memory = remembering();
    const digests: Uint8Array[] = [];
    const coreKey = core.key('SM2', key.x, key.y)!;
    const prefix = new Uint8Array(32).fill(5);
    const digested = (octets: Uint8Array) => {
      if (octets.length <= MOST_MESSAGE - 32) return { prefix, data: octets };
      digests.push(sm3(prefix, octets));
      return digests[0]!;
    };
    const yes = { ...coreKey, check: (d: unknown) => d instanceof Uint8Array };
    const verifier = fastVerifier({ kind: 'SM2', key: yes, digested }, () => false, { remembering: memory });
    expect(verifier(new Uint8Array(MOST_MESSAGE), signature)).toBe(true);
    expect(verifier(digests[0]!, signature)).toBe(false);
  });

  it('keeps names only: a digest each, from which nothing is read', () => {
    expect(names.every((name) => /^[A-Za-z0-9_-]{43}$/.test(name))).toBe(true);
  });
});
