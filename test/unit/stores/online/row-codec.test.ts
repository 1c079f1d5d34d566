import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FieldstoneError } from '../../../../src/errors.ts'
import { columnList } from '../../../../src/stores/online/column-list.ts'
import {
  encodeCell,
  fingerprintOf,
  isNullValue,
  isOfList,
  isOfNewerCodec,
  orderBytes,
  readCellHeader,
  tieBreakerOf,
  valueOffset,
  valueText,
} from '../../../../src/stores/online/row-codec.ts'
import { encodeWire } from '../../../../src/values/wire.ts'
import { arbitraryTyped } from '../../../support/arbitrary-values.ts'
import { cellOf, PAIR } from '../../../support/sample-rows.ts'

const MICROS = fc.maxSafeInteger()
const TIE_BREAKER = fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 12, max: 2 }))

describe('a cell', () => {
  test('gives back what was stored in it, for every dtype', () => {
    const columns = fc.array(arbitraryTyped(1), { maxLength: 6 })
    fc.assert(
      fc.property(columns, MICROS, MICROS, TIE_BREAKER, (typed, eventMicros, ingestMicros, tieBreaker) => {
        const list = columnList(typed.map(({ type }, index) => ({ ...type, name: `c${index}` })))
        const values = typed.map(({ type, values: [value] }) => encodeWire(type, value) as string)
        const cell = encodeCell(list, { eventMicros, ingestMicros, tieBreaker, tombstone: false, values })
        const header = readCellHeader(cell)
        expect(header).toMatchObject({ eventMicros, ingestMicros, tombstone: false, canonical: true })
        expect(header.valueCount).toBe(values.length)
        expect(fingerprintOf(header)).toBe(list.fingerprint)
        expect(isOfList(header, list)).toBe(true)
        expect([...tieBreakerOf(header)]).toEqual([...tieBreaker])
        expect(values.map((_, index) => valueText(header, index))).toEqual(values)
        expect(values.map((_, index) => isNullValue(header, index))).toEqual(values.map((text) => text === 'null'))
        expect(valueOffset(header, values.length)).toBe(cell.byteLength)
      }),
      { numRuns: 1_000 },
    )
  })

  test('may lie anywhere in a buffer', () => {
    const cell = cellOf(PAIR, { eventMicros: -5, values: ['12', '"é"'] })
    const padded = Buffer.concat([Buffer.alloc(7, 0xee), cell, Buffer.alloc(3, 0xee)])
    const header = readCellHeader(padded.subarray(7, 7 + cell.byteLength))
    expect([header.eventMicros, valueText(header, 0), valueText(header, 1)]).toEqual([-5, '12', '"é"'])
  })

  test('stands as it is documented', () => {
    const cell = cellOf(PAIR, { eventMicros: 1, ingestMicros: -1, tieBreaker: 'a\0', values: ['12', 'null'] })
    expect(Buffer.from(cell).toString('hex')).toBe(
      [
        ['01', '01', '0021', PAIR.fingerprint],
        ['8000000000000001', '7fffffffffffffff', '61010100', '00'],
        ['0000002d', '0000002f', '00000033', Buffer.from('12null').toString('hex')],
      ]
        .flat()
        .join(''),
    )
  })

  test('of a tombstone has no values', () => {
    const header = readCellHeader(cellOf(PAIR, { eventMicros: 3, tombstone: true }))
    expect(header).toMatchObject({ tombstone: true, valueCount: 0, eventMicros: 3 })
  })

  test('refuses a tie-breaker that its header cannot span', () => {
    const contents = { eventMicros: 0, ingestMicros: 0, tombstone: true, values: [] }
    const longest = new Uint8Array(32_000)
    const header = readCellHeader(encodeCell(PAIR, { ...contents, tieBreaker: longest }))
    expect(tieBreakerOf(header).byteLength).toBe(32_000)
    const tooLong = () => encodeCell(PAIR, { ...contents, tieBreaker: new Uint8Array(32_001) })
    expect(tooLong).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
  })

  test('orders by event time, ingest time, tie-breaker and tombstone, bytes against bytes', () => {
    const contents = fc.record({
      eventMicros: fc.oneof(fc.integer({ min: -2, max: 2 }), MICROS),
      ingestMicros: fc.oneof(fc.integer({ min: -2, max: 2 }), MICROS),
      tieBreaker: fc.uint8Array({ maxLength: 3, max: 2 }),
      tombstone: fc.boolean(),
    })
    const bytesOf = (one: { tombstone: boolean; eventMicros: number; ingestMicros: number; tieBreaker: Uint8Array }) =>
      orderBytes(readCellHeader(encodeCell(PAIR, { ...one, values: ['1', '2'] })))
    fc.assert(
      fc.property(contents, contents, (a, b) => {
        const order =
          Math.sign(a.eventMicros - b.eventMicros) ||
          Math.sign(a.ingestMicros - b.ingestMicros) ||
          Buffer.compare(a.tieBreaker, b.tieBreaker) ||
          Number(a.tombstone) - Number(b.tombstone)
        expect(Buffer.compare(bytesOf(a), bytesOf(b))).toBe(order)
      }),
      { numRuns: 2_000 },
    )
  })
})

