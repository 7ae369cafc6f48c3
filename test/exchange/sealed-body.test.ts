import { CompactEncrypt, type CompactJWEHeaderParameters, importJWK } from 'jose';
import { describe, expect, it, test } from 'vitest';
import { Broken } from '../../src/document/broken.ts';
import type { DecryptionKey, EncryptionKey } from '../../src/document/generated/types.ts';
import { openBody, sealBody } from '../../src/exchange/sealed-body.ts';
import { newSystemKeys, publicPartsOf } from '../../src/federation/system-keys.node.ts';

const ENDS = { from: '330000/gateway', to: '310000' };
const BODY = { contentType: 'application/json', body: new TextEncoder().encode('{"text":"通行证"}') };
const keysOf = (encryption: 'P-256' | 'X25519'): { own: readonly DecryptionKey[]; published: EncryptionKey } => {
  const keys = newSystemKeys({ name: '310000/gateway', algorithm: 'EdDSA', encryption });
  return { own: keys.encryption!, published: publicPartsOf(keys).encryption[0]! };
};
const p256 = keysOf('P-256');
const why = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run;
  } catch (error) {
    if (error instanceof Broken) return error.message;
    throw error;
  }
  return 'opened';
};
const utf8 = new TextEncoder();

describe('a sealed body', () => {
  test.each(['P-256', 'X25519'] as const)(
    'under %s is opened by its region, and shows nothing on the way',
    async (crv) => {
      const { own, published } = keysOf(crv);
      const sealed = await sealBody(BODY, published, ENDS);
      expect(await openBody(sealed, own, ENDS)).toEqual(BODY);
      expect(Buffer.from(sealed).toString()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(await sealBody(BODY, published, ENDS)).not.toEqual(sealed);
    },
  );

  it('sent on by another, or to another, is refused', async () => {
    const sealed = await sealBody(BODY, p256.published, ENDS);
    const refused = 'it was not sealed by this caller for this region';
    expect(await why(openBody(sealed, p256.own, { ...ENDS, from: '320000/gateway' }))).toBe(refused);
    expect(await why(openBody(sealed, p256.own, { ...ENDS, to: '320000' }))).toBe(refused);
  });

  it('under another key is refused, also where it has the same name', async () => {
    const sealed = await sealBody(BODY, p256.published, ENDS);
    const other = keysOf('P-256').own;
    expect(await why(openBody(sealed, other, ENDS))).toBe('it is sealed under none of our keys');
    const renamed = other.map((key) => ({ ...key, kid: p256.published.kid }));
    expect(await why(openBody(sealed, renamed, ENDS))).toBe('it cannot be opened');
  });

  it('altered in any part is refused', async () => {
    const parts = Buffer.from(await sealBody(BODY, p256.published, ENDS))
      .toString()
      .split('.');
    for (const [i, part] of parts.entries()) {
      const altered = parts.with(i, (part[0] === 'A' ? 'B' : 'A') + part.slice(1)).join('.');
      expect(await why(openBody(utf8.encode(altered), p256.own, ENDS))).not.toBe('opened');
      expect(await why(openBody(utf8.encode(parts.toSpliced(i, 1).join('.')), p256.own, ENDS))).not.toBe('opened');
    }
  });

  const HEADER = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ: 'tongren-body+jwe', cty: 'application/json' } as const;
  const sealedWith = async (header: object): Promise<Uint8Array> => {
    const all = { ...HEADER, kid: p256.published.kid, ...header } as CompactJWEHeaderParameters;
    const { kty, crv, x, y } = p256.published;
    const jwe = new CompactEncrypt(BODY.body)
      .setProtectedHeader(all)
      .setKeyManagementParameters({ apu: utf8.encode(ENDS.from), apv: utf8.encode(ENDS.to) });
    return utf8.encode(await jwe.encrypt(await importJWK({ kty, crv, x, y: y! }, all.alg)));
  };

  test.each<[string, object, string]>([
    ['as it is agreed', {}, 'opened'],
    ['without a wrapped key', { alg: 'ECDH-ES' }, 'opened'],
    ['A128KW', { alg: 'ECDH-ES+A128KW' }, 'it cannot be opened'],
    ['A128GCM', { enc: 'A128GCM' }, 'it cannot be opened'],
    ['CBC', { enc: 'A256CBC-HS512' }, 'it cannot be opened'],
    ['no type', { typ: undefined }, 'its header does not say what it is'],
    ['another type', { typ: 'JWT' }, 'its header does not say what it is'],
    ['no content type', { cty: undefined }, 'its header does not say what it is'],
    ['a content type with more', { cty: 'application/json\r\nX: y' }, 'its header does not say what it is'],
    ['a seal in a seal', { cty: 'application/jose' }, 'its header does not say what it is'],
    ['compression', { zip: 'DEF' }, 'its header has members that are not in use'],
    ['a key of its own', { jwk: {} }, 'its header has members that are not in use'],
    ['an address', { jku: 'https://x.example' }, 'its header has members that are not in use'],
    ['another key id', { kid: 'x' }, 'it is sealed under none of our keys'],
  ])('with %s: %#', async (_, header, expected) => {
    expect(await why(openBody(await sealedWith(header), p256.own, ENDS))).toBe(expected);
  });

  test.each(['', '.', '....', 'a.b.c.d.e', '{"protected":""}', 'e30....', `${'A'.repeat(5000)}....`, 'é'])(
    '%j is none',
    async (text) => {
      expect(await why(openBody(utf8.encode(text), p256.own, ENDS))).not.toBe('opened');
    },
  );

  it('is not sealed under what is no key', async () => {
    const wrong = { ...p256.published, y: 'A'.repeat(43) };
    expect(await why(sealBody(BODY, wrong, ENDS))).toBe('it cannot be sealed under this key');
  });
});
