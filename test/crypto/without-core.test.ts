import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, expect, it, vi } from 'vitest';
import { createCore } from '../../src/crypto/core/core.ts';
import { keyFromSpki } from '../../src/crypto/keys.ts';
import { sm2PrivateKey, sm2PublicKey, sm2Sign } from '../../src/crypto/sm2.ts';

// As V8 says it on a processor, or in a version, without vector instructions.
vi.stubGlobal('WebAssembly', {
  ...Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map((name) => [name, Reflect.get(WebAssembly, name)])),
  Module: class {
    constructor() {
      throw new WebAssembly.CompileError('Wasm SIMD unsupported');
    }
  },
});
afterAll(() => vi.unstubAllGlobals());

it.each(['browser', 'node'] as const)('without vector instructions the %s platform says the same', async (name) => {
  expect(() => createCore()).toThrow('SIMD');
  const { browserPlatform } = await import('../../src/crypto/platform.browser.ts');
  const { nodePlatform } = await import('../../src/crypto/platform.node.ts');
  const platform = { browser: browserPlatform, node: nodePlatform }[name];
  const data = new TextEncoder().encode('a document');
  const other = new TextEncoder().encode('another document');
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const p256 = keyFromSpki(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })));
  const secret = sm2PrivateKey();
  const sm2 = sm2PublicKey(secret);
  const signed = [
    ['ES256', p256, new Uint8Array(sign('sha256', data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }))],
    ['SM2-SM3', sm2, sm2Sign(secret, data)],
  ] as const;
  for (const [algorithm, key, signature] of signed) {
    const verifier = platform.prepare(algorithm, key)!;
    // More than a key is used before it would have a table, and more than are checked one by one.
    const checks = Array.from({ length: 20 }, (_, i) => ({ verifier, data: i % 2 === 0 ? data : other, signature }));
    expect(platform.verifyMany(checks)).toEqual(checks.map((each) => each.data === data));
  }
});
