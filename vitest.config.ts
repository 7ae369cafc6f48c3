import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 60_000,
    // One less than there are cores is one of two.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          // The checkpoint page's content policy forbids code from strings; so do the tests.
          execArgv: ['--disallow-code-generation-from-strings'],
        },
      },
      {
        extends: true,
        // The page itself keeps to its policy; what drives the browser makes code from strings.
        test: { name: 'browser', include: ['test/e2e/**/*.test.ts'], testTimeout: 60_000 },
      },
    ],
  },
});
