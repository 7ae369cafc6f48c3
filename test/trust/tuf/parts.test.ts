import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHex } from '../../../src/codec/hex.ts';
import { pemFromDer } from '../../../src/codec/pem.ts';
import type { ValueObject } from '../../../src/codec/value.ts';
import type { EnvelopeAlgorithmName } from '../../../src/crypto/algorithms.ts';
import { spkiFromKey } from '../../../src/crypto/keys.ts';
import { nodePlatform } from '../../../src/crypto/platform.node.ts';
import { mintKey } from '../../../src/federation/signer.node.ts';
import { readTufKey, tufKeyEntry, tufSignature } from '../../../src/trust/tuf/keys.ts';
import { isSafePath, readMetadata } from '../../../src/trust/tuf/metadata.ts';
import { matchesPattern } from '../../../src/trust/tuf/paths.ts';
import { TROUBLES } from '../../../src/trust/tuf/troubles.ts';
import { codes, jsonOf, text } from '../../support/tuf.ts';
import { listed } from '../../support/tuf-generic.ts';

describe('patterns of paths', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/*', true],
    ['a/b/c', 'a/*', false],
    ['a', 'a/*', false],
    ['a/', 'a/*', true],
    ['a/b.json', 'a/*.json', true],
    ['a/.json', 'a/*.json', true],
    ['a/b.jsonx', 'a/*.json', false],
    ['abc', 'a?c', true],
    ['a/c', 'a?c', false],
    ['ac', 'a?c', false],
    ['abcbcd', 'a*bcd', true],
    ['', '*', true],
    ['aXbYc', '*X*Y*', true],
    ['a[b]', 'a[b]', true],
    ['ab', 'a[b]', false],
    ['a{b,c}', 'a{b,c}', true],
    ['anything/at/all', '**', false],
  ])('%s fits %s: %s', (path, pattern, expected) => {
    expect(matchesPattern(path, pattern)).toBe(expected);
  });

  it('agree with a plain definition by regular expression', () => {
    const signs = fc.array(fc.constantFrom('a', 'b', '*', '?', '/', '.'), { maxLength: 8 }).map((all) => all.join(''));
    const paths = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 8 }).map((all) => all.join(''));
    const plain = (pattern: string): RegExp =>
      new RegExp(`^${[...pattern].map((sign) => ({ '*': '[^/]*', '?': '[^/]', '.': '\\.' })[sign] ?? sign).join('')}$`);
    fc.assert(
      fc.property(paths, signs, (path, pattern) => matchesPattern(path, pattern) === plain(pattern).test(path)),
      { numRuns: 3000 },
    );
  });

  it('are not made slow by many stars', () => {
    const pattern = `${'*a'.repeat(500)}b`;
    expect(matchesPattern('a'.repeat(1000), pattern)).toBe(false);
    expect(matchesPattern(`${'a'.repeat(1000)}b`, pattern)).toBe(true);
  });
});

describe('paths of targets', () => {
  it.each(['a', 'a/b.json', 'regions/310000/x', '.well-known', '中文/文件', 'a..b', '...'])('%s is safe', (path) => {
    expect(isSafePath(path)).toBe(true);
  });
  it.each(['', '/', 'a/', '/a', '..', 'a/..', './a', 'a//b', 'a\\b', 'C:/a', 'a\nb', 'x'.repeat(1025)])(
    '%j is not',
    (path) => {
      expect(isSafePath(path)).toBe(false);
    },
  );
});

describe('keys in metadata', () => {
  const data = text('what is signed');

  it.each<EnvelopeAlgorithmName>(['EdDSA', 'ES256', 'ES384', 'SM2-SM3'])('of %s are written and read', (algorithm) => {
    const key = mintKey(algorithm);
    const entry = tufKeyEntry(key.publicKey);
    const signature = tufSignature(entry, key.sign(data));
    const read = readTufKey(entry, nodePlatform)!;
    expect(read.kind).toBe(key.publicKey.kind);
    expect(read.verify(data, signature)).toBe(true);
    expect(read.verify(text('something else'), signature)).toBe(false);
    for (const no of ['', 'zz', signature.slice(2), `${signature}00`, 'aa'.repeat(5000)])
      expect(read.verify(data, no)).toBe(false);
  });

  it('are the same in PEM and as bare numbers, under either name of their type', () => {
    const key = mintKey('ES256').publicKey as { kind: 'P-256'; x: Uint8Array; y: Uint8Array };
    const pem = pemFromDer(spkiFromKey(key), 'PUBLIC KEY');
    const bare = `04${encodeHex(key.x)}${encodeHex(key.y)}`;
    const entries = [
      { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pem } },
      { keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pem.trim() } },
      { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: bare }, 'x-owner': '@somebody' },
    ];
    const prints = entries.map((entry) => readTufKey(entry, nodePlatform)?.thumbprint);
    expect(new Set(prints).size).toBe(1);
    expect(prints[0]).toBeTypeOf('string');
  });

  const good = tufKeyEntry(mintKey('ES256').publicKey);
  const ed = tufKeyEntry(mintKey('EdDSA').publicKey);
  it.each<[string, ValueObject]>([
    ['of an unknown scheme', { ...good, scheme: 'rot13' }],
    ['of a type that does not go with its scheme', { ...good, keytype: 'rsa' }],
    ['with another kind of key inside', { ...good, scheme: 'sm2-sm3', keytype: 'sm2' }],
    ['without a value', { keytype: 'ed25519', scheme: 'ed25519' }],
    ['with a number for a value', { ...ed, keyval: { public: 5 } }],
    ['of a wrong length', { ...ed, keyval: { public: 'abcd' } }],
    ['of small order', { ...ed, keyval: { public: '00'.repeat(32) } }],
    ['off its curve', { ...good, keyval: { public: `04${'11'.repeat(64)}` } }],
    [
      'that is a private key',
      { ...good, keyval: { public: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' } },
    ],
    ['that is far too long', { ...good, keyval: { public: 'a'.repeat(9000) } }],
  ])('%s sign nothing', (_, entry) => {
    expect(readTufKey(entry, nodePlatform)).toBeUndefined();
  });

  it('of RSA have no writer for kinds that are not in use', () => {
    expect(() => tufKeyEntry({ kind: 'nothing' } as never)).toThrow(RangeError);
  });
});

const { files } = await listed({ 'a.txt': 'a' });
describe('metadata from a stranger', () => {
  const { signed, signatures } = jsonOf(files.get('metadata/1.targets.json')!);
  const role = { name: 'r', keyids: ['k'], threshold: 1, terminating: false, paths: ['*'] };
  const keys = { k: { keytype: 'x', scheme: 'y', keyval: { public: '' } } };
  const changed = (change: Record<string, unknown>) => ({ signatures, signed: { ...signed, ...change } });

  it.each<[string, unknown]>([
    ['no object', []],
    ['without signed', { signatures }],
    ['without signatures', { signed }],
    ['with signatures that are no list', { signatures: {}, signed }],
    [
      'with a thousand signatures',
      { signatures: Array.from({ length: 1000 }, (_, i) => ({ keyid: `${i}`, sig: '' })), signed },
    ],
    ['of another type', changed({ _type: 'root' })],
    ['with version nought', changed({ version: 0 })],
    ['with version −1', changed({ version: -1 })],
    ['with a version that is no whole number', changed({ version: 1.5 })],
    ['with a version as text', changed({ version: '1' })],
    ['with a day for a time', changed({ expires: '2027-01-01' })],
    ['with a time of another zone', changed({ expires: '2027-01-01T00:00:00+08:00' })],
    ['with fractions of a second', changed({ expires: '2027-01-01T00:00:00.5Z' })],
    ['with 30 February', changed({ expires: '2027-02-30T00:00:00Z' })],
    ['with issued that is no time', changed({ issued: 5 })],
    ['with targets that are a list', changed({ targets: [] })],
    ['with a negative length', changed({ targets: { a: { length: -1, hashes: {} } } })],
    ['without a length', changed({ targets: { a: { hashes: {} } } })],
    ['with digests that are numbers', changed({ targets: { a: { length: 1, hashes: { sha256: 1 } } } })],
    ['with bins by name', changed({ delegations: { keys: {}, succinct_roles: { bit_length: 4 } } })],
    ['with paths and digests', changed({ delegations: { keys, roles: [{ ...role, path_hash_prefixes: [] }] } })],
    ['with neither', changed({ delegations: { keys, roles: [{ ...role, paths: undefined }] } })],
    ['with a role twice', changed({ delegations: { keys, roles: [role, role] } })],
    ['with a key id twice', changed({ delegations: { keys, roles: [{ ...role, keyids: ['k', 'k'] }] } })],
    ['with a threshold of nought', changed({ delegations: { keys, roles: [{ ...role, threshold: 0 }] } })],
    ['with keys that are texts', changed({ delegations: { keys: { k: 'key' }, roles: [role] } })],
    [
      'with a name of a thousand letters',
      changed({ delegations: { keys, roles: [{ ...role, name: 'n'.repeat(1000) }] } }),
    ],
    ['with a number that is not whole somewhere', changed({ 'x-note': 0.5 })],
  ])('%s is malformed', (_, file) => {
    expect(() => readMetadata(text(JSON.stringify(file)), 'targets')).toThrow(
      expect.objectContaining({ name: 'TufRefusal', code: 'MALFORMED' }),
    );
  });

  it.each<[string, Uint8Array]>([
    ['empty', new Uint8Array()],
    ['not UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['nested without end', text(`${'{"signed":'.repeat(2000)}`)],
    ['a member twice', text('{"signed":{},"signed":{},"signatures":[]}')],
    ['with something behind it', text(`${JSON.stringify({ signed, signatures })}{}`)],
  ])('%s is malformed', (_, bytes) => {
    expect(() => readMetadata(bytes, 'targets')).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });

  it('cut anywhere is malformed', () => {
    const whole = text(JSON.stringify({ signed, signatures }));
    for (let end = 0; end < whole.length; end += 7)
      expect(() => readMetadata(whole.subarray(0, end), 'targets')).toThrow(
        expect.objectContaining({ code: 'MALFORMED' }),
      );
  });

  it.each(['metadata/timestamp.json', 'metadata/1.snapshot.json', 'metadata/1.targets.json', 'metadata/2.root.json'])(
    '%s larger than is allowed is refused before it is read',
    async (name) => {
      const repository = await listed({ 'a.txt': 'a' });
      repository.files.set(name, new Uint8Array(9 * 1024 * 1024).fill(0x20));
      expect(codes(repository.refresh())[0]).toMatch(/ TOO_LARGE$/);
    },
  );

  it('says in both languages what is wrong, for every trouble', () => {
    for (const { zh, en } of Object.values(TROUBLES)) {
      expect(zh).toMatch(/\p{Script=Han}.*。$/u);
      expect(en).toMatch(/^[A-Z].*\.$/);
    }
  });
});
