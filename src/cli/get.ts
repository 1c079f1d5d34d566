import { type Command, Option } from 'commander'
import { EXIT_CODES } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'
import { contextOf, examples, nameList } from './verb.ts'

interface GetOptions {
  readonly features?: readonly string[]
  readonly args?: string
  readonly format: 'table' | 'json'
}

/** `fieldstone get` */
export function addGet(program: Command, terminal: Terminal): void {
  program
    .command('get')
    .summary('read features of entities in the terminal')
    .description(
      'Reads features as the gateway would serve them now, with their statuses. A key of one column is a word; one of several is written column=value, and a column that comes again begins the next key.',
    )
    .argument('<entity>', 'its name, e.g. Airport')
    .argument('<keys...>', 'e.g. SEA JFK, or origin=SEA destination=JFK')
    .option(
      '--features <names>',
      'only these (default: all stored ones, and on-demand ones that need no arguments)',
      nameList,
    )
    .option('--args <json>', 'arguments of on-demand features, as a JSON object')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'))
    .addHelpText(
      'after',
      examples(
        'get Airport SEA JFK',
        'get Airport SEA --features departures7d,meanDelay30d --format json',
        'get Route origin=SEA destination=JFK',
        `get Airport SEA --features distanceKm --args '{"latitude": 40.6, "longitude": -73.8}'`,
      ),
    )
    .action(async (entity: string, keys: readonly string[], options: GetOptions, command: Command) => {
      const { loadDeployment } = await import('./load-config.ts')
      const { withOnline } = await import('./open-stores.ts')
      const { readFeatures } = await import('./read-features.ts')
      const { featureLines } = await import('./feature-lines.ts')
      const deployment = await loadDeployment(contextOf(command, terminal).config)
      const request = { entity, keys, features: options.features, args: options.args }
      const found = await withOnline(deployment, (online) => readFeatures(deployment, online, request))
      for (const line of featureLines(found, options.format)) terminal.print(line)
      const errors = found.flatMap((row) => row.features.flatMap((feature) => feature.error ?? []))
      for (const message of new Set(errors.map((error) => error.message))) terminal.note(`error  ${message}`)
      if (errors.length > 0) process.exitCode = EXIT_CODES.refused.code
    })
}
