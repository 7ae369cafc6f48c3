import { describe, expect, it } from 'vitest';
import { encodeHex } from '../../src/codec/hex.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { sm3 } from '../../src/crypto/sm3.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { filesByRole, newest, placeRole, publishNews, rolesOf } from '../../src/federation/tuf-publish.ts';
import { addSignature, signedFile, targetsSigned, unsignedFile } from '../../src/federation/tuf-write.ts';
import { readMetadata } from '../../src/trust/tuf/metadata.ts';
import { signaturesBy } from '../../src/trust/tuf/signatures.ts';
import { store } from '../support/federation.ts';
import { codes, HOUR, jsonOf, packOf, stage, T0, text } from '../support/tuf.ts';

const HEAD = { version: 3, issued: T0, expires: T0 + HOUR };

describe('the writer', () => {
  it('writes the same bytes for the same content, in whatever order it comes', () => {
    const files = [...packOf('310000')];
    const one = unsignedFile(targetsSigned(HEAD, new Map(files), new Map(), nodePlatform));
    const other = unsignedFile(targetsSigned(HEAD, new Map(files.reverse()), new Map(), nodePlatform));
    expect(other).toEqual(one);
    expect(jsonOf(one)).toMatchObject({
      signatures: [],
      signed: { version: 3, issued: '2026-11-23T04:00:00Z', expires: '2026-11-23T05:00:00Z' },
    });
  });

  it('lists length, SHA-256 and SM3 of each file', () => {
    const content = text('content');
    const signed = targetsSigned(HEAD, new Map([['catalogue.json', content]]), new Map(), nodePlatform);
    expect(signed['targets']).toEqual({
      'catalogue.json': {
        length: 7,
        hashes: {
          sha256: encodeHex(nodePlatform.digest('SHA-256', content)),
          sm3: encodeHex(sm3(content)),
        },
      },
    });
  });

  it('lets several people sign one after the other, in any order, and shows who is missing', async () => {
    const keys = [mintKey('EdDSA'), mintKey('SM2-SM3'), mintKey('ES256')];
    const holders = new Map([['310000', { keys: keys.map(({ publicKey }) => publicKey), threshold: 2 }]]);
    const { delegations, delegatedKeys } = readMetadata(
      unsignedFile(targetsSigned(HEAD, new Map(), holders, nodePlatform)),
      'targets',
    ).body;
    const by = { of: delegations[0]!, keys: delegatedKeys };
    const none = unsignedFile(targetsSigned(HEAD, new Map(), new Map(), nodePlatform));
    const [first, second] = delegations[0]!.keyIds;
    const half = await addSignature(none, keys[1]!, nodePlatform);
    expect(signaturesBy(readMetadata(half, 'targets'), by, nodePlatform)).toMatchObject({ by: [second] });
    const whole = await addSignature(half, keys[0]!, nodePlatform);
    const { by: signed, missing, wrong } = signaturesBy(readMetadata(whole, 'targets'), by, nodePlatform);
    expect(signed).toEqual([first, second]);
    expect(missing).toHaveLength(1);
    expect(wrong).toEqual([]);
    // Ed25519 signatures have one form, so both orders give the same bytes; a second by the same key replaces the first.
    const sameAgain = await addSignature(await addSignature(none, keys[0]!, nodePlatform), keys[0]!, nodePlatform);
    expect(sameAgain).toEqual(
      await signedFile(targetsSigned(HEAD, new Map(), new Map(), nodePlatform), [keys[0]!], nodePlatform),
    );
  });

  it('waits for a signer that answers later, as an HSM does', async () => {
    const key = mintKey('SM2-SM3');
    const slow = { publicKey: key.publicKey, sign: (data: Uint8Array) => Promise.resolve(key.sign(data)) };
    const file = await signedFile(targetsSigned(HEAD, new Map(), new Map(), nodePlatform), [slow], nodePlatform);
    expect(readMetadata(file, 'targets').signatures.size).toBe(1);
  });
});

describe('a store', () => {
  it('is divided among those who sign it: nothing of the reference federation is left over', () => {
    const roles = filesByRole(store);
    expect([...roles.keys()]).toEqual(expect.arrayContaining(['federation', '310000', '330000', 'guests']));
    expect([...roles.values()].reduce((count, files) => count + files.size, 0)).toBe(store.size);
  });

  it('with a file that nobody may list is refused', () => {
    expect(() => filesByRole(new Map([['notes/a.txt', text('')]]))).toThrow(/notes\/a\.txt/);
  });

  it('keeps every version, and finds the newest', async () => {
    const fed = await stage();
    for (let i = 0; i < 11; i++) await fed.region('310000');
    expect(newest(fed.repository, '310000')?.version).toBe(12);
    expect(fed.repository.has('metadata/1.310000.json')).toBe(true);
    expect(newest(fed.repository, '999999')).toBeUndefined();
    expect(rolesOf(fed.repository)).toEqual(['310000', '330000', '330200', 'federation', 'guests', 'targets']);
  });

  it('takes a region’s file that was signed elsewhere', async () => {
    const fed = await stage();
    const elsewhere = await stage();
    elsewhere.regions.set('310000', fed.regions.get('310000')!);
    await elsewhere.region('310000', { files: packOf('310000', 'from elsewhere') });
    const file = newest(elsewhere.repository, '310000')!.bytes;
    fed.repository = placeRole(fed.repository, '310000', file, packOf('310000', 'from elsewhere'));
    await fed.news();
    expect(codes(fed.refresh(fed.begin()))).toEqual([]);
  });

  it('lists a role that is gone, so that clients are not shown a rollback', async () => {
    const fed = await stage();
    await fed.targets({ delegations: fed.delegations(['310000']) });
    const times = { now: T0, lifetime: HOUR };
    const after = await publishNews(fed.repository, fed.online, { snapshot: times, timestamp: times }, nodePlatform);
    expect([...readMetadata(newest(after, 'snapshot')!.bytes, 'snapshot').body.meta.keys()]).toContain('guests.json');
  });
});
