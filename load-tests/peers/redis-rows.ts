import { type ChainableCommander, Redis } from 'ioredis'
import { type BenchRow, makeRows, packedCell, VIEWS } from '../serving/data.ts'
import { FEATURE_NAMES } from '../serving/features.ts'
import { idOf } from '../serving/keys.ts'
import type { RedisPlace } from '../serving/stores.ts'
import { createPackedReader, createTextReader, type Rows, type StoredTexts } from './rows.ts'

/** Rows as ioredis' users keep and read them. */

const EVENT_TIME = 'eventMicros'
const FIELDS = FEATURE_NAMES.map((names) => [EVENT_TIME, ...names])
/** Commands on their way at once while the data are written. */
const PIPELINED = 1_000

/** A hash for each entity and view, with a field for each feature. */
export async function openHashes(place: RedisPlace): Promise<Rows> {
  const redis = new Redis(place.url)
  const nameOf = hashNames(place)
  const read = createTextReader(async (ids, viewIndexes) => {
    const pipeline = redis.pipeline()
    for (const id of ids) for (const view of viewIndexes) pipeline.hmget(nameOf(id, view), ...FIELDS[view]!)
    return (await pipeline.exec())!.map(([error, texts]) => {
      if (error !== null) throw error
      return texts as StoredTexts
    })
  })
  return { read, close: async () => redis.disconnect() }
}

/** A string for each entity and view, with all of the view's values. */
export async function openStrings(place: RedisPlace): Promise<Rows> {
  const redis = new Redis(place.url)
  const nameOf = stringNames(place)
  const read = createPackedReader(async (ids, viewIndexes) => {
    const cells = await redis.mgetBuffer(ids.flatMap((id) => viewIndexes.map((view) => nameOf(id, view))))
    return cells.map((cell) => cell ?? undefined)
  })
  return { read, close: async () => redis.disconnect() }
}

export function writeHashes(place: RedisPlace, signal: AbortSignal): Promise<void> {
  const nameOf = hashNames(place)
  return writeAll(place, signal, (pipeline, view, index, { eventMicros, values }) => {
    const fields = FEATURE_NAMES[view]!.flatMap((name, at) => [name, values[at]!])
    pipeline.hset(nameOf(idOf(index), view), EVENT_TIME, eventMicros, ...fields)
  })
}

export function writeStrings(place: RedisPlace, signal: AbortSignal): Promise<void> {
  const nameOf = stringNames(place)
  return writeAll(place, signal, (pipeline, view, index, row) => {
    pipeline.set(nameOf(idOf(index), view), Buffer.from(packedCell(VIEWS[view]!, row)))
  })
}

type Write = (pipeline: ChainableCommander, view: number, index: number, row: BenchRow) => void

async function writeAll(place: RedisPlace, signal: AbortSignal, write: Write): Promise<void> {
  const redis = new Redis(place.url)
  for (const { view, rows } of makeRows()) {
    for (let start = 0; start < rows.length; start += PIPELINED) {
      signal.throwIfAborted()
      const pipeline = redis.pipeline()
      for (const [at, row] of rows.slice(start, start + PIPELINED).entries())
        write(pipeline, VIEWS.indexOf(view), start + at, row)
      await pipeline.exec()
    }
  }
  await redis.quit()
}

function hashNames({ keyPrefix }: RedisPlace): (id: string, view: number) => string {
  return (id, view) => `${keyPrefix}-hash:customer:${id}:${VIEWS[view]!.name}`
}

function stringNames({ keyPrefix }: RedisPlace): (id: string, view: number) => string {
  return (id, view) => `${keyPrefix}-packed:customer:${id}:${VIEWS[view]!.name}`
}
