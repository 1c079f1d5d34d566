import { isDeepStrictEqual } from 'node:util'
import { invariant } from '../../src/lib/assert.ts'
import { encodeKey } from '../../src/stores/online/key-codec.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { type BenchCase, type Subject, wireOf } from './cases.ts'
import { CUSTOMER, VIEWS } from './data.ts'
import { FEATURE_NAMES } from './features.ts'
import type { SubjectServer } from './processes.ts'
import { type Asked, createRequests } from './requests.ts'

/** Requests of each case whose answers are compared before anything is timed. */
const COMPARED = 20

/** Asks all servers the same and throws at the first answer that differs. `servers` begins with the one that the others are held against. */
export async function compareAnswers(
  benchCase: BenchCase,
  servers: readonly SubjectServer[],
  store: OnlineStore,
): Promise<void> {
  const requests = { graphql: createRequests(benchCase, 'graphql'), rows: createRequests(benchCase, 'rows') }
  for (let index = 0; index < COMPARED; index += 1) {
    const asked = { graphql: requests.graphql(), rows: requests.rows() }
    let expected: unknown
    for (const server of servers) {
      const request = asked[wireOf(server.subject)]
      const body = await fetchAnswer(server, benchCase, request)
      if (server.subject === 'pass-through') await compareBytes(benchCase, store, { request, body })
      else if (expected === undefined) expected = firstAnswer(benchCase, server.subject, body)
      else compareJson({ benchCase, subject: server.subject, expected, request, body })
    }
  }
}

async function fetchAnswer({ subject, port }: SubjectServer, { name, gzip }: BenchCase, asked: Asked): Promise<Buffer> {
  const response = await fetch(`http://127.0.0.1:${port}${asked.path}`, {
    method: 'POST',
    // Without this header fetch itself would ask for compression.
    headers: { 'content-type': 'application/json', 'accept-encoding': gzip ? 'gzip' : 'identity' },
    body: asked.body,
  })
  const body = Buffer.from(await response.arrayBuffer())
  const seen = `${response.status} ${body.subarray(0, 500)}`
  if (!response.ok) throw new Error(`${name}: ${subject} answered ${seen}\nto ${asked.body.slice(0, 500)}`)
  const encoding = response.headers.get('content-encoding')
  if ((encoding === 'gzip') !== gzip) throw new Error(`${name}: ${subject} answered in the encoding ${encoding}`)
  return body
}

/** Checks what holds of every right answer, lest all be wrong alike. */
function firstAnswer(benchCase: BenchCase, subject: Subject, body: Buffer): unknown {
  const answer = JSON.parse(body.toString())
  if (answer.errors !== undefined) throw new Error(`${benchCase.name}: ${subject} answered ${body.subarray(0, 500)}`)
  return answer
}

interface Compared {
  readonly benchCase: BenchCase
  readonly subject: Subject
  readonly expected: unknown
  readonly request: Asked
  readonly body: Buffer
}

function compareJson({ benchCase, subject, expected, request, body }: Compared): void {
  const answer: unknown = JSON.parse(body.toString())
  const wanted = subject === 'fastify-json' ? { rows: rowsOf(benchCase, expected) } : expected
  // As texts, for the order of fields is part of an answer; each server's own text may end with a line break or not.
  if (JSON.stringify(answer) === JSON.stringify(wanted)) return
  throw new Error(
    `${benchCase.name}: ${subject} answers otherwise than the first subject ${firstDifference(wanted, answer, '')}\nto ${request.body.slice(0, 1_000)}`,
  )
}

/** The entities of a GraphQL answer as a list; of an answer of rows itself. */
function rowsOf({ answer, viewCount }: BenchCase, body: unknown): unknown {
  invariant(answer !== 'columns', 'rows are not compared with columns')
  const { data, rows } = body as { readonly data?: Record<string, unknown>; readonly rows?: unknown }
  if (data === undefined) return rows
  const entities = (answer === 'entity' ? [data.customer] : data.customers) as readonly Record<string, unknown>[]
  const names = FEATURE_NAMES.slice(0, viewCount).flat()
  return entities.map((entity) => Object.fromEntries(names.map((name) => [name, entity[name]])))
}

function firstDifference(expected: unknown, found: unknown, path: string): string {
  if (isRecord(expected) && isRecord(found)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      if (isDeepStrictEqual(expected[name], found[name])) continue
      return firstDifference(expected[name], found[name], `${path}.${name}`)
    }
  }
  if (isDeepStrictEqual(expected, found)) return `in the order of its fields`
  return `at ${path}: ${JSON.stringify(found)?.slice(0, 200)} and not ${JSON.stringify(expected)?.slice(0, 200)}`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

async function compareBytes(
  { name, viewCount }: BenchCase,
  store: OnlineStore,
  { request, body }: { readonly request: Asked; readonly body: Buffer },
): Promise<void> {
  const cells = await store.read({
    entity: CUSTOMER.name,
    keys: request.ids.map((id) => encodeKey(CUSTOMER, [id])),
    cells: VIEWS.slice(0, viewCount).map(({ id }) => ({ view: id, part: 0 })),
  })
  const expected = Buffer.concat(cells.filter((cell) => cell instanceof Uint8Array))
  if (!expected.equals(body))
    throw new Error(`${name}: pass-through answers other bytes than the store's to ${request.body}`)
}
