import { getHeapStatistics } from 'node:v8'
import { FieldstoneError } from '../../errors.ts'
import { inspect } from '../../lib/inspect.ts'
import { createMemoryStore } from './memory/memory-store.ts'
import type { OnlineDriver, OnlineStore, OpenContext } from './online-store.ts'

/** How much a process keeps in its memory. */
export interface MemoryOptions {
  /** What copies may take, with all that keeping them costs, in bytes: at least 1,048,576, at most half of Node's heap. It may be a text, as an `env()` gives it. */
  readonly maxBytes: number | string
}

/**
 * The memory of this process, as the front of a cache: `cache({ in: memory({ maxBytes }), store })`. What was not asked for longest
 * goes first. It forgets, so it is no store of a deployment's own: opened so it throws CONFIG_INVALID.
 */
export function memory(options: MemoryOptions): OnlineDriver {
  return Object.freeze({
    ...({ kind: 'onlineDriver', name: 'memory', options: Object.freeze({ ...options }), open: openMemory } as const),
  })
}

const LEAST_BYTES = 2 ** 20

async function openMemory(
  { maxBytes }: Readonly<Record<string, unknown>>,
  { role }: OpenContext,
): Promise<OnlineStore> {
  if (role !== 'front') {
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: 'memory() as a store of its own',
      why: 'It forgets what it has no room for, and everything when the process ends.',
      mend: "Put it in front of another: cache({ in: memory({ maxBytes: 268_435_456 }), store: … }), or use lmdb({ path: '.fieldstone/online' }).",
    })
  }
  const bytes = typeof maxBytes === 'string' && /^\d+$/.test(maxBytes) ? Number(maxBytes) : maxBytes
  const mostBytes = Math.floor(getHeapStatistics().heap_size_limit / 2)
  if (!Number.isSafeInteger(bytes) || Number(bytes) < LEAST_BYTES || Number(bytes) > mostBytes) {
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: `memory({ maxBytes: ${inspect(maxBytes)} })`,
      why: `It is a whole number of bytes, at least ${LEAST_BYTES}, and at most half of this process's heap: ${mostBytes}.`,
      mend: 'Write such a number, or give the process more heap by NODE_OPTIONS=--max-old-space-size=<megabytes>.',
    })
  }
  return createMemoryStore(Number(bytes))
}
