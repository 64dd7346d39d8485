import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { bundleOutput } from './server/bundle-output.js'

/** Tests take the engine and the code of threads as the server ships them. */
const bundled = {
  alias: [
    { find: /^\.+\/place$/, replacement: join(import.meta.dirname, 'test/support/place.ts') },
    {
      find: /^(?:\.\.\/)+simulation\/(.+)$/,
      replacement: join(import.meta.dirname, 'node_modules/.cache/engine/$1.js'),
    },
  ],
  globalSetup: 'test/support/bundles.ts',
}

/** One config: `vite build` makes the page in dist/client, `vite build --ssr` the server in dist/server. */
export default defineConfig(({ isSsrBuild }) => ({
  root: isSsrBuild ? '.' : 'client',
  plugins: [vue()],
  build: isSsrBuild
    ? {
        outDir: 'dist/server',
        emptyOutDir: true,
        target: 'node20',
        rolldownOptions: {
          // threads find their code beside the code that starts them
          output: bundleOutput,
          input: {
            main: 'server/main.ts',
            worker: 'server/live/worker.ts',
            simulate: 'server/simulate.ts',
            token: 'server/token.ts',
            'experiment-worker': 'server/experiments/worker.ts',
          },
        },
      }
    : { outDir: '../dist/client', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  test: {
    root: '.',
    // of two cores one would stand idle
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          ...bundled,
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/browser/**'],
          // modules hold no state, and an engine that is compiled once serves many files
          isolate: false,
          // hundreds of random fleets take a while where other work runs beside them
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // one journey at a time, when nothing else runs, for they share the machine with a server and a browser
          name: 'browser',
          ...bundled,
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          // a machine under other load may be too slow for once; a second failure is one
          retry: 1,
          testTimeout: 90_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
}))
