import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../../src/crypto/platform.node.ts';
import { newest } from '../../../src/federation/tuf-publish.ts';
import { addSignature } from '../../../src/federation/tuf-write.ts';
import { GENERIC } from '../../../src/trust/tuf/profile.ts';
import { codes, jsonOf, packOf, read, refused, type Stage, seen, stage, text } from '../../support/tuf.ts';

/** Who may say what: signatures, thresholds, what the root fixes, and content that is not what was signed. */

const TIMESTAMP = 'metadata/timestamp.json';

describe('foreign signatures', () => {
  it.each(['snapshot', 'timestamp'] as const)('on the %s are refused', async (role) => {
    const { fed, state } = await seen();
    await fed.news({ ...fed.online, [role]: [fed.key()] });
    refused(fed, state, `${role} SIGNATURE_FOREIGN`);
  });

  it('on a region’s file are refused, and the others’ news arrives', async () => {
    const { fed, state } = await seen();
    await fed.region('310000', { files: packOf('310000', 'forged') }, [fed.key()]);
    await fed.region('330200', { files: packOf('330200', 'news') });
    await fed.news();
    refused(fed, state, '310000 SIGNATURE_FOREIGN');
    expect(read(fed.refresh(state), 'regions/330200/region.json')).toContain('news');
  });

  it('of a province on its city’s file are refused', async () => {
    const { fed, state } = await seen();
    await fed.region('330200', { files: packOf('330200', 'forged') }, [fed.regions.get('330000')!]);
    await fed.news();
    refused(fed, state, '330200 SIGNATURE_FOREIGN');
  });

  it('of the online keys on targets are refused', async () => {
    const { fed, state } = await seen();
    await fed.targets({}, [...fed.online.snapshot, ...fed.online.timestamp]);
    await fed.news();
    refused(fed, state, 'targets SIGNATURE_FOREIGN');
  });

  it('that are none at all are refused', async () => {
    const { fed, state } = await seen();
    await fed.region('310000', { files: packOf('310000', 'forged') }, []);
    await fed.news();
    refused(fed, state, '310000 UNSIGNED');
  });
});

describe('altered content', () => {
  it.each(['root', 'targets', '310000'])('of %s after signing is refused', async (role) => {
    const { fed, state } = await seen();
    if (role === 'root') await fed.root();
    else if (role === 'targets') await fed.targets();
    else await fed.region(role);
    const name = `metadata/${newest(fed.repository, role)!.version}.${role}.json`;
    const whole = jsonOf(fed.repository.get(name)!);
    whole.signed['x-note'] = 'added';
    fed.put(name, text(JSON.stringify(whole)));
    await fed.news();
    refused(fed, state, `${role} SIGNATURE_INVALID`);
  });

  it('of a target file is refused, and the whole role with it', async () => {
    const { fed, state } = await seen();
    const before = new Set(fed.repository.keys());
    await fed.region('310000', { files: packOf('310000', 'second') });
    await fed.news();
    const name = [...fed.repository.keys()].find((file) => file.startsWith('targets/') && !before.has(file))!;
    const other = fed.repository.get(name)!.slice();
    other[5]! ^= 1;
    fed.put(name, other);
    refused(fed, state, '310000 FILE_ALTERED');
    fed.put(name, text('longer than what was signed, much longer than what was signed, by far'));
    refused(fed, state, '310000 TOO_LARGE');
    fed.put(name, text('shorter'));
    refused(fed, state, '310000 FILE_ALTERED');
    fed.put(name, undefined);
    refused(fed, state, '310000 FILE_MISSING');
  });

  it('that matches only one of its digests is refused', async () => {
    const { fed, state } = await seen();
    await fed.region('310000', { files: packOf('310000', 'second') });
    await fed.forge(
      'metadata/2.310000.json',
      (signed) => {
        const entry = Object.values(signed['targets'] as Record<string, { hashes: Record<string, string> }>)[0]!;
        entry.hashes['sm3'] = '00'.repeat(32);
      },
      [fed.regions.get('310000')!],
    );
    await fed.news();
    refused(fed, state, '310000 FILE_ALTERED');
  });

  it('that has no SM3 digest is refused by our profile, and not by the specification', async () => {
    const { fed, state } = await seen();
    await fed.region('310000', { files: packOf('310000') });
    await fed.forge(
      'metadata/2.310000.json',
      (signed) => {
        for (const entry of Object.values(signed['targets'] as Record<string, { hashes: Record<string, string> }>))
          delete entry.hashes['sm3'];
      },
      [fed.regions.get('310000')!],
    );
    await fed.news();
    refused(fed, state, '310000 HASH_UNKNOWN');
    expect(codes(fed.refresh(state, { profile: GENERIC }))).toEqual([]);
  });
});

