import { createHash } from 'node:crypto'

/**
 * JSON of any value of a definition, with sorted property names, so that equal values have one text whatever object they
 * are. What JSON lacks is written as an object with one property that begins with `$`.
 */
export function stableJson(value: unknown): string {
  return JSON.stringify(toPlain(value))
}

/** The value as plain JSON data: what `stableJson` writes. */
export function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? { $code: String(value) } : value
  if (value instanceof Float32Array) return { $floats: Array.from(value, toPlain) }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(toPlain)
  if ('toJSON' in value && typeof value.toJSON === 'function') return toPlain(value.toJSON())
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, toPlain(item)]),
  )
}

/** The first 16 hex digits of SHA-256 over `stableJson`. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(stableJson(value)).digest('hex').slice(0, 16)
}
