import { type BenchCase, caseNamed } from '../serving/cases.ts'
import { compareAnswers } from '../serving/comparison.ts'
import { withFilledStore } from '../serving/filled-store.ts'
import type { PacedResult } from '../serving/messages.ts'
import { type LoadGenerator, type SubjectServer, startLoadGenerator, startServer } from '../serving/processes.ts'
import type { StoreName } from '../serving/stores.ts'

/** The gateway under half of the load that it can bear: as a service runs that has room for the hour when most is asked. */

export const STEADY_CASE: BenchCase = caseNamed('1x10')

/** Enough to keep the gateway busy. */
const CLOSED_CONNECTIONS = 32
/** More than ever have a request on its way, unless answers stay out. */
const PACED_CONNECTIONS = 256
const CAPACITY_ROUNDS = 3

export interface HalfLoadOptions {
  readonly store: StoreName
  /** Of full load, before anything is measured. */
  readonly warmUpSeconds: number
  /** Of full load, three times: the capacity is the median. */
  readonly capacitySeconds: number
  readonly logLevel: string
  /** Requests that may be on their way at once. Undefined: `CLOSED_CONNECTIONS` of full load, `PACED_CONNECTIONS` of half. */
  readonly connections: number | undefined
  readonly signal: AbortSignal
}

/** A gateway, and what it can do. */
export interface LoadedGateway {
  readonly server: SubjectServer
  /** Requests a second of a closed loop. */
  readonly capacityRps: number
  /** Sends requests at half of that rate, evenly, and measures each from the time when it was to be sent. */
  load(seconds: number): Promise<PacedResult>
}

/** Starts a gateway, finds its capacity, and does with it what is to be done. */
export function withHalfLoad<T>(options: HalfLoadOptions, work: (gateway: LoadedGateway) => Promise<T>): Promise<T> {
  const { store, signal, logLevel, connections = PACED_CONNECTIONS } = options
  return withFilledStore({ store, signal, subjects: ['fieldstone'] }, async ({ place, folder, online }) => {
    const server = await startServer('fieldstone', { place, folder, gzip: false, logLevel })
    await compareAnswers(STEADY_CASE, [server], online)
    // Requests that are sent at their times keep it awake; so does the measurement that these are held against.
    const generator = startLoadGenerator({ staysAwake: true })
    const capacityRps = await capacityOf(server, generator, options)
    async function load(seconds: number): Promise<PacedResult> {
      server.emptyLog()
      return generator.pace(server, STEADY_CASE, { rps: capacityRps / 2, seconds, connections })
    }
    return work({ server, capacityRps, load })
  })
}

async function capacityOf(
  server: SubjectServer,
  generator: LoadGenerator,
  { warmUpSeconds, capacitySeconds, connections = CLOSED_CONNECTIONS }: HalfLoadOptions,
): Promise<number> {
  await generator.connect(server, STEADY_CASE, connections)
  await generator.load(warmUpSeconds)
  const rates: number[] = []
  for (let round = 0; round < CAPACITY_ROUNDS; round += 1) {
    const { requests, seconds } = await generator.load(capacitySeconds)
    rates.push(requests / seconds)
  }
  return rates.sort((a, b) => a - b)[Math.floor(CAPACITY_ROUNDS / 2)]!
}
