// The server as it is run: one file a process and what they share, packages included. With a file for each module a start takes twice as long.
import { defineConfig } from 'rolldown';

export default defineConfig({
  input: Object.fromEntries(['main', 'agent/main', 'web/main'].map((name) => [name, `server/${name}.ts`])),
  platform: 'node',
  // It looks for its binary beside itself.
  external: 'koffi',
  output: { format: 'esm', entryFileNames: 'server/[name].js', chunkFileNames: 'server/shared/[name]-[hash].js' },
});
