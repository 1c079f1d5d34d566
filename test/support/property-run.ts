import { type DocumentNode, parse, validate } from 'graphql'
import { buildSchema } from '../../src/sdl/schema.ts'
import { createColumnLists } from '../../src/stores/online/column-lists.ts'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import { openContext } from './open-context.ts'
import { openHttpWay, servingWays, type Told, type Way } from './property-ways.ts'
import { type Random, seededRandom } from './random.ts'
import { DAY_MICROS, putRandomData } from './random-data.ts'
import { type RandomOperation, randomOperation } from './random-operation.ts'
import { randomRegistry } from './random-registry.ts'
import { shrinkOperation } from './random-shrink.ts'
import { executeReference } from './reference.ts'
import { withStaleCopies } from './stale-copies.ts'

const NOW_MICROS = 993_945_600_000_000

/** Operations over each world once its store is closed: then nothing of it can be read. */
const OPERATIONS_WITHOUT_STORE = 2

export interface PropertyOptions {
  readonly firstSeed: number
  readonly registries: number
  readonly operationsEach: number
  /** Whether a mismatch is made as small as it can be before it is told. */
  readonly shrinks: boolean
  /** A folder for the stores, which are removed by whoever made it. */
  readonly folder: string
}

export interface PropertyResult {
  readonly operations: number
  /** How often each thing was met. */
  readonly met: ReadonlyMap<string, number>
  /** Root fields that graphql-js answered. */
  readonly fallbackFields: ReadonlySet<string>
  /** Operations that the generator made and validation refused. */
  readonly invalid: number
  /** The first operation whose answers differ, in words; undefined where there is none. */
  readonly mismatch: string | undefined
}

/** Throws random operations over random deployments at serving and at the reference, until their bodies differ. */
export async function runProperty(options: PropertyOptions): Promise<PropertyResult> {
  const met = new Map<string, number>()
  const count = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1)
  const totals = { operations: 0, invalid: 0, fallbackFields: new Set<string>(), met }
  for (let seed = options.firstSeed; seed < options.firstSeed + options.registries; seed += 1) {
    const world: World = { ...(await openWorld(seed, options.folder)), before: [] }
    try {
      for (let nth = 0; nth < options.operationsEach + OPERATIONS_WITHOUT_STORE; nth += 1) {
        if (nth === options.operationsEach) await closeStore(world)
        const asked = randomRequest(world, nth)
        if (asked === undefined) {
          totals.invalid += 1
          continue
        }
        totals.operations += 1
        const odd = await compareVariants(world, asked, { count, fallbackFields: totals.fallbackFields })
        if (odd === undefined) continue
        const least = options.shrinks ? await leastOf(world, odd) : odd
        return { ...totals, mismatch: `seed ${seed}, operation ${nth}\n${describe(least)}` }
      }
    } finally {
      await world.http.close()
      await world.store.close()
    }
  }
  return { ...totals, mismatch: undefined }
}

/** What was answered before is not answered so any more. */
async function closeStore(world: World): Promise<void> {
  world.before = []
  await world.store.close()
}

interface Asked {
  readonly document: DocumentNode
  readonly operation: RandomOperation
  readonly nowMicros: number
  readonly production: boolean
}

type World = Awaited<ReturnType<typeof openWorld>> & {
  /** The request before, with its answers: asked again beside the next. */
  before: readonly Answered[]
}

async function openWorld(seed: number, folder: string) {
  const random: Random = seededRandom(seed)
  const registry = randomRegistry(random)
  const own = await lmdb({ path: '.' }).open({ path: `${seed}` }, openContext(folder))
  const store = seed % 3 === 0 ? withStaleCopies(own) : own
  const lists = createColumnLists(store)
  const pool = await putRandomData(random, registry, { store, lists, nowMicros: NOW_MICROS })
  const schema = buildSchema(registry)
  // Answers rarely have a hundred errors, so every second world reports few.
  const errors = seed % 2 === 0 ? 3 : 100
  const options = { registry, schema, store, lists, errors }
  const http = await openHttpWay({ ...options, production: seed % 4 < 2 })
  const ways = [false, true].map((production) => servingWays({ ...options, production }))
  const referenceSchema = buildSchema(registry)
  return {
    random,
    registry,
    pool,
    store,
    lists,
    schema,
    errors,
    ways,
    http,
    httpProduction: seed % 4 < 2,
    referenceSchema,
  }
}

/** Undefined where what the generator made is no valid operation. */
function randomRequest(world: World, nth: number): Asked | undefined {
  const { random, schema } = world
  const operation = randomOperation(random, world)
  const later = random.chance(0.8) ? 0 : random.pick([1, -1, DAY_MICROS, 2 * DAY_MICROS])
  const document = parse(operation.text)
  if (validate(schema.schema, document).length > 0) return undefined
  return { document, operation, nowMicros: NOW_MICROS + later, production: nth % 2 === 0 }
}

interface Counts {
  readonly count: (what: string) => void
  readonly fallbackFields: Set<string>
}

/**
 * The request alone, so that its plan is kept; then at the same time the same with every boolean turned and with spoiled variables, the
 * document's other operation, and the request before: a plan is kept for its operation, not for its variables or its document, and requests
 * that meet share their reads. At last all of them one after another over HTTP. Gives the first that is answered otherwise.
 */
async function compareVariants(world: World, asked: Asked, counts: Counts): Promise<Answered | undefined> {
  const compareOne = async (variant: Asked): Promise<Answered> => {
    const compared = await compare(world, variant, counts.count)
    for (const field of compared.fallbackFields) counts.fallbackFields.add(field)
    noteAnswer(compared.expected, counts.count)
    return { asked: variant, ...compared }
  }
  const alone = await compareOne(asked)
  const again = world.before.map(async (before) => ({
    ...before,
    ...(await askAll(world, before.asked, before.expected)),
  }))
  const variants = await Promise.all(variantsOf(asked).map(compareOne))
  const compared = [alone, ...(await Promise.all(again)), ...variants]
  world.before = [alone]
  return compared.find(differs) ?? (await overHttp(world, [alone, ...variants]))
}

