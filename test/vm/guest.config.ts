import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { include: ['**/*.kernel.test.ts', 'test/vm/**/*.guest.test.ts'], fileParallelism: false, pool: 'forks', testTimeout: 300_000, hookTimeout: 300_000 } });
