import { parseJson } from '../../src/codec/json.ts';
import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/codec/utf8.ts';
import { isObject } from '../../src/codec/value.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { Broken } from '../../src/document/broken.ts';
import { BundleError, bundleLane, bundlePart, joinBundle, missingParts, readBundle } from '../../src/region/bundle.ts';
import { beginStore } from '../../src/region/signed.ts';
import { readTufKey, tufKeyEntry } from '../../src/trust/tuf/keys.ts';
import { isSafePath, readMetadata, type TopRole } from '../../src/trust/tuf/metadata.ts';
import { TufRefusal } from '../../src/trust/tuf/troubles.ts';
import { stage, versions } from '../support/tuf.ts';
import { main, must, type Target } from './driver.ts';

// What a mirror, or a file that somebody brings, may hand to gateways and checkpoints instead of the signed store.
// Run with: npx node test/fuzz/store.ts --seconds 60 [--target NAME] [--seed N]

const fed = await stage();
const honest = fed.repository;
const begun = fed.begin();
const before = fed.refresh(begun);
await fed.everything('second');
const after = fed.refresh(before.state);
const digestOf = (bytes: Uint8Array): string => Buffer.from(nodePlatform.digest('SHA-256', bytes)).toString('hex');
const fileOf = (role: string): Uint8Array =>
  fed.repository.get(
    role === 'timestamp' ? 'metadata/timestamp.json' : `metadata/${role === 'root' ? 1 : 2}.${role}.json`,
  )!;

/** Metadata as it reads. */
const metadata = (type: TopRole, roles: readonly string[]): Target => ({
  name: `tuf-${type}`,
  seeds: roles.map(fileOf),
  run(bytes) {
    try {
      const { signedBytes, version, expires, body } = readMetadata(bytes, type);
      must('what is signed does not depend on how it is spelled', () => {
        const spelled = JSON.stringify(JSON.parse(decodeUtf8(bytes)), null, 1);
        return Buffer.compare(readMetadata(encodeUtf8(spelled), type).signedBytes, signedBytes) === 0;
      });
      must('it has a version and an end', () => version > 0 && Number.isFinite(expires));
      if ('targets' in body)
        must('no target leaves its folder', () => [...(body.targets as Map<string, unknown>).keys()].every(isSafePath));
    } catch (error) {
      if (error instanceof TufRefusal) throw new Broken('metadata', error.message);
      throw error;
    }
  },
});

/** One file of a newer store is another: nothing of it counts that its keys did not sign. */
const served = (name: string): Target => ({
  name: `served ${name}`,
  seeds: [fed.repository.get(name)!],
  run(bytes) {
    const repository = new Map(fed.repository).set(name, bytes);
    const got = fed.refresh(before.state, {}, repository);
    const [old, next] = [versions(before), versions(after)];
    must('every role is as it was, or as it was signed', () =>
      Object.entries(versions(got)).every(([role, version]) => version === old[role] || version === next[role]),
    );
    if (got.troubles.length > 0) throw new Broken('store', got.troubles[0]!.code);
  },
});

const PARTS = new Map(
  ['{"signed":{}}', 'x', ''].map((text) => [digestOf(encodeUtf8(text)), encodeUtf8(text)] as const),
);
const LANE = { region: '310000', purposes: ['checkpoint'] };
const indexOf = (names: readonly string[]): Uint8Array =>
  encodeUtf8(
    JSON.stringify({
      bundle: 'tongren-bundle/1',
      ...LANE,
      parts: [...PARTS].slice(0, names.length).map(([sha256, { length }], i) => ({ name: names[i], sha256, length })),
    }),
  );
const kept = beginStore(honest.get('metadata/1.root.json')!, nodePlatform);

export const targets: readonly Target[] = [
  metadata('root', ['root']),
  metadata('timestamp', ['timestamp']),
  metadata('snapshot', ['snapshot']),
  metadata('targets', ['targets', '310000', '330000']),
  {
    name: 'tuf-key',
    seeds: [...fed.members, ...(await stage('SM2-SM3')).members].map(({ publicKey }) =>
      encodeUtf8(JSON.stringify(tufKeyEntry(publicKey))),
    ),
    run(bytes) {
      const entry = parseJson(decodeUtf8(bytes), CODE_LIMITS);
      const key = isObject(entry) ? readTufKey(entry, nodePlatform) : undefined;
      if (key === undefined) throw new Broken('key', 'not usable');
      must('nobody has signed with it', () => !key.verify(bytes, '00'.repeat(64)) && !key.verify(bytes, 'no hex'));
    },
  },
  ...['metadata/timestamp.json', 'metadata/2.snapshot.json', 'metadata/2.targets.json', 'metadata/2.310000.json'].map(
    served,
  ),
  {
    name: 'bundle',
    seeds: [
      ['metadata/1.root.json'],
      ['metadata/timestamp.json', 'metadata/1.snapshot.json'],
      ['targets/a', 'targets/b', 'metadata/c'],
    ].map((names) => joinBundle(indexOf(names), (sha256) => PARTS.get(sha256))),
    run(bytes) {
      try {
        const lane = bundleLane(bytes);
        const { view } = readBundle(bytes, lane, kept, fed.now, nodePlatform);
        must('nobody signed it, so nothing of it counts', () => view.files.size === 0);
        for (const [sha256, content] of PARTS) {
          const part = bundlePart(bytes, sha256);
          must('a part is what its digest says', () => part === undefined || part.length === content.length);
        }
      } catch (error) {
        if (error instanceof BundleError) throw new Broken('bundle', error.message);
        throw error;
      }
    },
  },
  {
    name: 'bundle-index',
    seeds: [indexOf(['targets/a']), indexOf(['targets/a', 'targets/b', 'metadata/c'])],
    run(bytes) {
      try {
        const missing = missingParts(bytes, () => false);
        must('digests are asked for, each once', () =>
          missing.every((digest, i) => /^[0-9a-f]{64}$/.test(digest) && missing.indexOf(digest) === i),
        );
      } catch (error) {
        if (error instanceof BundleError) throw new Broken('index', error.message);
        throw error;
      }
    },
  },
];

if (import.meta.main) await main(targets);
