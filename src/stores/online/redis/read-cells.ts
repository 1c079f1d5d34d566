import type { CellBatch, CellName, ReadRequest } from '../online-store.ts'
import type { Outgoing } from './frames.ts'
import { cellTail, checkKey, type EntityNames, type Layout } from './layout.ts'
import type { Link } from './link.ts'
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
  const { keys, cells, signal } = request
  if (keys.length === 0 || cells.length === 0) return Promise.resolve([])
  const steps = plan(request)
  if (signal?.aborted) return Promise.reject(signal.reason)
  const replies = link.send(steps.map(({ command }) => command))
  return new Promise((resolve, reject) => {
    const answers = new Answers(steps, { cells: keys.length * cells.length, failed })
    // After a turn of its own that was long, what has come is looked at before it counts as late.
    const timer = setTimeout(() => setImmediate(expire), timeoutMillis)
    const abort = () => end(() => reject(signal!.reason))
    signal?.addEventListener('abort', abort, { once: true })

    const end = (tell: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      tell()
    }
    const settle = (step: ReadStep, reply: unknown): void => {
      if (!answers.take(step, reply)) return
      end(() => (answers.onlyFailure === undefined ? resolve(answers.batch) : reject(answers.onlyFailure)))
    }
    const expire = (): void => {
      for (const step of answers.waiting) settle(step, new Error(`no answer within ${timeoutMillis} ms`))
    }
    steps.forEach((step, index) => {
      replies[index]!.then(
        (reply) => settle(step, reply),
        (error: unknown) => settle(step, error instanceof Error ? error : new Error(String(error))),
      )
    })
  })
}

/** The batch of a read as its parts come in. */
class Answers {
  readonly batch: CellBatch[number][]
  readonly waiting: Set<ReadStep>
  readonly #failed: ReadContext['failed']
  readonly #steps: number
  #failures = 0
  #lastFailure: Error | undefined

  constructor(steps: readonly ReadStep[], { cells, failed }: { readonly cells: number } & Pick<ReadContext, 'failed'>) {
    this.batch = new Array(cells)
    this.waiting = new Set(steps)
    this.#steps = steps.length
    this.#failed = failed
  }

  /** Takes what came of a part, unless something did before. Tells whether that was the last. */
  take(step: ReadStep, reply: unknown): boolean {
    if (!this.waiting.delete(step)) return false
    const { at, cells } = step
    if (reply instanceof Error) {
      this.#failures += 1
      this.#lastFailure = this.#failed(reply)
      this.batch.fill(this.#lastFailure, at, at + cells)
    } else {
      const found = reply as readonly (Buffer | null)[]
      for (let index = 0; index < cells; index += 1) this.batch[at + index] = found[index] ?? undefined
    }
    return this.waiting.size === 0
  }

  /** The error where there is nothing else. */
  get onlyFailure(): Error | undefined {
    return this.#failures === this.#steps ? this.#lastFailure : undefined
  }
}
