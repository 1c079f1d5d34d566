import { InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from '../src/cli/verb.ts'
import { STORES } from './serving/stores.ts'

export function storeOption(): Option {
  return new Option('--store <name>', 'where the rows are').choices(STORES).default('lmdb')
}

export function onTheWayOption(): Option {
  const text = 'requests that may be on their way (default: 32 of full load, 256 of half)'
  return new Option('--connections <number>', text).argParser(wholeNumber(1))
}

/** Fieldstone's own default logs a line for each request. */
export function logLevelOption(): Option {
  const text = "of fieldstone's log, which goes to a file"
  return new Option('--log-level <level>', text).choices(['info', 'warn', 'silent']).default('info')
}

/** An option for names out of a list, all by default; they are run in the list's order. It tells the list where a name is not in it. */
export function chooser<T>(flags: string, among: readonly T[], nameOf: (item: T) => string): Option {
  const known = among.map(nameOf)
  return new Option(flags, `comma-separated, of ${known.join(', ')}`).default(among, 'all').argParser((text) => {
    const chosen = text.split(',')
    const unknown = chosen.find((name) => !known.includes(name))
    if (unknown === undefined) return among.filter((item) => chosen.includes(nameOf(item)))
    throw new InvalidArgumentError(`'${unknown}' is none of ${known.join(', ')}.`)
  })
}

export function seconds(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 3_600) return value
  throw new InvalidArgumentError('It is a number of seconds above 0, and 3600 at most.')
}

export function minutes(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1_440) return value
  throw new InvalidArgumentError('It is a number of minutes above 0, and 1440 at most.')
}
