import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BaseFetcher, Updater } from 'tuf-js';
import { vi } from 'vitest';
import type { Repository } from '../../src/federation/tuf-publish.ts';

/**
 * tuf-js as a judge of repositories. It knows Ed25519 and ECDSA, and neither SM2 nor RSASSA-PSS as the specification has
 * them; its clock cannot be passed in.
 */

/** It exports this class from a file of its own only. */
const { DownloadHTTPError } = createRequire(import.meta.url)('tuf-js/dist/error.js') as {
  DownloadHTTPError: new (message: string, statusCode: number) => Error;
};

export class FromMemory extends BaseFetcher {
  readonly files: Repository;
  constructor(files: Repository) {
    super();
    this.files = files;
  }
  override fetch(url: string): ReturnType<BaseFetcher['fetch']> {
    const bytes = this.files.get(url.slice('memory:/'.length));
    // What ends its search for the next root.
    if (bytes === undefined) return Promise.reject(new DownloadHTTPError('not there', 404));
    return Promise.resolve(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream() as never);
  }
}

/** What tuf-js finds at these paths, beginning at a root; undefined where it refuses or finds nothing. */
export async function judgedByTufJs(
  root: Uint8Array,
  files: Repository,
  paths: readonly string[],
  now: number,
): Promise<Map<string, string | undefined>> {
  const own = await mkdtemp(join(tmpdir(), 'tuf-js-'));
  vi.useFakeTimers({ toFake: ['Date'], now });
  try {
    await writeFile(join(own, 'root.json'), root);
    const updater = new Updater({
      metadataDir: own,
      metadataBaseUrl: 'memory:/metadata',
      targetDir: own,
      targetBaseUrl: 'memory:/targets',
      fetcher: new FromMemory(files),
    });
    await updater.refresh();
    const found = new Map<string, string | undefined>();
    for (const path of paths) {
      const target = await updater.getTargetInfo(path).catch(() => undefined);
      const local = target && (await updater.downloadTarget(target, join(own, 'content')));
      found.set(path, local && (await readFile(local, 'utf8')));
    }
    return found;
  } finally {
    vi.useRealTimers();
    await rm(own, { recursive: true, force: true });
  }
}
