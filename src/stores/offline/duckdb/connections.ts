import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { FieldstoneError } from '../../../errors.ts'

/** A connection of its own for each call of the store: scans run side by side, and one that is left early holds up no other. */
export interface Connections {
  /** Throws STORE_CLOSED. */
  open(): Promise<Session>
  readonly isClosed: boolean
  /** Interrupts what is under way and closes all connections, then the instance. */
  close(): Promise<void>
}

export interface Session {
  readonly connection: DuckDBConnection
  /** Makes a call to DuckDB. Throws STORE_CLOSED where the store is closed before it is done. */
  call<T>(work: () => Promise<T>): Promise<T>
  close(): void
}

/** An interrupt between two steps of one call is lost, so it is sent again until all are done. */
const INTERRUPT_AGAIN_MILLIS = 20

export function createConnections(instance: DuckDBInstance): Connections {
  const sessions = new Set<DuckDBConnection>()
  const underWay = new Set<Promise<unknown>>()
  let isClosed = false

  function assertOpen(): void {
    if (isClosed) throw new FieldstoneError('STORE_CLOSED', { seen: 'duckdb' })
  }

  async function call<T>(work: () => Promise<T>): Promise<T> {
    assertOpen()
    const running = work()
    underWay.add(running)
    try {
      return await running
    } catch (error) {
      assertOpen()
      throw error
    } finally {
      underWay.delete(running)
    }
  }

  async function open(): Promise<Session> {
    const connection = await call(() => instance.connect())
    sessions.add(connection)
    const close = (): void => {
      // The store's own `close` closes those that are left.
      if (sessions.delete(connection)) connection.closeSync()
    }
    return { connection, call, close }
  }

  function interrupt(): void {
    for (const connection of sessions) connection.interrupt()
  }

  async function close(): Promise<void> {
    isClosed = true
    interrupt()
    // No connection may be closed under a call: DuckDB works on it in another thread.
    const timer = setInterval(interrupt, INTERRUPT_AGAIN_MILLIS)
    await Promise.allSettled(underWay)
    clearInterval(timer)
    for (const connection of sessions) connection.closeSync()
    sessions.clear()
    instance.closeSync()
  }

  return {
    open,
    get isClosed() {
      return isClosed
    },
    close,
  }
}
