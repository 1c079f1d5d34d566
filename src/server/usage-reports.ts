import type { Logger } from 'pino'
import { BucketCounts } from '../lib/bucket-counts.ts'
import type { OperationUsage, ReportUsage } from '../registry/operation-usage.ts'
import type { KnownOperation } from '../serving/known-operation.ts'
import type { Client } from './client.ts'
import type { RequestHook } from './hooks.ts'

/** Gathers what operations are used, and hands it on from time to time. */
export interface UsageReports {
  readonly hook: RequestHook
  /** Reports what is left, and waits for it so long as is given. Never rejects. */
  close(patienceMillis?: number): Promise<void>
}

export interface UsageReportOptions {
  readonly report: ReportUsage
  readonly intervalMillis: number
  readonly logger: Logger
}

/** Operations by clients that are told apart within one interval; all others are one usage without an operation. */
const MOST_USAGES = 5_000

const BOUNDS_MILLIS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

/** How long the last report may take by default. */
const LAST_PATIENCE_MILLIS = 3_000

/** What is counted of one operation by one client. */
class Usage {
  readonly facts: Omit<OperationUsage, 'count' | 'errorCount' | 'durations'>
  count = 0
  errorCount = 0
  readonly durations = new BucketCounts(BOUNDS_MILLIS)

  constructor(operation: KnownOperation | undefined, client: Client | undefined) {
    this.facts = {
      operationId: operation?.id,
      operationName: operation?.name,
      operationType: operation?.type,
      clientName: client?.name,
      clientVersion: client?.version,
      coordinates: operation?.coordinates ?? [],
    }
  }
}

/** Reports every interval in which something was used. A report that is not done when the next is due is not joined by another: what comes meanwhile is reported together. */
export function createUsageReports({ report, intervalMillis, logger }: UsageReportOptions): UsageReports {
  let usages = createUsages()
  let reporting: Promise<void> | undefined
  const timer = setInterval(() => {
    if (reporting === undefined) send()
  }, intervalMillis)
  timer.unref()

  function send(): void {
    const told = usages.take()
    if (told.length === 0) return
    usages = createUsages()
    reporting = hand(told).finally(() => {
      reporting = undefined
    })
  }

  async function hand(told: readonly OperationUsage[]): Promise<void> {
    try {
      await report(told)
    } catch (err) {
      logger.error({ err, usages: told.length }, 'a usage report failed: what it told is lost')
    }
  }

  return {
    hook: {
      name: 'usage',
      after: ({ client }, { operation, errors, durationMillis }) => {
        if (operation === undefined) return
        const usage = usages.of(operation, client)
        usage.count += 1
        if (errors.length > 0) usage.errorCount += 1
        usage.durations.add(durationMillis)
      },
    },
    close: async (patienceMillis = LAST_PATIENCE_MILLIS) => {
      clearInterval(timer)
      const isDone = await inTime(lastReports(), patienceMillis)
      if (!isDone) logger.error({ patienceMillis }, 'a usage report is not done: it is not waited for any longer')
    },
  }

  async function lastReports(): Promise<void> {
    await reporting
    send()
    await reporting
  }
}

/** The usages of one interval. */
function createUsages() {
  const byOperation = new WeakMap<KnownOperation, Map<string, Usage>>()
  const all: Usage[] = []
  let others: Usage | undefined

  function add(operation: KnownOperation, client: Client): Usage {
    if (all.length >= MOST_USAGES) {
      others ??= new Usage(undefined, undefined)
      return others
    }
    const usage = new Usage(operation, client)
    all.push(usage)
    const byClient = byOperation.get(operation) ?? new Map()
    byOperation.set(operation, byClient.set(client.label, usage))
    return usage
  }

  return {
    of: (operation: KnownOperation, client: Client) =>
      byOperation.get(operation)?.get(client.label) ?? add(operation, client),
    take: (): readonly OperationUsage[] => merged(others === undefined ? all : [...all, others]),
  }
}

/** An operation whose plan was let go and made again is one all the same. */
function merged(usages: readonly Usage[]): readonly OperationUsage[] {
  const byName = new Map<string, Usage[]>()
  for (const usage of usages) {
    const { operationId, operationName, clientName, clientVersion } = usage.facts
    const name = JSON.stringify([operationId, operationName, clientName, clientVersion])
    byName.set(name, [...(byName.get(name) ?? []), usage])
  }
  return [...byName.values()].map(asOne)
}

function asOne(usages: readonly Usage[]): OperationUsage {
  const sum = (pick: (usage: Usage) => number) => usages.reduce((total, usage) => total + pick(usage), 0)
  return {
    ...usages[0]!.facts,
    count: sum(({ count }) => count),
    errorCount: sum(({ errorCount }) => errorCount),
    durations: {
      boundsMillis: BOUNDS_MILLIS,
      counts: [...usages[0]!.durations.counts].map((_, place) => sum(({ durations }) => durations.counts[place]!)),
      sumMillis: sum(({ durations }) => durations.sum),
    },
  }
}

async function inTime(work: Promise<void>, millis: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), millis)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
