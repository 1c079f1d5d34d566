import { defineConfig, duckdb, fixedClock, lmdb, type OnlineDriver } from 'fieldstone'
import { tableFile } from './build-tables.ts'
import * as definitions from './features.ts'

/** The sample's config, its state in any folder and its rows in any store; relative paths are relative to this file. */
export function flightsConfig(
  stateDirectory: string,
  online: OnlineDriver = lmdb({ path: `${stateDirectory}/online` }),
) {
  return defineConfig({
    name: 'flights',
    definitions,
    online,
    offline: duckdb({
      tables: {
        flights: { file: tableFile(stateDirectory, 'flights') },
        airports: { file: tableFile(stateDirectory, 'airports') },
      },
    }),
    // The flights are of 2001, so the sample's now stands still at the first midnight after the last of them.
    clock: fixedClock('2001-07-02T00:00:00Z'),
    server: { sampleOperation: 'operations/welcome.graphql' },
    materialize: { reportDirectory: `${stateDirectory}/reports` },
  })
}

export default flightsConfig('.fieldstone')
