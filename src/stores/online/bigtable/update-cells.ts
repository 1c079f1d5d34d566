import { invariant } from '../../../lib/assert.ts'
import { callOut } from '../caller-error.ts'
import type { PartChanges, UpdateRequest } from '../online-store.ts'
import { backOff } from './back-off.ts'
import { filterBytesOf, isNewest, newestBetween, newestOf, type RowFilter } from './filters.ts'
import type { KeyTurns } from './key-turns.ts'
import { columnsOf, entityPrefix, rowKeyOf, updateColumn } from './layout.ts'
import {
  addToken,
  type CellColumns,
  cellColumns,
  hasToken,
  type Mutation,
  newToken,
  putInstead,
  removeCell,
  set,
  TIME_OF_PARTS,
} from './mutations.ts'
import { collector, type FoundCell, keyRuns, readByKeys, readRequest } from './row-reads.ts'
import { type CheckedChange, type CheckedOutcome, checkAndMutate, forEachOf, mutateRows } from './row-writes.ts'
import type { Table } from './table.ts'
import { MAX_CELL_BYTES, tooLong } from './write-cells.ts'

const MAX_CHANGES_IN_FLIGHT = 100
const MAX_READS_IN_FLIGHT = 4
/** Of the 20 KB that the service takes of a filter. */
const MAX_FILTER_BYTES = 16 * 2 ** 10

interface Update {
  readonly table: Table
  readonly request: UpdateRequest
  readonly prefix: Uint8Array
  /** Of the parts that are asked for. */
  readonly columns: readonly CellColumns[]
  readonly tokenColumn: Buffer
  /** Of the asked columns and the tokens', or of all of the view where it cannot name them. */
  readonly filter: RowFilter
  readonly rest: Buffer
  /** The columns fill no more than the service takes of a filter, so that their absence can be asked for. */
  readonly canAskForAll: boolean
}

/** What was read of a row. */
interface Seen {
  readonly current: readonly (Uint8Array | undefined)[]
  /** Who changed the row's parts last; undefined: it is not on record. */
  readonly tokens: Uint8Array | undefined
}

const NOTHING_SEEN: Seen = { current: [], tokens: undefined }

/** Each key by compare-and-set on who changed it last, again until nobody came between. */
export async function updateCells(table: Table, turns: KeyTurns, request: UpdateRequest): Promise<void> {
  if (request.keys.length === 0) return
  const update = planUpdate(table, request)
  if (request.parts.length === 0) return updateBlindly(update)
  const seen = await readSeen(update, request.keys)
  const { keys, parts } = request
  const nothing: Seen = { current: parts.map(() => undefined), tokens: undefined }
  // All are computed before any is stored: the function may throw.
  const planned = keys.map((key, index) => {
    const row = rowKeyOf(update.prefix, key)
    const found = seen.get(row.toString('latin1')) ?? nothing
    return { row, key, index, found, changes: changesOf(update, found, index) }
  })
  await forEachOf(planned, MAX_CHANGES_IN_FLIGHT, ({ row, key, index, found, changes }) =>
    turns.run(row.toString('latin1'), () => new KeyUpdate(update, { row, key, index }).run(found, changes)),
  )
}

function planUpdate(table: Table, request: UpdateRequest): Update {
  const columns = request.parts.map((part) => cellColumns(request.view, part))
  const tokenColumn = updateColumn(request.view)
  const asked = [...new Map(columns.map(({ data }) => [data.toString('latin1'), data])).values(), tokenColumn]
  const bytes = asked.reduce((sum, column) => sum + filterBytesOf(column), 0)
  const canAskForAll = bytes <= MAX_FILTER_BYTES
  const filter = canAskForAll ? newestOf(asked) : newestBetween(columnsOf(request.view))
  const rest = readRequest(table.writes, filter)
  return { table, request, prefix: entityPrefix(request.entity), columns, tokenColumn, filter, rest, canAskForAll }
}

function patienceOf({ table }: Update) {
  return { timeoutMillis: table.settings.writeTimeoutMillis }
}

/** What hangs on nothing that is stored needs no look at it; the service changes a row's cells all or none. */
async function updateBlindly(update: Update): Promise<void> {
  const { table, request, prefix } = update
  const rows = request.keys.map((key, index) => ({
    row: rowKeyOf(prefix, key),
    mutations: mutationsOf(update, { ...NOTHING_SEEN, token: newToken() }, changesOf(update, NOTHING_SEEN, index)),
  }))
  const changed = rows.filter(({ mutations }) => mutations.length > 0)
  await mutateRows(table.writes, changed, patienceOf(update))
}

