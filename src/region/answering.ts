import type { Federation } from './federation.ts';

/**
 * Which region answers for what another one issued: a city or county without an endpoint has nobody whom a gateway could tell, and the
 * nearest region above it that has one answers in its place. In: the federation, and the region whose gateway this is, which is always
 * within reach. Out: by issuing region; the issuing region itself where nobody above it can be told either.
 */
export const answering =
  ({ chain, regions }: Pick<Federation, 'chain' | 'regions'>, own: string) =>
  (issuingRegion: string): string =>
    chain(issuingRegion).find((each) => each === own || regions.get(each)?.endpoint !== undefined) ?? issuingRegion;
