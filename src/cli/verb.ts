import { type Command, InvalidArgumentError } from 'commander'
import { parseTimestamp } from '../lib/micros.ts'
import type { Terminal } from './terminal.ts'

/** What every verb is handed beside its own options. */
export interface VerbContext {
  readonly terminal: Terminal
  /** The config's path as it was given; undefined: the current folder's. */
  readonly config: string | undefined
  /** Whether errors are printed with their stacks. */
  readonly verbose: boolean
}

/** Adds one verb to the program. Called once each, in the order of the help. */
export type AddVerb = (program: Command, terminal: Terminal) => void

/** A verb's examples, as the end of its help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ fieldstone ${line}`).join('\n')}\n`
}

/** The context of a command that is being run. */
export function contextOf(command: Command, terminal: Terminal): VerbContext {
  const { config, verbose = false } = command.optsWithGlobals<{ config?: string; verbose?: true }>()
  return { terminal, config, verbose }
}

/** An option's parser for whole numbers of at least `least` and, where it is given, at most `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It is a whole number ${range}.`)
  }
}

/** An option's parser for TCP ports. */
export function portNumber(text: string): number {
  const port = wholeNumber(0)(text)
  if (port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535; 0 takes any that is free.')
}

/** An option's parser for instants: RFC 3339, or a date for its midnight in UTC. Gives microseconds since 1970. */
export function instant(text: string): number {
  const micros = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  if (micros !== undefined) return micros
  throw new InvalidArgumentError("Write it like '2001-07-01' or '2001-07-01T06:00:00Z'.")
}

/** An option's parser for lists of names: `a,b`, or the option many times. */
export function nameList(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return [...before, ...names]
  throw new InvalidArgumentError('Write names with commas between them.')
}