function changesOf({ request }: Update, { current }: Seen, index: number): PartChanges {
  const changes = callOut(() => request.update(current, index))
  for (const cell of changes.values()) if (cell !== null && cell.byteLength > MAX_CELL_BYTES) throw tooLong(cell)
  return changes
}

function mutationsOf(
  { request, tokenColumn }: Update,
  { tokens, token }: Seen & { readonly token: Uint8Array },
  changes: PartChanges,
): readonly Mutation[] {
  if (changes.size === 0) return []
  const mutations = [...changes].flatMap(([part, cell]) => {
    const columns = cellColumns(request.view, part)
    return cell === null ? removeCell(columns) : putInstead(columns, TIME_OF_PARTS, cell)
  })
  return [...mutations, set(tokenColumn, TIME_OF_PARTS, addToken(token, tokens))]
}

async function readSeen(update: Update, keys: readonly Uint8Array[]): Promise<ReadonlyMap<string, Seen>> {
  const { table, prefix, rest } = update
  const seen = new Map<string, Seen>()
  await forEachOf(keyRuns(prefix, keys), MAX_READS_IN_FLIGHT, ([start, end]) =>
    readByKeys(
      { caller: table.writes, rest, prefix, keys: keys.slice(start, end) },
      patienceOf(update),
      collector((row, cells) => void seen.set(row, seenIn(update, cells))),
    ),
  )
  return seen
}

function seenIn({ columns, tokenColumn }: Update, cells: readonly FoundCell[]): Seen {
  const found = (column: Buffer) => cells.find(({ qualifier }) => Buffer.compare(qualifier, column) === 0)?.value
  return { current: columns.map(({ data }) => found(data)), tokens: found(tokenColumn) }
}

interface UpdatedKey {
  readonly row: Buffer
  readonly key: Uint8Array
  readonly index: number
}

/** The update of one key. */
class KeyUpdate {
  readonly #update: Update
  readonly #key: UpdatedKey
  /** Of changes whose answers were lost: one that is on record was made. */
  readonly #lost: Uint8Array[] = []

  constructor(update: Update, key: UpdatedKey) {
    this.#update = update
    this.#key = key
  }

  async run(seen: Seen, changes: PartChanges): Promise<void> {
    const start = performance.now()
    let isDone = await this.#tryOnce(seen, changes)
    for (let round = 0; !isDone; round += 1) {
      if (round > 0) await backOff(this.#update.table, start, round)
      isDone = await this.#lookAgain()
    }
  }

  async #lookAgain(): Promise<boolean> {
    const { parts } = this.#update.request
    const found = [...(await readSeen(this.#update, [this.#key.key])).values()]
    invariant(found.length <= 1, 'a key is one row')
    const seen = found[0] ?? { current: parts.map(() => undefined), tokens: undefined }
    const { tokens } = seen
    if (tokens !== undefined && this.#lost.some((token) => hasToken(tokens, token))) return true
    return this.#tryOnce(seen, changesOf(this.#update, seen, this.#key.index))
  }

  /** Whether it was made. */
  async #tryOnce(seen: Seen, changes: PartChanges): Promise<boolean> {
    if (changes.size === 0) return true
    const token = newToken()
    const change = this.#changeOf(seen, token, changes)
    const { isDone, mayHaveBeenDone } = await this.#check(change ?? this.#record())
    if (mayHaveBeenDone) this.#lost.push(token)
    return isDone && change !== undefined
  }

  #check(change: CheckedChange): Promise<CheckedOutcome> {
    return checkAndMutate(this.#update.table.writes, change, patienceOf(this.#update))
  }

  /** Undefined: there must be a record of changes first. A filter cannot say that there is one thing and not another. */
  #changeOf(seen: Seen, token: Uint8Array, changes: PartChanges): CheckedChange | undefined {
    const { filter, tokenColumn, canAskForAll } = this.#update
    const { row } = this.#key
    const mutations = mutationsOf(this.#update, { ...seen, token }, changes)
    if (seen.tokens !== undefined)
      return { row, filter: isNewest(tokenColumn, TIME_OF_PARTS, seen.tokens), when: 'match', mutations }
    if (canAskForAll && seen.current.every((cell) => cell === undefined))
      return { row, filter, when: 'noMatch', mutations }
    return undefined
  }

  /** Begins the record of a row's changes. */
  #record(): CheckedChange {
    const { tokenColumn } = this.#update
    const record = set(tokenColumn, TIME_OF_PARTS, addToken(newToken(), undefined))
    return { row: this.#key.row, filter: newestOf([tokenColumn]), when: 'noMatch', mutations: [record] }
  }
}
