import { open } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Want } from '../trust/tuf/asking.ts';

/** Where the files of a signed store can be had. Nothing that comes from it is believed. */
export interface StoreSource {
  /** For logs and status. */
  readonly name: string;
  /** A file; undefined where there is no such file. Errors: SourceError, if that cannot be told. */
  fetch(want: Want, signal?: AbortSignal): Promise<Uint8Array | undefined>;
}

export type SourceTrouble = 'unreachable' | 'too-slow' | 'too-large' | 'bad-answer';

/** A source that did not answer, or not as it should. Says nothing about the store. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: SourceTrouble;
  constructor(code: SourceTrouble, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** A published store in a folder of this machine. */
export function folderSource(folder: string): StoreSource {
  return {
    name: folder,
    async fetch({ name, limit }) {
      const path = join(folder, name);
      if (!path.startsWith(join(folder, sep))) return undefined;
      try {
        const file = await open(path, 'r');
        try {
          // One byte more than is allowed shows that it is too large.
          const bytes = new Uint8Array(Math.min((await file.stat()).size, limit + 1));
          const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
          return bytes.subarray(0, bytesRead);
        } finally {
          await file.close();
        }
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
        throw new SourceError('unreachable', `${folder}: ${code}`);
      }
    },
  };
}