function differs({ expected, got }: Compared): boolean {
  return expected !== got
}

/** The first that is answered otherwise over HTTP, by either door. */
async function overHttp(world: World, answered: readonly Answered[]): Promise<Answered | undefined> {
  for (const before of answered) {
    if (before.asked.production !== world.httpProduction) continue
    const compared = { ...before, ...(await askTwice(world.http, before.asked, before.expected)) }
    if (differs(compared)) return compared
  }
  return undefined
}

function noteAnswer(body: string, count: (what: string) => void): void {
  if (/[\u0080-\uffff]/.test(body)) count('non-ASCII text')
  if (body.includes('Argument \\"if\\" of non-null type')) count('condition refused')
  if (body.endsWith('"data":null}')) count('data null')
  const { errors = [] } = parsedBody(body)!
  for (const { extensions } of errors) count(extensions.code)
}

function variantsOf(asked: Asked): readonly Asked[] {
  const { operation } = asked
  const variant = (change: Partial<RandomOperation>): Asked => ({ ...asked, operation: { ...operation, ...change } })
  const variants = [variant({ variables: turned(operation.variables) })]
  if (operation.text.includes('query Other')) variants.push(variant({ operationName: 'Other' }))
  if (operation.spoiled !== undefined) variants.push(variant({ variables: operation.spoiled }))
  return variants
}

function turned(variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const turn = (value: unknown): unknown => (typeof value === 'boolean' ? !value : value)
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, turn(value)]))
}

interface Compared extends Got {
  readonly expected: string
}

/** The body that was got, by which way, or the first that is not the expected one. */
interface Got {
  readonly got: string
  readonly way: string
  readonly fallbackFields: readonly string[]
}

interface Answered extends Compared {
  readonly asked: Asked
}

async function compare(world: World, asked: Asked, met: (what: string) => void): Promise<Compared> {
  const { registry, store, lists, referenceSchema: schema, errors: maxErrors } = world
  const { document, nowMicros, production } = asked
  const { operationName, variables } = asked.operation
  const request = { registry, schema, store, lists, document, operationName, variables, nowMicros, production, met }
  const expected = await executeReference({ ...request, maxErrors })
  return { expected, ...(await askAll(world, asked, expected)) }
}

/** Every way at the same time. */
async function askAll({ ways }: World, asked: Asked, expected: string): Promise<Got> {
  const got = await Promise.all(ways[asked.production ? 1 : 0]!.map((way) => askTwice(way, asked, expected)))
  return got.find((one) => one.got !== expected) ?? got[0]!
}

/** The second time the operation is known: it has code, and over HTTP it goes through the other door. */
async function askTwice(way: Way, asked: Asked, expected: string): Promise<Got> {
  const first = toGot(way, await way.ask(asked))
  return first.got === expected ? toGot(way, await way.ask(asked)) : first
}

function toGot({ name }: Way, told: Told): Got {
  return { got: bodyOf(told), way: name, fallbackFields: told.fallbackFields }
}

/** No answer is so long but by a fault, and then no text may be. */
const MAX_BODY_BYTES = 2 ** 28

/** The body, if what is told beside it agrees with it. */
function bodyOf({ body, beside }: Told): string {
  if (body.length > MAX_BODY_BYTES) return `a body of ${body.length} bytes`
  const text = Buffer.from(body).toString('utf8')
  const parsed = parsedBody(text)
  if (parsed === undefined || beside === undefined) return text
  const { executed, errorCount } = beside
  const agrees = 'data' in parsed === executed && (parsed.errors ?? []).length === errorCount
  return agrees ? text : `told otherwise (executed ${executed}, ${errorCount} errors) than ${text}`
}

interface Body {
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
  readonly data?: unknown
}

/** Undefined where it is no JSON. */
function parsedBody(text: string): Body | undefined {
  try {
    return JSON.parse(text) as Body
  } catch {
    return undefined
  }
}

/** Anew, as a server that has not seen the operation. */
function compareAgain(world: World, asked: Asked): Promise<Compared> {
  const document = parse(asked.operation.text)
  return compare(world, { ...asked, document }, () => undefined)
}

/** The answer as it was where the difference takes a plan that is kept, or requests that meet. */
async function leastOf(world: World, odd: Answered): Promise<Answered> {
  const operation = await shrinkOperation(odd.asked.operation, world.schema.schema, async (smaller) => {
    const { expected, got } = await compareAgain(world, { ...odd.asked, operation: smaller })
    return expected !== got
  })
  const asked = { ...odd.asked, operation }
  const compared = await compareAgain(world, asked)
  return compared.expected === compared.got ? odd : { asked, ...compared }
}

function describe({ asked, expected, got, way }: Answered): string {
  const { operation, nowMicros, production } = asked
  const [wanted, given] = [Buffer.from(expected), Buffer.from(got)]
  const at = wanted.findIndex((byte, index) => byte !== given[index])
  const around = (body: Buffer) => body.subarray(Math.max(0, at - 300), at + 500).toString('utf8')
  return [
    `${operation.operationName ?? ''} at ${nowMicros}${production ? ', production' : ''}`,
    operation.text,
    `variables ${JSON.stringify(operation.variables)}`,
    `first difference at byte ${at} of ${wanted.length} and ${given.length}`,
    `graphql-js: …${around(wanted)}`,
    `fieldstone by ${way}: …${around(given)}`,
  ].join('\n')
}
