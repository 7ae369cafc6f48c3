import { expect } from 'vitest';
import { Broken } from '../../src/document/broken.ts';

/** For `toThrow`: `Broken` with this code and, if it is given, this part. */
export const broken = (code = 'MALFORMED', part?: string) =>
  expect.toSatisfy(
    (error) => error instanceof Broken && error.code === code && (part === undefined || error.part === part),
  );
export const malformed = broken();
