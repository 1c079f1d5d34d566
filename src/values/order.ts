import type { Dtype } from '../definitions/dtypes.ts'
import { compareBytes, utf8 } from '../lib/bytes.ts'
import { parseTimestamp } from '../lib/micros.ts'
import type { WireType } from './wire.ts'

/** The last step of V1's order: wire texts of two rows, column by column in declared order. Negative, zero or positive. */
export function compareValues(a: readonly string[], b: readonly string[], types: readonly WireType[]): number {
  for (const [index, { dtype }] of types.entries()) {
    const order = compareValue(dtype, a[index] ?? 'null', b[index] ?? 'null')
    if (order !== 0) return order
  }
  return 0
}

function compareValue(dtype: Dtype, a: string, b: string): number {
  if (a === b) return 0
  if (a === 'null') return -1
  if (b === 'null') return 1
  switch (dtype.kind) {
    case 'int32':
    case 'float32':
    case 'float64':
      return compareNumbers(Number(JSON.parse(a)), Number(JSON.parse(b)))
    case 'int64':
      return compareNumbers(BigInt(JSON.parse(a)), BigInt(JSON.parse(b)))
    case 'timestamp':
      return compareNumbers(parseTimestamp(JSON.parse(a)) ?? Number.NaN, parseTimestamp(JSON.parse(b)) ?? Number.NaN)
    default:
      return compareBytes(utf8(a), utf8(b))
  }
}

/** NaN highest. */
function compareNumbers<N extends number | bigint>(a: N, b: N): number {
  if (a === b) return 0
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1
  return Number.isNaN(b) || a < b ? -1 : 1
}
