import { type Command, Option } from 'commander'
import { FieldstoneError } from '../errors.ts'
import { formatTimestamp } from '../lib/micros.ts'
import type { Terminal } from './terminal.ts'
import { contextOf, examples, instant, nameList, wholeNumber } from './verb.ts'

export interface MaterializeOptions {
  readonly view?: readonly string[]
  /** Microseconds since 1970. */
  readonly from?: number
  readonly to?: number
  readonly incremental?: true
  readonly due?: true
  readonly maxRejected?: number
}

/** `fieldstone materialize` */
export function addMaterialize(program: Command, terminal: Terminal): void {
  program
    .command('materialize')
    .summary('bring rows from the offline store into the online store')
    .description(
      'Reads the sources of the views and writes their newest rows to the online store. Rows that do not fit their declaration go to a report file, one by one. Running it again changes nothing; a run that was stopped goes on where it was.',
    )
    .option('--view <names>', 'only these views (default: all)', nameList)
    .option('--from <instant>', 'only rows with an event time at or after it', instant)
    .option('--to <instant>', 'only rows with an event time at or before it', instant)
    .addOption(new Option('--incremental', 'only rows that came since the last run').conflicts(['from', 'to', 'due']))
    .addOption(
      new Option('--due', 'only views whose schedule says so, under a lease: for cron').conflicts(['from', 'to']),
    )
    .option('--max-rejected <count>', 'rows that may be rejected before the exit code is 4', wholeNumber(0), 0)
    .addHelpText(
      'after',
      examples(
        'materialize',
        'materialize --view airportDaily,routeDaily --incremental',
        'materialize --from 2001-06-01 --to 2001-06-30',
        'materialize --due --max-rejected 100',
      ),
    )
    .action(async (options: MaterializeOptions, command: Command) => {
      assertRange(options)
      const { loadDeployment } = await import('./load-config.ts')
      const { withOnline } = await import('./open-stores.ts')
      const { materializeViews } = await import('./materialize-views.ts')
      const { interruptible } = await import('./until-stopped.ts')
      const deployment = await loadDeployment(contextOf(command, terminal).config)
      await interruptible((signal) =>
        withOnline(deployment, (online) => materializeViews(deployment, online, { ...options, terminal, signal })),
      )
    })
}

/** A range that ends before it begins holds no row, which nobody means. */
function assertRange({ from, to }: MaterializeOptions): void {
  if (from === undefined || to === undefined || from <= to) return
  throw new FieldstoneError('USAGE', {
    seen: `--from ${formatTimestamp(from)} --to ${formatTimestamp(to)}`,
    why: 'The range ends before it begins.',
    mend: 'Write the earlier instant as --from.',
  })
}
