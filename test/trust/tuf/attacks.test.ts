import { describe, expect, it } from 'vitest';
import { GENERIC } from '../../../src/trust/tuf/profile.ts';
import { codes, DAY, HOUR, jsonOf, packOf, refused, seen, stage, T0, versions } from '../../support/tuf.ts';

/** Whoever serves the files, or has stolen keys, against a client that has seen the honest store. */

const TIMESTAMP = 'metadata/timestamp.json';

describe('rollback', () => {
  it('of the timestamp is refused', async () => {
    const { fed, state } = await seen();
    const old = fed.repository.get(TIMESTAMP)!;
    await fed.news();
    const newer = fed.refresh(state);
    fed.put(TIMESTAMP, old);
    refused(fed, newer.state, 'timestamp ROLLBACK');
  });

  it('of the snapshot under a newer timestamp is refused', async () => {
    const { fed, state } = await seen();
    await fed.news();
    const newer = fed.refresh(state);
    const { meta } = jsonOf(fed.repository.get(TIMESTAMP)!).signed as { meta: Record<string, { version: number }> };
    await fed.forge(
      TIMESTAMP,
      (signed) => {
        signed['version'] = 3;
        signed['meta'] = { 'snapshot.json': { version: meta['snapshot.json']!.version - 1 } };
      },
      fed.online.timestamp,
    );
    refused(fed, newer.state, 'timestamp ROLLBACK');
  });

  it.each(['targets', '310000', '330200'])('of %s by whoever holds the online keys is refused', async (role) => {
    const fed = await stage();
    const old = new Map(fed.repository);
    await fed.everything('first');
    const { state } = fed.refresh(fed.begin());
    // A snapshot that lists the older version again.
    fed.put(`metadata/2.${role}.json`, undefined);
    await fed.news();
    expect(old.has(`metadata/1.${role}.json`)).toBe(true);
    refused(fed, state, 'snapshot ROLLBACK');
  });

  it('of a region through a snapshot that forgets the name first is refused', async () => {
    const { fed, state } = await seen();
    await fed.news();
    await fed.forge(
      'metadata/2.snapshot.json',
      (signed) => {
        delete (signed['meta'] as Record<string, unknown>)['310000.json'];
      },
      fed.online.snapshot,
    );
    await fed.forge(
      TIMESTAMP,
      (signed) => (signed['meta'] = { 'snapshot.json': { version: 2 } }),
      fed.online.timestamp,
    );
    refused(fed, state, 'snapshot ROLLBACK');
  });

  it('of a region behind replaced online keys is refused: its own version is remembered', async () => {
    const fed = await stage();
    await fed.everything('first');
    const { state } = fed.refresh(fed.begin());
    for (const role of ['310000']) fed.put(`metadata/2.${role}.json`, undefined);
    fed.online = { snapshot: [fed.key()], timestamp: [fed.key()] };
    await fed.root();
    await fed.news();
    const after = fed.refresh(state);
    expect(codes(after)).toEqual(['310000 ROLLBACK']);
    expect(versions(after)).toMatchObject({ 310000: 2, 330000: 2 });
  });
});

describe('freeze', () => {
  it('by serving the same files for ever is noticed when they expire', async () => {
    const { fed, state } = await seen();
    fed.now += 24 * HOUR;
    refused(fed, state, 'timestamp EXPIRED');
  });

  it('by whoever holds the online keys lasts no longer than the region’s own file', async () => {
    const { fed, state } = await seen();
    fed.now += 72 * HOUR;
    await fed.news();
    const after = fed.refresh(state);
    expect(codes(after).sort()).toEqual(['310000 EXPIRED', '330000 EXPIRED', '330200 EXPIRED', 'guests EXPIRED']);
    expect(after.view.roles.get('310000')!.good).toBe(T0 + 72 * HOUR);
  });

  it('cannot be prepared by a region’s file that is good for years', async () => {
    const { fed, state } = await seen();
    fed.lifetimes['310000'] = 72 * HOUR + 1000;
    await fed.region('310000');
    await fed.news();
    refused(fed, state, '310000 LIFETIME_TOO_LONG');
  });

  it('of the root is noticed when it expires', async () => {
    const { fed, state } = await seen();
    fed.now += 365 * DAY;
    await fed.everything();
    refused(fed, state, 'root EXPIRED');
  });
});

