import { FieldstoneError } from '../../src/errors.ts'
import type { CellBatch, OnlineStore, ReadRequest } from '../../src/stores/online/online-store.ts'

/** What reads of a store come to: its answer at once, or a moment later; nothing; a refusal; or no cell of some keys. */
export type Fault =
  | 'at once'
  | 'answers'
  | 'hangs'
  | 'refuses'
  | 'refuses a key'
  | { readonly failingKeys: readonly number[] }

export interface FaultyStore {
  readonly store: OnlineStore
  /** What the next reads come to. */
  fault: Fault
  /** Every read that was asked for. */
  readonly reads: ReadRequest[]
  /** Lets reads that hang go on to their answers. */
  release(): void
}

/** Puts faults before the reads of a real store, as a store behind a network has them. */
export function faultyStore(real: OnlineStore): FaultyStore {
  const held: (() => void)[] = []
  const faulty: FaultyStore = {
    fault: 'answers',
    reads: [],
    release: () => {
      for (const go of held.splice(0)) go()
    },
    store: {
      ...real,
      read: (request) => {
        faulty.reads.push(request)
        return answerOf(faulty.fault, request)
      },
    },
  }

  function answerOf(fault: Fault, request: ReadRequest): CellBatch | Promise<CellBatch> {
    if (fault === 'at once') return real.read(request)
    if (fault === 'hangs') return hang(request)
    if (fault === 'refuses') return Promise.reject(unavailable())
    if (fault === 'refuses a key') return Promise.reject(new FieldstoneError('KEY_INVALID', { seen: 'a key' }))
    return Promise.resolve(real.read(request)).then((batch) =>
      fault === 'answers' ? batch : without(batch, request, fault.failingKeys),
    )
  }

  async function hang(request: ReadRequest): Promise<CellBatch> {
    await new Promise<void>((go, stop) => {
      held.push(go)
      request.signal?.addEventListener('abort', () => stop(request.signal?.reason))
    })
    return real.read(request)
  }
  return faulty
}

function without(batch: CellBatch, { cells }: ReadRequest, failingKeys: readonly number[]): CellBatch {
  return batch.map((cell, place) => (failingKeys.includes(Math.floor(place / cells.length)) ? unavailable() : cell))
}

function unavailable(): FieldstoneError {
  return new FieldstoneError('STORE_UNAVAILABLE', { seen: 'a store that was told to fail' })
}
