/** The city and the province of a GB/T 2260 code, nearest first; none for a guest. */
export const ancestorsOf = (region: string): string[] =>
  /^\d{6}$/.test(region)
    ? [`${region.slice(0, 4)}00`, `${region.slice(0, 2)}0000`].filter((above) => above !== region)
    : [];
