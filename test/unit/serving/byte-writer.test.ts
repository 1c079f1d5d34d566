import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../../src/serving/byte-writer.ts'

const written = (out: ByteWriter): string => Buffer.from(out.copy()).toString('utf8')

test('whatever is written stands one after another, in UTF-8, however far the buffer grows', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.nat(40_000).map((length) => 'é'.repeat(length)),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), piece)), (pieces) => {
      const out = new ByteWriter()
      for (const [asText, text] of pieces) asText ? out.text(text) : out.raw(Buffer.from(text))
      expect(written(out)).toBe(pieces.map(([, text]) => text).join(''))
    }),
    { numRuns: 50 },
  )
})

test('slices of any length are copied whole', () => {
  const source = Uint8Array.from({ length: 200 }, (_, index) => index)
  const out = new ByteWriter()
  for (const [start, end] of [
    [0, 0],
    [3, 4],
    [10, 58],
    [10, 59],
    [0, 200],
  ] as const)
    out.slice(source, start, end)
  expect([...out.copy()]).toEqual([...source.slice(3, 4), ...source.slice(10, 58), ...source.slice(10, 59), ...source])
})

test('a copy is not touched by what is written later', () => {
  const out = new ByteWriter()
  out.text('first')
  const copy = out.copy()
  out.reset(1 << 20)
  out.text('other')
  expect(Buffer.from(copy).toString()).toBe('first')
})

test('truncate forgets the end, and a swollen buffer is let go', () => {
  const out = new ByteWriter()
  out.text('keep')
  const { at } = out
  out.text('x'.repeat(1 << 20))
  out.truncate(at)
  expect(written(out)).toBe('keep')
  out.reset(1 << 20)
  expect(out.bytes.length).toBeLessThan(1 << 20)
  expect(written(out)).toBe('')
})

test('a quoted text is what JSON makes of it', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u007f', 'é') }),
  )
  fc.assert(
    fc.property(text, (given) => {
      const out = new ByteWriter()
      out.quoted(given)
      expect(written(out)).toBe(JSON.stringify(given))
    }),
    { numRuns: 1_000 },
  )
})
