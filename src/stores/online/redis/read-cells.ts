import type { CellBatch, CellName, ReadRequest } from '../online-store.ts'
import type { Outgoing } from './frames.ts'
import { cellTail, checkKey, type EntityNames, type Layout } from './layout.ts'
import type { Link, Reply } from './link.ts'
import { slotOf } from './slot.ts'

/** Cells of one command: the server does nothing else meanwhile. A key's cells are always asked for together. */
const MAX_COMMAND_CELLS = 1_000

/** A part of a read: some keys' cells by one command. */
interface ReadStep {
  readonly command: Outgoing
  /** The place of its first cell in the batch. */
  readonly at: number
  readonly cells: number
}

/** The ends of the names of a list of cells. */
interface Tails {
  readonly tails: readonly Buffer[]
  readonly bytes: number
}

/** Plans what is sent for a read: one command for a server alone, one for each key in a cluster, for slots answer one by one. */
export function readPlanner(layout: Layout, isCluster: boolean): (request: ReadRequest) => readonly ReadStep[] {
  // Whoever reads again and again names its cells by one list.
  const known = new WeakMap<readonly CellName[], Tails>()

  function tailsOf(cells: readonly CellName[]): Tails {
    const found = known.get(cells)
    if (found !== undefined) return found
    const tails = cells.map(cellTail)
    const made = { tails, bytes: tails.reduce((sum, tail) => sum + tail.byteLength, 0) }
    known.set(cells, made)
    return made
  }

  return ({ entity, keys, cells }) => {
    const names = layout.namesOf(entity)
    const tails = tailsOf(cells)
    const stepKeys = isCluster ? 1 : Math.max(1, Math.floor(MAX_COMMAND_CELLS / cells.length))
    const steps: ReadStep[] = []
    for (let start = 0; start < keys.length; start += stepKeys) {
      const stepped = keys.length <= stepKeys ? keys : keys.slice(start, start + stepKeys)
      const command = getCommand(names, stepped, tails)
      steps.push({ command, at: start * cells.length, cells: stepped.length * cells.length })
    }
    return steps
  }
}

/** Throws KEY_INVALID. */
function getCommand({ head, tagAt }: EntityNames, keys: readonly Uint8Array[], { tails, bytes }: Tails): Outgoing {
  let keyBytes = 0
  for (const key of keys) {
    checkKey(key)
    keyBytes += key.length
  }
  const count = keys.length * tails.length
  const frame = Buffer.allocUnsafe(
    32 + tails.length * keyBytes + keys.length * bytes + count * (head.length + MAX_WORD_FRAME),
  )
  let at = frame.write(`*${count + 1}\r\n$4\r\nMGET\r\n`, 0, 'latin1')
  const firstNameAt = at + 1 + String(head.length + keys[0]!.length + tails[0]!.length).length + 2
  for (const key of keys) {
    for (const tail of tails) {
      at += frame.write(`$${head.length + key.length + tail.length}\r\n`, at, 'latin1')
      frame.set(head, at)
      at += head.length
      frame.set(key, at)
      at += key.length
      frame.set(tail, at)
      at += tail.length
      frame[at] = 13
      frame[at + 1] = 10
      at += 2
    }
  }
  return { name: 'mget', frame: frame.subarray(0, at), slot: slotOf(frame, firstNameAt + tagAt) }
}

/** `$`, a length of at most four digits, and two line ends. */
const MAX_WORD_FRAME = 9

export interface ReadContext {
  readonly link: Link
  readonly plan: (request: ReadRequest) => readonly ReadStep[]
  readonly timeoutMillis: number
  /** Of what did not come. */
  readonly failed: (error: unknown) => Error
}

/**
 * Reads in one round trip. What fails by itself is an error in its places; where all fails, or the signal aborts, the read does.
 * What has not come in time has failed: a node that is silent takes nothing from the others.
 */
export function readCells(
  { link, plan, timeoutMillis, failed }: ReadContext,
  request: ReadRequest,
): Promise<CellBatch> {
  const { signal } = request
  if (request.keys.length === 0 || request.cells.length === 0) return Promise.resolve([])
  const steps = plan(request)
  if (signal?.aborted) return Promise.reject(signal.reason)
  const replies = link.send(steps.map(({ command }) => command))
  return new Promise((resolve, reject) => {
    const batch: CellBatch[number][] = new Array(request.keys.length * request.cells.length)
    const waiting = new Set(steps)
    let failures = 0
    let lastFailure: unknown

    const timer = setTimeout(() => {
      const late = new Error(`no answer within ${timeoutMillis} ms`)
      for (const step of waiting) settle(step, late)
    }, timeoutMillis)
    const abort = () => {
      clearTimeout(timer)
      waiting.clear()
      reject(signal!.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })

    const settle = (step: ReadStep, reply: Reply): void => {
      if (!waiting.delete(step)) return
      if (reply instanceof Error) {
        failures += 1
        lastFailure = reply
        batch.fill(failed(reply), step.at, step.at + step.cells)
      } else place(batch, step, reply as readonly Reply[])
      if (waiting.size > 0) return
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      if (failures === steps.length) reject(lastFailure)
      else resolve(batch)
    }

    steps.forEach((step, index) => {
      replies[index]!.then(
        (reply) => settle(step, reply),
        (error: unknown) => settle(step, asError(error)),
      )
    })
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function place(batch: CellBatch[number][], { at, cells }: ReadStep, found: readonly Reply[]): void {
  for (let index = 0; index < cells; index += 1) {
    const cell = found[index]
    batch[at + index] = cell === null ? undefined : (cell as Buffer)
  }
}
