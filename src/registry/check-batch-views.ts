import type { RowsFrom, SourceDefinition } from '../definitions/sources.ts'
import { parseDuration } from '../lib/duration.ts'
import { inspect } from '../lib/inspect.ts'
import type { AnyBatchView } from './declared.ts'
import type { Problems } from './problems.ts'

/** The rules of a batch view beside those of every view: its source, ttl, retention, schedule, copies. `problems` is about the view. */
export function checkBatchView(problems: Problems, view: AnyBatchView): void {
  checkSource(problems, view)
  checkTtl(problems, view)
  checkSchedule(problems, view)
  checkCopies(problems, view)
}

function checkSource(problems: Problems, { source, entity }: AnyBatchView): void {
  checkFrom(problems, source.from)
  for (const [key, column] of Object.entries(source.keys)) {
    checkColumnName(problems, `keys.${key}`, column)
    if (!Object.hasOwn(entity.keys, key)) reportUnknownKey(problems, { key, column }, Object.keys(entity.keys))
  }
  if (source.kind === 'tableSource') checkTimes(problems, source)
}

function reportUnknownKey(
  problems: Problems,
  { key, column }: { key: string; column: string },
  keys: readonly string[],
): void {
  problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
    seen: `source.keys.${key} is ${inspect(column)}`,
    why: `The entity has no key '${key}'; its keys are ${keys.join(', ')}.`,
    mend: 'Write the name of the key first, then the column that holds it.',
  })
}

function checkFrom(problems: Problems, from: RowsFrom): void {
  const ways = Object.entries(from)
  const isOne = ways.length === 1 && ['table', 'file', 'sql'].includes(ways[0]![0])
  if (isOne && typeof ways[0]![1] === 'string' && ways[0]![1].trim() !== '') return
  problems.add('DEFINITION_INVALID', {
    seen: `source reads from ${inspect(from)}`,
    why: 'A source names exactly one of table, file and sql, and none of them is empty.',
    mend: "Write tableSource({ sql: 'select …', eventTime: '…' }), say.",
  })
}

function checkTimes(problems: Problems, source: SourceDefinition & { readonly kind: 'tableSource' }): void {
  if (source.eventTime === undefined) {
    problems.add('DEFINITION_INVALID', {
      seen: 'source.eventTime is undefined',
      why: 'A row of a table has the instant from which its value may be used.',
      mend: 'Name its column by eventTime, or use staticTable() for rows without a time.',
    })
  }
  for (const option of ['eventTime', 'ingestTime', 'tieBreaker', 'deletedColumn'] as const) {
    checkColumnName(problems, option, source[option])
  }
}

function checkColumnName(problems: Problems, option: string, column: string | undefined): void {
  if (column !== '') return
  problems.add('DEFINITION_INVALID', {
    seen: `source.${option} is ''`,
    why: 'A column has a name.',
    mend: 'Name the column that the source has.',
  })
}

function checkTtl(problems: Problems, view: AnyBatchView): void {
  const isStatic = view.source.kind === 'staticTable'
  for (const option of ['ttl', 'retention'] as const) {
    if (isStatic && view[option] !== undefined) reportStatic(problems, option, view[option])
    else checkDuration(problems, option, { value: view[option], least: 1 })
  }
  if (isStatic || view.retention === undefined || view.ttl !== undefined) return
  problems.add('DEFINITION_INVALID', {
    seen: `retention is ${inspect(view.retention)} and ttl is undefined`,
    why: 'Retention counts from the ttl; without a ttl rows never grow old.',
    mend: 'Declare a ttl, or take retention out.',
  })
}

function reportStatic(problems: Problems, option: 'ttl' | 'retention', value: unknown): void {
  problems.add('DEFINITION_INVALID', {
    seen: `${option} is ${inspect(value)}`,
    why: 'The rows of a staticTable hold at every instant.',
    mend: `Take ${option} out, or use tableSource() with an event time.`,
  })
}

function checkSchedule(problems: Problems, { schedule }: AnyBatchView): void {
  if (schedule === undefined) return
  if (schedule.every === undefined) {
    problems.add('DEFINITION_INVALID', {
      seen: 'schedule.every is undefined',
      why: 'A schedule says how often the view is run.',
      mend: "Write schedule: { every: '1d' }.",
    })
  }
  checkDuration(problems, 'schedule.every', { value: schedule.every, least: 1 })
  checkDuration(problems, 'schedule.offset', { value: schedule.offset, least: 0 })
  checkDuration(problems, 'schedule.availableAfter', { value: schedule.availableAfter, least: 0 })
}

function checkCopies(problems: Problems, { maxStaleness, staleIfError }: AnyBatchView): void {
  checkDuration(problems, 'maxStaleness', { value: maxStaleness, least: 1 })
  if (!staleIfError || maxStaleness !== undefined) return
  problems.add('DEFINITION_INVALID', {
    seen: 'staleIfError is true and maxStaleness is undefined',
    why: 'A copy that stands in for a store that fails is served up to a certain age.',
    mend: "Declare it, e.g. maxStaleness: '10m', or take staleIfError out.",
  })
}

function checkDuration(problems: Problems, option: string, { value, least }: { value: unknown; least: 0 | 1 }): void {
  const micros = typeof value === 'string' ? parseDuration(value) : undefined
  if (value === undefined || (micros !== undefined && micros >= least)) return
  problems.add('DEFINITION_INVALID', {
    seen: `${option} is ${inspect(value)}`,
    why: `A duration is a whole number${micros === 0 ? ' above 0' : ''} and a unit: us, ms, s, m, h or d.`,
    mend: "Write it like '5m' or '40d'.",
  })
}
