import { join, relative } from 'node:path';
import { pemFromDer } from '../../src/codec/pem.ts';
import type { EnvelopeAlgorithmName } from '../../src/crypto/algorithms.ts';
import { spkiFromKey } from '../../src/crypto/keys.ts';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { keyFromPem, newKeyPem } from '../../src/federation/pkcs8.node.ts';
import { troublesOf } from '../../src/federation/place.ts';
import { openPublished, type Published } from '../../src/federation/published.ts';
import { readRepository } from '../../src/federation/repository.node.ts';
import type { Repository } from '../../src/federation/tuf-publish.ts';
import { inside, type Said, temporary } from './cli.ts';
import { HOUR, T0 } from './tuf.ts';

/**
 * An operator's desk for tests: keys in files, a clock, and the commands as they are typed. `keys/` of the desk holds
 * nothing, so that each command says which keys are at hand.
 */
export interface DeskStage {
  now: number;
  readonly folder: string;
  readonly dir: string;
  /** Makes a key pair of this name, if there is none. Out: its public file. */
  key(name: string, algorithm?: EnvelopeAlgorithmName): string;
  secret(name: string): string;
  /** `tongren federation …` at this desk with these keys at hand. */
  run(args: readonly string[], ...keys: string[]): Promise<Said>;
  repository(): Promise<Repository>;
  published(): Promise<Published>;
  troubles(earlier?: Repository): Promise<string[]>;
  write(file: string, content: string): string;
  remove(): void;
}

export const MEMBERS = ['anhui', 'jiangsu', 'shanghai', 'zhejiang'] as const;
/** Enough of them, and the online key. */
export const QUORUM = ['anhui', 'jiangsu', 'shanghai', 'news'] as const;

export function deskStage(algorithm: EnvelopeAlgorithmName = 'EdDSA'): DeskStage {
  const { folder, write, remove } = temporary();
  const dir = join(folder, 'desk');
  const made = new Set<string>();
  const desk: DeskStage = {
    now: T0,
    folder,
    dir,
    write,
    remove,
    key(name, kind = algorithm) {
      if (!made.has(name)) {
        made.add(name);
        const pem = newKeyPem(kind);
        write(`keys/${name}.pem`, pem);
        write(`keys/${name}.pub.pem`, pemFromDer(spkiFromKey(keyFromPem(pem).publicKey), 'PUBLIC KEY'));
      }
      return join(folder, `keys/${name}.pub.pem`);
    },
    secret: (name) => desk.key(name).replace('.pub.pem', '.pem'),
    run: (args, ...keys) =>
      inside(
        ['federation', ...args, '--dir', dir, '--by', 'test', ...keys.flatMap((key) => ['--key', desk.secret(key)])],
        { now: desk.now },
      ),
    repository: () => readRepository(join(dir, 'repository')),
    published: async () => openPublished(await desk.repository()),
    troubles: async (earlier) =>
      troublesOf(await desk.repository(), desk.now, nodePlatform, earlier).map(({ role, code }) => `${role} ${code}`),
  };
  return desk;
}

export interface FoundingChange {
  readonly waitingHours?: number;
  readonly guests?: boolean;
  readonly kinds?: object;
}

/** The declaration of a small federation: three of four members, one online key. Out: its file. */
export function declare(desk: DeskStage, { waitingHours = 168, guests = false, kinds }: FoundingChange = {}): string {
  const held = (threshold: number, ...names: string[]) => ({
    threshold,
    keys: names.map((name) => relative(desk.folder, desk.key(name))),
  });
  return desk.write(
    'founding.json',
    JSON.stringify({
      federation: 'test-federation',
      environment: 'rehearsal',
      name: { zh: '演练', en: 'Rehearsal' },
      waitingHours,
      ...(kinds === undefined ? {} : { kinds }),
      root: held(3, ...MEMBERS),
      targets: held(3, ...MEMBERS),
      snapshot: held(1, 'news'),
      timestamp: held(1, 'news'),
      desk: held(1, 'desk'),
      ...(guests ? { guests: held(1, 'guests') } : {}),
    }),
  );
}

/** A federation that is founded. */
export async function founded(
  algorithm: EnvelopeAlgorithmName = 'EdDSA',
  change: FoundingChange = {},
): Promise<DeskStage> {
  const desk = deskStage(algorithm);
  const keys = [...QUORUM, 'desk', ...(change.guests ? ['guests'] : [])];
  const { exit, err } = await desk.run(['found', declare(desk, change), '--apply'], ...keys);
  if (exit !== 0) throw new Error(err);
  return desk;
}

export { HOUR, T0 };
