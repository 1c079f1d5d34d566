import type { RootDatabase } from 'lmdb'

/** The library's database, as this driver opens it: bytes to bytes. */
export type Database = RootDatabase<Buffer, Buffer>
