// The tests of the machine itself, on this side of it: npm run test:vm runs them. What runs inside comes under the clone's own configuration.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'machine',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    exclude: ['*.guest.test.ts'],
    // One machine at a time: each takes all processors.
    fileParallelism: false,
    testTimeout: 300_000,
  },
});
