import { FieldstoneError } from '../../../errors.ts'
import type {
  CellBatch,
  CellName,
  DeleteRequest,
  IterateRequest,
  OnlineStore,
  ReadRequest,
  UpdateRequest,
  WriteRequest,
  WriteSummary,
} from '../online-store.ts'
import { BoundedCells, type CellTable } from './bounded-cells.ts'

/** A store in the memory of this process, which forgets what it has no room for. */
export function createMemoryStore(maxBytes: number): OnlineStore {
  const cells = new BoundedCells(maxBytes)
  /** By entity and view, then by part. A deployment has few of them, so none is given up. */
  const places = new Map<string, Map<number, CellTable>>()
  let isClosed = false

  function partsOf(entity: string, view: string): Map<number, CellTable> {
    const name = `${entity} ${view}`
    const known = places.get(name)
    if (known !== undefined) return known
    const made = new Map<number, CellTable>()
    places.set(name, made)
    return made
  }

  function tableOf(entity: string, { view, part }: CellName): CellTable {
    const parts = partsOf(entity, view)
    const known = parts.get(part)
    if (known !== undefined) return known
    const made: CellTable = new Map()
    parts.set(part, made)
    return made
  }

  function read({ entity, keys, cells: names }: ReadRequest): CellBatch {
    const tables = names.map((name) => tableOf(entity, name))
    const texts: (string | undefined)[] = []
    let bytes = 0
    for (const key of keys) {
      const name = latin1(key)
      for (const table of tables) {
        const text = cells.get(table, name)?.text
        texts.push(text)
        bytes += text?.length ?? 0
      }
    }
    return copiesOf(texts, bytes)
  }

  function write(request: WriteRequest): WriteSummary {
    const { entity, rows, compare } = request
    const summary = { written: 0, superseded: 0, unchanged: 0 }
    const table = tableOf(entity, request)
    const written = new Set<string>()
    for (const { key, cell } of rows) {
      const name = latin1(key)
      const stored = cells.get(table, name)
      const order = stored === undefined ? -1 : compare(Buffer.from(stored.text, 'latin1'), cell)
      if (order < 0) {
        cells.set(table, name, latin1(cell))
        summary[written.has(name) ? 'superseded' : 'written'] += 1
        written.add(name)
      } else summary[order > 0 ? 'superseded' : 'unchanged'] += 1
    }
    return summary
  }

  function updateMany({ entity, view, keys, parts, update }: UpdateRequest): void {
    for (const [index, key] of keys.entries()) {
      const name = latin1(key)
      const tables = parts.map((part) => tableOf(entity, { view, part }))
      const current = tables
        .map((table) => cells.get(table, name))
        .map((held) => held && Buffer.from(held.text, 'latin1'))
      for (const [part, cell] of update(current, index)) {
        const table = tableOf(entity, { view, part })
        if (cell === null) cells.delete(table, name)
        else cells.set(table, name, latin1(cell))
      }
    }
  }

  function remove({ entity, view, keys }: DeleteRequest): void {
    const tables = [...partsOf(entity, view).values()]
    if (keys === undefined) for (const table of tables) cells.clear(table)
    else for (const key of keys) for (const table of tables) cells.delete(table, latin1(key))
  }

  async function* iterate({ entity, view, part, after }: IterateRequest) {
    checkOpen()
    const table = tableOf(entity, { view, part })
    const last = after === undefined ? undefined : latin1(after)
    const names = [...table.keys()].filter((name) => last === undefined || name > last).sort()
    for (const name of names) {
      checkOpen()
      const held = table.get(name)
      if (held !== undefined) yield { key: Buffer.from(name, 'latin1'), cell: Buffer.from(held.text, 'latin1') }
    }
  }

  function checkOpen(): void {
    if (isClosed) throw new FieldstoneError('STORE_CLOSED', { seen: 'a memory store' })
  }

  async function call<T>(run: () => T): Promise<T> {
    checkOpen()
    return run()
  }

  return {
    mergesReads: false,
    counts: () => ({ bytes: cells.bytes, cells: cells.count, evictions: cells.evictions }),
    read: (request) => (isClosed ? call(() => []) : read(request)),
    write: (request) => call(() => write(request)),
    updateMany: (request) => call(() => updateMany(request)),
    delete: (request) => call(() => remove(request)),
    iterate,
    prepare: () => call(() => []),
    health: () => call(() => ({ ok: true, detail: `memory holds ${cells.count} cells in ${cells.bytes} bytes` })),
    close: async () => {
      isClosed = true
      for (const parts of places.values()) for (const table of parts.values()) cells.clear(table)
    },
  }
}

/** Makes the bytes of all cells of a read in one piece of memory: one for each would cost more than the look-ups. */
function copiesOf(texts: readonly (string | undefined)[], bytes: number): CellBatch {
  const memory = Buffer.allocUnsafe(bytes)
  let at = 0
  return texts.map((text) => {
    if (text === undefined) return undefined
    memory.write(text, at, 'latin1')
    at += text.length
    return memory.subarray(at - text.length, at)
  })
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
