import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DocumentNode, parse, validate } from 'graphql'
import { invariant } from '../../../src/lib/assert.ts'
import { parseTimestamp } from '../../../src/lib/micros.ts'
import { closeRegistry } from '../../../src/registry/close.ts'
import type { Registry, RegistryBatchView } from '../../../src/registry/registry.ts'
import { buildSchema, type FieldstoneSchema } from '../../../src/sdl/schema.ts'
import {
  type Answer,
  createServing,
  type Serving,
  type ServingOptions,
  type ServingRequest,
} from '../../../src/serving/serving.ts'
import { type ColumnLists, columnListOf, createColumnLists } from '../../../src/stores/online/column-lists.ts'
import { canonicalKeyValue, encodeKey } from '../../../src/stores/online/key-codec.ts'
import { lmdb } from '../../../src/stores/online/lmdb.ts'
import type { OnlineStore, ReadRequest } from '../../../src/stores/online/online-store.ts'
import { encodeCell } from '../../../src/stores/online/row-codec.ts'
import { encodeWire } from '../../../src/values/wire.ts'
import { openContext } from '../../support/open-context.ts'
import { definitions } from './definitions.ts'

export const NOW = micros('2001-07-01T00:00:00Z')

export function micros(instant: string): number {
  const parsed = parseTimestamp(instant)
  invariant(parsed !== undefined, instant)
  return parsed
}

export interface RowToWrite {
  /** Default: now. */
  readonly at?: string
  readonly tombstone?: boolean
  /** By the names of features; those that are not named are null. */
  readonly values?: Readonly<Record<string, unknown>>
}

export interface World {
  readonly registry: Registry
  readonly schema: FieldstoneSchema
  readonly serving: Serving
  readonly lists: ColumnLists
  readonly store: OnlineStore
  /** Every read of the store since the last `reset`, column lists apart. */
  readonly reads: ReadRequest[]
  view(name: string): RegistryBatchView
  write(view: string, key: readonly unknown[], row: RowToWrite): Promise<void>
  /** Puts bytes that are no cell in the place of a row. */
  corrupt(view: string, key: readonly unknown[]): Promise<void>
  answer(text: string, request?: Partial<ServingRequest>): Promise<Answer>
  /** The parsed body of an answer. */
  ask(text: string, variables?: Record<string, unknown>): Promise<any>
  /** The body's text. */
  text(text: string, variables?: Record<string, unknown>): Promise<string>
  document(text: string): DocumentNode
  close(): Promise<void>
}

/** A deployment of the test definitions over LMDB in a folder of its own. */
export async function openWorld(
  options: {
    readonly production?: boolean
    readonly prefix?: string
    readonly mergesReads?: boolean
  } & Pick<ServingOptions, 'limits' | 'codeGeneration' | 'planCacheBytes'> = {},
): Promise<World> {
  const { prefix = '', mergesReads = false, ...rest } = options
  const folder = await mkdtemp(join(tmpdir(), 'fieldstone-serving-'))
  const driver = lmdb({ path: 'online' })
  const store = await driver.open(driver.options, openContext(folder))
  const reads: ReadRequest[] = []
  const read: OnlineStore['read'] = (request) => {
    if (!request.entity.startsWith('_')) reads.push(request)
    return store.read(request)
  }
  const registry = closeRegistry({ name: 'test', definitions, prefix })
  const schema = buildSchema(registry)
  const lists = createColumnLists(store)
  const serving = createServing({
    registry,
    schema,
    store: { ...store, mergesReads, read },
    lists,
    production: false,
    ...rest,
  })
  const views = registry.entities.flatMap(({ batchViews }) => batchViews)

  const view = (name: string): RegistryBatchView => {
    const found = views.find((candidate) => candidate.name === name)
    invariant(found !== undefined, name)
    return found
  }
  const put = (of: RegistryBatchView, key: readonly unknown[], cell: Uint8Array): Promise<void> =>
    store.updateMany({
      entity: of.entity.name,
      view: of.id,
      keys: [
        encodeKey(
          of.entity,
          key.map((value, index) => canonicalKeyValue(of.entity, index, value)),
        ),
      ],
      parts: [0],
      update: () => new Map([[0, cell]]),
    })
  const document = (text: string): DocumentNode => {
    const parsed = parse(text)
    const errors = validate(schema.schema, parsed)
    invariant(errors.length === 0, errors.join('\n'))
    return parsed
  }
  const answer: World['answer'] = (text, request = {}) =>
    serving.execute({ document: document(text), nowMicros: NOW, ...request })
  const text: World['text'] = async (operation, variables = {}) =>
    new TextDecoder().decode((await answer(operation, { variables })).body)
  return {
    registry,
    schema,
    serving,
    lists,
    store,
    reads,
    view,
    document,
    answer,
    text,
    ask: async (operation, variables) => JSON.parse(await text(operation, variables)),
    write: async (name, key, { at, tombstone = false, values = {} }) => {
      const list = columnListOf(view(name))
      await lists.record(list)
      const eventMicros = at === undefined ? NOW : micros(at)
      const texts = view(name).features.map((feature) => wire(feature, values[feature.name]))
      const contents = {
        eventMicros,
        ingestMicros: eventMicros,
        tieBreaker: new Uint8Array(),
        tombstone,
        values: texts,
      }
      await put(view(name), key, encodeCell(list, contents))
    },
    corrupt: (name, key) => put(view(name), key, Uint8Array.of(9, 9, 9)),
    close: async () => {
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

function wire(type: Parameters<typeof encodeWire>[0], value: unknown): string {
  const text = encodeWire(type, value)
  invariant(typeof text === 'string', `the value fits: ${text}`)
  return text
}
