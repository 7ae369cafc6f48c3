/** The fixed clock of tests, apart from what is minted for it: a child process needs no federation of its own. */
export const NOW = Date.parse('2026-11-23T04:00:00Z');
