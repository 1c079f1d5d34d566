import { type DocumentNode, parse, validate } from 'graphql'
import { buildSchema } from '../../src/sdl/schema.ts'
import { createServing } from '../../src/serving/serving.ts'
import { createColumnLists } from '../../src/stores/online/column-lists.ts'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import { type Random, seededRandom } from './random.ts'
import { putRandomData } from './random-data.ts'
import { type RandomOperation, randomOperation } from './random-operation.ts'
import { randomRegistry } from './random-registry.ts'
import { executeReference } from './reference.ts'

const NOW_MICROS = 993_945_600_000_000

export interface PropertyOptions {
  readonly firstSeed: number
  readonly registries: number
  readonly operationsEach: number
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
  const result = {
    operations: 0,
    met,
    fallbackFields: new Set<string>(),
    invalid: 0,
    mismatch: undefined as string | undefined,
  }
  for (let seed = options.firstSeed; seed < options.firstSeed + options.registries; seed += 1) {
    const world = await openWorld(seed, options.folder)
    try {
      for (let nth = 0; nth < options.operationsEach && result.mismatch === undefined; nth += 1) {
        const operation = randomOperation(world.random, world)
        const document = parse(operation.text)
        if (validate(world.schema.schema, document).length > 0) {
          result.invalid += 1
          continue
        }
        result.operations += 1
        for (const what of operation.met) count(what)
        // Again with every boolean turned: a plan is kept for its operation, not for its variables.
        for (const variables of [operation.variables, turned(operation.variables)]) {
          const asked = { ...operation, variables }
          const compared = await compare(world, { operation: asked, document, production: nth % 2 === 0, met: count })
          for (const field of compared.fallbackFields) result.fallbackFields.add(field)
          if (/[\u0080-\uffff]/.test(compared.expected)) count('non-ASCII text')
          if (compared.expected !== compared.got) result.mismatch ??= describe(seed, asked, compared)
        }
      }
    } finally {
      await world.close()
    }
    if (result.mismatch !== undefined) break
  }
  return result
}

function turned(variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const turn = (value: unknown): unknown => (typeof value === 'boolean' ? !value : value)
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, turn(value)]))
}

type World = Awaited<ReturnType<typeof openWorld>>

async function openWorld(seed: number, folder: string) {
  const random: Random = seededRandom(seed)
  const registry = randomRegistry(random)
  const store = await lmdb({ path: '.' }).open({ path: `${seed}` }, folder)
  const lists = createColumnLists(store)
  const pool = await putRandomData(random, registry, { store, lists, nowMicros: NOW_MICROS })
  const schema = buildSchema(registry)
  const servings = [true, false].map((production) => createServing({ registry, schema, store, lists, production }))
  return {
    random,
    registry,
    pool,
    store,
    lists,
    schema,
    meanings: schema.meanings,
    referenceSchema: buildSchema(registry),
    servings,
    close: () => store.close(),
  }
}

interface Compared {
  readonly expected: string
  readonly got: string
  readonly fallbackFields: readonly string[]
}

async function compare(
  world: World,
  {
    operation,
    document,
    production,
    met,
  }: { operation: RandomOperation; document: DocumentNode; production: boolean; met: (what: string) => void },
): Promise<Compared> {
  const { operationName, variables } = operation
  const { registry, store, lists, referenceSchema: schema } = world
  const common = { document, variables, nowMicros: NOW_MICROS }
  const expected = await executeReference({ ...common, registry, schema, store, lists, operationName, production, met })
  const serving = world.servings[production ? 0 : 1]!
  const answer = await serving.execute({ ...common, ...(operationName === undefined ? {} : { operationName }) })
  return { expected, got: Buffer.from(answer.body).toString('utf8'), fallbackFields: answer.fallbackFields }
}

function describe(seed: number, { text, variables }: RandomOperation, { expected, got }: Compared): string {
  const at = [...expected].findIndex((character, index) => character !== got[index])
  const from = Math.max(0, at - 200)
  return [
    `seed ${seed}`,
    text,
    `variables ${JSON.stringify(variables)}`,
    `first difference at ${at} of ${expected.length} and ${got.length}`,
    `graphql-js: …${expected.slice(from, at + 300)}`,
    `fieldstone: …${got.slice(from, at + 300)}`,
  ].join('\n')
}
