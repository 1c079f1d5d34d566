import type { Caller } from './calls.ts'
import type { Connection } from './connection.ts'
import type { BigtableSettings } from './settings.ts'

/** One table, as the driver's parts work on it. */
export interface Table {
  readonly connection: Connection
  readonly settings: BigtableSettings
  /** For people: which table, where. */
  readonly place: string
  readonly name: string
  /** By the profile of reads: any cluster may answer, also one that has not heard of the last writes. */
  readonly reads: Caller
  /** By the single-cluster profile: sees what it wrote. */
  readonly writes: Caller
}
