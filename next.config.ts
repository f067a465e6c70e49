// How the UI is built: a static export that the web process serves from memory; nothing of Next runs when cgdeck runs.
import type { NextConfig } from 'next';

const config: NextConfig = {
  output: 'export',
  reactStrictMode: true,
  images: { unoptimized: true },
  turbopack: { root: import.meta.dirname },
  devIndicators: false,
  // A build writes only into .next and out, and asks nothing of the network.
  agentRules: false,
  experimental: {
    agentUpgrade: false,
    // While the server is away, the menu works: pages that were prefetched are kept, and others are waited for instead of leaving for the browser's error page.
    useOffline: true,
    staleTimes: { static: 30 * 24 * 3600 },
  },
};

export default config;
