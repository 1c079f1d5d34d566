import { type DocumentNode, parse, validate } from 'graphql'
import { expect, onTestFinished, test } from 'vitest'
import { buildSchema, type FieldstoneSchema } from '../../src/sdl/schema.ts'
import { createServing, type Serving } from '../../src/serving/serving.ts'
import { createColumnLists } from '../../src/stores/online/column-lists.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import type { StoreSubject } from '../contract/online/subject.ts'
import { seededRandom } from '../support/random.ts'
import { type KeyPool, putRandomData } from '../support/random-data.ts'
import { type RandomOperation, randomOperation } from '../support/random-operation.ts'
import { randomRegistry } from '../support/random-registry.ts'
import { openStore } from '../support/store-process.ts'
import { STORES } from '../support/store-subjects.ts'

const NOW_MICROS = 993_945_600_000_000
const WORLDS = 6
const OPERATIONS_EACH = 60

/** One store that holds a world's rows, with what answers from it. */
interface Side {
  readonly name: string
  readonly serving: Serving
}

test('every store gives the same bytes for the same rows and operations', { timeout: 600_000 }, async () => {
  let operations = 0
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const { sides, schema, operationsOf } = await openWorld(seed)
    for (const operation of operationsOf) {
      const document = parse(operation.text)
      if (validate(schema.schema, document).length > 0) continue
      operations += 1
      // The second time a cache has what the first found, and the operation has code.
      for (const _ of ['first', 'second']) {
        const bodies = await Promise.all(sides.map((side) => bodyOf(side, document, operation)))
        const told = bodies.map((body, index) => `${sides[index]!.name}: ${body}`)
        expect(told).toEqual(sides.map(({ name }) => `${name}: ${bodies[0]}`))
      }
    }
  }
  expect(operations).toBeGreaterThan(300)
})

async function openWorld(seed: number) {
  const random = seededRandom(seed)
  const registry = randomRegistry(random)
  const schema = buildSchema(registry)
  let pool: KeyPool = new Map()
  const sides: Side[] = []
  for (const [name, subject] of Object.entries<StoreSubject>(STORES)) {
    const store = await openStore(await subject.fresh())
    onTestFinished(() => store.close())
    const lists = createColumnLists(store)
    // The same seed: the same rows.
    pool = await putRandomData(seededRandom(seed + 1_000), registry, { store, lists, nowMicros: NOW_MICROS })
    sides.push({ name, serving: servingOf(store, { registry, schema }) })
  }
  const operationsOf = Array.from({ length: OPERATIONS_EACH }, () => randomOperation(random, { registry, pool }))
  return { sides, schema, operationsOf }
}

function servingOf(
  store: OnlineStore,
  options: { readonly registry: ReturnType<typeof randomRegistry>; readonly schema: FieldstoneSchema },
): Serving {
  // Lists of its own: what is in the store is all that it knows.
  return createServing({ ...options, store, lists: createColumnLists(store), production: false })
}

async function bodyOf({ serving }: Side, document: DocumentNode, operation: RandomOperation): Promise<string> {
  const { operationName, variables } = operation
  const named = operationName === undefined ? {} : { operationName }
  const { body } = await serving.execute({ document, variables, nowMicros: NOW_MICROS, ...named })
  return Buffer.from(body).toString('utf8')
}
