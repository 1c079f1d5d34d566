import { fromUtf8, utf8 } from '../../lib/bytes.ts'
import { RESERVED_ENTITY } from './column-lists.ts'
import { decodeKey, encodeText } from './key-codec.ts'
import { cellIn, type OnlineStore } from './online-store.ts'

/** JSON records that Fieldstone keeps for itself in the online store: what was applied, checkpoints, leases. */
export interface Records {
  get<T>(kind: string, name: string): Promise<T | undefined>
  /** Changes a record under compare-and-set; `change` may be called more than once. Undefined deletes. Gives what is stored after. */
  update<T>(kind: string, name: string, change: (current: T | undefined) => T | undefined): Promise<T | undefined>
  list<T>(kind: string): AsyncIterable<{ readonly name: string; readonly value: T }>
}

const NAME_SHAPE = { name: RESERVED_ENTITY, keys: [{ name: 'name', dtype: { kind: 'string' } }] } as const

export function createRecords(store: OnlineStore): Records {
  const entity = RESERVED_ENTITY
  return {
    get: async (kind, name) => {
      const [cell] = await store.read({ entity, keys: [encodeText(name)], cells: [{ view: `${kind}@1`, part: 0 }] })
      return parse(cellIn(cell))
    },
    update: async <T>(kind: string, name: string, change: (current: T | undefined) => T | undefined) => {
      let next: T | undefined
      await store.updateMany({
        entity,
        view: `${kind}@1`,
        keys: [encodeText(name)],
        parts: [0],
        update: ([cell]) => {
          next = change(parse(cell))
          return new Map([[0, next === undefined ? null : utf8(JSON.stringify(next))]])
        },
      })
      return next
    },
    list: async function* (kind) {
      for await (const { key, cell } of store.iterate({ entity, view: `${kind}@1`, part: 0 })) {
        yield { name: decodeKey(NAME_SHAPE, key)[0] as string, value: parse(cell)! }
      }
    },
  }
}

function parse<T>(cell: Uint8Array | undefined): T | undefined {
  return cell === undefined ? undefined : (JSON.parse(fromUtf8(cell)) as T)
}
