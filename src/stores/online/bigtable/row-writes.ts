import { type Caller, type Patience, withRetries } from './calls.ts'
import { mayPass, STATUS, StatusError } from './failures.ts'
import type { RowFilter } from './filters.ts'
import type { Mutation } from './mutations.ts'

export interface RowMutations {
  readonly row: Uint8Array
  readonly mutations: readonly Mutation[]
}

/** The service takes 100,000 changes in one request; so many bytes keep a request, and what is sent again after a failure, small. */
const MAX_REQUEST_MUTATIONS = 20_000
const MAX_REQUEST_BYTES = 4 * 2 ** 20
const MAX_REQUESTS_IN_FLIGHT = 4

/** Changes many rows, each atomically, in as few requests as the limits allow. The changes may be made twice: they say what is there after, and when. */
export async function mutateRows(caller: Caller, rows: readonly RowMutations[], patience: Patience): Promise<void> {
  await forEachOf(split(rows), MAX_REQUESTS_IN_FLIGHT, (part) => mutatePart(caller, part, patience))
}

function* split(rows: readonly RowMutations[]): Generator<readonly RowMutations[]> {
  let start = 0
  let mutations = 0
  let bytes = 0
  for (const [index, one] of rows.entries()) {
    const size = bytesOf(one)
    const isFull = mutations + one.mutations.length > MAX_REQUEST_MUTATIONS || bytes + size > MAX_REQUEST_BYTES
    if (index > start && isFull) {
      yield rows.slice(start, index)
      start = index
      mutations = 0
      bytes = 0
    }
    mutations += one.mutations.length
    bytes += size
  }
  if (start < rows.length) yield rows.slice(start)
}

function bytesOf({ row, mutations }: RowMutations): number {
  let bytes = row.byteLength
  for (const mutation of mutations) {
    bytes += 'setCell' in mutation ? 64 + mutation.setCell.value.byteLength : 64
    bytes += ('setCell' in mutation ? mutation.setCell : mutation.deleteFromColumn).columnQualifier.byteLength
  }
  return bytes
}

interface MutateRowsAnswer {
  readonly entries: readonly {
    readonly index: string | number
    readonly status: { readonly code: number; readonly message: string } | null
  }[]
}

/** What passes is asked again, so the rest comes first. What the service says nothing about was not done. */
function worstOf(refusals: readonly Error[]): Error {
  const nothing = new StatusError(STATUS.UNAVAILABLE, 'no answer for a row')
  return refusals.find((error) => !mayPass(error)) ?? refusals[0] ?? nothing
}

async function mutatePart(caller: Caller, rows: readonly RowMutations[], patience: Patience): Promise<void> {
  let left = rows
  let asked = rows
  await withRetries(
    patience,
    async (once) => {
      asked = left
      const entries = asked.map(({ row, mutations }) => ({ rowKey: row, mutations }))
      const done = new Set<number>()
      const refusals = new Map<number, Error>()
      const settle = () => {
        left = asked.filter((_, index) => !done.has(index))
      }
      try {
        await caller.objects('MutateRows', { ...caller.address, entries }, once, (answer: MutateRowsAnswer) => {
          for (const { index, status } of answer.entries) {
            if (status === null || status.code === 0) done.add(Number(index))
            else refusals.set(Number(index), new StatusError(status.code, status.message))
          }
          return undefined
        })
      } finally {
        settle()
      }
      if (left.length > 0) throw worstOf([...refusals.values()])
    },
    () => left.length < asked.length,
  )
}

export interface CheckedChange {
  readonly row: Uint8Array
  readonly filter: RowFilter
  /** Whether the changes are made where the filter gives a cell, or where it gives none. */
  readonly when: 'match' | 'noMatch'
  readonly mutations: readonly Mutation[]
}

/** What came of a change that hangs on what is there. */
export interface CheckedOutcome {
  readonly isDone: boolean
  /** An answer was lost before: it may have been done then, and by that have changed what it hangs on. */
  readonly mayHaveBeenDone: boolean
}

/**
 * Changes a row where a filter says so, atomically. Asked again after a failure that may pass, so the filter must not hold any more once the
 * changes are made.
 */
export async function checkAndMutate(
  caller: Caller,
  change: CheckedChange,
  patience: Patience,
): Promise<CheckedOutcome> {
  const { row, filter, when, mutations } = change
  const request = {
    ...caller.address,
    rowKey: row,
    predicateFilter: filter,
    ...(when === 'match' ? { trueMutations: mutations } : { falseMutations: mutations }),
  }
  let attempts = 0
  const answer = await withRetries(patience, (once) => {
    attempts += 1
    return caller.unary('CheckAndMutateRow', request, once)
  })
  const { predicateMatched } = answer as { readonly predicateMatched: boolean }
  return { isDone: predicateMatched === (when === 'match'), mayHaveBeenDone: attempts > 1 }
}

/** Works on all of some items, a few at a time. After a failure none is begun, and those begun are waited for. */
export async function forEachOf<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  let hasFailed = false
  async function run(): Promise<void> {
    for (let step = iterator.next(); step.done !== true && !hasFailed; step = iterator.next()) {
      try {
        await work(step.value)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, run))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
