/** Several regions' entries under one name: whose are tried first, and whose they are. */

/**
 * Each region's first before any region's second: a county that puts a hundred keys under its neighbour's key id (or
 * authorities under its name) must not push the neighbour's own out of the few that are tried.
 */
export function inTurn<T>(entries: readonly T[], regionOf: (entry: T) => string): readonly T[] {
  if (entries.every((entry) => regionOf(entry) === regionOf(entries[0]!))) return entries;
  const rounds = new Map<string, number>();
  const ranked = entries.map((entry) => {
    const round = rounds.get(regionOf(entry)) ?? 0;
    rounds.set(regionOf(entry), round + 1);
    return { entry, round };
  });
  return ranked.sort((one, other) => one.round - other.round).map(({ entry }) => entry);
}

/**
 * Of regions that list the same key, the one under which the others stand. Undefined if there is none: public keys can
 * be copied, so then nobody can tell whose it is.
 */
export const highestOf = (
  regions: readonly string[],
  chainOf: (region: string) => readonly string[],
): string | undefined => regions.find((one) => regions.every((other) => chainOf(other).includes(one)));