/** A cell and ways to spoil it: bytes that are changed, and what is cut off. */
const SPOILED = fc
  .record({
    values: fc.array(fc.constantFrom('null', '1', '"text"'), { minLength: 2, maxLength: 2 }),
    tombstone: fc.boolean(),
    tieBreaker: fc.string({ maxLength: 3 }),
    changes: fc.array(fc.tuple(fc.nat(80), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    length: fc.option(fc.nat(90)),
  })
  .map(({ changes, length, ...row }) => {
    const cell = cellOf(PAIR, row)
    for (const [at, byte] of changes) if (at < cell.byteLength) cell[at] = byte
    return length === null ? cell : Buffer.concat([cell], length)
  })

describe('bytes that are no cell', () => {
  function expectCorruptOrWhole(bytes: Uint8Array): void {
    let header: ReturnType<typeof readCellHeader>
    try {
      header = readCellHeader(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(FieldstoneError)
      expect((error as FieldstoneError).code).toBe('CELL_CORRUPT')
      return
    }
    for (let index = 0; index < header.valueCount; index += 1) {
      expect(valueOffset(header, index)).toBeLessThan(valueOffset(header, index + 1))
      valueText(header, index)
      isNullValue(header, index)
    }
    expect(valueOffset(header, header.valueCount)).toBe(bytes.byteLength)
    expect(new Date(Math.floor(header.eventMicros / 1000)).getTime()).not.toBeNaN()
    tieBreakerOf(header)
  }

  test('are CELL_CORRUPT, whatever was done to them', () => {
    fc.assert(fc.property(SPOILED, expectCorruptOrWhole), { numRuns: 5_000 })
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), expectCorruptOrWhole), { numRuns: 5_000 })
  })

  test.each([
    ['nothing', (_cell: Buffer) => Buffer.alloc(0)],
    ['half a cell', (cell: Buffer) => cell.subarray(0, cell.byteLength - 1)],
    ['more than a cell', (cell: Buffer) => Buffer.concat([cell, Buffer.of(1)])],
    ['another codec', (cell: Buffer) => Buffer.concat([Buffer.of(2), cell.subarray(1)])],
    ['a tombstone with values', (cell: Buffer) => cell.fill(1, 29, 30)],
    ['a tombstone byte of neither', (cell: Buffer) => cell.fill(2, 29, 30)],
    ['a time that no double holds', (cell: Buffer) => cell.fill(0xff, 12, 20)],
    ['an empty value', (cell: Buffer) => cell.fill(cell[33]!, 37, 38)],
  ])('are CELL_CORRUPT: %s', (_name, spoil) => {
    const cell = Buffer.from(cellOf(PAIR, { values: ['12', '34'] }))
    readCellHeader(cell)
    expect(() => readCellHeader(spoil(cell))).toThrow(expect.objectContaining({ code: 'CELL_CORRUPT' }))
  })

  test('tell whether a later codec wrote them', () => {
    const cell = Buffer.from(cellOf(PAIR, {}))
    expect([cell, Buffer.alloc(0), Buffer.of(0), Buffer.of(2)].map(isOfNewerCodec)).toEqual([false, false, false, true])
  })
})
