import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // The checkpoint page's content policy forbids code from strings; so do the tests.
    execArgv: ['--disallow-code-generation-from-strings'],
    testTimeout: 30_000,
  },
});