describe('fast-forward', () => {
  it('by a leap of the version number is refused', async () => {
    const { fed, state } = await seen();
    await fed.forge(TIMESTAMP, (signed) => (signed['version'] = Number.MAX_SAFE_INTEGER), fed.online.timestamp);
    refused(fed, state, 'timestamp VERSION_LEAP');
  });

  it('of the regions by whoever holds the snapshot’s key is refused', async () => {
    const { fed, state } = await seen();
    await fed.news();
    await fed.forge(
      'metadata/2.snapshot.json',
      (signed) => {
        (signed['meta'] as Record<string, { version: number }>)['310000.json']!.version = 1_000_000_000;
      },
      fed.online.snapshot,
    );
    await fed.forge(
      TIMESTAMP,
      (signed) => (signed['meta'] = { 'snapshot.json': { version: 2 } }),
      fed.online.timestamp,
    );
    refused(fed, state, 'snapshot VERSION_LEAP');
  });

  it('that succeeded is recovered from when the root replaces the online keys', async () => {
    const fed = await stage();
    const context = { profile: GENERIC };
    await fed.forge(TIMESTAMP, (signed) => (signed['version'] = 1_000_000), fed.online.timestamp);
    const { state } = fed.refresh(fed.begin(GENERIC), context);
    await fed.forge(TIMESTAMP, (signed) => (signed['version'] = 1), fed.online.timestamp);
    expect(codes(fed.refresh(state, context))).toEqual(['timestamp ROLLBACK']);
    fed.online.timestamp = [fed.key()];
    await fed.root();
    await fed.forge(TIMESTAMP, (signed) => (signed['version'] = 2), fed.online.timestamp);
    const after = fed.refresh(state, context);
    expect(codes(after)).toEqual([]);
    expect(versions(after)).toMatchObject({ timestamp: 2, root: 2 });
  });

  it('of what the snapshot lists is recovered from as well, by the specification, when only its key is replaced', async () => {
    const fed = await stage();
    const context = { profile: GENERIC };
    await fed.targets();
    await fed.news();
    const { state } = fed.refresh(fed.begin(GENERIC), context);
    fed.put('metadata/2.targets.json', undefined);
    fed.online.snapshot = [fed.key()];
    await fed.root();
    await fed.news();
    const after = fed.refresh(state, context);
    expect(codes(after)).toEqual([]);
    expect(versions(after)).toMatchObject({ targets: 1, snapshot: 3 });
  });

  it('is not forgotten because a key is added: the old timestamp would still be accepted', async () => {
    const { fed, state } = await seen();
    const old = fed.repository.get(TIMESTAMP)!;
    await fed.news();
    const newer = fed.refresh(state);
    fed.online.timestamp = [...fed.online.timestamp, fed.key()];
    await fed.root();
    fed.put(TIMESTAMP, old);
    refused(fed, newer.state, 'timestamp ROLLBACK');
  });
});

describe('mix-and-match', () => {
  it('of the newest snapshot’s name with an older one’s content is refused', async () => {
    const { fed, state } = await seen();
    const old = fed.repository.get('metadata/1.snapshot.json')!;
    await fed.news();
    fed.put('metadata/2.snapshot.json', old);
    refused(fed, state, 'snapshot MIX_AND_MATCH');
  });

  it('of a region’s older file under the newest name is refused', async () => {
    const { fed, state } = await seen();
    const old = fed.repository.get('metadata/1.310000.json')!;
    await fed.region('310000', { files: packOf('310000', 'second') });
    await fed.news();
    fed.put('metadata/2.310000.json', old);
    refused(fed, state, '310000 MIX_AND_MATCH');
  });

  it('of files where the snapshot lists versions only is refused by the version inside', async () => {
    const { fed, state } = await seen();
    const old = fed.repository.get('metadata/1.310000.json')!;
    await fed.region('310000', { files: packOf('310000', 'second') });
    await fed.news();
    await fed.forge(
      'metadata/2.snapshot.json',
      (signed) => {
        const meta = signed['meta'] as Record<string, { version: number }>;
        for (const name in meta) meta[name] = { version: meta[name]!.version };
      },
      fed.online.snapshot,
    );
    await fed.forge(
      TIMESTAMP,
      (signed) => (signed['meta'] = { 'snapshot.json': { version: 2 } }),
      fed.online.timestamp,
    );
    fed.put('metadata/2.310000.json', old);
    refused(fed, state, '310000 MIX_AND_MATCH');
  });

  it('of one region’s file with another’s name is refused', async () => {
    const { fed, state } = await seen();
    await fed.region('310000');
    fed.put('metadata/2.310000.json', fed.repository.get('metadata/1.330000.json')!);
    await fed.news();
    refused(fed, state, '310000 SIGNATURE_FOREIGN');
  });
});
