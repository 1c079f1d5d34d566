import { bigtable, env } from 'fieldstone'
import { flightsConfig } from './fieldstone.config.ts'

/** The sample with its rows in Bigtable, or in its emulator where the environment names one. */
export default flightsConfig(
  '.fieldstone',
  bigtable({
    project: env('BIGTABLE_PROJECT', 'fieldstone'),
    instance: env('BIGTABLE_INSTANCE', 'features'),
    table: 'flights',
    emulatorHost: env('BIGTABLE_EMULATOR_HOST', ''),
  }),
)
