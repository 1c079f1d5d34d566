import { randomBytes } from 'node:crypto'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_COMPRESSION, ENCODINGS } from '../../../src/registry/compression-settings.ts'
import { createCompression } from '../../../src/server/compression.ts'

const { choose, compress } = createCompression(DEFAULT_COMPRESSION)
const LONG = 100_000

describe('which encoding', () => {
  test.each([
    ['no header', undefined, undefined],
    ['an empty one', '', undefined],
    ['one that is known', 'gzip', 'gzip'],
    ['all that browsers take: the first of ours', 'gzip, deflate, br, zstd', 'zstd'],
    ['some of ours', 'gzip, deflate, br', 'br'],
    ['weights before our order', 'zstd;q=0.2, br;q=0.8, gzip;q=0.5', 'br'],
    ['weights alike', 'gzip;q=0.5, br;q=0.5', 'br'],
    ['any', '*', 'zstd'],
    ['any but one', 'zstd;q=0, *', 'br'],
    ['any, one before all', '*;q=0.1, gzip', 'gzip'],
    ['none', '*;q=0', undefined],
    ['one refused', 'gzip;q=0', undefined],
    ['one refused in other digits', 'gzip;q=0.000', undefined],
    ['identity preferred', 'identity, gzip;q=0.5', undefined],
    ['identity as good', 'identity, gzip', 'gzip'],
    ['identity after', 'identity;q=0.5, gzip', 'gzip'],
    ['identity refused where there is another', 'identity;q=0, br', 'br'],
    ['identity refused where there is none: it goes as it is', 'identity;q=0', undefined],
    ['others', 'deflate, compress, x-gzip', undefined],
    ['capitals', 'GZIP', 'gzip'],
    ['no number', 'gzip;q=high', undefined],
    ['a negative one', 'gzip;q=-1', undefined],
    ['no comma', 'gzip br', undefined],
    ['nothing but signs', ',;=",,;q', undefined],
    ['one too long to be read', `${', '.repeat(200)}gzip`, undefined],
  ])('%s', (_, header, encoding) => {
    expect(choose(header, LONG)).toBe(encoding)
    expect(choose(header, LONG)).toBe(encoding)
  })

  test('none below the threshold', () => {
    expect([1_023, 1_024].map((bytes) => choose('gzip', bytes))).toEqual([undefined, 'gzip'])
    const { choose: always } = createCompression({ thresholdBytes: 0, encodings: ['gzip'] })
    expect(always('gzip', 0)).toBe('gzip')
  })

  test('by the order of the settings, and of theirs alone', () => {
    const { choose: ours } = createCompression({ thresholdBytes: 0, encodings: ['gzip', 'br'] })
    expect(['br, gzip', 'zstd, br', 'zstd', '*'].map((header) => ours(header, LONG))).toEqual([
      ...['gzip', 'br', undefined, 'gzip'],
    ])
  })

  test('whatever the header is, one of ours or none', () => {
    const word = fc.constantFrom(
      'gzip',
      'br',
      'zstd',
      'identity',
      '*',
      'deflate',
      ';',
      'q=',
      '0',
      '1',
      '.5',
      ',',
      ' ',
      '"',
      '\\',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join('')),
        ),
        (header) => {
          const chosen = choose(header, LONG)
          expect([...ENCODINGS, undefined]).toContain(chosen)
          if (chosen !== undefined) expect(header.includes('*') || header.toLowerCase().includes(chosen)).toBe(true)
        },
      ),
    )
  })

  test('the same after many headers', () => {
    for (let index = 0; index < 1_000; index += 1) expect(choose(`x${index}, gzip`, LONG)).toBe('gzip')
    expect(choose('gzip, br', LONG)).toBe('br')
  })
})

const DECOMPRESS = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync }

describe.each(ENCODINGS)('%s', (encoding) => {
  test.each([0, 1, 1_024, 16_384, 16_385, 32_768, 32_769, 500_000])('gives back %i bytes', async (length) => {
    const text = Buffer.from('{"altitude":2640,"name":"Bogotá"},'.repeat(Math.ceil(length / 35))).subarray(0, length)
    const compressed = await compress(encoding, text)
    expect(DECOMPRESS[encoding](compressed).equals(text)).toBe(true)
    if (length >= 1_024) expect(compressed.length).toBeLessThan(length / 4)
  })

  test('gives back a part of a buffer, and bytes that shrink in no way', async () => {
    const bytes = randomBytes(100_000)
    for (const part of [bytes.subarray(5, 50_000), new Uint8Array(bytes.buffer, bytes.byteOffset + 3, 2_000)]) {
      expect(DECOMPRESS[encoding](await compress(encoding, part)).equals(part)).toBe(true)
    }
  })

  test('compresses many answers at one time', async () => {
    const bodies = Array.from({ length: 50 }, (_, index) => Buffer.from(`{"row":${index}}`.repeat(5_000)))
    const all = await Promise.all(bodies.map((body) => compress(encoding, body)))
    expect(all.map((compressed, index) => DECOMPRESS[encoding](compressed).equals(bodies[index]!))).toEqual(
      bodies.map(() => true),
    )
  })
})
