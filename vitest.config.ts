import { defineConfig } from 'vitest/config';

/** Of the rooms below, what replaces a module: another file may have loaded the real one before. */
const ALONE = ['test/hostile/pictures.test.ts'];
/** Nothing else here replaces a module or counts on being alone: files share what they load. */
const TOGETHER = ['codec', 'document', 'format', 'hostile', 'judge', 'region', 'trust'].map(
  (room) => `test/${room}/**/*.test.ts`,
);
// The checkpoint page's content policy forbids code from strings; so do the tests.
const execArgv = ['--disallow-code-generation-from-strings'];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 60_000,
    // One less than there are cores is one of two.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'all', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', ...TOGETHER], execArgv },
      },
      { extends: true, test: { name: 'alone', include: ALONE, execArgv } },
      { extends: true, test: { name: 'together', include: TOGETHER, exclude: ALONE, isolate: false, execArgv } },
      {
        extends: true,
        // The page itself keeps to its policy; what drives the browser makes code from strings.
        test: { name: 'browser', include: ['test/e2e/**/*.test.ts'] },
      },
    ],
  },
});
