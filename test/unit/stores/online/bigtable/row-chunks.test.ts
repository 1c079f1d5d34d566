import { v2 } from '@google-cloud/bigtable'
import { beforeAll, describe, expect, test } from 'vitest'
import { RowChunks } from '../../../../../src/stores/online/bigtable/row-chunks.ts'
import { collector } from '../../../../../src/stores/online/bigtable/row-reads.ts'

interface Chunk {
  readonly rowKey?: Buffer
  readonly qualifier?: { readonly value: Buffer }
  readonly familyName?: { readonly value: string }
  readonly timestampMicros?: number
  readonly labels?: readonly string[]
  readonly value?: Buffer
  readonly valueSize?: number
  readonly commitRow?: boolean
  readonly resetRow?: boolean
}

/** Writes answers as the service's own definition says, by the library. */
let encode: (message: { readonly chunks?: readonly Chunk[]; readonly lastScannedRowKey?: Buffer }) => Buffer

beforeAll(async () => {
  const client = new v2.BigtableClient({
    auth: { getUniverseDomain: async () => 'googleapis.com', getClient: async () => ({}) },
  } as never)
  const stub = await client.initialize()
  const { service } = stub.constructor as unknown as {
    readonly service: { readonly ReadRows: { readonly responseSerialize: typeof encode } }
  }
  encode = service.ReadRows.responseSerialize
  await client.close()
})

interface Found {
  readonly rows: unknown[]
  readonly scanned: string[]
}

function readAll(messages: readonly Buffer[]): Found {
  const found: Found = { rows: [], scanned: [] }
  const chunks = new RowChunks(
    collector(
      (row, cells) => {
        const texts = cells.map(({ qualifier, timestampMicros, value }) => [
          Buffer.from(qualifier).toString(),
          timestampMicros,
          Buffer.from(value).toString(),
        ])
        found.rows.push([row, ...texts])
      },
      (row) => found.scanned.push(row),
    ),
  )
  for (const message of messages) chunks.read(message)
  return found
}

const q = (text: string) => ({ familyName: { value: 'f' }, qualifier: { value: Buffer.from(text) } })
const key = (text: string) => ({ rowKey: Buffer.from(text) })
const value = (text: string) => ({ value: Buffer.from(text) })

describe('answers of ReadRows', () => {
  test('may name rows and columns once or again and again', () => {
    const found = readAll([
      encode({
        chunks: [
          { ...key('a'), ...q('v'), timestampMicros: 5_000, ...value('one') },
          { ...q('w'), ...value('of time zero') },
          { timestampMicros: 1_758_000_000_123_000, ...value('same column'), commitRow: true },
          { ...key('b'), ...q('v'), timestampMicros: 1_000, ...value('two'), labels: ['l', 'm'] },
        ],
      }),
      encode({ chunks: [{ ...key('b'), ...q(''), ...value(''), commitRow: true }] }),
    ])
    expect(found.rows).toEqual([
      ['a', ['v', 5_000, 'one'], ['w', 0, 'of time zero'], ['w', 1_758_000_000_123_000, 'same column']],
      ['b', ['v', 1_000, 'two'], ['', 0, '']],
    ])
  })

  test('bring great cells in pieces, over messages, before and after others', () => {
    const pieces = ['x'.repeat(70_000), 'y'.repeat(130), 'z'.repeat(1_000_000)]
    const whole = pieces.join('')
    const found = readAll([
      encode({
        chunks: [
          { ...key('a'), ...q('u'), timestampMicros: 1_000, ...value('before') },
          { ...q('v'), timestampMicros: 7_000, ...value(pieces[0]!), valueSize: whole.length },
        ],
      }),
      encode({ chunks: [{ ...value(pieces[1]!), valueSize: whole.length }] }),
      encode({ chunks: [{ ...value(pieces[2]!) }, { ...q('w'), ...value('after'), commitRow: true }] }),
    ])
    expect(found.rows).toEqual([['a', ['u', 1_000, 'before'], ['v', 7_000, whole], ['w', 0, 'after']]])
  })

  test('take back what they told of a row, pieces of a cell among it', () => {
    const found = readAll([
      encode({
        chunks: [
          { ...key('a'), ...q('v'), ...value('old') },
          { ...q('w'), ...value('half'), valueSize: 9 },
          { resetRow: true },
          { ...key('a'), ...q('v'), ...value('new'), commitRow: true },
        ],
      }),
    ])
    expect(found.rows).toEqual([['a', ['v', 0, 'new']]])
  })

  test('tell how far rows were looked at that a filter left nothing of', () => {
    const found = readAll([encode({ lastScannedRowKey: Buffer.from([0x61, 0xff]) }), encode({ chunks: [] })])
    expect(found).toEqual({ rows: [], scanned: ['a\xff'] })
  })

  test('that are cut off or no such message are told so', () => {
    const message = encode({ chunks: [{ ...key('a'), ...q('v'), ...value('one'), commitRow: true }] })
    for (let length = 1; length < message.length; length += 1) {
      expect(() => readAll([message.subarray(0, length)])).toThrow(
        expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
      )
    }
    expect(() => readAll([Buffer.from([0x0f])])).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
  })
})
