import { inspect } from '../lib/inspect.ts'
import { formatTimestamp } from '../lib/micros.ts'
import { type OfflineValue, StoredDecimal, StoredInstant } from '../stores/offline/offline-store.ts'

/** A value of the source on one line, for reports: an instant as RFC 3339, a decimal by its digits, anything else shortened. */
export function shownValue(value: OfflineValue): string {
  if (value instanceof StoredDecimal) return String(value)
  if (value instanceof StoredInstant) return shownInstant(value)
  return inspect(value)
}

function shownInstant({ micros, exact }: StoredInstant): string {
  if (!Number.isSafeInteger(micros)) return `${micros} microseconds since 1970`
  return exact ? formatTimestamp(micros) : `${formatTimestamp(micros)} and a fraction of a microsecond`
}
