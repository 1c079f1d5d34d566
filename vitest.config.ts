import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    // Without this vitest loads graphql twice (ours as ES modules, @apollo/subgraph's as CommonJS) and types of one
    // realm are refused by the other. test/unit/one-realm.test.ts holds it.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
    conditions: ['fieldstone-source'],
  },
  ssr: { resolve: { conditions: ['fieldstone-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
  },
})
