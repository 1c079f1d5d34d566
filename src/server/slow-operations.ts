import type { Logger } from 'pino'
import { createBoundedNames } from '../lib/bounded-names.ts'
import type { GatewayRequest, RequestHook, RequestOutcome } from './hooks.ts'

/** An operation is told of once in so long, with how often it was slow meanwhile: a slow store makes all of them slow. */
const QUIET_MILLIS = 60_000

/** Operations, by their texts, that are told of each for itself. */
const MOST_OPERATIONS = 200

/** Characters of a plan that are logged: an operation may have thousands of fields. */
const MAX_LOGGED_PLAN = 8_000

/**
 * Logs operations that take longer than `slowMillis` at `warn`, with their plan, their cost and where the time went.
 * @param nowMillis a clock that never goes back. Default: the process's
 */
export function slowOperationHook(
  logger: Logger,
  slowMillis: number,
  nowMillis: () => number = () => performance.now(),
): RequestHook {
  const lines = createBoundedNames(MOST_OPERATIONS, () => ({ quietUntilMillis: 0, unsaid: 0 }))
  return {
    name: 'slow operations',
    after: (request, outcome) => {
      const { operation, durationMillis } = outcome
      if (durationMillis <= slowMillis || operation === undefined) return
      const line = lines.of(operation.id)
      const now = nowMillis()
      if (now < line.quietUntilMillis) {
        line.unsaid += 1
        return
      }
      const facts = { ...factsOf(request, outcome), slowMillis, unsaid: line.unsaid }
      line.quietUntilMillis = now + QUIET_MILLIS
      line.unsaid = 0
      logger.warn({ ...facts, plan: operation.explain().slice(0, MAX_LOGGED_PLAN) }, 'slow operation')
    },
  }
}

function factsOf({ id, client }: GatewayRequest, outcome: RequestOutcome) {
  const { operation, operationName, operationType, durationMillis, waitedMillis, cost } = outcome
  return {
    requestId: id,
    operationId: operation?.id,
    operationName: operationName?.slice(0, 200),
    ...{ operationType, client: { name: client.name, version: client.version }, cost, durationMillis, waitedMillis },
  }
}
