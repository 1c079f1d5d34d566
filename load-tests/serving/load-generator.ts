import { type BenchCase, caseNamed } from './cases.ts'
import { type Lanes, openLanes } from './lanes.ts'
import { createLatencies } from './latencies.ts'
import {
  answerParent,
  type GeneratorOptions,
  type LoadAnswer,
  type LoadQuestion,
  type LoadResult,
  type LoadTarget,
} from './messages.ts'
import { pacedLoad } from './paced-load.ts'
import { createRequests, freshName } from './requests.ts'

/** The load generator's process: keeps a number of requests on their way, one on each connection, and times them. */

/** Requests are made beforehand and sent in turn, again and again. */
const MAX_POOL_REQUESTS = 8_192
const MAX_POOL_BYTES = 4 * 2 ** 20
/** The names of `1x10-adhoc` go on where those of the comparison and of the pool end. */
const FIRST_FRESH = 1_000_000

/** A server, and what is sent to it. */
interface Target {
  readonly lanes: Lanes
  readonly nextRequest: () => Buffer
}

const { staysAwake } = JSON.parse(process.argv[2]!) as GeneratorOptions

let target: Target | undefined

answerParent<LoadQuestion>(async (question): Promise<LoadAnswer> => {
  switch (question.kind) {
    case 'connect':
      closeTarget()
      target = { lanes: await openLanes(question), nextRequest: poolOf(question) }
      return { kind: 'connected' }
    case 'load':
      return { kind: 'loaded', ...(await load(target!, question.seconds)) }
    case 'pace':
      closeTarget()
      return { kind: 'paced', ...(await pacedLoad({ ...question, nextRequest: poolOf(question) })) }
    default:
      return question satisfies never
  }
})

function closeTarget(): void {
  target?.lanes.close()
  target = undefined
}

/** The next whole HTTP request of a case, at the cost of a look into a list. */
function poolOf({ caseName, wire, port }: LoadTarget): () => Buffer {
  const benchCase = caseNamed(caseName)
  const nextAsked = createRequests(benchCase, wire)
  const pool: Buffer[] = []
  for (let bytes = 0; pool.length < MAX_POOL_REQUESTS && bytes < MAX_POOL_BYTES; ) {
    const request = httpRequest(benchCase, port, nextAsked())
    bytes += request.byteLength
    pool.push(request)
  }
  let turn = 0
  const next = (): Buffer => pool[turn++ % pool.length]!
  return benchCase.texts === 'new' ? () => renamed(next()) : next
}

function httpRequest({ gzip }: BenchCase, port: number, { path, body }: { path: string; body: string }): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    'accept: application/json',
    ...(gzip ? ['accept-encoding: gzip'] : []),
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

const FRESH = Buffer.from(freshName(0).replace(/\d+$/, ''))

/** Counts on from round to round: a server keeps what it has seen. */
let freshCount = FIRST_FRESH

/** Writes a name that was never sent over the one in the text, which is as long. A request's bytes have left long before its turn comes again. */
function renamed(request: Buffer): Buffer {
  request.write(freshName(freshCount), request.indexOf(FRESH), 'latin1')
  freshCount += 1
  return request
}

/** Sends for so long, a request whenever a connection is free, then waits for the answers that are still to come. */
async function load({ lanes, nextRequest }: Target, seconds: number): Promise<LoadResult> {
  const latencies = createLatencies()
  let failures = 0
  let firstFailure: string | undefined
  const cpuBefore = process.cpuUsage()
  const begin = performance.now()
  const end = begin + seconds * 1000
  const mayRest = staysAwake ? stayAwake() : () => {}
  await new Promise<void>((resolve, reject) => {
    let onTheWay = 0
    const send = (): void => {
      onTheWay += 1
      lanes.send(nextRequest(), performance.now())
    }
    lanes.onAnswer = (since) => latencies.add(performance.now() - since)
    lanes.onFailure = (error) => {
      failures += 1
      firstFailure ??= error.message
    }
    lanes.onFree = () => {
      onTheWay -= 1
      if (performance.now() < end) send()
      else if (onTheWay === 0) resolve()
    }
    lanes.onLost = reject
    while (lanes.hasFree) send()
  })
  mayRest()
  const tookMs = performance.now() - begin
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    ...{ requests: latencies.count, failures, firstFailure, p50Ms: latencies.at(0.5), p99Ms: latencies.at(0.99) },
    ...{ seconds: tookMs / 1000, generatorBusy: (user + system) / 1000 / tookMs },
  }
}

/**
 * Keeps this process from falling asleep between two answers: waking it, which the kernel does within the server's send, would be
 * charged to the server, and most of all to one whose answers come just late enough. Gives what ends it.
 */
function stayAwake(): () => void {
  let isAwake = true
  const turn = (): void => {
    if (isAwake) setImmediate(turn)
  }
  turn()
  return () => {
    isAwake = false
  }
}
