import { createBoundedNames } from '../../lib/bounded-names.ts'
import { BucketCounts } from '../../lib/bucket-counts.ts'
import { codeOf, type GatewayRequest, type RequestHook, type RequestOutcome } from '../hooks.ts'
import { family, histogramFamily, type Labels, type MetricFamily } from './metric-family.ts'

/** Names of operations, and of clients with their versions, that are told apart; all others are one. */
export const MOST_NAMES = 200

/** Milliseconds. */
const DURATION_BOUNDS = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000]

/** Of an operation without a name, and of a request that named none that could be executed. */
const UNNAMED = 'unnamed'
const NO_OPERATION = 'none'

/** What became of a request: all well, errors beside or in place of data, or not executed at all. */
export type OutcomeName = 'ok' | 'errors' | 'refused'

const OUTCOMES = ['ok', 'errors', 'refused'] as const satisfies readonly OutcomeName[]

/** Counts GraphQL requests, whichever door they come by. */
export interface RequestMetrics {
  readonly hook: RequestHook
  collect(): readonly MetricFamily[]
}

type Durations = Partial<Record<OutcomeName, BucketCounts>>

export function createRequestMetrics(): RequestMetrics {
  const operations = createBoundedNames<Map<string, Durations>>(MOST_NAMES, () => new Map())
  const clients = createBoundedNames(MOST_NAMES, () => ({ ok: 0, errors: 0, refused: 0 }))
  const codes = new Map<string, number>()
  let keys = 0
  let values = 0

  function count({ client }: GatewayRequest, outcome: RequestOutcome): void {
    const { operationName = UNNAMED, operationType: type, errors, cost, executed, durationMillis } = outcome
    const name = outcomeName(executed, errors)
    const byType = operations.of(type === undefined ? NO_OPERATION : operationName)
    durationsOf(byType, type ?? NO_OPERATION, name).add(durationMillis)
    clients.of(client.label)[name] += 1
    for (const error of errors) codes.set(codeOf(error), (codes.get(codeOf(error)) ?? 0) + 1)
    if (!executed || cost === undefined) return
    keys += cost.keys
    values += cost.values
  }

  return {
    hook: { name: 'metrics', after: count },
    collect: () => [
      histogramFamily('fieldstone_request_duration_seconds', durationsByLabels(operations.entries()), 1e-3),
      family('fieldstone_client_requests_total', clientsByLabels(clients.entries())),
      family(
        'fieldstone_errors_total',
        [...codes].map(([code, count]) => [{ code }, count]),
      ),
      family('fieldstone_request_keys_total', [[{}, keys]]),
      family('fieldstone_request_values_total', [[{}, values]]),
    ],
  }
}

function outcomeName(executed: boolean, errors: readonly Error[]): OutcomeName {
  return executed ? (errors.length === 0 ? 'ok' : 'errors') : 'refused'
}

function durationsOf(byType: Map<string, Durations>, type: string, outcome: OutcomeName): BucketCounts {
  const known = byType.get(type)?.[outcome]
  if (known !== undefined) return known
  const counts = new BucketCounts(DURATION_BOUNDS)
  byType.set(type, { ...byType.get(type), [outcome]: counts })
  return counts
}

function* durationsByLabels(
  operations: Iterable<readonly [string, ReadonlyMap<string, Durations>]>,
): Iterable<readonly [Labels, BucketCounts]> {
  for (const [operation, types] of operations) {
    for (const [type, durations] of types) {
      for (const outcome of OUTCOMES) {
        const counts = durations[outcome]
        if (counts !== undefined) yield [{ operation, type, outcome }, counts]
      }
    }
  }
}

function* clientsByLabels(
  clients: Iterable<readonly [string, Readonly<Record<OutcomeName, number>>]>,
): Iterable<readonly [Labels, number]> {
  for (const [label, counts] of clients) {
    const [client = label, version = ''] = label.split('\0')
    for (const outcome of OUTCOMES) {
      if (counts[outcome] > 0) yield [{ client, version, outcome }, counts[outcome]]
    }
  }
}
