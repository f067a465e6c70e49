// The end-to-end tests: Debian's Chromium on the real server and the real kernel, one journey after another.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'e2e',
  globalTeardown: './e2e/left-behind.ts',
  outputDir: 'test-results/e2e',
  // Each with a server of its own.
  workers: 2,
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  // A test takes at most 20 s on two quiet cores: these are for machines that are slower and busy.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    viewport: { width: 1280, height: 800 },
    // What moves is drawn sixty times a second by the processor.
    contextOptions: { reducedMotion: 'reduce' },
    // Without film and snapshots of the page: they cost as much as all the rest of the browser's work. For a test that fails: --trace on.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false, sources: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      // Lighter than Chromium with --headless, of the same source.
      executablePath: '/usr/bin/chromium-headless-shell',
      args: [
        // The tests run as root, where Chromium's own sandbox refuses to start; every page they open is ours.
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        // Nothing but the pages of the tests may use the network.
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