describe('thresholds', () => {
  it('are not met by two of the three who must sign targets', async () => {
    const { fed, state } = await seen();
    await fed.targets({}, fed.members.slice(0, 2));
    await fed.news();
    refused(fed, state, 'targets THRESHOLD_NOT_MET');
  });

  it('are met when the third signs the same file later', async () => {
    const { fed, state } = await seen();
    await fed.targets({}, fed.members.slice(0, 2));
    const name = 'metadata/2.targets.json';
    fed.put(name, await addSignature(fed.repository.get(name)!, fed.members[3]!, nodePlatform));
    await fed.news();
    expect(codes(fed.refresh(state))).toEqual([]);
  });

  it('must be met by the kinds of keys that the root names, whatever else has signed', async () => {
    const fed = await stage();
    const [ed, p256] = [fed.key(), (await stage('ES256')).key()];
    fed.own = { ...fed.own, kinds: { regions: [['P-256'], ['Ed25519']] } };
    await fed.root();
    const holders = { keys: [ed.publicKey, p256.publicKey], threshold: 1 };
    await fed.targets({ delegations: new Map([['310000', holders]]) });
    await fed.region('310000', { files: packOf('310000') }, [ed]);
    await fed.news();
    expect(codes(fed.refresh(fed.begin()))).toEqual(['310000 KEY_KIND_NOT_MET']);
    await fed.region('310000', { files: packOf('310000') }, [ed, p256]);
    await fed.news();
    expect(codes(fed.refresh(fed.begin()))).toEqual([]);
  });
});

describe('the root', () => {
  it('that skips a version is refused', async () => {
    const { fed, state } = await seen();
    await fed.root();
    await fed.root();
    fed.put('metadata/2.root.json', fed.repository.get('metadata/3.root.json'));
    refused(fed, state, 'root ROOT_VERSION_SKIPPED');
  });

  it('of another federation, signed by the same people, is refused', async () => {
    const { fed, state } = await seen();
    fed.own = { ...fed.own, environment: 'rehearsal' };
    await fed.root();
    refused(fed, state, 'root FEDERATION_CHANGED');
  });

  it.each([
    ['310000', (fed: Stage) => fed.region('310000', { files: packOf('310000', 'a drill') })],
    ['targets', (fed: Stage) => fed.targets()],
  ])(
    'is no way in for what its people signed there as %s, with the keys that they have here too',
    async (role, sign) => {
      const { fed, state } = await seen();
      const drill = await stage('EdDSA', { ...fed.own, environment: 'rehearsal' });
      Object.assign(drill, { members: fed.members, regions: fed.regions });
      await sign(drill);
      const name = `metadata/2.${role}.json`;
      for (const [file, bytes] of drill.repository)
        if (file === name || file.startsWith('targets/')) fed.put(file, bytes);
      await fed.news();
      refused(fed, state, `${role} FEDERATION_CHANGED`);
    },
  );

  it('that does not name its federation is refused', async () => {
    const { fed, state } = await seen();
    await fed.root(fed.members, { 'x-tongren': null });
    refused(fed, state, 'root FEDERATION_UNNAMED');
  });

  it('that gives an online key a vote in targets is refused', async () => {
    const { fed, state } = await seen();
    fed.members = [...fed.members.slice(0, 3), fed.online.snapshot[0]!];
    await fed.root([...fed.members]);
    refused(fed, state, 'root PROFILE_VIOLATED');
  });

  it('whose key ids are not the digests of their keys is refused', async () => {
    const { fed, state } = await seen();
    await fed.root();
    await fed.forge(
      'metadata/2.root.json',
      (signed) => {
        const keys = signed['keys'] as Record<string, unknown>;
        keys['00'.repeat(32)] = Object.values(keys)[0];
      },
      fed.members,
    );
    refused(fed, state, 'root PROFILE_VIOLATED');
  });
});

describe('times', () => {
  it('of signing that are missing are refused', async () => {
    const { fed, state } = await seen();
    await fed.news();
    await fed.forge(TIMESTAMP, (signed) => Reflect.deleteProperty(signed, 'issued'), fed.online.timestamp);
    refused(fed, state, 'timestamp ISSUED_MISSING');
  });

  it('of signing in the future are refused, a minute of difference between clocks is not', async () => {
    const { fed, state } = await seen();
    fed.now += 61_000;
    await fed.news();
    fed.now -= 61_000;
    refused(fed, state, 'timestamp ISSUED_IN_FUTURE');
    fed.now += 1000;
    expect(codes(fed.refresh(state))).toEqual([]);
  });
});

describe('an unknown version of the specification', () => {
  it.each(['2.0.0', '1', '1.x', '01.0.0', '', '1.0.0.0'])('“%s” is refused', async (version) => {
    const { fed, state } = await seen();
    await fed.news();
    await fed.forge(TIMESTAMP, (signed) => (signed['spec_version'] = version), fed.online.timestamp);
    refused(fed, state, 'timestamp SPEC_VERSION_UNKNOWN');
  });
});
