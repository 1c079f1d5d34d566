/** SPEC V2, in the order in which they are checked. INCOMPLETE is for windows. */
export type FeatureStatus = 'NOT_FOUND' | 'OUTSIDE_MAX_AGE' | 'INCOMPLETE' | 'NULL_VALUE' | 'PRESENT'

export const FEATURE_STATUSES = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE', 'INCOMPLETE'] as const

/** What decides how old a view's row may be. All undefined: its rows never grow old. */
export interface AgeLimits {
  readonly ttlMicros: number | undefined
  readonly retentionMicros: number | undefined
  /** Whether rows have a time at all; those of a static table hold at every instant (SPEC T3). */
  readonly timeless: boolean
}

/** A stored row as far as its status hangs on it. */
export interface RowAge {
  readonly eventMicros: number
  readonly tombstone: boolean
}

/** The status of every feature of a row before its values are looked at: PRESENT means that each value decides for itself. */
export type RowStatus = 'NOT_FOUND' | 'OUTSIDE_MAX_AGE' | 'PRESENT'

/** SPEC V1 and V2 for one row at one instant; both ends of the ttl are inclusive. */
export function rowStatus(row: RowAge | undefined, limits: AgeLimits, atMicros: number): RowStatus {
  if (row === undefined || row.tombstone) return 'NOT_FOUND'
  if (limits.timeless) return 'PRESENT'
  if (row.eventMicros > atMicros) return 'NOT_FOUND'
  if (limits.ttlMicros === undefined) return 'PRESENT'
  const ageMicros = atMicros - row.eventMicros
  if (ageMicros <= limits.ttlMicros) return 'PRESENT'
  return ageMicros <= limits.ttlMicros + (limits.retentionMicros ?? 0) ? 'OUTSIDE_MAX_AGE' : 'NOT_FOUND'
}

/** The status of one feature of a row (SPEC V2): the row's, and by its value where the row is in age. `hasColumn` is false where the row was written without it. */
export function featureStatus(row: RowStatus, hasColumn: boolean, isNull: boolean): FeatureStatus {
  if (row === 'NOT_FOUND' || !hasColumn) return 'NOT_FOUND'
  if (row !== 'PRESENT') return row
  return isNull ? 'NULL_VALUE' : 'PRESENT'
}
